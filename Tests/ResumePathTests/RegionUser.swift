import MigrationStream
import ReferenceDevices
import ResumePath

/// Somebody who moves a machine's state by the first protocol's region.
struct RegionUser: ~Copyable {
  var region: V1Region<ReferenceMachine>

  static let windowOffset: UInt64 = 4096
  static let windowByteCount = 1 << 20

  init(
    _ kinds: [ReferenceKind] = [.serial], window: Int = windowByteCount, mapped: [V1Area] = [], reserved: UInt32 = 0,
    steps: Int = 0
  ) throws {
    let window = try V1Window(offset: Self.windowOffset, byteCount: window, mapped: mapped.span)
    var machine = try ReferenceMachine(MachineOptions(kinds))
    machine.run(steps: steps)
    region = try V1Region(
      machine, window, saveOptions: SaveOptions(uuid: StreamUUID(low: 7, high: 9)), reserved: reserved)
  }

  mutating func read(_ offset: UInt64, _ width: Int) throws(StreamError) -> [UInt8] {
    var octets = [UInt8](repeating: 0xaa, count: width)
    var span = octets.mutableSpan
    // Safe: UInt8 has no padding.
    var raw = unsafe span.mutableBytes
    try region.read(at: offset, into: &raw)
    return octets
  }

  mutating func write(_ offset: UInt64, _ octets: [UInt8]) throws(StreamError) {
    try region.write(at: offset, octets.span.octets)
  }

  mutating func number(_ offset: UInt64, _ width: Int = 8) throws(StreamError) -> UInt64 {
    try read(offset, width).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func set(_ offset: UInt64, _ value: UInt64, _ width: Int = 8) throws(StreamError) {
    try write(offset, (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) })
  }

  mutating func setState(_ value: UInt32) throws(StreamError) { try set(0, UInt64(value), 4) }

  var state: UInt32 {
    mutating get { (try? number(0, 4)).map { UInt32($0) } ?? .max }
  }

  /// What a call may change.
  var standing: [UInt64] {
    mutating get { [UInt64(state), UInt64(region.iteration.rawValue), region.control.offset, region.control.devices.digest] }
  }

  /// Takes transactions until there is none.
  mutating func takeAll() throws(StreamError) -> [[UInt8]] {
    var taken: [[UInt8]] = []
    while try number(8) > 0 {
      let offset = try number(16)
      taken.append(try read(offset, Int(try number(24))))
    }
    return taken
  }

  mutating func give(_ transaction: [UInt8]) throws(StreamError) {
    let offset = try number(16)
    try write(offset, transaction)
    try set(24, UInt64(transaction.count))
  }

  /// The transactions of a machine that was stopped.
  static func transactions(_ kinds: [ReferenceKind] = [.serial], steps: Int = 40) throws -> [[UInt8]] {
    var source = try RegionUser(kinds, steps: steps)
    try source.setState(2)
    return try source.takeAll()
  }
}

/// The error that a call throws; nil when it throws none.
func refusalOf(_ body: () throws(StreamError) -> Void) -> StreamError? {
  do throws(StreamError) { try body() } catch { return error }
  return nil
}
