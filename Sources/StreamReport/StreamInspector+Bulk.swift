internal import MigrationStream

/// MEMORY and BYTES bodies.
///
/// Source: Specs/10-stream-format.md sections 7 and 8.
extension StreamInspector {
  mutating func writeMemory(_ reader: inout ByteReader) throws(StreamError) {
    try framing("region", 4, &reader)
    try framing("pass", 4, &reader)
    let count = try framing("num_extents", 4, &reader)
    try writeEncoding(&reader)
    for index in 0..<count { try writeExtent("extents[\(index)]", &reader) }
  }

  /// Encoding, plain length and plain digest: 20 octets that both kinds of bulk have.
  private mutating func writeEncoding(_ reader: inout ByteReader) throws(StreamError) {
    try framing("encoding", 1, &reader)
    try reserved(3, &reader)
    try framing("len_plain", 8, &reader)
    let offset = reader.offset
    let octets = try reader.take(8)
    guard options.accountsForAll else { return }
    filter.leaf(
      ReportNode(
        "digest_plain", at: offset, length: 8, type: "u64", value: .hex(octets.unsigned(at: 0, width: 8))),
      octets: octets)
  }

  mutating func writeExtent(_ name: String, _ reader: inout ByteReader) throws(StreamError) {
    let offset = reader.offset
    let octets = try reader.take(Extent.byteCount)
    let start = octets.unsigned(at: 0, width: 8)
    let word = octets.unsigned(at: 8, width: 8)
    let kind = ExtentKind(rawValue: UInt8(truncatingIfNeeded: word >> 56)).map { "\($0)" } ?? "unknown"
    filter.leaf(
      ReportNode(
        name, at: offset, length: UInt64(Extent.byteCount), type: "extent",
        value: .list([.hex(start), .unsigned(word & (1 << 56 - 1)), .name(kind)], count: 3)),
      octets: octets)
  }

  mutating func writeBytes(_ reader: inout ByteReader) throws(StreamError) {
    try framing("offset", 8, &reader)
    try framing("pass", 4, &reader)
    try writeEncoding(&reader)
  }
}
