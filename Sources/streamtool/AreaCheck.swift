import MigrationStream
import StreamIO
import StreamReport

extension InputFile {
  /// Whether the first octets or the last ones say that this is an image, or a stream with an index: a reader then
  /// collects what memory finally holds. Nothing is trusted: it is a matter of what is kept.
  var wantsContent: Bool {
    isImage || hasPreamble && (piece.integer(at: 20, as: UInt32.self) & OptionalFlags.indexed != 0 || endNamesIndex)
  }

  private var endNamesIndex: Bool {
    let length = StreamOverview<ToolWriter>.endByteCount
    var octets = OwnedBytes()
    guard let size, size > UInt64(length), (try? read(at: size - UInt64(length), count: length, into: &octets)) != nil
    else { return false }
    return octets.count == length && octets.bytes.integer(at: 0, as: UInt32.self) == Format.sync
      && octets.bytes.integer(at: RecordHeader.byteCount, as: UInt64.self) != 0
  }

  /// Whether the first octets say that this is an image.
  var isImage: Bool { hasPreamble && piece.integer(at: 14, as: UInt16.self) == Profile.image.rawValue }

  private var hasPreamble: Bool {
    piece.byteCount >= Preamble.byteCount && pieceOffset == 0 && piece.integer(at: 0, as: UInt64.self) == Format.magic
  }
}

/// Compares the octets in the areas of an image with what its records say of them; does nothing for a stream.
///
/// Where the file has holes nothing is read, so that the time follows what is really there.
///
/// - Parameter state: Of a decoder that has collected the content and read END.
/// - Returns: What is wrong; nil when nothing is.
func checkAreas(
  of input: borrowing InputFile, _ state: borrowing StreamState, showing work: String? = nil
) throws(IOFailure) -> StreamError? {
  guard state.preamble.profile == .image else { return nil }
  var progress = ProgressLine(work, of: state.placement.recordsOffset)
  do {
    var checker = try AreaChecker()
    var octets = OwnedBytes()
    while let piece = try checker.next(in: state) {
      try check(piece, of: input, &checker, &octets)
      progress.show(piece.fileOffset)
    }
  } catch let refusal as StreamError {
    return refusal
  } catch {
    throw error as? IOFailure ?? IOFailure("read", input.name, .outOfMemory)
  }
  return nil
}

private func check(
  _ piece: AreaPiece, of input: borrowing InputFile, _ checker: inout AreaChecker, _ octets: inout OwnedBytes
) throws {
  let end = piece.fileOffset + piece.byteCount
  while checker.remaining > 0 {
    var offset = end - checker.remaining
    var there = end
    if piece.kind != .data {
      let data = min(end, try input.data(from: offset))
      try checker.skip(data - offset)
      if data == end { return }
      offset = data
      there = min(end, try input.hole(from: data))
    }
    // A file system may call a place data and a hole; then it is read.
    let count = min(UInt64(InputFile.pieceByteCount), max(there, offset + 1) - offset)
    try input.read(at: offset, count: Int(count), into: &octets)
    guard octets.count == Int(count) else {
      throw IOFailure("read", input.name, .shrank(from: input.size ?? 0, to: offset + UInt64(octets.count)))
    }
    try checker.take(octets.bytes)
  }
}
