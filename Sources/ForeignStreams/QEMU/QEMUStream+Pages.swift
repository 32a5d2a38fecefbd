extension QEMUStream {
  /// Calls `body` for every run of guest pages, in stream order; pages of mapped blocks come last, in block order.
  ///
  /// Walks the stream again and holds one run at a time. Where the stream is damaged, the runs before the damage come.
  ///
  /// - Throws: What `body` throws, or ``ForeignError`` when the source fails.
  public func forEachPageRun(_ body: (QEMUPageRun) throws(ForeignError) -> Void)
    throws(ForeignError)
  {
    try withoutActuallyEscaping(body) { (body) throws(ForeignError) in
      var runs = PageRunBuilder(pageSize: UInt64(pageSize), body: body)
      try QEMUStreamWalker.rewalk(self) { (page) throws(ForeignError) in try runs.add(page) }
      try runs.flush()
    }
    for (number, block) in memoryBlocks.enumerated() {
      if let mapping = block.mapping { try forEachMappedRun(of: number, mapping, body) }
    }
  }

  /// The runs that a mapped block's bitmap tells of. Its words are in the byte order of the host that wrote the
  /// stream, which the stream does not name; little-endian is assumed.
  private func forEachMappedRun(
    of number: Int, _ mapping: QEMUMemoryBlock.Mapping,
    _ body: (QEMUPageRun) throws(ForeignError) -> Void
  ) throws(ForeignError) {
    let length = memoryBlocks[number].length
    let pageCount = length / mapping.pageSize + (length % mapping.pageSize == 0 ? 0 : 1)
    var reader = try StreamReader(source)
    reader.stage = .memory
    reader.position = Int(mapping.bitmapOffset)
    var page: UInt64 = 0
    var octet: UInt8 = 0
    var run: QEMUPageRun?
    while page < pageCount {
      if page % 8 == 0 { octet = try reader.u8() }
      let kind: QEMUPageRun.Kind = octet >> UInt8(page % 8) & 1 == 1 ? .data : .zero
      if run?.kind == kind {
        run?.pageCount += 1
      } else {
        if let run { try body(run) }
        let isData = kind == .data
        run = QEMUPageRun(
          block: number, kind: kind, blockOffset: page * mapping.pageSize, pageCount: 1,
          pageSize: mapping.pageSize,
          fileOffset: isData ? mapping.pagesOffset + page * mapping.pageSize : 0,
          fileStride: isData ? mapping.pageSize : 0, storedLength: isData ? mapping.pageSize : 0)
      }
      page += 1
    }
    if let run { try body(run) }
  }
}

/// Joins pages that follow each other.
private struct PageRunBuilder {
  let pageSize: UInt64
  let body: (QEMUPageRun) throws(ForeignError) -> Void
  private var run: QEMUPageRun?

  init(pageSize: UInt64, body: @escaping (QEMUPageRun) throws(ForeignError) -> Void) {
    self.pageSize = pageSize
    self.body = body
  }

  mutating func add(_ page: MemorySection.Page) throws(ForeignError) {
    let fileOffset = UInt64(page.fileOffset)
    if var current = run, current.block == page.block, current.kind == page.kind,
      page.blockOffset == current.blockOffset + current.pageCount * pageSize,
      joins(&current, fileOffset)
    {
      current.pageCount += 1
      run = current
      return
    }
    try flush()
    run = QEMUPageRun(
      block: page.block, kind: page.kind, blockOffset: page.blockOffset, pageCount: 1,
      pageSize: pageSize,
      fileOffset: fileOffset, fileStride: 0, storedLength: UInt64(page.storedLength))
  }

  /// Whether a page stored at `fileOffset` continues the run; the second page sets the distance.
  private func joins(_ run: inout QEMUPageRun, _ fileOffset: UInt64) -> Bool {
    switch run.kind {
    case .zero, .fill: return true
    case .xbzrle, .compressed: return false
    case .data:
      if run.pageCount == 1 { run.fileStride = fileOffset - run.fileOffset }
      return fileOffset == run.fileOffset + run.pageCount * run.fileStride
    }
  }

  mutating func flush() throws(ForeignError) {
    guard var finished = run else { return }
    if finished.pageCount == 1 { finished.fileStride = 0 }
    run = nil
    try body(finished)
  }
}
