extension StreamState {
  /// Walks the data of a section and of its subsections by their layouts.
  func checkSection(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, subsections: RawSpan, subsectionCount: UInt16,
    of device: DeviceEntry
  ) throws(StreamError) {
    try SectionWalker(data, at: offset, layouts: layouts.table, limits: limits).check(layout: layout)
  }
}
