import MigrationStream
import ResumePath
import StreamTestKit

/// What a fake machine was asked for, and where it fails: shared with the test, which no longer holds the machine.
final class FakeLog {
  enum Call: Equatable {
    case move(Int, MigrationArc)
    case reset(Int)
    case memory(Int, UInt64, Int)
    case clear(Int, UInt64, UInt64, discards: Bool)
    case byteString(Int, UInt64, Int)
    case write(Int, UInt64, [UInt8])
    case prepare(Int)
    case commit(Int)
  }

  /// The calls in their order.
  var calls: [Call] = []
  /// What was stepped over.
  var skipped: [String] = []
  /// The call that fails, from 0, and whether the device is broken then.
  var failing: Int?
  var isBroken = false
  /// Octets that a device lends at most in one go; 0 lends nothing.
  var lends = Int.max

  func note(_ call: Call) throws(DeviceFailure) {
    calls.append(call)
    if failing == calls.count - 1 { throw DeviceFailure(reason: 77, isBroken: isBroken) }
  }
}

/// A machine as plain values: what its manifest says.
struct FakeSetup {
  struct Parameter {
    var name: String
    var kind = ParameterEntry.Kind.int
    var value: UInt64 = 0
    var text = ""
  }

  struct Piece {
    var name: String
    var mark = Mark.required
    var version: UInt32 = 1
    var versionMin: UInt32 = 1
  }

  struct Device {
    var path: String
    var model: String
    var mark = Mark.required
    var apply = ApplyKind.staged
    var clock = ClockDomain.virtual
    var version: UInt32 = 2
    var versionMin: UInt32 = 1
    var initialByteCount: UInt64 = 0
    var parameters: [Parameter] = []
    var sections: [Piece] = []
    var subsections: [Piece] = []
    var capabilities: MigrationCapabilities = [.stopCopy]
  }

  struct Region {
    var name: String
    /// Number of a device; nil: the machine.
    var owner: Int?
    var byteCount: UInt64 = 65536
    var pageByteCount: UInt64 = 4096
    var flags: UInt16 = 0
  }

  var architecture = "x86_64"
  var guestEndianness: UInt8 = 1
  var regions: [Region]
  var devices: [Device]

  /// A device of each kind.
  static let usual = FakeSetup(
    regions: [Region(name: "ram"), Region(name: "vram", owner: 1)],
    devices: [
      Device(
        path: "uart", model: "test/uart",
        parameters: [Parameter(name: "baud", value: 9600), Parameter(name: "name", kind: .str, text: "com1")],
        sections: [Piece(name: "state"), Piece(name: "clock")], subsections: [Piece(name: "fifo")]),
      Device(path: "gpu", model: "test/gpu", apply: .inPlace, initialByteCount: 1, sections: [Piece(name: "head")]),
      Device(path: "driver", model: "test/driver", apply: .external),
    ])

  func builder(_ allocator: StreamAllocator = .system) throws(StreamError) -> ManifestBuilder {
    let isSingle = architecture.isEmpty && guestEndianness == 0
    var manifest = try ManifestBuilder(
      producer: StaticString("fake").octets, producerVersion: StaticString("1").octets,
      architecture: Array(architecture.utf8).span.octets, guestEndianness: guestEndianness,
      pageByteCount: isSingle ? 0 : 4096, allocator: allocator)
    for region in regions {
      try manifest.region(
        name: Array(region.name.utf8).span.octets, owner: region.owner.map { UInt32($0) } ?? Format.none32,
        byteCount: region.byteCount, pageByteCount: region.pageByteCount, flags: region.flags)
    }
    for device in devices { try Self.put(device, in: &manifest) }
    return manifest
  }

  private static func put(_ device: Device, in manifest: inout ManifestBuilder) throws(StreamError) {
    try manifest.beginDevice(
      path: Array(device.path.utf8).span.octets, address: RawSpan(), model: Array(device.model.utf8).span.octets,
      mark: device.mark, apply: device.apply, clock: device.clock, version: device.version,
      versionMin: device.versionMin, initialByteCount: device.initialByteCount)
    for parameter in device.parameters {
      try manifest.parameter(
        name: Array(parameter.name.utf8).span.octets, kind: parameter.kind, value: parameter.value,
        text: Array(parameter.text.utf8).span.octets)
    }
    for piece in device.sections {
      try manifest.section(
        name: Array(piece.name.utf8).span.octets, mark: piece.mark, version: piece.version, versionMin: piece.versionMin)
    }
    for piece in device.subsections {
      try manifest.subsection(
        name: Array(piece.name.utf8).span.octets, mark: piece.mark, version: piece.version, versionMin: piece.versionMin)
    }
    try manifest.endDevice()
  }
}

