/// PLACEMENT and PLACED_MEMORY: an image in place of a stream.
///
/// Everything else is as in the profile `stream`: sections, layouts, byte strings and barriers. The caller writes each
/// record at the offset that ``byteCount`` had before the call, since PLACEMENT leaves room for the areas behind it:
///
///     preamble | manifest() | placement() | areas, written by the caller | section(), placedMemory() ... | end()
///
/// Source: Specs/30-channels-passes-images.md section 3.
extension StreamEncoder {
  /// Gives each region its area; the second record of an image.
  ///
  /// Areas lie one after the other, each at a multiple of the region's page size and of 4096, of 2 MiB if it has that
  /// many octets. ``StreamState/placement`` says where.
  ///
  /// - Parameter granules: Octets under one digest, region by region: a power of two from 4096 to 64 MiB. 0, or nothing
  ///   at all: ``Placement/recommendedGranule(for:)``.
  /// - Throws: `badPlacement` also when the areas do not fit below 2^62.
  @_lifetime(&self)
  public mutating func placement(granules: Span<UInt64> = Span()) throws(StreamError) -> GatherList {
    try checkUsable()
    do throws(StreamError) {
      try stagePlacement(granules)
      try seal(.placement)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  private mutating func stagePlacement(_ granules: Span<UInt64>) throws(StreamError) {
    let count = state.manifest.regions.count
    let recommended = Placement.recommendedGranule(for: state.manifest)
    try beginStage()
    try staged.append(integer: UInt32(count))
    try staged.append(integer: UInt32(0))
    try staged.append(integer: UInt64(0))
    var end =
      byteCount &+ UInt64(RecordHeader.byteCount + Placement.headByteCount + count * Placement.entryByteCount)
    for index in 0..<count {
      let region = state.manifest.regions[index]
      var alignment = Placement.alignment(of: region)
      if region.byteCount >= Placement.hugePage { alignment = max(alignment, Placement.hugePage) }
      let offset = try Self.rounded(end, to: alignment)
      let granule = index < granules.count ? granules[index] : 0
      try staged.append(integer: offset)
      try staged.append(integer: granule == 0 ? recommended : granule)
      try staged.append(integer: UInt64(0))
      end = offset &+ region.byteCount
    }
    staged.set(try Self.rounded(end, to: Placement.alignmentMin), at: RecordHeader.byteCount + 8)
  }

  private static func rounded(_ end: UInt64, to alignment: UInt64) throws(StreamError) -> UInt64 {
    let (sum, overflow) = end.addingReportingOverflow(alignment &- 1)
    let rounded = sum & ~(alignment &- 1)
    guard !overflow, rounded <= Placement.offsetMax else {
      throw StreamError(.badPlacement, .use, at: end, expected: Placement.offsetMax, found: alignment)
    }
    return rounded
  }

  /// Granules of a region, as they are now; what was said of them before is superseded.
  ///
  /// Granules of zero octets become runs without octets, except in opaque regions.
  ///
  /// - Parameters:
  ///   - offset: Octets from the start of the region to the first octet; a multiple of the region's granule.
  ///   - octets: Whole granules, the last one of the region what is left of it.
  ///   - source: Octets that somebody may write to meanwhile are copied first.
  /// - Returns: The record, and what to write and to punch where.
  @_lifetime(&self, copy octets)
  public mutating func placedMemory(
    region: UInt32, offset: UInt64, octets: RawSpan, source: PayloadSource = .stable
  ) throws(StreamError) -> PlacedChunk {
    let (entry, area) = try placed(region)
    do throws(StreamError) {
      if source == .live {
        var copy = try takeBounce(octets)
        try stagePlaced(region, entry, area, offset: offset, octets: copy.bytes)
        swap(&bounce, &copy)
      } else {
        try stagePlaced(region, entry, area, offset: offset, octets: octets)
      }
      try sealPlaced(entry)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return source == .live ? placedBounce() : placedChunk(octets)
  }

  /// Tells that a run of granules reads as zero, whatever was said before.
  ///
  /// - Parameters:
  ///   - length: Whole granules, or up to the end of the region.
  ///   - kind: ``ExtentKind/zero`` or ``ExtentKind/discard``.
  @_lifetime(&self)
  public mutating func placedMemory(
    region: UInt32, offset: UInt64, length: UInt64, kind: ExtentKind
  ) throws(StreamError) -> PlacedChunk {
    let (entry, area) = try placed(region)
    guard kind != .data else {
      throw poisoned(StreamError(.wrongCall, .use, at: byteCount, found: UInt64(kind.rawValue)))
    }
    do throws(StreamError) {
      try beginPlaced(region)
      try appendPlaced(Extent(offset: offset, length: length, kind: kind), area, digest: 0, start: 0)
      try sealPlaced(entry)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return placedChunk(RawSpan())
  }

  private mutating func placed(_ region: UInt32) throws(StreamError) -> (RegionEntry, RegionArea) {
    try checkUsable()
    guard region < UInt32(state.manifest.regions.count) else {
      throw poisoned(StreamError(.unknownRegion, .use, at: byteCount, found: UInt64(region)))
    }
    guard region < UInt32(state.placement.areas.count) else {
      throw poisoned(StreamError(.wrongCall, .use, at: byteCount))
    }
    return (state.manifest.regions[Int(region)], state.placement.areas[Int(region)])
  }

  private mutating func beginPlaced(_ region: UInt32) throws(StreamError) {
    try beginStage()
    placedPieces.removeAll()
    try staged.append(integer: region)
    try staged.append(integer: state.pass)
    // The count follows when it is known.
    try staged.append(integer: UInt64(0))
  }

  private mutating func stagePlaced(
    _ region: UInt32, _ entry: RegionEntry, _ area: RegionArea, offset: UInt64, octets: RawSpan
  ) throws(StreamError) {
    try beginPlaced(region)
    let granule = Int(area.granuleByteCount)
    var start = 0
    while start < octets.byteCount {
      let end = start + min(granule, octets.byteCount - start)
      let content = octets.extracting(start..<end)
      if !entry.isOpaque, content.isZero {
        let runEnd = Self.endOfZeroGranules(octets, from: end, granule: granule)
        try appendPlaced(
          Extent(offset: offset &+ UInt64(start), length: UInt64(runEnd - start), kind: .zero), area, digest: 0,
          start: start)
        start = runEnd
      } else {
        try appendPlaced(
          Extent(offset: offset &+ UInt64(start), length: UInt64(end - start), kind: .data), area,
          digest: Digest.xxh3(content), start: start)
        start = end
      }
    }
  }

  /// The end of the run of zero granules that goes on at `start`.
  private static func endOfZeroGranules(_ octets: RawSpan, from start: Int, granule: Int) -> Int {
    var end = start
    while end < octets.byteCount {
      let next = end + min(granule, octets.byteCount - end)
      guard octets.extracting(end..<next).isZero else { break }
      end = next
    }
    return end
  }

  private mutating func appendPlaced(
    _ extent: Extent, _ area: RegionArea, digest: UInt64, start: Int
  ) throws(StreamError) {
    let fileOffset = area.fileOffset &+ extent.offset
    try staged.append(integer: extent.offset)
    try staged.append(integer: extent.kindAndLength)
    try staged.append(integer: extent.kind == .data ? fileOffset : 0)
    try staged.append(integer: digest)
    let last = placedPieces.count - 1
    if last >= 0, placedPieces[last].kind == extent.kind {
      // Granules of one call lie one behind the other, in the file as in memory.
      placedPieces[last].byteCount &+= extent.length
    } else {
      try placedPieces.append(
        PlacedPiece(fileOffset: fileOffset, byteCount: extent.length, kind: extent.kind, start: start))
    }
  }

  private mutating func sealPlaced(_ entry: RegionEntry) throws(StreamError) {
    let body = staged.count - RecordHeader.byteCount
    let extents = (body - PlacedMemoryHead.byteCount) / PlacedMemoryHead.extentByteCount
    staged.set(UInt32(clamping: extents), at: RecordHeader.byteCount + 8)
    let mark = entry.owner == Format.none32 ? Mark.required : state.manifest.devices[Int(entry.owner)].mark
    try seal(.placedMemory, flags: mark.rawValue, device: entry.owner)
  }

  @_lifetime(&self, copy source)
  private mutating func placedChunk(_ source: RawSpan) -> PlacedChunk {
    PlacedChunk(
      record: GatherList(head: staged.bytes, source: RawSpan(), pieces: pieces.span, tail: RawSpan()),
      source: source, pieces: placedPieces.span)
  }

  @_lifetime(&self)
  private mutating func placedBounce() -> PlacedChunk {
    PlacedChunk(
      record: GatherList(head: staged.bytes, source: RawSpan(), pieces: pieces.span, tail: RawSpan()),
      source: bounce.bytes, pieces: placedPieces.span)
  }
}
