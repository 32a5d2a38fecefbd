public import MigrationStream
public import ResumePath

/// What a ``BenchMachine`` consists of.
public struct BenchShape {
  /// Guest memory; 0 for none.
  public var regionByteCount = 0
  /// Devices with a section each.
  public var deviceCount = 0
  public var stateByteCount = 64
  /// The byte string of one more device, read into place; 0 for none.
  public var byteStringByteCount = 0

  public init(regionByteCount: Int = 0, deviceCount: Int = 0, stateByteCount: Int = 64, byteStringByteCount: Int = 0) {
    (self.regionByteCount, self.deviceCount) = (regionByteCount, deviceCount)
    (self.stateByteCount, self.byteStringByteCount) = (stateByteCount, byteStringByteCount)
  }
}

/// A machine that does no more than the resume path asks of it, so that what is measured is the resume path.
///
/// Its devices copy their state twice: to what was prepared, and from there to where it is effective.
public struct BenchMachine: ~Copyable, MigratingDevices {
  public let shape: BenchShape
  /// Guest memory and the byte string, which the machine does not own.
  private let region: BenchMemory
  private let byteString: BenchMemory
  private let rules: SectionRules
  private let noRules: SectionRules
  private let layouts: LayoutStore
  private let aliases: LayoutAliases
  private var prepared: OwnedBytes
  private var states: OwnedBytes
  /// Octets of the byte string that a save has given.
  private var given = 0

  public init(
    _ shape: BenchShape, region: BenchMemory = BenchMemory(0), byteString: BenchMemory = BenchMemory(0),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var layouts = LayoutStore(allocator: allocator)
    let layout = try Self.layout(shape, allocator: allocator)
    try layouts.add(canonical: layout.bytes, at: 0, limits: StreamLimits())
    var builder = SectionRulesBuilder(version: 1, versionMin: 1, allocator: allocator)
    _ = try builder.section(SectionRule(layout: 0, version: 1, versionMin: 1), name: StaticString("state").octets)
    let rules = try builder.finish(layouts.table)
    let noRules = try SectionRulesBuilder(version: 1, versionMin: 1, allocator: allocator).finish(layouts.table)
    var prepared = OwnedBytes(allocator: allocator)
    try prepared.append(repeating: 0, count: shape.deviceCount * shape.stateByteCount)
    var states = OwnedBytes(allocator: allocator)
    try states.append(repeating: 0, count: shape.deviceCount * shape.stateByteCount)
    self.shape = shape
    (self.region, self.byteString) = (region, byteString)
    self.rules = rules
    self.noRules = noRules
    self.layouts = layouts
    aliases = LayoutAliases(allocator: allocator)
    self.prepared = prepared
    self.states = states
  }

  /// Of all devices' states, as they are effective.
  public func octet(at position: Int) -> UInt8 { states[position] }

  /// One field of words, canonical.
  public static func layout(_ shape: BenchShape, allocator: StreamAllocator) throws(StreamError) -> OwnedBytes {
    var layout = LayoutBuilder(allocator: allocator)
    try layout.begin(name: StaticString("state").octets)
    try layout.field(
      FieldAttributes(.unsigned, width: 8, shape: .fixedArray, count: UInt32(shape.stateByteCount / 8)),
      name: StaticString("words").octets)
    try layout.finish()
    var octets = OwnedBytes(allocator: allocator)
    try octets.append(layout.canonical)
    return octets
  }

