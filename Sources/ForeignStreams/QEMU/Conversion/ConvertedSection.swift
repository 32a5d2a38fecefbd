import MigrationStream

/// The data and subsections of one section, made whole before its record is.
struct ConvertedSection: ~Copyable {
  private var writer: ConvertedDataWriter
  private(set) var data = OwnedBytes()
  private(set) var subsections = OwnedBytes()
  private(set) var subsectionCount: UInt16 = 0
  /// Offsets count from the start of the data; subsections follow it.
  private(set) var runs: [QEMUSourceMap.Run] = []

  init(payload: [UInt8], at offset: UInt64) {
    writer = ConvertedDataWriter(payload: payload, at: offset)
  }

  /// - Throws: ``StreamError`` `limitExceeded` when it does not fit into a record, and what writing the data throws.
  mutating func write(
    _ group: ConvertedGroup, _ announcements: inout SubsectionAnnouncements, layouts: borrowing LayoutStore,
    limits: StreamLimits
  ) throws(StreamError) {
    try writer.write(group, layouts: layouts, to: &data)
    runs = writer.runs
    subsectionCount = try write(
      subsectionsOf: group, &announcements, depth: 0, layouts: layouts, limits: limits)
    let total = UInt64(SectionHead.byteCount) + UInt64(data.count) + UInt64(subsections.count)
    guard total <= limits.recordBodyBytesMax else {
      throw StreamError(.limitExceeded, .use, at: 0, expected: limits.recordBodyBytesMax, found: total)
    }
  }

  /// - Returns: How many direct subsections there are.
  private mutating func write(
    subsectionsOf group: ConvertedGroup, _ announcements: inout SubsectionAnnouncements, depth: UInt32,
    layouts: borrowing LayoutStore, limits: StreamLimits
  ) throws(StreamError) -> UInt16 {
    guard let placed = announcements.place(in: group), placed.isEmpty || depth < limits.nestingMax else {
      throw StreamError(.limitExceeded, .use, at: 0, expected: UInt64(limits.nestingMax), found: UInt64(depth) + 1)
    }
    for one in placed { try write(one, &announcements, depth: depth, layouts: layouts, limits: limits) }
    return UInt16(placed.count)
  }

  private mutating func write(
    _ placed: PlacedSubsection, _ announcements: inout SubsectionAnnouncements, depth: UInt32,
    layouts: borrowing LayoutStore, limits: StreamLimits
  ) throws(StreamError) {
    let start = subsections.count
    let group = placed.subsection.group
    try subsections.append(integer: UInt32(0))
    try subsections.append(integer: placed.number)
    try subsections.append(integer: UInt16(0))
    try subsections.append(integer: group.layout)
    try subsections.append(integer: UInt16(clamping: placed.target.count))
    try subsections.append(integer: UInt16(0))
    try subsections.append(integer: UInt64(0))
    for step in placed.target {
      try subsections.append(integer: step.field)
      try subsections.append(integer: step.element)
    }
    let dataStart = subsections.count
    try writer.write(group, layouts: layouts, to: &subsections)
    for run in writer.runs {
      var run = run
      run.convertedOffset += UInt64(data.count + dataStart)
      runs.append(run)
    }
    subsections.set(UInt64(subsections.count - dataStart), at: start + 16)
    let nested = try write(
      subsectionsOf: group, &announcements, depth: depth + 1, layouts: layouts, limits: limits)
    subsections.set(nested, at: start + 6)
    guard let length = UInt32(exactly: subsections.count - start) else {
      throw StreamError(
        .limitExceeded, .use, at: 0, expected: UInt64(UInt32.max), found: UInt64(subsections.count - start))
    }
    subsections.set(length, at: start)
  }
}
