import MigrationStream

/// What the devices of a machine stand on: guest memory, the clock, and the operation under way.
///
/// All of it that outlasts an operation lies in guest memory, where a stream carries it: the first page holds how far
/// the workload is, the clock, how many interrupts of each device the guest has handled, and its drivers' notes.
///
/// ```
///  0: operations | 8: seed | 16: clock, ns | 64 + 8 d: interrupts of device d | 1024 + 128 d: notes of its driver
/// ```
struct Board: ~Copyable {
  static let ram = 0
  var memory: MachineMemory
  var random = WorkloadRandom(seed: 0)
  /// What left the machine during this operation: frames, octets on a line, sound.
  var effects = StateDigest()
  /// Whether devices may begin to reach for one another.
  var allowsPeers = true

  var operation: UInt64 {
    get { memory.load(Self.ram, 0, as: UInt64.self) }
    set { memory.store(Self.ram, 0, newValue) }
  }

  var seed: UInt64 {
    get { memory.load(Self.ram, 8, as: UInt64.self) }
    set { memory.store(Self.ram, 8, newValue) }
  }

  /// Virtual time, ns.
  var now: UInt64 {
    get { memory.load(Self.ram, 16, as: UInt64.self) }
    set { memory.store(Self.ram, 16, newValue) }
  }

  mutating func interrupt(_ device: Int) {
    let place = UInt64(64 + 8 * device)
    memory.store(Self.ram, place, memory.load(Self.ram, place, as: UInt64.self) &+ 1)
  }

  func interrupts(of device: Int) -> UInt64 { memory.load(Self.ram, UInt64(64 + 8 * device), as: UInt64.self) }

  /// A number that a device's driver keeps; there are 16.
  func note(_ device: Int, _ number: Int) -> UInt64 {
    memory.load(Self.ram, Self.place(device, number), as: UInt64.self)
  }

  mutating func setNote(_ device: Int, _ number: Int, _ value: UInt64) {
    memory.store(Self.ram, Self.place(device, number), value)
  }

  private static func place(_ device: Int, _ number: Int) -> UInt64 { UInt64(1024 + 128 * device + 8 * number) }

  /// Where a driver's own memory begins: each has 64 KiB behind the first page.
  static func driverMemory(_ device: Int) -> UInt64 { UInt64(4096 + 65536 * device) }

  /// Whether a run of guest memory is there.
  func hasGuestMemory(_ address: UInt64, _ byteCount: UInt64) -> Bool {
    let size = memory.regions[Self.ram].byteCount
    return address <= size && byteCount <= size - address
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct WorkloadRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return StateDigest.mix(state)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }

  mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) } }
}
