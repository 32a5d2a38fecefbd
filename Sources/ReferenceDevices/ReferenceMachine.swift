/// A machine of reference devices.
public struct ReferenceMachine {}
