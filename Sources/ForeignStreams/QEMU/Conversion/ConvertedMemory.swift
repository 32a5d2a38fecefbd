import MigrationStream

/// Turns the page runs of a QEMU stream into chunks of memory.
struct ConvertedMemory: ~Copyable {
  /// Zero pages that take less of a chunk than this become an extent inside it rather than a record of their own.
  private static let zerosInside: UInt64 = 65_536

  private let stream: QEMUStream
  private let chunkByteCount: Int
  /// Region of each block; nil for blocks without octets.
  private let regions: [UInt32?]
  private(set) var diagnostics: [QEMUDiagnostic] = []
  /// The chunk that is being filled, and where it goes.
  private var chunk: [UInt8] = []
  private var region: UInt32 = 0
  private var start: UInt64 = 0

  init(_ stream: QEMUStream, chunkByteCount: Int) {
    self.stream = stream
    self.chunkByteCount = chunkByteCount
    var next: UInt32 = 0
    var regions: [UInt32?] = []
    for block in stream.memoryBlocks {
      regions.append(block.length > 0 ? next : nil)
      if block.length > 0 { next += 1 }
    }
    self.regions = regions
  }

  /// Sends all pages in stream order, so that a page that was sent twice ends as it was sent last.
  mutating func write(to records: inout RecordWriter) throws(ForeignError) {
    chunk.reserveCapacity(chunkByteCount)
    try stream.forEachPageRun { (run) throws(ForeignError) in try add(run, to: &records) }
    try flush(to: &records)
  }

  private mutating func add(_ run: QEMUPageRun, to records: inout RecordWriter) throws(ForeignError) {
    guard let region = regions[run.block] else { return }
    let block = stream.memoryBlocks[run.block]
    let length = min(run.pageCount * run.pageSize, block.length - min(block.length, run.blockOffset))
    if length < run.pageCount * run.pageSize, run.kind != .zero {
      diagnostics.append(
        QEMUDiagnostic(
          kind: .pageBeyondBlock, offset: run.fileOffset, expected: block.length,
          found: run.blockOffset + run.pageCount * run.pageSize, path: block.name))
    }
    // A later list of blocks may have made this one shorter.
    guard length > 0 else { return }
    switch run.kind {
    case .xbzrle, .compressed:
      throw ForeignError(
        .notConvertible, .conversion, at: run.fileOffset, found: run.blockOffset,
        path: "\(block.name): \(run.kind) page")
    case .zero: try addZeros(region, run.blockOffset, length, to: &records)
    case .fill(let octet): try add(octet, region, run.blockOffset, length, to: &records)
    case .data: try addData(run, region, length, to: &records)
    }
  }

  private mutating func addZeros(
    _ region: UInt32, _ offset: UInt64, _ length: UInt64, to records: inout RecordWriter
  ) throws(ForeignError) {
    if !chunk.isEmpty, continues(region, offset), length < Self.zerosInside, length < room,
      room < UInt64(chunkByteCount)
    {
      chunk.append(contentsOf: repeatElement(0, count: Int(length)))
      return
    }
    try flush(to: &records)
    try records.zeros(region: region, offset: offset, length: length)
  }

  private mutating func add(
    _ octet: UInt8, _ region: UInt32, _ offset: UInt64, _ length: UInt64, to records: inout RecordWriter
  ) throws(ForeignError) {
    var done: UInt64 = 0
    while done < length {
      try open(region, offset + done, to: &records)
      let count = Int(min(length - done, room))
      chunk.append(contentsOf: repeatElement(octet, count: count))
      done += UInt64(count)
    }
  }

  /// Reads as many pages at once as lie in a window; a page that is longer, in pieces.
  private mutating func addData(
    _ run: QEMUPageRun, _ region: UInt32, _ length: UInt64, to records: inout RecordWriter
  ) throws(ForeignError) {
    let window = UInt64(ForeignLimits.windowOctets)
    // The pages of a run do not overlap, so its stride is at least a page.
    let isDense = run.pageCount == 1 || run.fileStride <= run.pageSize
    var done: UInt64 = 0
    while done < length {
      try open(region, run.blockOffset + done, to: &records)
      let room = min(length - done, self.room)
      let page = done / run.pageSize
      let inPage = done % run.pageSize
      if isDense {
        let count = min(room, window)
        chunk += try stream.source.read(at: run.fileOffset + done, count: Int(count))
        done += count
      } else if inPage == 0, run.fileStride <= window / 2, room >= run.pageSize {
        let pages = min(room / run.pageSize, window / run.fileStride)
        let octets = try stream.source.read(
          at: run.fileOffset + page * run.fileStride, count: Int((pages - 1) * run.fileStride + run.pageSize))
        for number in 0..<Int(pages) {
          let first = number * Int(run.fileStride)
          chunk += octets[first..<(first + Int(run.pageSize))]
        }
        done += pages * run.pageSize
      } else {
        let count = min(room, run.pageSize - inPage, window)
        chunk += try stream.source.read(
          at: run.fileOffset + page * run.fileStride + inPage, count: Int(count))
        done += count
      }
    }
  }

  // MARK: Chunks

  /// Whether octets at that place would follow those in the chunk.
  private func continues(_ region: UInt32, _ offset: UInt64) -> Bool {
    region == self.region && offset == start + UInt64(chunk.count)
  }

  /// Octets up to where the chunk ends: at the next multiple of its size.
  private var room: UInt64 {
    let byteCount = UInt64(chunkByteCount)
    return byteCount - (start + UInt64(chunk.count)) % byteCount
  }

  /// Makes room in a chunk in which octets at that place are next.
  private mutating func open(
    _ region: UInt32, _ offset: UInt64, to records: inout RecordWriter
  ) throws(ForeignError) {
    if !chunk.isEmpty, continues(region, offset), room < UInt64(chunkByteCount) { return }
    try flush(to: &records)
    self.region = region
    start = offset
  }

  private mutating func flush(to records: inout RecordWriter) throws(ForeignError) {
    guard !chunk.isEmpty else { return }
    try records.memory(region: region, offset: start, octets: chunk.span.octets)
    chunk.removeAll(keepingCapacity: true)
  }
}
