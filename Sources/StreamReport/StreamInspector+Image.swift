internal import MigrationStream

/// PLACEMENT, PLACED_MEMORY, INDEX_PAGE and INDEX bodies, which the decoder has checked.
///
/// Source: Specs/30-channels-passes-images.md sections 3 and 4.
extension StreamInspector {
  mutating func writePlacement(_ reader: inout ByteReader) throws(StreamError) {
    let count = try framing("num_areas", 4, &reader)
    try reserved(4, &reader)
    try number("ofs_records", 8, &reader, radix: 16)
    for index in 0..<count {
      filter.begin(ReportNode("areas[\(index)]", at: reader.offset, length: 24, type: "area"))
      try number("file_offset", 8, &reader, radix: 16)
      try number("granule", 8, &reader) { ReportText.rounded($0) }
      try reserved(8, &reader)
      filter.end()
    }
  }

  mutating func writePlacedMemory(_ reader: inout ByteReader) throws(StreamError) {
    try framing("region", 4, &reader)
    try framing("pass", 4, &reader)
    let count = try framing("num_extents", 4, &reader)
    try reserved(4, &reader)
    for index in 0..<count {
      try writeWideExtent(index, &reader, words: ("file_offset", "digest"))
    }
  }

  mutating func writeIndexPage(_ reader: inout ByteReader) throws(StreamError) {
    try number("region", 4, &reader)
    let count = try framing("num_extents", 4, &reader)
    try reserved(8, &reader)
    for index in 0..<count {
      try writeWideExtent(index, &reader, words: ("data_offset", "record_offset"))
    }
  }

  /// The extent, then two words that belong to it.
  private mutating func writeWideExtent(
    _ index: Int, _ reader: inout ByteReader, words: (String, String)
  ) throws(StreamError) {
    filter.begin(ReportNode("extents[\(index)]", at: reader.offset, length: 32, type: "placed"))
    try writeExtent("extent", &reader)
    try number(words.0, 8, &reader, radix: 16)
    try number(words.1, 8, &reader, radix: 16)
    filter.end()
  }

  mutating func writeIndex(_ reader: inout ByteReader) throws(StreamError) {
    let layouts = try number("num_layouts", 4, &reader)
    let sections = try number("num_sections", 4, &reader)
    let pages = try number("num_pages", 4, &reader)
    let byteStrings = try number("num_byte_strings", 4, &reader)
    try number("ofs_manifest", 8, &reader)
    try reserved(8, &reader)
    for index in 0..<layouts {
      filter.begin(ReportNode("layouts[\(index)]", at: reader.offset, length: 16, type: "place"))
      try writePlace(&reader)
      filter.end()
    }
    for index in 0..<sections {
      filter.begin(ReportNode("sections[\(index)]", at: reader.offset, length: 24, type: "place"))
      try number("device", 4, &reader)
      try number("section", 2, &reader)
      try reserved(2, &reader)
      try writePlace(&reader)
      filter.end()
    }
    for index in 0..<pages {
      filter.begin(ReportNode("pages[\(index)]", at: reader.offset, length: 40, type: "page"))
      try number("region", 4, &reader)
      try number("num_extents", 4, &reader)
      try number("first", 8, &reader, radix: 16)
      try number("end", 8, &reader, radix: 16)
      try writePlace(&reader)
      filter.end()
    }
    for index in 0..<byteStrings {
      filter.begin(ReportNode("byte_strings[\(index)]", at: reader.offset, length: 24, type: "byteString"))
      try number("device", 4, &reader)
      try number("num_records", 4, &reader)
      try number("first_record", 8, &reader, radix: 16)
      try number("octets", 8, &reader)
      filter.end()
    }
  }

  private mutating func writePlace(_ reader: inout ByteReader) throws(StreamError) {
    try number("offset", 8, &reader, radix: 16)
    try number("octets", 8, &reader)
  }
}
