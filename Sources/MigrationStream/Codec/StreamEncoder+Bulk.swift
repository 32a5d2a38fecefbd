/// MEMORY and BYTES.
extension StreamEncoder {
  /// A chunk of addressed memory; runs of zero pages become extents without octets.
  ///
  /// The whole is digested first. That brings it into the cache, where asking each page whether it is zero costs one
  /// load; when none is, the digest is the payload's, and looking for zeros has cost nothing.
  ///
  /// - Parameters:
  ///   - offset: Octets from the start of the region to the first octet.
  ///   - octets: At most `limits.payloadBytesMax`; ``Format/chunkByteCount`` is the usual size.
  ///   - compresses: Stores the data as a zstd frame when that is shorter; never for opaque regions.
  @_lifetime(&self, copy octets)
  public mutating func memory(
    region: UInt32, offset: UInt64, octets: RawSpan, source: PayloadSource = .stable,
    compresses: Bool = false
  ) throws(StreamError) -> GatherList {
    try checkUsable()
    guard region < UInt32(state.manifest.regions.count) else {
      throw poisoned(StreamError(.unknownRegion, .use, at: byteCount, found: UInt64(region)))
    }
    let entry = state.manifest.regions[Int(region)]
    do throws(StreamError) {
      if source == .live {
        var copy = try takeBounce(octets)
        try stageMemory(region, entry, offset: offset, octets: copy.bytes, compresses: compresses)
        swap(&bounce, &copy)
      } else {
        try stageMemory(region, entry, offset: offset, octets: octets, compresses: compresses)
      }
    } catch let refusal {
      throw poisoned(refusal)
    }
    if frame.count > 0 { return gatheredFrame() }
    if source == .live { return gatheredBounce() }
    return gathered(octets)
  }

