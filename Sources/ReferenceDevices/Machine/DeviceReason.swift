import ResumePath

/// Why a reference device refuses what came for it: the numbers of its ``ResumePath/DeviceFailure``s.
public enum DeviceReason: UInt32, CaseIterable, Sendable {
  case injected = 1
  case outsideRegion = 2
  case noMemory = 3
  case unreadable = 4
  case indexOutOfRange = 10
  case queueOutsideMemory = 11
  case statusContradictsQueues = 12
  case duplicateIndex = 13
  case statusContradictsFIFO = 14
  case timerWithoutCause = 15
  case ringOutsideMemory = 16
  case positionOutsideBuffer = 17
  case requestOutsideDisk = 18
  case progressPastEnd = 19
  case addressOutsideLocalMemory = 20
  case unknownContext = 21
  case featuresNotOffered = 22
  case firmwareDamaged = 30
  case firmwareIncomplete = 31
  case driverGone = 40
  case driverRefused = 41
  case driverDisagrees = 42

  /// For people.
  public var text: String {
    switch self {
    case .injected: "a test told the device to fail"
    case .outsideRegion: "there is no memory at that place"
    case .noMemory: "the host has no memory left"
    case .unreadable: "a section is not what its layout says"
    case .indexOutOfRange: "an index lies behind what it points into"
    case .queueOutsideMemory: "an enabled queue lies outside guest memory"
    case .statusContradictsQueues: "queues are enabled, but the driver has not set the device running"
    case .duplicateIndex: "two entries have one index"
    case .statusContradictsFIFO: "the line status says something else than the FIFOs"
    case .timerWithoutCause: "a timer runs, or an interrupt waits, for nothing"
    case .ringOutsideMemory: "a running ring lies outside guest memory"
    case .positionOutsideBuffer: "a position lies behind the end of its buffer"
    case .requestOutsideDisk: "a request is for sectors that the disk has not"
    case .progressPastEnd: "more of a request is done than it is long"
    case .addressOutsideLocalMemory: "an address lies behind the end of local memory"
    case .unknownContext: "an engine works in a context that is not there"
    case .featuresNotOffered: "the driver has accepted what the device does not offer"
    case .firmwareDamaged: "a block of the firmware's state is damaged"
    case .firmwareIncomplete: "the firmware's state ends early"
    case .driverGone: "the driver behind the pipe is gone"
    case .driverDisagrees: "the card's driver knows of other writes than the card"
    case .driverRefused: "the driver behind the pipe refuses the octets"
    }
  }

  var failure: DeviceFailure { DeviceFailure(reason: rawValue) }
}
