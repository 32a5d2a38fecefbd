import MigrationStream
import StreamIO

/// Writes anew what a decoder decodes, in the order of the stream: same state, other chunks.
///
/// Records of unknown kinds, discarded extents and write units stay; the index goes.
struct StreamRewriter: StreamHandler, ~Copyable {
  private var encoder: StreamEncoder
  private(set) var target: AtomicOutputFile
  private var cutter: ChunkCutter
  private let compresses: Bool
  /// The head and the payload of a bulk record, or the body and payload of one of an unknown kind.
  private var body = OwnedBytes()
  private var payload = OwnedBytes()

  init(
    _ encoder: consuming StreamEncoder, into target: consuming AtomicOutputFile, chunkByteCount: Int,
    compresses: Bool
  ) {
    self.encoder = encoder
    self.target = target
    cutter = ChunkCutter(chunkByteCount: chunkByteCount, compresses: compresses)
    self.compresses = compresses
  }

  /// Makes the output appear.
  mutating func commit() throws(IOFailure) { try target.commit() }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    let header = record.header
    if header.knownKind != .memory { try cutter.flush(&encoder, &target) }
    switch header.knownKind {
    case .manifest: try target.manifest(&encoder, body: record.body)
    case .layout: try rewriteLayout(state)
    case .section:
      try target.section(
        &encoder, record.body, device: header.device, layout: SectionHead(record.body).layout,
        replaces: header.flags & RecordFlags.replaces != 0)
    case .barrier: try target.barrier(&encoder)
    case .end: try target.end(&encoder)
    case .memory, .bytes, nil:
      body.removeAll()
      payload.removeAll()
      try body.append(record.body)
    case .index, .indexPage, .abort, .placement, .placedMemory, .channelEnd: break
    }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) throws(StreamError) {
    try payload.append(octets)
  }

  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError) {
    switch header.knownKind {
    case .memory: try rewriteMemory()
    case .bytes:
      let marks = header.flags & ~(RecordFlags.required | RecordFlags.skippable)
      try target.bytes(&encoder, device: header.device, octets: payload, flags: marks, compresses: compresses)
    case nil: try target.preserved(&encoder, header, body: body, payload: payload)
    default: break
    }
  }

  private mutating func rewriteLayout(_ state: borrowing StreamState) throws(StreamError) {
    let table = state.layouts.table
    try target.layout(&encoder, UInt32(table.count - 1), of: table, compresses: compresses)
  }

  // MARK: Memory

  private mutating func rewriteMemory() throws(StreamError) {
    let head = MemoryHead(body.bytes)
    var position = 0
    for index in 0..<Int(head.extentCount) {
      let extent = MemoryHead.extent(index, in: body.bytes)
      switch extent.kind {
      case .data:
        try append(from: position, extent, region: head.region)
        position += Int(extent.length)
      case .zero where extent.length < cutter.chunkByteCount: try append(from: nil, extent, region: head.region)
      case .zero, .discard:
        try cutter.flush(&encoder, &target)
        try target.memory(
          &encoder, region: head.region, offset: extent.offset, length: extent.length, kind: extent.kind)
      }
    }
  }

  /// - Parameter position: Where in the payload the octets of an extent are; nil for zeros.
  private mutating func append(
    from position: Int?, _ extent: Extent, region: UInt32
  ) throws(StreamError) {
    var done: UInt64 = 0
    while done < extent.length {
      let count = try cutter.begin(
        region, at: extent.offset + done, length: extent.length - done, &encoder, &target)
      if let position {
        let start = position + Int(done)
        try Self.append(payload, start..<(start + count), to: &cutter.octets)
      } else {
        try cutter.octets.append(repeating: 0, count: count)
      }
      done += UInt64(count)
      try cutter.end(&encoder, &target)
    }
  }

  private static func append(
    _ source: borrowing OwnedBytes, _ range: Range<Int>, to target: inout OwnedBytes
  ) throws(StreamError) {
    try target.append(source.bytes.extracting(range))
  }
}
