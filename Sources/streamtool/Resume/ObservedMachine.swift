import MigrationStream
import ReferenceDevices
import ResumePath

/// What happened to a device on its way.
enum DeviceEvent: Equatable {
  case state(MigrationState)
  case prepared
  case committed
  case wasReset
  case failed(DeviceFailure)
}

/// What was applied to a device, in octets.
struct DeviceOctets: Equatable {
  var sections = 0
  var sectionByteCount: UInt64 = 0
  var byteStringByteCount: UInt64 = 0
}

/// A machine of reference devices whose states, and what a stream brought it, somebody wants to see.
struct ObservedMachine: ~Copyable, MigratingDevices {
  var machine: ReferenceMachine
  /// By device number, in the order in which it happened.
  private(set) var events: [[DeviceEvent]]
  private(set) var applied: [DeviceOctets]
  /// By number of the region in the machine's manifest: octets that came, and octets that were cleared.
  private(set) var regions: [Int: (data: UInt64, cleared: UInt64)] = [:]

  init(_ machine: consuming ReferenceMachine) {
    let count = machine.deviceCount
    events = Array(repeating: [.state(.running)], count: count)
    applied = Array(repeating: DeviceOctets(), count: count)
    self.machine = machine
  }

  borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    try machine.manifest(allocator: allocator)
  }

  var deviceCount: Int { machine.deviceCount }

  borrowing func traits(of device: Int) -> DeviceTraits { machine.traits(of: device) }

  // MARK: States

  mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    do throws(DeviceFailure) { try machine.move(device, along: arc) } catch {
      events[device].append(.failed(error))
      throw error
    }
    events[device].append(.state(arc.end))
  }

  mutating func reset(_ device: Int) {
    machine.reset(device)
    events[device].append(.wasReset)
  }

  // MARK: Source

  @_lifetime(borrow self)
  borrowing func writerLayouts(of device: Int) -> LayoutTable { machine.writerLayouts(of: device) }

  borrowing func estimate(of device: Int) -> SaveEstimate { machine.estimate(of: device) }

  mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    try machine.save(device, phase, into: &emitter)
  }

  // MARK: Destination

  borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    try machine.withReader(of: device, body)
  }

  @_lifetime(borrow self)
  borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan { machine.localValues(device, piece) }

  @_lifetime(&self)
  mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    let memory = try machine.memory(region: region, offset: offset, byteCount: byteCount)
    regions[region, default: (0, 0)].data += UInt64(memory.byteCount)
    return memory
  }

  mutating func clear(region: Int, offset: UInt64, byteCount: UInt64, discards: Bool) throws(DeviceFailure) {
    try machine.clear(region: region, offset: offset, byteCount: byteCount, discards: discards)
    regions[region, default: (0, 0)].cleared += byteCount
  }

  @_lifetime(&self)
  mutating func byteString(_ device: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    let memory = try machine.byteString(device, offset: offset, byteCount: byteCount)
    applied[device].byteStringByteCount = max(applied[device].byteStringByteCount, offset + UInt64(memory.byteCount))
    return memory
  }

  mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    try machine.write(device, octets, at: offset)
    applied[device].byteStringByteCount = max(applied[device].byteStringByteCount, offset + UInt64(octets.byteCount))
  }

  mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    do throws(DeviceFailure) { try machine.prepare(device, state) } catch {
      events[device].append(.failed(error))
      throw error
    }
    applied[device].sections = state.pieces.count
    applied[device].sectionByteCount = 0
    for index in 0..<state.pieces.count {
      applied[device].sectionByteCount += UInt64(state.data(of: state.pieces[index]).byteCount)
    }
    if state.byteString.byteCount > 0 { applied[device].byteStringByteCount = UInt64(state.byteString.byteCount) }
    events[device].append(.prepared)
  }

  mutating func commit(_ device: Int) throws(DeviceFailure) {
    do throws(DeviceFailure) { try machine.commit(device) } catch {
      events[device].append(.failed(error))
      throw error
    }
    events[device].append(.committed)
  }
}
