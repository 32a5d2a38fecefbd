import MigrationStream
import StreamIO

/// Puts octets of memory regions together and cuts them into MEMORY records where chunks end.
///
/// ```
/// var done = 0
/// while done < length {
///   let count = try cutter.begin(region, at: offset + done, length: length - done, &encoder, &target)
///   ... append count octets to cutter.octets ...
///   done += count
///   try cutter.end(&encoder, &target)
/// }
/// ```
struct ChunkCutter: ~Copyable {
  /// Octets of a chunk at most; chunks end at multiples of it.
  let chunkByteCount: UInt64
  let compresses: Bool
  /// What the chunk at hand holds so far.
  var octets = OwnedBytes()
  private var region: UInt32 = 0
  private var offset: UInt64 = 0

  init(chunkByteCount: Int, compresses: Bool) {
    self.chunkByteCount = UInt64(chunkByteCount)
    self.compresses = compresses
  }

  /// Writes the chunk at hand unless octets at this place go on in it.
  ///
  /// - Returns: How many of `length` octets belong to it.
  mutating func begin(
    _ region: UInt32, at place: UInt64, length: UInt64, _ encoder: inout StreamEncoder, _ target: inout AtomicOutputFile
  ) throws(StreamError) -> Int {
    if octets.count > 0, region != self.region || place != end { try flush(&encoder, &target) }
    if octets.count == 0 { (self.region, offset) = (region, place) }
    return Int(min(length, chunkByteCount - place % chunkByteCount))
  }

  /// Writes the chunk if it is full.
  mutating func end(_ encoder: inout StreamEncoder, _ target: inout AtomicOutputFile) throws(StreamError) {
    if end % chunkByteCount == 0 { try flush(&encoder, &target) }
  }

  mutating func flush(_ encoder: inout StreamEncoder, _ target: inout AtomicOutputFile) throws(StreamError) {
    guard octets.count > 0 else { return }
    try target.memory(&encoder, region: region, offset: offset, octets: octets, compresses: compresses)
    octets.removeAll()
  }

  private var end: UInt64 { offset + UInt64(octets.count) }
}
