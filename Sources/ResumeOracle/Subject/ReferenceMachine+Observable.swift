internal import MigrationStream
public import ReferenceDevices
internal import ResumePath

extension ReferenceMachine: ObservableDevices {
  /// State of devices in place lies where the stream is placed, so it is undefined until the commit.
  public borrowing func effectDigest() -> UInt64 {
    var effect: UInt64 = 0
    for device in 0..<deviceCount where traits(of: device).apply != .inPlace {
      effect = Digest.chain(effect, digest(of: device))
    }
    return effect
  }

  public borrowing func holds(_ octets: [UInt8]) -> Bool { contains(octets) }
}
