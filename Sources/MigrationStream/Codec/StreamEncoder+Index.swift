/// INDEX_PAGE and INDEX, for both profiles, by an encoder that was made with `indexes`.
///
///     ... memory(), section() | indexPage() until nil | index() | end()
///
/// Source: Specs/30-channels-passes-images.md section 4.
extension StreamEncoder {
  /// Extents of one page: 64 KiB.
  static var pageExtents: Int { 2048 }

  /// The next page of the final content; nil when all of it has been listed. No other record may come after the first.
  ///
  /// - Throws: `limitExceeded` when the final content has more than `limits.finalExtentsMax` extents.
  @_lifetime(&self)
  public mutating func indexPage() throws(StreamError) -> GatherList? {
    try checkIndexes()
    do throws(StreamError) {
      try state.content.settle(limit: state.limits.finalExtentsMax, at: byteCount)
      guard state.places.pagedExtentCount < state.content.count else { return nil }
      try stagePage(from: state.places.pagedExtentCount)
      try seal(.indexPage)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  private mutating func stagePage(from first: Int) throws(StreamError) {
    let region = state.content[first].region
    var end = first
    while end < state.content.count, end - first < Self.pageExtents, state.content[end].region == region { end += 1 }
    try beginStage()
    try staged.append(integer: region)
    try staged.append(integer: UInt32(end - first))
    try staged.append(integer: UInt64(0))
    for index in first..<end {
      let extent = state.content[index]
      try staged.append(integer: extent.offset)
      try staged.append(integer: extent.kindAndLength)
      try staged.append(integer: state.dataOffset(of: extent))
      try staged.append(integer: extent.recordOffset)
    }
  }

  /// The INDEX, after all pages; only ``end()`` may follow.
  ///
  /// - Throws: `badIndex` when pages are missing.
  @_lifetime(&self)
  public mutating func index() throws(StreamError) -> GatherList {
    try checkIndexes()
    do throws(StreamError) {
      try stageIndex()
      try seal(.index)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  private mutating func stageIndex() throws(StreamError) {
    let byteStrings = state.byteStringEntryCount
    try beginStage()
    try staged.append(integer: UInt32(clamping: state.places.layouts.count))
    try staged.append(integer: UInt32(clamping: state.places.sections.count))
    try staged.append(integer: UInt32(clamping: state.places.pages.count))
    try staged.append(integer: UInt32(clamping: byteStrings))
    try staged.append(integer: UInt64(Preamble.byteCount))
    try staged.append(integer: UInt64(0))
    for index in 0..<state.places.layouts.count { try state.places.layouts[index].append(to: &staged) }
    for device in 0..<state.manifest.devices.count {
      for section in 0..<state.manifest.devices[device].sectionCount {
        try state.sectionEntry(device, section).append(to: &staged)
      }
    }
    for index in 0..<state.places.pages.count { try state.places.pages[index].append(to: &staged) }
    for device in 0..<state.byteStrings.count where state.byteStrings[device].hasBegun {
      try state.byteStringEntry(device).append(to: &staged)
    }
  }

  private mutating func checkIndexes() throws(StreamError) {
    try checkUsable()
    guard state.options.collectsContent else { throw StreamError(.wrongCall, .use, at: byteCount) }
  }
}
