import MigrationStream
import StreamIO

/// Writes anew what a decoder decodes, in the order of the stream: same state, other chunks.
///
/// Records of unknown kinds, discarded extents and write units stay; the index goes.
struct StreamRewriter: StreamHandler, ~Copyable {
  private var encoder: StreamEncoder
  private(set) var target: AtomicOutputFile
  private let chunkByteCount: UInt64
  private let compresses: Bool
  /// Data of a memory region that goes on where it ends, shorter than a chunk.
  private var pending = OwnedBytes()
  private var pendingRegion: UInt32 = 0
  private var pendingOffset: UInt64 = 0
  /// The head and the payload of a bulk record, or the body and payload of one of an unknown kind.
  private var body = OwnedBytes()
  private var payload = OwnedBytes()

  init(
    _ encoder: consuming StreamEncoder, into target: consuming AtomicOutputFile, chunkByteCount: Int,
    compresses: Bool
  ) {
    self.encoder = encoder
    self.target = target
    self.chunkByteCount = UInt64(chunkByteCount)
    self.compresses = compresses
  }

  /// Makes the output appear.
  mutating func commit() throws(IOFailure) { try target.commit() }

  mutating func preamble(_ preamble: Preamble) throws(StreamError) {
    guard preamble.profile == .stream else {
      throw StreamError(.notImplemented, .preamble, at: 14, expected: 1, found: UInt64(preamble.profile.rawValue))
    }
  }

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    let header = record.header
    if header.knownKind != .memory { try flushMemory() }
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
    let number = UInt32(table.count - 1)
    if table.isExternal(number) {
      try target.externalLayout(&encoder, identity: table.identity(of: number))
    } else {
      try target.layout(&encoder, canonical: table.layout(number).octets, compresses: compresses)
    }
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
      case .zero where extent.length < chunkByteCount: try append(from: nil, extent, region: head.region)
      case .zero, .discard:
        try flushMemory()
        try target.memory(
          &encoder, region: head.region, offset: extent.offset, length: extent.length, kind: extent.kind)
      }
    }
  }

  /// Appends an extent to the pending data, cutting it where chunks end.
  ///
  /// - Parameter position: Where in the payload its octets are; nil for zeros.
  private mutating func append(
    from position: Int?, _ extent: Extent, region: UInt32
  ) throws(StreamError) {
    if pending.count > 0, region != pendingRegion || extent.offset != pendingOffset + UInt64(pending.count) {
      try flushMemory()
    }
    var done: UInt64 = 0
    while done < extent.length {
      if pending.count == 0 { (pendingRegion, pendingOffset) = (region, extent.offset + done) }
      let end = pendingOffset + UInt64(pending.count)
      let count = Int(min(extent.length - done, chunkByteCount - end % chunkByteCount))
      if let position {
        let start = position + Int(done)
        try Self.append(payload, start..<(start + count), to: &pending)
      } else {
        try pending.append(repeating: 0, count: count)
      }
      done += UInt64(count)
      if (end + UInt64(count)) % chunkByteCount == 0 { try flushMemory() }
    }
  }

  private static func append(
    _ source: borrowing OwnedBytes, _ range: Range<Int>, to target: inout OwnedBytes
  ) throws(StreamError) {
    try target.append(source.bytes.extracting(range))
  }

  private mutating func flushMemory() throws(StreamError) {
    guard pending.count > 0 else { return }
    try target.memory(&encoder, region: pendingRegion, offset: pendingOffset, octets: pending, compresses: compresses)
    pending.removeAll()
  }
}
