/// Collecting the final content of memory.
extension StreamState {
  /// Adds the extents of a MEMORY body that has been checked.
  mutating func collect(
    memory body: RawSpan, _ head: MemoryHead, of header: RecordHeader, at start: UInt64
  ) throws(StreamError) {
    let recordOffset = start &- UInt64(RecordHeader.byteCount)
    var data = head.encoding == 0 ? start &+ header.bodyByteCount &+ UInt64(header.frontPadding) : 0
    for index in 0..<Int(head.extentCount) {
      let extent = MemoryHead.extent(index, in: body)
      let isPlain = extent.kind == .data && data != 0
      try content.add(
        FinalExtent(
          region: head.region, index: index, extent, word: isPlain ? data : 0, recordOffset: recordOffset))
      if isPlain { data &+= extent.length }
    }
    try content.closeRecord(added: Int(head.extentCount), limit: limits.finalExtentsMax, at: start &+ 8)
  }

  /// Adds the extents of a PLACED_MEMORY body that has been checked.
  mutating func collect(
    placed body: RawSpan, _ head: PlacedMemoryHead, at recordOffset: UInt64
  ) throws(StreamError) {
    for index in 0..<Int(head.extentCount) {
      let placed = PlacedMemoryHead.extent(index, in: body)
      try content.add(
        FinalExtent(
          region: head.region, index: index, placed.extent, word: placed.digest, recordOffset: recordOffset))
    }
    try content.closeRecord(
      added: Int(head.extentCount), limit: limits.finalExtentsMax,
      at: recordOffset &+ UInt64(RecordHeader.byteCount) &+ 8)
  }

  /// Where the data of a final extent starts in the stream or file; 0 for zero and discard, and for data in a frame.
  public func dataOffset(of extent: FinalExtent) -> UInt64 {
    if extent.kind != .data { return 0 }
    if preamble.profile == .stream { return extent.word }
    return placement.areas[Int(extent.region)].fileOffset &+ extent.offset
  }
}
