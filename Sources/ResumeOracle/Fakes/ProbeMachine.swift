public import MigrationStream
import ReferenceDevices
public import ResumePath

/// A small machine with a device of every kind of application, which can be made to fail or to break a rule.
///
///     0 /lamp   staged    section "state" with rules, subsection "extra", byte string
///     1 /store  inPlace   section "state", byte string, region "cells"
///     2 /link   external  section "state", byte string
///
/// and 64 KiB of memory "ram".
public struct ProbeMachine: ObservableDevices, ~Copyable {
  /// How a device breaks a rule.
  public enum Fault: UInt8, Sendable, CaseIterable {
    /// What was staged is applied before the commit.
    case appliesOnPrepare = 1
    /// A reset leaves memory as a stream left it.
    case keepsMemory
    /// A register that no guest sees outlives a reset, and changes what a later commit applies.
    case keepsHiddenRegister
  }

  /// How a device fails, as devices may.
  public enum Failure: Equatable, Sendable {
    case prepare(Int)
    case commit(Int)
    /// Of a device, into a state.
    case move(Int, MigrationState, isBroken: Bool)
  }

  public static let stringByteCount = 65536
  public static let regionByteCounts: [UInt64] = [65536, 8192]
  /// What ``Failure`` gives as its reason.
  public static let failureReason: UInt32 = 77

  private struct Device {
    /// What the guest sees: data of sections, and of byte strings that are not in place.
    var applied: [UInt8] = []
    var prepared: [UInt8] = []
    /// Octets that came to an external device and count with the commit.
    var forwarded: [UInt8] = []
    var sessions = 0
  }

  public var failure: Failure?
  private let fault: Fault?
  private let capabilities: [MigrationCapabilities]
  private var devices = [Device](repeating: Device(), count: 3)
  private var regions: [2 of OwnedBytes]
  private var string = OwnedBytes()
  private let tables: ProbeTables

  /// - Parameter capabilities: Of the three devices.
  public init(
    fault: Fault? = nil, capabilities: [MigrationCapabilities] = [
      [.stopCopy, .p2p, .preCopy], [.stopCopy, .p2p], [.stopCopy],
    ]
  ) throws(StreamError) {
    precondition(capabilities.count == 3, "three devices")
    let tables = try ProbeTables()
    var ram = OwnedBytes()
    var cells = OwnedBytes()
    var string = OwnedBytes()
    try ram.append(repeating: 0, count: Int(Self.regionByteCounts[0]))
    try cells.append(repeating: 0, count: Int(Self.regionByteCounts[1]))
    try string.append(repeating: 0, count: Self.stringByteCount)
    self.fault = fault
    self.capabilities = capabilities
    regions = [ram, cells]
    self.string = string
    self.tables = tables
  }

  // MARK: ObservableDevices

  public borrowing func effectDigest() -> UInt64 {
    var digest: UInt64 = 0
    for device in devices { digest = Digest.chain(digest, Digest.xxh3(device.applied.span.octets)) }
    return digest
  }

  public borrowing func holds(_ octets: [UInt8]) -> Bool {
    devices.contains { $0.applied.contains(octets) || $0.prepared.contains(octets) || $0.forwarded.contains(octets) }
      || Self.found(octets, in: string) || Self.found(octets, in: regions[0]) || Self.found(octets, in: regions[1])
  }

  private static func found(_ octets: [UInt8], in memory: borrowing OwnedBytes) -> Bool {
    guard let first = octets.first, memory.count >= octets.count, !memory.bytes.isZero else { return false }
    for start in 0...(memory.count - octets.count) where memory[start] == first {
      if octets.indices.allSatisfy({ memory[start + $0] == octets[$0] }) { return true }
    }
    return false
  }

  /// A digest of all memory that is in place.
  public borrowing func memoryDigest() -> UInt64 {
    Digest.chain(
      Digest.chain(Digest.xxh3(regions[0].bytes), Digest.xxh3(regions[1].bytes)), Digest.xxh3(string.bytes))
  }
}

extension [UInt8] {
  fileprivate func contains(_ octets: [UInt8]) -> Bool {
    guard count >= octets.count, !octets.isEmpty else { return false }
    return (0...(count - octets.count)).contains { self[$0...].starts(with: octets) }
  }
}

// MARK: - MigratingDevices

