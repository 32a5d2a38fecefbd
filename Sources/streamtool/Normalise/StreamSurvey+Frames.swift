import MigrationStream
import StreamIO

extension StreamSurvey {
  /// Writes what is final of frames to a temporary file, each frame decompressed once, and makes the runs refer to it.
  ///
  /// - Returns: nil when no run refers to a frame.
  func spoolFrames(
    of runs: inout [MemoryRun], _ input: borrowing InputFile, _ limits: StreamLimits
  ) throws -> InputFile? {
    var places: [(frame: UInt32, position: UInt32, run: Int)] = []
    for (index, run) in runs.enumerated() {
      if case .frame(let frame, let position) = run.source { places.append((frame, position, index)) }
    }
    if places.isEmpty { return nil }
    places.sort { ($0.frame, $0.position) < ($1.frame, $1.position) }
    var writer = try DescriptorWriter.temporary()
    var reader = try FrameReader()
    for place in places {
      try reader.open(frames[Int(place.frame)], input, limits)
      let start = Int(place.position)
      let octets = reader.plain.bytes.extracting(start..<(start + Int(runs[place.run].length)))
      if octets.isZero {
        runs[place.run].source = .zero
      } else {
        runs[place.run].source = .spool(writer.count)
        try writer.write(octets)
      }
    }
    return try InputFile.rereading(writer)
  }
}

/// Decompresses frames of the input, one at a time.
struct FrameReader: ~Copyable {
  private var decompressor: ZstdDecompressor
  /// What the frame that was opened last holds.
  private(set) var plain = OwnedBytes()
  private var offset: UInt64?

  init() throws(StreamError) { decompressor = try ZstdDecompressor() }

  mutating func open(
    _ frame: StreamSurvey.Stored, _ input: borrowing InputFile, _ limits: StreamLimits
  ) throws {
    if offset == frame.offset { return }
    var stored = OwnedBytes()
    try input.read(at: frame.offset, count: Int(frame.byteCount), into: &stored)
    try decompressor.decompress(
      stored.bytes, plainByteCount: frame.plainByteCount, plainMax: limits.zstdPlainBytesMax,
      windowMax: limits.zstdWindowBytesMax, at: frame.offset, stage: .bulk, into: &plain)
    offset = frame.offset
  }
}
