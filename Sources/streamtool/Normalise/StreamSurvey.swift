import MigrationStream

/// What a stream says and where its octets lie, without the octets: the first pass of a normalisation.
///
/// Memory: 32 octets an extent and a BYTES record, 16 an announced section, 56 a record of an unknown kind; all of it
/// doubled at most by growth.
struct StreamSurvey: StreamHandler {
  /// A payload in the input.
  struct Stored {
    var offset: UInt64
    var byteCount: UInt64
    /// Octets it holds; as many as are stored unless it is a frame.
    var plainByteCount: UInt64
    var isFrame: Bool
  }

  /// A BYTES record.
  struct BytesPart {
    var payload: Stored
    var flags: UInt16
  }

  /// The byte string of a device.
  struct ByteString {
    var parts: [BytesPart] = []
    var byteCount: UInt64 = 0
    /// Octets from the start of the stream to the first record.
    var firstRecordOffset: UInt64 = 0
    /// Octets of the byte string up to where the initial data ends.
    var initialEnd: UInt64?
  }

  /// A body in the input.
  struct Body {
    var offset: UInt64
    var byteCount: UInt64
  }

  struct Unknown {
    var header: RecordHeader
    var body: Body
    var payload: Stored
  }

  /// Extents by region, as they came.
  private(set) var memory: [[MemoryRun]] = []
  /// Frames that memory refers to, as they came.
  private(set) var frames: [Stored] = []
  /// By device.
  private(set) var byteStrings: [ByteString] = []
  /// The final SECTION bodies by position among all announced sections.
  private(set) var sections: [Body] = []
  private(set) var unknown: [Unknown] = []

  mutating func preamble(_ preamble: Preamble) {}
  mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    let header = record.header
    switch header.knownKind {
    case .manifest:
      memory = Array(repeating: [], count: state.manifest.regions.count)
      byteStrings = Array(repeating: ByteString(), count: state.manifest.devices.count)
      sections = Array(repeating: Body(offset: 0, byteCount: 0), count: state.manifest.sectionTotal)
    case .section:
      let first = state.manifest.devices[Int(header.device)].firstSection
      sections[first + Int(SectionHead(record.body).section)] = Self.body(of: record)
    case .memory: takeMemory(record)
    case .placedMemory: takePlacedMemory(record)
    case .bytes: takeBytes(record)
    case nil:
      unknown.append(
        Unknown(
          header: header, body: Self.body(of: record),
          payload: Self.payload(of: record, plainByteCount: header.payloadByteCount, encoding: 0)))
    case .layout, .barrier, .placement, .indexPage, .index, .abort, .channelEnd, .end: break
    }
  }

  private static func body(of record: borrowing Record) -> Body {
    Body(offset: record.bodyOffset, byteCount: record.header.bodyByteCount)
  }

  private static func payload(
    of record: borrowing Record, plainByteCount: UInt64, encoding: UInt8
  ) -> Stored {
    Stored(
      offset: record.payloadOffset, byteCount: record.header.payloadByteCount, plainByteCount: plainByteCount,
      isFrame: encoding != 0)
  }

  private mutating func takeMemory(_ record: borrowing Record) {
    let head = MemoryHead(record.body)
    let payload = Self.payload(of: record, plainByteCount: head.plainByteCount, encoding: head.encoding)
    if payload.isFrame { frames.append(payload) }
    var position: UInt64 = 0
    for index in 0..<Int(head.extentCount) {
      let extent = MemoryHead.extent(index, in: record.body)
      var source = extent.kind == .discard ? MemoryRun.Source.discard : .zero
      if extent.kind == .data {
        source =
          payload.isFrame
          ? .frame(UInt32(frames.count - 1), position: UInt32(position)) : .input(payload.offset + position)
        position += extent.length
      }
      memory[Int(head.region)].append(MemoryRun(offset: extent.offset, length: extent.length, source: source))
    }
  }

  /// Granules lie where they always lie, whichever record names them.
  private mutating func takePlacedMemory(_ record: borrowing Record) {
    let head = PlacedMemoryHead(record.body)
    for index in 0..<Int(head.extentCount) {
      let placed = PlacedMemoryHead.extent(index, in: record.body)
      let source: MemoryRun.Source =
        switch placed.extent.kind {
        case .data: .input(placed.fileOffset)
        case .zero: .zero
        case .discard: .discard
        }
      memory[Int(head.region)].append(
        MemoryRun(offset: placed.extent.offset, length: placed.extent.length, source: source))
    }
  }

  /// From now on ``memory`` is what regions finally hold.
  mutating func settleMemory() {
    for region in memory.indices { memory[region] = MemoryRun.finalContent(of: takeMemory(of: region)[...]) }
  }

  /// Octets of data in memory.
  var dataByteCount: UInt64 {
    memory.reduce(0) { $1.reduce($0) { $1.isZero ? $0 : $0 + $1.length } }
  }

  /// Gives away the extents of a region.
  mutating func takeMemory(of region: Int) -> [MemoryRun] {
    defer { memory[region] = [] }
    return memory[region]
  }

  private mutating func takeBytes(_ record: borrowing Record) {
    let head = BytesHead(record.body)
    let device = Int(record.header.device)
    let payload = Self.payload(of: record, plainByteCount: head.plainByteCount, encoding: head.encoding)
    if byteStrings[device].parts.isEmpty { byteStrings[device].firstRecordOffset = record.offset }
    byteStrings[device].parts.append(BytesPart(payload: payload, flags: record.header.flags))
    byteStrings[device].byteCount = head.offset + head.plainByteCount
    if record.header.flags & RecordFlags.initialDataEnd != 0 {
      byteStrings[device].initialEnd = byteStrings[device].byteCount
    }
  }
}
