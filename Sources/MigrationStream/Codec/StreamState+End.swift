/// ABORT and END.
extension StreamState {
  mutating func takeAbort(_ body: RawSpan, at start: UInt64) throws(StreamError) {
    var reader = ByteReader(body, at: start, stage: .end)
    abortReason = UInt64(try reader.u32())
    let textCount = Int(try reader.u16())
    try reader.reserved(2)
    _ = try reader.text(textCount, max: limits.textBytesMax)
    try reader.padding()
    try reader.finish()
  }

  mutating func takeEnd(
    _ body: RawSpan, at start: UInt64, recordOffset: UInt64
  ) throws(StreamError) {
    try Self.check(body, byteCount: EndBody.byteCount, at: start)
    if let missing = missingSection() {
      throw StreamError(
        .missingSection, .end, at: recordOffset,
        expected: UInt64(missing.device) << 32 | UInt64(missing.section))
    }
    try checkByteStrings(at: recordOffset)
    if options.collectsContent { try content.settle(limit: limits.finalExtentsMax, at: recordOffset) }
    var reader = ByteReader(body, at: start, stage: .end)
    let index = try reader.u64()
    guard index == indexOffset else {
      throw reader.refusal(.badValue, back: 8, expected: indexOffset, found: index)
    }
    try Self.match(UInt64(try reader.u32()), UInt64(preamble.channelCount), reader, back: 4)
    try Self.match(UInt64(try reader.u32()), UInt64(pass) + 1, reader, back: 4)
    try Self.match(try reader.u64(), sectionRecordCount, reader, back: 8)
    try reader.reserved(8)
    try matchTotals(&reader)
    if isShared { try takeOtherTotals(&reader, recordOffset: recordOffset) }
    try reader.reserved(reader.remaining)
    phase = .ended
  }

  /// A body of fixed size.
  static func check(_ body: RawSpan, byteCount: Int, at start: UInt64) throws(StreamError) {
    guard body.byteCount >= byteCount else {
      throw StreamError(
        .truncatedData, .end, at: start, expected: UInt64(byteCount), found: UInt64(body.byteCount))
    }
    guard body.byteCount == byteCount else {
      throw StreamError(
        .unexpectedData, .end, at: start &+ UInt64(byteCount), expected: UInt64(body.byteCount),
        found: UInt64(byteCount))
    }
  }

  /// Every byte string that was begun has ended.
  func checkByteStrings(at recordOffset: UInt64) throws(StreamError) {
    for index in 0..<byteStrings.count {
      let device = byteStrings[index]
      if device.hasBegun, !device.hasEnded {
        throw StreamError(.incompleteBytes, .end, at: recordOffset, expected: UInt64(index))
      }
    }
  }

  /// The three totals of this channel, as END and CHANNEL_END have them.
  func matchTotals(_ reader: inout ByteReader) throws(StreamError) {
    try Self.match(try reader.u64(), totals.recordCount, reader, back: 8)
    try Self.match(try reader.u64(), totals.byteCount, reader, back: 8)
    try Self.match(try reader.u64(), totals.chain, reader, back: 8)
  }

  /// What END says against what its stream gave.
  private static func match(
    _ said: UInt64, _ given: UInt64, _ reader: borrowing ByteReader, back: Int
  ) throws(StreamError) {
    guard said == given else {
      throw reader.refusal(.totalsMismatch, back: back, expected: said, found: given)
    }
  }
}