  /// Tells that a run of memory reads as zero, whatever was sent before.
  ///
  /// - Parameter kind: ``ExtentKind/zero`` or ``ExtentKind/discard``.
  @_lifetime(&self)
  public mutating func memory(
    region: UInt32, offset: UInt64, length: UInt64, kind: ExtentKind
  ) throws(StreamError) -> GatherList {
    try checkUsable()
    guard region < UInt32(state.manifest.regions.count), kind != .data else {
      throw poisoned(StreamError(.unknownRegion, .use, at: byteCount, found: UInt64(region)))
    }
    let entry = state.manifest.regions[Int(region)]
    do throws(StreamError) {
      try beginStage()
      try stageMemoryHead(region)
      try appendExtent(Extent(offset: offset, length: length, kind: kind))
      try sealMemory(entry, dataByteCount: 0, octets: RawSpan(), digest: nil, compresses: false)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  /// A chunk whose extents the caller has chosen; nothing is looked at for zeros.
  ///
  /// ```
  ///  octets: base |.....DDDDDD..........DDD...| base + byteCount      the data of an extent lies at
  ///  extents:          [data][zero ]    [data]     [discard]          its own offset, less base
  /// ```
  ///
  /// - Parameters:
  ///   - extents: One or more, ascending, without overlap, inside the region.
  ///   - octets: Stable memory that holds the region from `base` on; only the octets of data extents are used.
  ///   - base: Octets from the start of the region to the first of `octets`.
  ///   - compresses: Stores the data as a zstd frame when that is shorter; never for opaque regions.
  /// - Throws: ``StreamError``; `badExtent`, with the extent's offset in `found`, also for data outside `octets`.
  @_lifetime(&self, copy octets)
  public mutating func memory(
    region: UInt32, extents: Span<Extent>, octets: RawSpan, base: UInt64, compresses: Bool = false
  ) throws(StreamError) -> GatherList {
    try checkUsable()
    guard region < UInt32(state.manifest.regions.count) else {
      throw poisoned(StreamError(.unknownRegion, .use, at: byteCount, found: UInt64(region)))
    }
    let entry = state.manifest.regions[Int(region)]
    try beginStage()
    frame.removeAll()
    try stageMemoryHead(region)
    let dataByteCount = try stageExtents(extents, entry, base: base, room: UInt64(octets.byteCount))
    try sealMemory(
      entry, dataByteCount: dataByteCount, octets: octets, digest: nil, compresses: compresses && !entry.isOpaque)
    if frame.count > 0 { return gatheredFrame() }
    return gathered(octets)
  }

  /// Octets of a device's byte string, after those sent before.
  ///
  /// - Parameter flags: ``RecordFlags`` of BYTES.
  @_lifetime(&self, copy octets)
  public mutating func bytes(
    device: UInt32, octets: RawSpan, flags: UInt16, source: PayloadSource = .stable,
    compresses: Bool = false
  ) throws(StreamError) -> GatherList {
    try checkUsable()
    guard device < UInt32(state.manifest.devices.count) else {
      throw poisoned(StreamError(.unknownDevice, .use, at: byteCount, found: UInt64(device)))
    }
    do throws(StreamError) {
      if source == .live {
        var copy = try takeBounce(octets)
        try stageBytes(device, octets: copy.bytes, flags: flags, compresses: compresses)
        swap(&bounce, &copy)
      } else {
        try stageBytes(device, octets: octets, flags: flags, compresses: compresses)
      }
    } catch let refusal {
      throw poisoned(refusal)
    }
    if frame.count > 0 { return gatheredFrame() }
    if source == .live { return gatheredBounce() }
    return gathered(octets)
  }

  // MARK: Memory

  private mutating func stageMemoryHead(_ region: UInt32) throws(StreamError) {
    try staged.append(integer: region)
    try staged.append(integer: state.pass)
    // Count, encoding, octets and digest follow when they are known.
    try staged.append(repeating: 0, count: 24)
  }

  private mutating func appendExtent(_ extent: Extent) throws(StreamError) {
    try staged.append(integer: extent.offset)
    try staged.append(integer: extent.kindAndLength)
  }

  /// Extents as they are to be written, and where the data of each lies; returns the octets of data.
  private mutating func stageExtents(
    _ extents: Span<Extent>, _ entry: RegionEntry, base: UInt64, room: UInt64
  ) throws(StreamError) -> Int {
    var previousEnd: UInt64 = 0
    var dataByteCount = 0
    for index in extents.indices {
      let extent = extents[index]
      guard extent.offset >= previousEnd, extent.offset <= entry.byteCount,
        extent.length <= entry.byteCount &- extent.offset
      else { throw poisoned(StreamError(.badExtent, .use, at: byteCount, found: extent.offset)) }
      previousEnd = extent.offset &+ extent.length
      try appendExtent(extent)
      guard extent.kind == .data else { continue }
      guard extent.offset >= base, previousEnd &- base <= room else {
        throw poisoned(StreamError(.badExtent, .use, at: byteCount, found: extent.offset))
      }
      try pieces.append(SourceRange(start: Int(extent.offset &- base), count: Int(extent.length)))
      // They do not overlap, so their sum is at most the octets of the caller's memory.
      dataByteCount += Int(extent.length)
    }
    return dataByteCount
  }

  private mutating func stageMemory(
    _ region: UInt32, _ entry: RegionEntry, offset: UInt64, octets: RawSpan, compresses: Bool
  ) throws(StreamError) {
    try beginStage()
    frame.removeAll()
    try stageMemoryHead(region)
    let wholeDigest = Digest.xxh3(octets)
    var dataByteCount = 0
    var start = 0
    while start < octets.byteCount {
      let (end, kind) = Self.run(octets, from: start, entry)
      try appendExtent(
        Extent(offset: offset &+ UInt64(start), length: UInt64(end - start), kind: kind))
      if kind == .data {
        try pieces.append(SourceRange(start: start, count: end - start))
        dataByteCount += end - start
      }
      start = end
    }
    try sealMemory(
      entry, dataByteCount: dataByteCount, octets: octets,
      digest: dataByteCount == octets.byteCount ? wholeDigest : nil,
      compresses: compresses && !entry.isOpaque)
  }

  /// The longest run of pages from `start` on that are all zero, or all not.
  private static func run(
    _ octets: RawSpan, from start: Int, _ entry: RegionEntry
  ) -> (end: Int, kind: ExtentKind) {
    if entry.isOpaque { return (octets.byteCount, .data) }
    let page = Int(clamping: min(max(entry.pageByteCount, 64), 1 << 30))
    var end = octets.endOfPlainData(from: start, pageByteCount: page)
    var kind = ExtentKind.data
    while end < octets.byteCount {
      let next = min(end + page, octets.byteCount)
      let pageKind: ExtentKind = octets.extracting(end..<next).isZero ? .zero : .data
      if end == start { kind = pageKind }
      guard pageKind == kind else { break }
      end = next
    }
    return (end, kind)
  }

  private mutating func sealMemory(
    _ entry: RegionEntry, dataByteCount: Int, octets: RawSpan, digest: UInt64?, compresses: Bool
  ) throws(StreamError) {
    let body = RecordHeader.byteCount
    let extents = (staged.count - body - MemoryHead.byteCount) / Extent.byteCount
    staged.set(UInt32(clamping: extents), at: body + 8)
    staged.set(UInt64(dataByteCount), at: body + 16)
    let mark =
      entry.owner == Format.none32
      ? Mark.required : state.manifest.devices[Int(entry.owner)].mark
    try sealPayload(
      .memory, flags: mark.rawValue, device: entry.owner, octets: octets,
      plainByteCount: dataByteCount, digest: digest, compresses: compresses)
  }

  // MARK: Byte strings

  private mutating func stageBytes(
    _ device: UInt32, octets: RawSpan, flags: UInt16, compresses: Bool
  ) throws(StreamError) {
    let mark = state.manifest.devices[Int(device)].mark
    try beginStage()
    frame.removeAll()
    try staged.append(integer: state.byteStrings[Int(device)].byteCount)
    try staged.append(integer: state.pass)
    try staged.append(integer: UInt32(0))
    try staged.append(integer: UInt64(octets.byteCount))
    try staged.append(integer: UInt64(0))
    if octets.byteCount > 0 { try pieces.append(SourceRange(start: 0, count: octets.byteCount)) }
    try sealPayload(
      .bytes, flags: mark.rawValue | flags, device: device, octets: octets,
      plainByteCount: octets.byteCount, digest: nil, compresses: compresses)
  }

  // MARK: Payloads

  /// Digests the pieces, or the frame they are compressed to, and seals the record.
  ///
  /// In both bodies the encoding is octet 12, the plain digest stands at octet 24.
  ///
  /// - Parameter digest: Of the plain payload, where it is known.
  private mutating func sealPayload(
    _ kind: RecordKind, flags: UInt16, device: UInt32, octets: RawSpan, plainByteCount: Int,
    digest: UInt64?, compresses: Bool
  ) throws(StreamError) {
    var payloadByteCount = plainByteCount
    var payloadDigest = Digest.ofNothing
    if compresses, plainByteCount > 0, UInt64(plainByteCount) <= state.limits.zstdPlainBytesMax {
      try compressPieces(of: octets)
    }
    if frame.count > 0, frame.count < plainByteCount {
      let plainDigest = digest ?? digestOfPieces(octets)
      staged[RecordHeader.byteCount + 12] = 1
      staged.set(plainDigest, at: RecordHeader.byteCount + 24)
      payloadByteCount = frame.count
      payloadDigest = Digest.xxh3(frame.bytes)
      pieces.removeAll()
      try pieces.append(SourceRange(start: 0, count: payloadByteCount))
    } else {
      frame.removeAll()
      if plainByteCount > 0 { payloadDigest = digest ?? digestOfPieces(octets) }
    }
    try seal(
      kind, flags: flags, device: device, payloadByteCount: UInt64(payloadByteCount),
      payloadDigest: payloadDigest)
  }

  private mutating func digestOfPieces(_ octets: RawSpan) -> UInt64 {
    if pieces.count == 1 {
      let piece = pieces[0]
      return Digest.xxh3(octets.extracting(piece.start..<(piece.start + piece.count)))
    }
    digest.reset()
    for index in 0..<pieces.count {
      let piece = pieces[index]
      digest.update(octets.extracting(piece.start..<(piece.start + piece.count)))
    }
    return digest.value
  }

  private mutating func compressPieces(of octets: RawSpan) throws(StreamError) {
    if pieces.count == 1 {
      let piece = pieces[0]
      return try compress(octets.extracting(piece.start..<(piece.start + piece.count)))
    }
    var together = OwnedBytes(allocator: staged.allocator)
    for index in 0..<pieces.count {
      let piece = pieces[index]
      try together.append(octets.extracting(piece.start..<(piece.start + piece.count)))
    }
    try compress(together.bytes)
  }

  /// Copies live octets; the copy is taken out of self, since a span of a member would bar all of it.
  mutating func takeBounce(_ octets: RawSpan) throws(StreamError) -> OwnedBytes {
    var copy = OwnedBytes(allocator: staged.allocator)
    swap(&bounce, &copy)
    copy.removeAll()
    try copy.append(octets)
    return copy
  }
}
