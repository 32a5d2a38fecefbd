import MigrationStream
import ResumePath
import StreamTestKit

/// What a fake machine does wrong, and what it was asked for: shared with the test, which no longer holds the machine.
final class SaveScript {
  enum Fault {
    case none
    /// The call with this number, from 0, of moves, saves and commits together, fails.
    case call(Int, isBroken: Bool)
    /// It and all calls after it.
    case callsFrom(Int)
    /// The error of the sink is kept by the device to itself.
    case swallowsSinkErrors
    /// Says `more` without an octet.
    case saysMore
    case leavesUnitOpen
    case forgetsLast
    case sendsSectionTwice
  }

  var fault = Fault.none
  private(set) var calls = 0
  var moves: [(device: Int, arc: MigrationArc)] = []
  /// What every estimate says; nil: the truth.
  var estimate: SaveEstimate?

  /// Counts a call, and says whether it fails.
  func failure() -> DeviceFailure? {
    defer { calls += 1 }
    switch fault {
    case .call(calls, let isBroken): return DeviceFailure(reason: 77, isBroken: isBroken)
    case .callsFrom(let first) where calls >= first: return DeviceFailure(reason: 77)
    default: return nil
    }
  }
}

/// Octets at one address.
@safe
final class FakeMemory {
  let base: UnsafeMutableRawPointer
  let count: Int

  init(_ octets: [UInt8]) {
    count = octets.count
    unsafe base = .allocate(byteCount: max(count, 1), alignment: 64)
    for (index, octet) in octets.enumerated() { self[index] = octet }
  }

  deinit { unsafe base.deallocate() }

  subscript(index: Int) -> UInt8 {
    get { unsafe base.load(fromByteOffset: index, as: UInt8.self) }
    set { unsafe base.storeBytes(of: newValue, toByteOffset: index, as: UInt8.self) }
  }

  var octets: [UInt8] { (0..<count).map { self[$0] } }

  var span: RawSpan {
    @_lifetime(borrow self)
    get { unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: count), borrowing: self) }
  }
}

/// Devices with a region, a section and a byte string each, of which any may be lacking.
struct SaveFakeDevices: ~Copyable, MigratingDevices {
  struct Device {
    var capabilities: MigrationCapabilities = [.stopCopy]
    var reachesPeers = false
    /// Pages of 4096 octets; empty: no region.
    var memory = FakeMemory([])
    var isOpaque = false
    /// The two words of the section.
    var value: UInt64?
    var count: UInt64 = 0
    /// Sends its section while it runs too.
    var sendsSectionEarly = false
    var byteString: [UInt8]?
    /// The first half of its byte string is what it needs before it stops.
    var hasInitialData = false

    /// Gives all of its memory, and all of its byte string, in one piece of live octets.
    var givesWhole = false
    /// Its layout is only named.
    var hasExternalLayout = false
    /// Where the device knows itself to be.
    var state = MigrationState.running

    // What the save under way still has to give.
    var dirty: Set<Int> = []
    var sentBytes = 0
    var sentInitialData = false
    var stagedValue: UInt64?
    var stagedCount: UInt64 = 0
  }

  static let pageByteCount = 4096
  private static let layout = RawLayout(
    "regs", [RawField("value", .unsigned, width: 8), RawField("count", .unsigned, width: 8)]
  ).canonical

  let script: SaveScript
  var devices: [Device]
  private var layouts = LayoutStore()
  private let noLayouts = LayoutStore()
  private var externalLayouts = LayoutStore()
  /// Its manifest has the form for embedding.
  var isSingle = false
  private let aliases = LayoutAliases()

  init(_ devices: [Device], script: SaveScript = SaveScript()) throws(StreamError) {
    self.script = script
    self.devices = devices
    try layouts.add(canonical: Self.layout.span.octets, at: 0, limits: StreamLimits())
    try externalLayouts.addExternal(
      identity: StaticString("example/fake@1/regs").octets, at: 0, limits: StreamLimits())
  }

