public import MigrationStream
public import ResumePath

/// Devices that do no more than use everything a device may: one of each ``ApplyKind``, a region, a section.
public struct ProbeDevices: ~Copyable, MigratingDevices {
  private var memory: OwnedBytes
  private var layouts: LayoutStore
  private let aliases = LayoutAliases()

  public init(allocator: StreamAllocator) throws(StreamError) {
    memory = OwnedBytes(allocator: allocator)
    layouts = LayoutStore(allocator: allocator)
    try memory.append(repeating: 0, count: 4096)
    try layouts.addExternal(identity: StaticString("example/probe@1/regs").octets, at: 0, limits: StreamLimits())
  }

  public var deviceCount: Int { 3 }

  public borrowing func traits(of device: Int) -> DeviceTraits {
    DeviceTraits(
      capabilities: [.stopCopy, .p2p, .preCopy], apply: device == 0 ? .staged : device == 1 ? .inPlace : .external,
      reachesPeers: true)
  }

  public borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("probe").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096, allocator: allocator)
    try manifest.region(
      name: StaticString("ram").octets, owner: 0, byteCount: 4096, pageByteCount: 4096, flags: RegionEntry.opaque)
    try manifest.beginDevice(
      path: StaticString("probe").octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
    try manifest.section(name: StaticString("regs").octets, version: 1, versionMin: 1)
    try manifest.endDevice()
    return manifest
  }

  // MARK: States

  public mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    if arc.end == .error { throw DeviceFailure(reason: 1, isBroken: true) }
  }

  public mutating func reset(_ device: Int) { memory.scrub() }

  // MARK: Source

  @_lifetime(borrow self)
  public borrowing func writerLayouts(of device: Int) -> LayoutTable { layouts.table }

  public borrowing func estimate(of device: Int) -> SaveEstimate { SaveEstimate(dirtyByteCount: UInt64(memory.count)) }

  public mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    try emitter.memory(region: 0, offset: 0, octets: memory.bytes, source: .live)
    try emitter.memory(region: 0, offset: 0, length: 4096, kind: .zero)
    guard phase == .stopCopy else { return .noDataNow }
    try emitter.bytes(memory.bytes, flags: RecordFlags.unitFirst | RecordFlags.unitLast, source: .stable)
    try emitter.section(0, layout: 0, data: memory.bytes)
    return .done
  }

  // MARK: Destination

  public borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    var builder = SectionRulesBuilder(version: 1, versionMin: 1, allocator: memory.allocator)
    _ = try builder.section(SectionRule(layout: 0, version: 1, versionMin: 1), name: StaticString("regs").octets)
    let rules = try builder.finish(layouts.table)
    return try body(rules, layouts.table, aliases.table)
  }

  @_lifetime(borrow self)
  public borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan { memory.bytes }

  @_lifetime(&self)
  public mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    guard offset < UInt64(memory.count) else { throw DeviceFailure(reason: 2) }
    return memory.mutableBytes(Int(offset)..<min(memory.count, Int(offset) + byteCount))
  }

  public mutating func clear(
    region: Int, offset: UInt64, byteCount: UInt64, discards: Bool
  ) throws(DeviceFailure) { memory.scrub() }

  @_lifetime(&self)
  public mutating func byteString(
    _ device: Int, offset: UInt64, byteCount: Int
  ) throws(DeviceFailure) -> MutableRawSpan {
    guard offset < UInt64(memory.count) else { throw DeviceFailure(reason: 3) }
    return memory.mutableBytes(Int(offset)..<min(memory.count, Int(offset) + byteCount))
  }

  public mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    guard octets.byteCount <= memory.count else { throw DeviceFailure(reason: 4) }
    memory.set(octets, at: 0)
  }

  public mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    guard state.pieces.count == 1, state.data(of: state.pieces[0]).byteCount <= 4096 else {
      throw DeviceFailure(reason: 5)
    }
  }

  public mutating func commit(_ device: Int) throws(DeviceFailure) {}
}

/// A sink that counts.
public struct ProbeSink: ~Copyable, OctetSink {
  public private(set) var byteCount = 0

  public init() {}

  public mutating func write(_ octets: borrowing GatherList) throws(StreamError) { byteCount += octets.byteCount }
}