  public static func manifest(_ shape: BenchShape, allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("bench").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096, allocator: allocator)
    if shape.regionByteCount > 0 {
      try manifest.region(
        name: StaticString("ram").octets, byteCount: UInt64(shape.regionByteCount), pageByteCount: 4096)
    }
    var path = OwnedBytes(allocator: allocator)
    for device in 0..<shape.deviceCount {
      path.removeAll()
      try path.append(StaticString("device/").octets)
      for power in [100, 10, 1] { try path.append(UInt8(0x30 + device / power % 10)) }
      try manifest.beginDevice(path: path.bytes, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
      try manifest.section(name: StaticString("state").octets, version: 1, versionMin: 1)
      try manifest.endDevice()
    }
    if shape.byteStringByteCount > 0 {
      try manifest.beginDevice(
        path: StaticString("gpu").octets, address: RawSpan(), model: RawSpan(), apply: .inPlace, version: 1,
        versionMin: 1, totalByteCount: UInt64(shape.byteStringByteCount))
      try manifest.endDevice()
    }
    return manifest
  }

  // MARK: MigratingDevices

  public borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    try Self.manifest(shape, allocator: allocator)
  }

  public var deviceCount: Int { shape.deviceCount + (shape.byteStringByteCount > 0 ? 1 : 0) }

  public borrowing func traits(of device: Int) -> DeviceTraits {
    DeviceTraits(
      capabilities: [.stopCopy, .p2p], apply: device < shape.deviceCount ? .staged : .inPlace, reachesPeers: true)
  }

  public mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    if arc.end == .stopCopy { given = 0 }
  }

  public mutating func reset(_ device: Int) {}

  @_lifetime(borrow self)
  public borrowing func writerLayouts(of device: Int) -> LayoutTable { layouts.table }

  public borrowing func estimate(of device: Int) -> SaveEstimate { SaveEstimate() }

  public mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    guard phase == .stopCopy else { return .done }
    if device < shape.deviceCount {
      let start = device * shape.stateByteCount
      try emitter.section(0, layout: 0, data: states.bytes.extracting(start..<(start + shape.stateByteCount)))
      return .done
    }
    let end = min(given + 1 << 20, shape.byteStringByteCount)
    let isLast = end == shape.byteStringByteCount
    try emitter.bytes(
      byteString.octets.extracting(given..<end),
      flags: RecordFlags.unitFirst | RecordFlags.unitLast | (isLast ? RecordFlags.last : 0), source: .stable)
    given = end
    return isLast ? .done : .more
  }

  public borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    if device < shape.deviceCount { return try body(rules, layouts.table, aliases.table) }
    return try body(noRules, layouts.table, aliases.table)
  }

  @_lifetime(borrow self)
  public borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan { RawSpan() }

  @_lifetime(&self)
  public mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    // Safe: the memory lives as long as self holds it, and nobody else looks at it meanwhile.
    let span = unsafe MutableRawSpan(_unsafeBytes: self.region.buffer(at: offset, byteCount: byteCount))
    return unsafe _overrideLifetime(span, mutating: &self)
  }

  public mutating func clear(region: Int, offset: UInt64, byteCount: UInt64, discards: Bool) throws(DeviceFailure) {
    self.region.clear(at: offset, byteCount: Int(byteCount))
  }

  @_lifetime(&self)
  public mutating func byteString(_ device: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    // Safe: as above.
    let span = unsafe MutableRawSpan(_unsafeBytes: self.byteString.buffer(at: offset, byteCount: byteCount))
    return unsafe _overrideLifetime(span, mutating: &self)
  }

  public mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    throw DeviceFailure(reason: 1)
  }

  public mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    guard device < shape.deviceCount else { return }
    guard state.pieces.count == 1 else { throw DeviceFailure(reason: 2) }
    prepared.set(state.data(of: state.pieces[0]), at: device * shape.stateByteCount)
  }

  public mutating func commit(_ device: Int) throws(DeviceFailure) {
    guard device < shape.deviceCount else { return }
    Self.apply(prepared, device * shape.stateByteCount, shape.stateByteCount, to: &states)
  }

  /// A span of one member would bar all of self.
  private static func apply(_ prepared: borrowing OwnedBytes, _ start: Int, _ count: Int, to states: inout OwnedBytes) {
    states.set(prepared.bytes.extracting(start..<(start + count)), at: start)
  }
}
