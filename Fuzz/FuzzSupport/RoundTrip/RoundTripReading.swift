import MigrationStream
import StreamTestKit

/// What a destination holds in the end.
struct RoundTripState {
  var memory: [[UInt8]]
  var strings: [[UInt8]]
  /// By device and position, the data that came last.
  var sections: [[[UInt8]]]

  init(of program: RoundTripProgram) {
    memory = program.regions.map { _ in RoundTripProgram.zeroRegion }
    strings = program.devices.map { _ in [] }
    sections = program.devices.map { [[UInt8]](repeating: [], count: $0.sections) }
  }

  mutating func put(_ region: Int, _ offset: Int, _ octets: [UInt8]) {
    BulkOctets.put(octets, into: &memory[region], at: offset)
  }

  /// The first part in which the other state differs.
  func difference(_ other: RoundTripState) -> String? {
    if !BulkOctets.areEqual(memory, other.memory) { return "memory" }
    if !BulkOctets.areEqual(strings, other.strings) { return "byte strings" }
    let sectionsAreEqual =
      sections.count == other.sections.count
      && zip(sections, other.sections).allSatisfy { BulkOctets.areEqual($0, $1) }
    return sectionsAreEqual ? nil : "sections"
  }

  /// What the program's calls mean.
  static func expected(_ program: RoundTripProgram) -> RoundTripState {
    var state = RoundTripState(of: program)
    for call in program.calls {
      switch call {
      case .memory(let region, let offset, let octets, _, _): state.put(region, offset, octets)
      case .run(let region, let offset, let length, _):
        BulkOctets.put(RoundTripProgram.zeroRegion, 0..<length, into: &state.memory[region], at: offset)
      case .bytes(let device, let octets, _, _): state.strings[device] += octets
      case .section(let device, let section, let data, _): state.sections[device][section] = data.octets
      case .barrier, .unknown: break
      }
    }
    return state
  }
}

/// Reads a stream that a program made: what it holds, and the same stream again from what was read.
struct RoundTripReading {
  var state: RoundTripState
  /// What an encoder makes of the records that were read.
  private(set) var again: [UInt8] = []

  init(of program: RoundTripProgram) { state = RoundTripState(of: program) }

  mutating func read(_ stream: [UInt8], _ allocator: StreamAllocator) throws(StreamError) {
    var decoder = try PullDecoder(stream.span.octets, allocator: allocator)
    let preamble = decoder.state.preamble
    var encoder = try StreamEncoder(
      preamble: preamble, indexes: preamble.optionalFlags & OptionalFlags.indexed != 0, allocator: allocator)
    again = copied(encoder.preamble)
    var layouts: UInt32 = 0
    while true {
      var copy: CopiedRecord?
      if let item = try decoder.next() { copy = CopiedRecord(item) }
      guard let record = copy else { break }
      let kind = RecordKind(rawValue: record.header.kind)
      if kind == .layout {
        let canonical = copied(decoder.state.layouts.table.layout(layouts).octets)
        layouts += 1
        append(try encoder.layout(canonical: canonical.span.octets, compresses: record.body[4] == 1))
        continue
      }
      try take(record.header, kind, record.body, record.payload, &encoder)
    }
    try decoder.finish()
  }

  private mutating func take(
    _ header: RecordHeader, _ kind: RecordKind?, _ body: [UInt8], _ payload: [UInt8], _ encoder: inout StreamEncoder
  ) throws(StreamError) {
    let octets = body.span.octets
    switch kind {
    case .manifest: append(try encoder.manifest(body: octets))
    case .section:
      let head = SectionHead(octets)
      state.sections[Int(header.device)][Int(head.section)] = copied(head.data(in: octets))
      append(
        try encoder.section(
          device: header.device, section: head.section, layout: head.layout, data: head.data(in: octets),
          subsections: head.subsections(in: octets), subsectionCount: head.subsectionCount,
          replaces: header.flags & RecordFlags.replaces != 0))
    case .memory: try takeMemory(octets, payload, &encoder)
    case .bytes:
      state.strings[Int(header.device)] += payload
      append(
        try encoder.bytes(
          device: header.device, octets: payload.span.octets, flags: header.flags & 0xf00,
          compresses: BytesHead(octets).encoding == 1))
    case .barrier: append(try encoder.barrier())
    case .indexPage: if let page = try encoder.indexPage() { append(page) }
    case .index: append(try encoder.index())
    case .end: append(try encoder.end())
    case nil:
      append(
        try encoder.preserved(
          kind: header.kind, flags: header.flags, device: header.device, body: octets, payload: payload.span.octets))
    default: break
    }
  }

  private mutating func takeMemory(
    _ body: RawSpan, _ payload: [UInt8], _ encoder: inout StreamEncoder
  ) throws(StreamError) {
    let head = MemoryHead(body)
    var place = RoundTripProgram.zeroRegion
    var extents: [Extent] = []
    var at = 0
    for index in 0..<Int(head.extentCount) {
      let extent = MemoryHead.extent(index, in: body)
      extents.append(extent)
      let (offset, length) = (Int(extent.offset), Int(extent.length))
      if extent.kind == .data {
        BulkOctets.put(payload, at..<(at + length), into: &place, at: offset)
        at += length
      }
      BulkOctets.put(place, offset..<(offset + length), into: &state.memory[Int(head.region)], at: offset)
    }
    append(
      try encoder.memory(
        region: head.region, extents: extents.span, octets: place.span.octets, base: 0, compresses: head.encoding == 1))
  }

  private mutating func append(_ list: GatherList) {
    for index in 0..<list.count { again += copied(list[index]) }
  }
}

/// A record that outlives the decoder's next call, and leaves its state to be looked at.
struct CopiedRecord {
  let header: RecordHeader
  let offset: UInt64
  let body: [UInt8]
  let payload: [UInt8]

  init(_ item: borrowing PullDecoder.Item) {
    header = item.record.header
    offset = item.record.offset
    body = copied(item.record.body)
    payload = copied(item.payload)
  }
}

/// The octets of a span as an array.
func copied(_ span: RawSpan) -> [UInt8] {
  // Safe: the pointer is used only inside the call.
  unsafe span.withUnsafeBytes { unsafe Array($0) }
}
