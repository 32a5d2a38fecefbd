import MigrationStream
import ResumePath
import StreamTestKit

/// A stream for ``FakeDevices``, record by record; a test changes what it is about.
struct FakeStream {
  /// A record after MANIFEST and the layouts.
  enum Step {
    case section(UInt32, UInt16, layout: UInt32, [UInt8], subsections: [[UInt8]] = [], replaces: Bool = false)
    case memory(UInt32, UInt64, [UInt8], compresses: Bool = false)
    case extents(UInt32, [Extent], [UInt8])
    case bytes(UInt32, [UInt8], UInt16, compresses: Bool = false)
    case barrier
    case abort
  }

  var setup = FakeSetup.usual
  var mandatoryFlags: UInt32 = MandatoryFlags.passes | MandatoryFlags.zstd
  var layouts = FakeDevices.layouts
  var steps = FakeStream.usualSteps
  var uuid = StreamUUID(low: 3, high: 4)

  static func state(control: UInt32, level: UInt32 = 5) -> [UInt8] { .joined(.u32(control), .u32(level)) }

  static func subsection(_ data: [UInt8], number: UInt16 = 0, layout: UInt32 = 1) -> [UInt8] {
    .joined(
      .u32(UInt32(24 + data.count)), .u16(number), .u16(0), .u32(layout), .u16(0), .u16(0), .u64(UInt64(data.count)),
      data)
  }

  static let whole = RecordFlags.unitFirst | RecordFlags.unitLast

  static var usualSteps: [Step] {
    [
      .memory(0, 0, .ramp(5000)),
      .extents(
        1,
        [
          Extent(offset: 16, length: 100, kind: .data), Extent(offset: 4096, length: 4096, kind: .zero),
          Extent(offset: 8192, length: 61, kind: .data), Extent(offset: 12288, length: 4096, kind: .discard),
        ], .ramp(161)),
      .section(0, 0, layout: 0, state(control: 0)),
      .barrier,
      .memory(0, 4096, [UInt8](repeating: 9, count: 4096), compresses: true),
      .bytes(1, .ramp(300), whole | RecordFlags.initialDataEnd),
      .bytes(1, .ramp(77), whole | RecordFlags.last),
      .bytes(2, .ramp(200), RecordFlags.unitFirst), .bytes(2, .ramp(50), RecordFlags.unitLast),
      .bytes(2, [UInt8](repeating: 3, count: 1000), whole | RecordFlags.last, compresses: true),
      .bytes(0, .ramp(40), whole | RecordFlags.last),
      .section(0, 0, layout: 0, state(control: 3), subsections: [subsection(.u64(12))], replaces: true),
      .section(0, 1, layout: 2, .u64(99)),
      .section(1, 0, layout: 3, .joined(.u32(8), .u32(11))),
    ]
  }

  /// Preamble and MANIFEST.
  func opening() throws(StreamError) -> [UInt8] {
    var preamble = Preamble(uuid: uuid)
    preamble.mandatoryFlags = mandatoryFlags
    var encoder = try StreamEncoder(preamble: preamble)
    var octets: [UInt8] = []
    Self.put(encoder.preamble, to: &octets)
    Self.put(try encoder.manifest(try setup.builder()), to: &octets)
    return octets
  }

  /// The octets, and the offset of each record, END's too.
  func encoded() throws(StreamError) -> (octets: [UInt8], records: [Int]) {
    var preamble = Preamble(uuid: uuid)
    preamble.mandatoryFlags = mandatoryFlags
    var encoder = try StreamEncoder(preamble: preamble)
    var octets: [UInt8] = []
    var records: [Int] = []
    Self.put(encoder.preamble, to: &octets)
    records.append(octets.count)
    Self.put(try encoder.manifest(try setup.builder()), to: &octets)
    for layout in layouts {
      records.append(octets.count)
      Self.put(try encoder.layout(canonical: layout.span.octets), to: &octets)
    }
    for step in steps {
      records.append(octets.count)
      switch step {
      case .section(let device, let section, let layout, let data, let subsections, let replaces):
        let joined = subsections.flatMap { $0 }
        Self.put(
          try encoder.section(
            device: device, section: section, layout: layout, data: data.span.octets,
            subsections: joined.span.octets, subsectionCount: UInt16(subsections.count), replaces: replaces), to: &octets)
      case .memory(let region, let offset, let data, let compresses):
        Self.put(
          try encoder.memory(region: region, offset: offset, octets: data.span.octets, compresses: compresses),
          to: &octets)
      case .extents(let region, let extents, let data):
        let base = [UInt8](repeating: 0, count: 16384)
        var whole = base
        var position = 0
        for extent in extents where extent.kind == .data {
          whole.replaceSubrange(
            Int(extent.offset)..<Int(extent.offset + extent.length),
            with: data[position..<(position + Int(extent.length))])
          position += Int(extent.length)
        }
        Self.put(
          try encoder.memory(region: region, extents: extents.span, octets: whole.span.octets, base: 0), to: &octets)
      case .bytes(let device, let data, let flags, let compresses):
        Self.put(
          try encoder.bytes(device: device, octets: data.span.octets, flags: flags, compresses: compresses), to: &octets)
      case .barrier: Self.put(try encoder.barrier(), to: &octets)
      case .abort: Self.put(try encoder.abort(reason: 7, text: RawSpan()), to: &octets)
      }
    }
    if case .abort? = steps.last { return (octets, records) }
    records.append(octets.count)
    Self.put(try encoder.end(), to: &octets)
    return (octets, records)
  }

  private static func put(_ list: borrowing GatherList, to octets: inout [UInt8]) {
    for index in 0..<list.count { put(list[index], to: &octets) }
  }

  private static func put(_ piece: RawSpan, to octets: inout [UInt8]) {
    for index in 0..<piece.byteCount { octets.append(piece.octet(at: index)) }
  }
}

typealias FakeControl = MigrationControl<FakeDevices>

extension MigrationControl where Devices == FakeDevices {
  static func fake(
    _ setup: FakeSetup = .usual, log: FakeLog = FakeLog(), options: ResumeOptions = ResumeOptions(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) -> FakeControl {
    try FakeControl(FakeDevices(setup, log: log), options: options, allocator: allocator)
  }

  /// Writes in segments of at most `size`; what was refused is refused here.
  mutating func deliver(_ octets: [UInt8], _ handle: SessionHandle, size: Int = .max) throws(StreamError) {
    var position = 0
    while position < octets.count {
      let end = size < octets.count - position ? position + size : octets.count
      let count = try write(octets.span.octets.extracting(position..<end), handle)
      guard count > 0 else { return }
      position += count
    }
  }

  /// Opens, writes and finishes.
  mutating func resume(_ octets: [UInt8], size: Int = .max) throws(StreamError) {
    let handle = try open()
    try deliver(octets, handle, size: size)
    try finish(handle)
  }

  var allStates: [MigrationState] {
    var states: [MigrationState] = []
    for device in 0..<devices.deviceCount { states.append(state(of: device)) }
    return states
  }
}

/// What a call was refused with; nil: it was not.
func refusal(_ body: () throws(StreamError) -> Void) -> StreamError? {
  do throws(StreamError) { try body() } catch { return error }
  return nil
}
