import MigrationStream

/// zstd frames of a stream under change.
enum Frames {
  /// Octets that a frame may hold, as the format limits them.
  static let plainMax = StreamLimits().zstdPlainBytesMax

  /// What a right frame holds; nil for any other, and for one that holds too much.
  static func plain(_ octets: [UInt8], _ frame: Range<Int>, _ count: UInt64) -> [UInt8]? {
    guard !frame.isEmpty, count <= plainMax else { return nil }
    do throws(StreamError) {
      var decompressor = try ZstdDecompressor()
      var target = OwnedBytes()
      try decompressor.decompress(
        octets.span.octets.extracting(frame), plainByteCount: count, plainMax: plainMax, windowMax: 1 << 22, at: 0,
        stage: .bulk, into: &target)
      return array(target)
    } catch { return nil }
  }

  /// One frame that holds `plain`; nil without memory.
  static func frame(_ plain: [UInt8]) -> [UInt8]? {
    do throws(StreamError) {
      var compressor = try ZstdCompressor(level: 1)
      var target = OwnedBytes()
      try compressor.compress(plain.span.octets, into: &target)
      return array(target)
    } catch { return nil }
  }

  private static func array(_ owned: borrowing OwnedBytes) -> [UInt8] {
    let octets = owned.bytes
    return (0..<octets.byteCount).map { octets.octet(at: $0) }
  }
}
