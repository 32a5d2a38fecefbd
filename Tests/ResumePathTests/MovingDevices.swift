import MigrationStream
import ResumePath

/// Devices that have states and nothing else, and that fail where they are told to.
struct MovingDevices: MigratingDevices, ~Copyable {
  var all: [DeviceTraits]
  /// Every step that was begun.
  var log: [(device: Int, arc: MigrationArc)] = []
  /// The step, by its number from 0, that fails, and how.
  var failingStep: Int?
  var failure = DeviceFailure(reason: 7)
  private let layouts = LayoutStore()

  init(_ all: [DeviceTraits]) { self.all = all }

  var deviceCount: Int { all.count }

  func traits(of device: Int) -> DeviceTraits { all[device] }

  mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    log.append((device, arc))
    if log.count - 1 == failingStep { throw failure }
  }

  mutating func reset(_ device: Int) {}

  func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    throw StreamError(.wrongCall, .resume, at: 0)
  }

  @_lifetime(borrow self)
  func writerLayouts(of device: Int) -> LayoutTable { layouts.table }

  func estimate(of device: Int) -> SaveEstimate { SaveEstimate() }

  mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer { .done }

  func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result { throw StreamError(.wrongCall, .resume, at: 0) }

  @_lifetime(borrow self)
  func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan { RawSpan() }

  @_lifetime(&self)
  mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    throw DeviceFailure(reason: 1)
  }

  mutating func clear(region: Int, offset: UInt64, byteCount: UInt64, discards: Bool) throws(DeviceFailure) {}

  @_lifetime(&self)
  mutating func byteString(_ device: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    throw DeviceFailure(reason: 1)
  }

  mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {}
  mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {}
  mutating func commit(_ device: Int) throws(DeviceFailure) {}
}
