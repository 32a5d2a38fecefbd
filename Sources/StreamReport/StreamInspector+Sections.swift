internal import MigrationStream

/// SECTION bodies.
///
/// Source: Specs/10-stream-format.md section 6.
extension StreamInspector {
  mutating func writeSection(
    _ reader: inout ByteReader, _ header: RecordHeader, _ state: borrowing StreamState
  ) throws(StreamError) {
    try framing("section", 2, &reader)
    let count = try framing("num_subsections", 2, &reader)
    let layout = UInt32(try number("layout", 4, &reader))
    try framing("pass", 4, &reader)
    try reserved(4, &reader)
    let dataByteCount = try framing("len_data", 8, &reader)
    let offset = reader.offset
    let data = try reader.take(dataByteCount)
    try writeData(data, at: offset, layout: layout, state)
    _ = count
  }

  /// The data of a section or subsection, by its layout.
  mutating func writeData(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, _ state: borrowing StreamState
  ) throws(StreamError) {
    let table = state.layouts.table
    guard table.contains(layout), !table.isExternal(layout) else {
      var reader = ByteReader(data, at: offset, stage: .section)
      return try writeOctets("data", &reader)
    }
    let walker = SectionWalker(data, at: offset, layouts: table, limits: state.limits)
    try walker.walk(layout: layout, visitor: &self)
  }
}
