/// What the header of a reverse record must obey, in the order in which it is checked.
///
/// Source: Specs/resume-path.md section 9.2.
struct ReverseHeaderRules {
  var seed: UInt64
  /// Records before this one.
  var recordCount: UInt64
  /// Devices of the stream that is answered.
  var deviceCount: UInt32
  var phase: ReversePhase

  func check(_ words: InlineArray<8, UInt64>, at offset: UInt64) throws(StreamError) {
    func refusal(
      _ code: StreamError.Code, _ field: UInt64, _ expected: UInt64, _ found: UInt64
    ) -> StreamError {
      StreamError(code, .record, at: offset &+ field, expected: expected, found: found)
    }
    let header = RecordHeader(words)
    let sync = UInt32(truncatingIfNeeded: words[0])
    guard sync == Format.sync else { throw refusal(.badSync, 0, UInt64(Format.sync), UInt64(sync)) }
    let digest = Digest.xxh3(header: words, seed: seed)
    guard digest == header.headerDigest else { throw refusal(.digestMismatch, 56, header.headerDigest, digest) }
    guard header.channel == ReverseFormat.channel else {
      throw refusal(.foreignChannel, 8, UInt64(ReverseFormat.channel), UInt64(header.channel))
    }
    guard header.sequence == recordCount else { throw refusal(.badSequence, 16, recordCount, header.sequence) }
    guard let mark = Mark(flags: header.flags) else { throw refusal(.badMark, 6, 1, UInt64(header.flags)) }
    guard header.bodyByteCount <= ReverseFormat.bodyByteCountMax else {
      throw refusal(.limitExceeded, 24, ReverseFormat.bodyByteCountMax, header.bodyByteCount)
    }
    guard header.bodyByteCount & 7 == 0 else {
      throw refusal(.badValue, 24, header.bodyByteCount & ~7, header.bodyByteCount)
    }
    guard header.frontPadding == 0 else { throw refusal(.badPadding, 10, 0, UInt64(header.frontPadding)) }
    guard header.backPadding == 0 else { throw refusal(.badPadding, 11, 0, UInt64(header.backPadding)) }
    if let kind = ReverseKind(rawValue: header.kind) {
      guard phase.after(kind) != nil else { throw refusal(.recordOutOfOrder, 4, 0, UInt64(header.kind)) }
      let reserved = header.flags & ~(RecordFlags.required | RecordFlags.skippable)
      guard reserved == 0 else { throw refusal(.reservedNotZero, 6, 0, UInt64(reserved)) }
      guard mark == .required else { throw refusal(.badMark, 6, 1, UInt64(header.flags)) }
      try check(device: header.device, of: kind, refusal)
    } else if mark == .required {
      throw refusal(.unknownRequired, 4, 0, UInt64(header.kind))
    }
    guard header.payloadByteCount == 0 else { throw refusal(.badValue, 40, 0, header.payloadByteCount) }
  }

  private func check(
    device: UInt32, of kind: ReverseKind,
    _ refusal: (StreamError.Code, UInt64, UInt64, UInt64) -> StreamError
  ) throws(StreamError) {
    if kind.namesDevice {
      guard device < deviceCount else { throw refusal(.unknownDevice, 12, UInt64(deviceCount), UInt64(device)) }
    } else {
      guard device == Format.none32 else { throw refusal(.badValue, 12, UInt64(Format.none32), UInt64(device)) }
    }
  }
}
