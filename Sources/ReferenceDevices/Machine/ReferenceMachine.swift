import DeviceModel
import MigrationStream
public import ResumePath

/// A machine of reference devices, with a guest that drives them.
///
/// ```swift
/// var machine = try ReferenceMachine(MachineOptions(named: "machine")!)
/// machine.run(steps: 1000)
/// let digest = machine.digest
/// ```
///
/// The workload is a function of the seed and of how many operations were done, and both lie in guest memory: a machine
/// that takes another's stream goes on where that one stopped, and does to the last octet what it would have done.
public struct ReferenceMachine: ~Copyable {
  /// What ``MachineOptions/init(named:)`` takes.
  public static let names = ReferenceKind.allCases.map(\.rawValue) + ["machine"]

  public let options: MachineOptions
  let devices: [any ReferenceDevice]
  var board: Board
  /// Of each device, as ``MigratingDevices/move(_:along:)`` left it.
  var states: [MigrationState]
  var saving: SaveProgress
  /// How devices fail when a test wants them to.
  public var faults = FaultPlan()
  /// Octets of a byte string that are on their way to their device.
  var window = ByteWindow()
  let layouts: MachineLayouts

  public init(_ options: MachineOptions) throws(MachineFault) {
    let template = try MachineTemplate.of(options)
    do throws(StreamError) { layouts = try MachineLayouts(copyOf: template.layouts) } catch {
      throw MachineFault("\(error.code)")
    }
    self.options = options
    saving = SaveProgress(deviceCount: template.devices.count)
    states = template.states
    board = Board(memory: MachineMemory(template.regions))
    devices = template.devices.map { $0.freshCopy() }
  }

  // MARK: Workload

  /// The operation that was done last.
  public struct Operation: Sendable {
    /// Counted from 1, over all machines that this one continues.
    public let number: UInt64
    public let device: Int
    public let name: StaticString
  }

  /// Does one operation; nil while a device stands still.
  @discardableResult
  public mutating func step() -> Operation? {
    guard states.allSatisfy(\.runs) else { return nil }
    board.allowsPeers = states.allSatisfy { $0 == .running || $0 == .preCopy }
    board.effects = StateDigest()
    if board.operation == 0 { boot() }
    let number = board.operation
    board.random = WorkloadRandom(seed: StateDigest.mix(board.seed ^ number &* 0x2545_f491_4f6c_dd1d))
    // By device.
    var levels: UInt64 = 0
    for (other, device) in devices.enumerated() where device.interruptLevel { levels |= 1 << UInt64(other) }
    let device = board.random.below(devices.count)
    board.now &+= UInt64(1000 + board.random.below(200_000))
    for (other, device) in devices.enumerated() { device.advance(other, &board) }
    let name = devices[device].operate(device, &board)
    for (other, device) in devices.enumerated() where levels >> UInt64(other) & 1 == 0 && device.interruptLevel {
      board.interrupt(other)
    }
    board.operation = number &+ 1
    return Operation(number: number, device: device, name: name)
  }

  public mutating func run(steps: Int) {
    for _ in 0..<steps { step() }
  }

  mutating func boot() {
    board.operation = 1
    board.seed = options.seed
    board.random = WorkloadRandom(seed: options.seed)
    for (number, device) in devices.enumerated() {
      device.resetByDriver()
      device.boot(number, &board)
    }
  }

  /// Operations that the guest has seen done.
  public var operationCount: UInt64 { max(board.operation, 1) - 1 }

  /// Closes the driver's end of the pipe of a device that has one.
  public mutating func breakPipe() {
    for device in devices { (device as? VendorCard)?.isGone = true }
  }

  // MARK: For comparisons

  /// A digest of everything the guest sees: memory, and the state of its devices.
  public var digest: UInt64 {
    var digest = StateDigest()
    digest.add(board.memory.digest())
    for device in devices { digest.add(device.digest) }
    return digest.value
  }

  /// A digest of what the last operation sent out: frames, octets on a line, sound. No stream carries it.
  public var effectsDigest: UInt64 { board.effects.value }

  /// A digest of all memory, guest's and devices'.
  public var memoryDigest: UInt64 { board.memory.digest() }

  /// A digest of one device's state.
  public func digest(of device: Int) -> UInt64 { devices[device].digest }

  /// Whether all state is the same, what no stream carries included.
  public func hasEqualState(as other: borrowing ReferenceMachine) -> Bool {
    devices.indices.allSatisfy { devices[$0].hasEqualState(as: other.devices[$0]) }
      && memoryDigest == other.memoryDigest
  }

  /// Whether octets occur anywhere in memory, or where devices keep what is not yet effective.
  public func contains(_ pattern: [UInt8]) -> Bool {
    board.memory.contains(pattern) || window.contains(pattern) || devices.contains { $0.holds(pattern) }
  }

  /// Requests that the driver of a block device has submitted and taken back, and those that the device has taken.
  public var requestCounts: (submitted: UInt64, completed: UInt64, inFlight: Int) {
    guard let number = options.devices.firstIndex(of: .blk), let device = devices[number] as? BlockDevice else {
      return (0, 0, 0)
    }
    let counts = BlockDevice.counts(board, number)
    return (counts.submitted, counts.completed, device.state.inFlight.count)
  }

  public func interrupts(of device: Int) -> UInt64 { board.interrupts(of: device) }

  /// Octets of guest memory.
  public func guestMemory(_ address: UInt64, count: Int) -> [UInt8] { board.memory.load(Board.ram, address, count: count) }

  public func kind(of device: Int) -> ReferenceKind { options.devices[device] }

  public func state(of device: Int) -> MigrationState { states[device] }
}

extension MigrationState {
  /// Whether a device's guest runs in it.
  var runs: Bool {
    switch self {
    case .running, .runningP2P, .preCopy, .preCopyP2P: true
    case .error, .stop, .stopCopy, .resuming: false
    }
  }
}
