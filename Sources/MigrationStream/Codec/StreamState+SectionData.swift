extension StreamState {
  /// Walks the data of a section and of its subsections by their layouts.
  func checkSection(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, subsections: RawSpan, subsectionCount: UInt16,
    of device: DeviceEntry
  ) throws(StreamError) {
    let reader = SubsectionReader(
      subsections, at: offset &+ UInt64(data.byteCount),
      leading: SectionHead.byteCount + data.byteCount, count: subsectionCount,
      numAnnounced: UInt16(device.subsectionCount), limits: limits)
    try checkPart(data, at: offset, layout: layout, subsections: reader)
  }

  /// The reader counts the levels, at most 8.
  private func checkPart(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, subsections: SubsectionReader
  ) throws(StreamError) {
    try SectionWalker(data, at: offset, layouts: layouts.table, limits: limits)
      .check(layout: layout, subsections: subsections)
    var rest = subsections
    while let subsection = try rest.next() {
      guard subsection.layout < layoutCount else {
        throw StreamError(
          .unknownLayout, .section, at: subsection.offset &+ 8, expected: UInt64(layoutCount),
          found: UInt64(subsection.layout))
      }
      try checkPart(
        subsection.data, at: subsection.dataOffset, layout: subsection.layout,
        subsections: rest.inside(subsection))
    }
  }
}
