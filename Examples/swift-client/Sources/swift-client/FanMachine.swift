import DeviceModel
import MigrationStream
import ResumePath

/// A machine with one fan and no memory of its own: what the resume path must know of it.
struct FanMachine: MigratingDevices, ~Copyable {
  private(set) var fan: Fan
  /// What was looked at, and is applied when all devices were.
  private var arrived: Fan?
  private let model: ResolvedModel

  init(_ fan: Fan) throws {
    let document = try ModelDocument(json: JSONValue(parsing: Array(Fan.document.utf8)))
    model = try ResolvedModel(document, ParameterSet(initialOf: document))
    self.fan = fan
  }

  borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("swift-client").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096, allocator: allocator)
    try model.writeManifestDevice(into: &manifest, path: "fan0")
    return manifest
  }

  var deviceCount: Int { 1 }

  borrowing func traits(of device: Int) -> DeviceTraits { DeviceTraits(capabilities: .stopCopy, apply: .staged) }

  mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {}

  mutating func reset(_ device: Int) { (fan, arrived) = (Fan(), nil) }

  // MARK: Source

  @_lifetime(borrow self)
  borrowing func writerLayouts(of device: Int) -> LayoutTable { model.writerLayouts.table }

  borrowing func estimate(of device: Int) -> SaveEstimate { SaveEstimate() }

  mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    guard phase == .stopCopy else { return .noDataNow }
    let layout = model.sections[0].layout
    var writer = try SectionDataWriter(
      layout: layout, layouts: model.writerLayouts.table, layoutBase: emitter.layoutBase)
    try fan.write(&writer)
    try emitter.section(0, layout: layout, data: writer.finish())
    return .done
  }

  // MARK: Destination

  borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    try Self.lend(model, body)
  }

  private static func lend<Result>(
    _ model: borrowing ResolvedModel,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    try body(model.rules, model.layouts.table, model.aliases.table)
  }

  @_lifetime(borrow self)
  borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan { RawSpan() }

  mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    do throws(StreamError) {
      for index in state.pieces.indices {
        let reader = try SectionReader(
          state.data(of: state.pieces[index]), at: 0, layout: model.sections[0].layout, layouts: model.layouts.table,
          limits: StreamLimits())
        arrived = try Fan(reader)
      }
    } catch { throw DeviceFailure(reason: UInt32(error.code.rawValue)) }
  }

  mutating func commit(_ device: Int) throws(DeviceFailure) {
    if let arrived { fan = arrived }
  }

  // MARK: Memory and byte strings: there are none

  @_lifetime(&self)
  mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    throw DeviceFailure(reason: 1)
  }

  mutating func clear(region: Int, offset: UInt64, byteCount: UInt64, discards: Bool) throws(DeviceFailure) {
    throw DeviceFailure(reason: 1)
  }

  @_lifetime(&self)
  mutating func byteString(_ device: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    throw DeviceFailure(reason: 1)
  }

  mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    throw DeviceFailure(reason: 1)
  }
}
