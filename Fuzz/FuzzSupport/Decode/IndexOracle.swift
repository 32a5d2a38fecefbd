import MigrationStream

/// Reads a stream that was accepted, content and all, through its index: what the index leads to has to be there.
enum IndexOracle {
  static func check(_ stream: RawSpan) -> FuzzViolation? {
    do throws(StreamError) {
      var reader = IndexReader(fileByteCount: UInt64(stream.byteCount))
      while let wanted = reader.wanted { try reader.supply(octets(wanted, stream)) }
      guard reader.hasIndex else { return nil }
      for number in 0..<reader.layoutCount {
        let range = try reader.range(ofLayout: number)
        try reader.layout(octets(range, stream))
      }
      for device in 0..<reader.state.manifest.devices.count {
        for section in 0..<reader.state.manifest.devices[device].sectionCount {
          let range = try reader.range(ofSection: section, device: UInt32(device))
          _ = try reader.section(octets(range, stream), of: section, device: UInt32(device))
        }
      }
      for page in 0..<reader.pageCount {
        let range = try reader.range(ofPage: page)
        try reader.page(page, octets: octets(range, stream))
        for index in 0..<reader.extentCount { try follow(reader.extent(index), &reader, stream) }
      }
      return nil
    } catch { return FuzzViolation("index", "led to \(DecodeOracle.describe(error))") }
  }

  private static func follow(
    _ extent: IndexedExtent, _ reader: inout IndexReader, _ stream: RawSpan
  ) throws(StreamError) {
    guard extent.extent.kind == .data else { return }
    let record = stream.extracting(droppingFirst: Int(extent.recordOffset))
    var memory = try reader.memory(of: extent, record: record)
    if reader.state.preamble.profile == .image {
      _ = try memory.digest(of: extent)
    } else {
      let range = try memory.range(of: extent)
      _ = memory.plain.extracting(range)
    }
  }

  @_lifetime(copy stream)
  private static func octets(_ range: FileRange, _ stream: RawSpan) -> RawSpan {
    stream.extracting(Int(range.offset)..<Int(range.end))
  }
}