  /// The guest writes to a page.
  mutating func write(_ device: Int, page: Int, _ value: UInt8) {
    devices[device].memory[page * Self.pageByteCount] = value
    devices[device].dirty.insert(page)
  }

  // MARK: Topology

  borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("fake").octets, producerVersion: StaticString("1").octets,
      architecture: isSingle ? RawSpan() : StaticString("x86_64").octets, guestEndianness: isSingle ? 0 : 1,
      pageByteCount: isSingle ? 0 : 4096, allocator: allocator)
    for (number, device) in devices.enumerated() where device.memory.count > 0 {
      let name = Array("ram\(number)".utf8)
      try manifest.region(
        name: name.span.octets, owner: UInt32(number), byteCount: UInt64(device.memory.count), pageByteCount: 4096,
        flags: device.isOpaque ? RegionEntry.opaque : 0)
    }
    for (number, device) in devices.enumerated() {
      let path = Array("fake/\(number)".utf8)
      try manifest.beginDevice(path: path.span.octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
      if device.value != nil { try manifest.section(name: StaticString("regs").octets, version: 1, versionMin: 1) }
      try manifest.endDevice()
    }
    return manifest
  }

  var deviceCount: Int { devices.count }

  borrowing func traits(of device: Int) -> DeviceTraits {
    DeviceTraits(
      capabilities: devices[device].capabilities, apply: .staged, reachesPeers: devices[device].reachesPeers)
  }

  private func region(of device: Int) -> UInt32 {
    UInt32(devices[..<device].count { $0.memory.count > 0 })
  }

  private func owner(of region: Int) -> Int { devices.indices.filter { devices[$0].memory.count > 0 }[region] }

  // MARK: States

  mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    if let failure = script.failure() { throw failure }
    script.moves.append((device, arc))
    devices[device].state = arc.end
    // A session that begins has everything before it.
    guard arc.end == .preCopy || (arc.end == .stopCopy && arc.start == .stop) else { return }
    devices[device].dirty = Set(0..<devices[device].memory.count / Self.pageByteCount)
    devices[device].sentBytes = 0
    devices[device].sentInitialData = false
  }

  mutating func reset(_ device: Int) { devices[device].state = .running }

  // MARK: Source

  @_lifetime(borrow self)
  borrowing func writerLayouts(of device: Int) -> LayoutTable {
    if devices[device].value == nil { return noLayouts.table }
    if devices[device].hasExternalLayout { return externalLayouts.table }
    return layouts.table
  }

  borrowing func estimate(of device: Int) -> SaveEstimate {
    if let claim = script.estimate { return claim }
    let dirty = UInt64(devices[device].dirty.count * Self.pageByteCount)
    return SaveEstimate(initialByteCount: 0, dirtyByteCount: dirty, stopCopyByteCount: dirty + 1000)
  }

  mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    if let failure = script.failure() {
      throw StreamError(.deviceFailed, .resume, at: 0, found: UInt64(failure.reason), device: UInt32(device))
    }
    switch script.fault {
    case .saysMore: return .more
    case .swallowsSinkErrors:
      do throws(StreamError) { return try give(device, phase, &emitter) } catch { return .done }
    default: return try give(device, phase, &emitter)
    }
  }

  private mutating func give<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, _ emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    if devices[device].givesWhole { return try giveWhole(device, phase, &emitter) }
    if let page = devices[device].dirty.min() {
      devices[device].dirty.remove(page)
      let start = page * Self.pageByteCount
      let memory = devices[device].memory
      try emitter.memory(
        region: region(of: device), offset: UInt64(start),
        octets: memory.span.extracting(start..<(start + Self.pageByteCount)),
        source: phase == .preCopy ? .live : .stable)
      return .more
    }
    if phase == .preCopy {
      if devices[device].hasInitialData, !devices[device].sentInitialData, let string = devices[device].byteString {
        devices[device].sentInitialData = true
        try emitter.bytes(
          string.span.octets.extracting(..<(string.count / 2)),
          flags: RecordFlags.unitFirst | RecordFlags.unitLast | RecordFlags.initialDataEnd, source: .live)
        return .more
      }
      if devices[device].sendsSectionEarly, devices[device].sentBytes == 0 {
        devices[device].sentBytes = 1
        try section(device, &emitter)
      }
      return .noDataNow
    }
    try bytes(device, &emitter)
    try section(device, &emitter)
    if case .sendsSectionTwice = script.fault { try section(device, &emitter) }
    return .done
  }

  private mutating func giveWhole<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, _ emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    let memory = devices[device].memory
    if !devices[device].dirty.isEmpty {
      try emitter.memory(region: region(of: device), offset: 0, octets: memory.span, source: .live)
      devices[device].dirty = []
    }
    guard phase == .stopCopy else { return .noDataNow }
    let flags = RecordFlags.unitFirst | RecordFlags.unitLast | RecordFlags.initialDataEnd | RecordFlags.last
    if let string = devices[device].byteString {
      try emitter.bytes(string.span.octets, flags: flags, source: .live)
    }
    return .done
  }

  /// One write unit, of two records unless the first was initial data, and the end.
  private mutating func bytes<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) {
    guard let string = devices[device].byteString else { return }
    let half = string.count / 2
    var second = RecordFlags.unitLast
    if devices[device].sentInitialData {
      second |= RecordFlags.unitFirst
    } else {
      try emitter.bytes(string.span.octets.extracting(..<half), flags: RecordFlags.unitFirst, source: .stable)
    }
    if case .leavesUnitOpen = script.fault { return }
    try emitter.bytes(string.span.octets.extracting(half...), flags: second, source: .stable)
    if case .forgetsLast = script.fault { return }
    try emitter.bytes(RawSpan(), flags: RecordFlags.last, source: .stable)
  }

  private func section<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) {
    guard let value = devices[device].value else { return }
    let data: [UInt8] = .u64(value) + .u64(devices[device].count)
    try emitter.section(0, layout: 0, data: data.span.octets)
  }

  // MARK: Destination

  borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    var builder = SectionRulesBuilder(version: 1, versionMin: 1)
    if devices[device].value != nil {
      _ = try builder.section(SectionRule(layout: 0, version: 1, versionMin: 1), name: StaticString("regs").octets)
    }
    let rules = try builder.finish(writerLayouts(of: device))
    return try body(rules, writerLayouts(of: device), aliases.table)
  }

  @_lifetime(borrow self)
  borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan { RawSpan() }

  @_lifetime(&self)
  mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    let memory = devices[owner(of: region)].memory
    guard offset < UInt64(memory.count) else { throw DeviceFailure(reason: 2) }
    let start = Int(offset)
    // Safe: the range lies in the memory, which lives as long as self.
    return unsafe _overrideLifetime(
      MutableRawSpan(_unsafeStart: memory.base + start, byteCount: min(byteCount, memory.count - start)), mutating: &self)
  }

  mutating func clear(region: Int, offset: UInt64, byteCount: UInt64, discards: Bool) throws(DeviceFailure) {
    let device = owner(of: region)
    for index in Int(offset)..<Int(offset + byteCount) { devices[device].memory[index] = 0 }
  }

  @_lifetime(&self)
  mutating func byteString(_ device: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    throw DeviceFailure(reason: 1)
  }

  mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    throw DeviceFailure(reason: 1)
  }

  mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    for index in state.pieces.indices {
      let data = state.data(of: state.pieces[index])
      devices[device].stagedValue = data.integer(at: 0, as: UInt64.self)
      devices[device].stagedCount = data.integer(at: 8, as: UInt64.self)
    }
    if devices[device].byteString != nil {
      devices[device].byteString = (0..<state.byteString.byteCount).map { state.byteString.octet(at: $0) }
    }
  }

  mutating func commit(_ device: Int) throws(DeviceFailure) {
    if let failure = script.failure() { throw failure }
    if let value = devices[device].stagedValue { devices[device].value = value }
    devices[device].count = devices[device].stagedCount
  }
}