/// The devices of a ``FakeSetup``, with rules by what their sections are called.
struct FakeDevices: ~Copyable, MigratingDevices {
  /// Layouts by number: `state`, `fifo`, `clock`, `head`.
  static let layouts: [[UInt8]] = [
    RawLayout(
      "state",
      [
        RawField("control", .unsigned) { ($0.flags, $0.max) = (FieldFlags.range.rawValue, 100) },
        RawField("level", .unsigned),
      ]
    ).canonical,
    RawLayout("fifo", [RawField("count", .unsigned, width: 8)]).canonical,
    RawLayout(
      "clock",
      [RawField("ticks", .unsigned, width: 8) { ($0.flags, $0.defaultValue) = (FieldFlags.hasDefault.rawValue, 7) }]
    ).canonical,
    RawLayout(
      "head",
      [RawField("head", .unsigned), RawField("id", .unsigned) { $0.flags = FieldFlags.verify.rawValue }]
    ).canonical,
  ]

  /// Of `test/grid` only: two rows of three cells.
  static let grid = RawLayout(
    "grid", [RawField("row", .structure, [RawField("cell", .structure, [RawField("value", .unsigned)]).array(3)]).array(2)]
  ).canonical

  /// A piece that a device was given: what it is and its data.
  struct Given: Equatable {
    var isSubsection: Bool
    var number: Int
    var owner: Int
    /// Elements on the target path.
    var path: [UInt32] = []
    var data: [UInt8]
  }

  /// What a device holds.
  struct State: Equatable {
    var pieces: [Given] = []
    var byteString: [UInt8] = []
  }

  var setup: FakeSetup
  let log: FakeLog
  private var store = LayoutStore()
  private let aliases = LayoutAliases()
  /// The device's own number in the field that is compared.
  private var local = OwnedBytes()
  /// By region, and by device for byte strings in place.
  private var memory: OwnedList<OwnedBytes>
  private var strings: OwnedList<OwnedBytes>
  private var prepared: [Int: State] = [:]
  /// What took effect, by device.
  private(set) var applied: [Int: State] = [:]
  /// What was forwarded to external devices.
  private(set) var forwarded: [Int: [UInt8]] = [:]

  static let stringByteCount = 1024

  init(_ setup: FakeSetup = .usual, log: FakeLog = FakeLog()) throws(StreamError) {
    self.setup = setup
    self.log = log
    memory = OwnedList()
    strings = OwnedList()
    let hasGrid = setup.devices.contains { $0.model == "test/grid" }
    for layout in Self.layouts + (hasGrid ? [Self.grid] : []) { try store.add(canonical: layout.span.octets, at: 0, limits: StreamLimits()) }
    for region in setup.regions {
      var octets = OwnedBytes()
      try octets.append(repeating: 0, count: Int(region.byteCount))
      try memory.append(octets)
    }
    for _ in setup.devices {
      var octets = OwnedBytes()
      try octets.append(repeating: 0, count: Self.stringByteCount)
      try strings.append(octets)
    }
    try local.append(integer: UInt32(0))
    try local.append(integer: UInt32(11))
  }

  func memory(of region: Int) -> [UInt8] { (0..<memory[region].count).map { memory[region][$0] } }
  func byteString(of device: Int) -> [UInt8] { (0..<strings[device].count).map { strings[device][$0] } }

  var memoryDigest: UInt64 { (0..<memory.count).reduce(0) { $0 &* 31 &+ Digest.xxh3(memory[$1].bytes) } }
  var stringDigest: UInt64 { (0..<strings.count).reduce(0) { $0 &* 31 &+ Digest.xxh3(strings[$1].bytes) } }

  /// Everything that a guest could find after a commit, and where in-place octets lie.
  var isBlank: Bool {
    applied.isEmpty && prepared.isEmpty && forwarded.isEmpty
      && (0..<memory.count).allSatisfy { memory[$0].bytes.isZero }
      && (0..<strings.count).allSatisfy { strings[$0].bytes.isZero }
  }

  // MARK: Topology

  borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    try setup.builder(allocator)
  }

  var deviceCount: Int { setup.devices.count }

  borrowing func traits(of device: Int) -> DeviceTraits {
    DeviceTraits(capabilities: setup.devices[device].capabilities, apply: setup.devices[device].apply)
  }

  // MARK: States

  mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) { try log.note(.move(device, arc)) }

  mutating func reset(_ device: Int) {
    log.calls.append(.reset(device))
    (prepared[device], applied[device], forwarded[device]) = (nil, nil, nil)
    Self.clear(&strings[device])
    for region in 0..<memory.count where (setup.regions[region].owner ?? device) == device { Self.clear(&memory[region]) }
  }

  private static func clear(_ octets: inout OwnedBytes) {
    let count = octets.count
    octets.removeAll()
    // The memory is still there.
    do throws(StreamError) { try octets.append(repeating: 0, count: count) } catch { fatalError("\(error)") }
  }

  // MARK: Source

  @_lifetime(borrow self)
  borrowing func writerLayouts(of device: Int) -> LayoutTable { store.table }

  borrowing func estimate(of device: Int) -> SaveEstimate { SaveEstimate() }

  mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer { .done }

  // MARK: Destination

  borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    var builder = SectionRulesBuilder(version: 2, versionMin: 1)
    switch setup.devices[device].model {
    case "test/uart":
      let state = try builder.section(
        SectionRule(layout: 0, version: 1, versionMin: 1), name: StaticString("state").octets)
      var clock = SectionRule(layout: 2, version: 1, versionMin: 1)
      clock.since = 2
      _ = try builder.section(clock, name: StaticString("clock").octets)
      _ = try builder.subsection(
        SubsectionRule(layout: 1, version: 1, versionMin: 1, owner: state), name: StaticString("fifo").octets)
      try builder.condition(RuleTerm(RuleField(0, 0), .anyBits, 1))
    case "test/gpu":
      _ = try builder.section(SectionRule(layout: 3, version: 1, versionMin: 1), name: StaticString("head").octets)
    case "test/grid":
      let grid = try builder.section(SectionRule(layout: 4, version: 1, versionMin: 1), name: StaticString("grid").octets)
      _ = try builder.subsection(
        SubsectionRule(layout: 1, version: 1, versionMin: 1, owner: grid, target: 1), name: StaticString("spot").octets)
    default: break
    }
    return try body(try builder.finish(store.table), store.table, aliases.table)
  }

  borrowing func skipped(_ piece: SkippedPiece, _ name: RawSpan) {
    let name = String(decoding: Saving.octets(name), as: UTF8.self)
    log.skipped.append("\(piece.kind) \(name) of \(piece.device), record \(piece.record), at \(piece.offset)")
  }

  @_lifetime(borrow self)
  borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan {
    if setup.devices[device].model == "test/gpu" { return local.bytes }
    return RawSpan()
  }

  @_lifetime(&self)
  mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    try log.note(.memory(region, offset, byteCount))
    let count = min(byteCount, log.lends)
    return memory[region].mutableBytes(Int(offset)..<(Int(offset) + count))
  }

  mutating func clear(region: Int, offset: UInt64, byteCount: UInt64, discards: Bool) throws(DeviceFailure) {
    try log.note(.clear(region, offset, byteCount, discards: discards))
    for index in Int(offset)..<Int(offset + byteCount) { memory[region][index] = 0 }
  }

  @_lifetime(&self)
  mutating func byteString(_ device: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    try log.note(.byteString(device, offset, byteCount))
    let count = min(byteCount, log.lends)
    guard offset + UInt64(count) <= UInt64(Self.stringByteCount) else { throw DeviceFailure(reason: 5) }
    return strings[device].mutableBytes(Int(offset)..<(Int(offset) + count))
  }

  mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    let octets = (0..<octets.byteCount).map { octets.octet(at: $0) }
    try log.note(.write(device, offset, octets))
    forwarded[device, default: []] += octets
  }

  mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    try log.note(.prepare(device))
    var given = State()
    for index in 0..<state.pieces.count {
      let piece = state.pieces[index]
      let data = state.data(of: piece)
      given.pieces.append(
        Given(
          isSubsection: piece.piece.isSubsection, number: piece.piece.number, owner: piece.owner,
          path: (0..<piece.targetStepCount).map { state.element($0, of: piece) },
          data: (0..<data.byteCount).map { data.octet(at: $0) }))
    }
    given.byteString = (0..<state.byteString.byteCount).map { state.byteString.octet(at: $0) }
    prepared[device] = given
  }

  mutating func commit(_ device: Int) throws(DeviceFailure) {
    try log.note(.commit(device))
    applied[device] = prepared.removeValue(forKey: device)
  }
}