extension ProbeMachine {
  public borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var builder = try ManifestBuilder(
      producer: StaticString("probe").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096, allocator: allocator)
    try builder.region(
      name: StaticString("ram").octets, guestAddress: 0, byteCount: Self.regionByteCounts[0], pageByteCount: 4096)
    try builder.region(
      name: StaticString("cells").octets, owner: 1, byteCount: Self.regionByteCounts[1], pageByteCount: 4096)
    try Self.describe(0, "/lamp", "probe/lamp", .staged, in: &builder)
    try Self.describe(1, "/store", "probe/store", .inPlace, in: &builder)
    try Self.describe(2, "/link", "probe/link", .external, in: &builder)
    return builder
  }

  private static func describe(
    _ device: Int, _ path: StaticString, _ model: StaticString, _ apply: ApplyKind, in builder: inout ManifestBuilder
  ) throws(StreamError) {
    try builder.beginDevice(
      path: path.octets, address: RawSpan(), model: model.octets, apply: apply, version: 1, versionMin: 1)
    if device == 0 {
      try builder.parameter(name: StaticString("queues").octets, kind: .int, value: 4)
    }
    try builder.section(name: StaticString("state").octets, version: 1, versionMin: 1)
    if device == 0 { try builder.subsection(name: StaticString("extra").octets, version: 1, versionMin: 1) }
    try builder.endDevice()
  }

  public var deviceCount: Int { devices.count }

  public borrowing func traits(of device: Int) -> DeviceTraits {
    DeviceTraits(capabilities: capabilities[device], apply: [.staged, .inPlace, .external][device])
  }

  public mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    guard case .move(device, arc.end, let isBroken) = failure else { return }
    throw DeviceFailure(reason: Self.failureReason, isBroken: isBroken)
  }

  public mutating func reset(_ device: Int) {
    let sessions = fault == .keepsHiddenRegister ? devices[device].sessions : 0
    devices[device] = Device()
    devices[device].sessions = sessions
    guard fault != .keepsMemory else { return }
    if device == 0 { Self.clear(&regions[0]) }
    if device == 1 {
      Self.clear(&regions[1])
      Self.clear(&string)
    }
  }

  private static func clear(_ memory: inout OwnedBytes) {
    let count = memory.count
    memory.removeAll()
    // The memory is kept, so there is room.
    try? memory.append(repeating: 0, count: count)
  }

  private static func fill(_ memory: inout OwnedBytes, _ range: Range<Int>) {
    for position in range { memory[position] = 0 }
  }

  // MARK: Source

  @_lifetime(borrow self)
  public borrowing func writerLayouts(of device: Int) -> LayoutTable {
    if device == 0 { return tables.lampLayouts.table }
    return tables.plainLayouts.table
  }

  public borrowing func estimate(of device: Int) -> SaveEstimate { SaveEstimate() }

  public mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer { .done }

  // MARK: Destination

  public borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    if device == 0 { return try body(tables.lampRules, tables.lampLayouts.table, tables.aliases.table) }
    return try body(tables.plainRules, tables.plainLayouts.table, tables.aliases.table)
  }

  @_lifetime(borrow self)
  public borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan {
    if device == 0, !piece.isSubsection { return tables.lampValues.bytes }
    return RawSpan()
  }

  @_lifetime(&self)
  public mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    guard regions.indices.contains(region), offset < UInt64(regions[region].count), byteCount > 0 else {
      throw DeviceFailure(reason: 1)
    }
    let end = min(Int(offset) + byteCount, regions[region].count)
    return regions[region].mutableBytes(Int(offset)..<end)
  }

  public mutating func clear(
    region: Int, offset: UInt64, byteCount: UInt64, discards: Bool
  ) throws(DeviceFailure) {
    guard regions.indices.contains(region), offset <= UInt64(regions[region].count),
      byteCount <= UInt64(regions[region].count) - offset
    else { throw DeviceFailure(reason: 1) }
    Self.fill(&regions[region], Int(offset)..<Int(offset + byteCount))
  }

  @_lifetime(&self)
  public mutating func byteString(
    _ device: Int, offset: UInt64, byteCount: Int
  ) throws(DeviceFailure) -> MutableRawSpan {
    guard device == 1, offset < UInt64(string.count), byteCount > 0 else { throw DeviceFailure(reason: 2) }
    return string.mutableBytes(Int(offset)..<min(Int(offset) + byteCount, string.count))
  }

  public mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    guard device == 2, offset == UInt64(devices[2].forwarded.count) else { throw DeviceFailure(reason: 3) }
    devices[2].forwarded += [UInt8](octets)
  }

  public mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    if failure == .prepare(device) { throw DeviceFailure(reason: Self.failureReason) }
    devices[device].sessions += 1
    var prepared = devices[device].forwarded
    for index in state.pieces.indices {
      let piece = state.pieces[index]
      prepared += [UInt8(piece.piece.number), piece.piece.isSubsection ? 1 : 0]
      prepared += [UInt8](state.data(of: piece))
    }
    prepared += [UInt8](state.byteString)
    devices[device].prepared = prepared
    if fault == .appliesOnPrepare { devices[device].applied = prepared }
  }

  public mutating func commit(_ device: Int) throws(DeviceFailure) {
    if failure == .commit(device) { throw DeviceFailure(reason: Self.failureReason, isBroken: true) }
    devices[device].applied = devices[device].prepared
    if fault == .keepsHiddenRegister { devices[device].applied.append(UInt8(truncatingIfNeeded: devices[device].sessions)) }
    devices[device].prepared = []
    devices[device].forwarded = []
  }
}
