import MigrationStream

/// zstd frames of a stream under change.
enum Frames {
  /// Octets of a frame that is changed: mutated frames shall not cost more than others.
  static let plainMax: UInt64 = 1 << 20

  /// What a right frame holds; nil for any other, and for one that holds too much.
  static func plain(_ octets: [UInt8], _ frame: Range<Int>, _ count: UInt64) -> [UInt8]? {
    guard !frame.isEmpty, count <= plainMax else { return nil }
    do throws(StreamError) {
      var target = OwnedBytes()
      try decompress(octets, frame, count, into: &target)
      return array(target)
    } catch { return nil }
  }

  /// The digest of what a right frame holds; nil for any other.
  static func plainDigest(_ octets: [UInt8], _ frame: Range<Int>, _ count: UInt64) -> UInt64? {
    guard !frame.isEmpty else { return nil }
    do throws(StreamError) {
      var target = OwnedBytes()
      try decompress(octets, frame, count, into: &target)
      return Digest.xxh3(target.bytes)
    } catch { return nil }
  }

  private static func decompress(
    _ octets: [UInt8], _ frame: Range<Int>, _ count: UInt64, into target: inout OwnedBytes
  ) throws(StreamError) {
    let limits = StreamLimits()
    var decompressor = try ZstdDecompressor()
    try decompressor.decompress(
      octets.span.octets.extracting(frame), plainByteCount: count, plainMax: limits.zstdPlainBytesMax,
      windowMax: limits.zstdWindowBytesMax, at: 0, stage: .bulk, into: &target)
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
