internal import CMigStream
internal import MigrationStream

/// A decoder with the handler that it tells.
struct DecoderValue: HandleValue, ~Copyable {
  static var kind: UInt64 { HandleKind.decoder }

  private(set) var decoder: PushDecoder
  private var handler: EventHandler

  init(_ tier: VerifyTier, _ handler: EventHandler, _ settings: Settings) throws(StreamError) {
    var options = DecoderOptions()
    options.checksDigests = tier != .quick
    options.checksSections = tier == .deep
    decoder = try PushDecoder(limits: settings.limits, options: options, allocator: settings.allocator)
    self.handler = handler
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  mutating func lends(through slot: UnsafeMutablePointer<UnsafeRawPointer?>) { unsafe handler.lends(through: slot) }

  // MARK: Octets

  mutating func push(_ octets: RawSpan) throws(StreamError) -> Int { try decoder.push(octets, to: &handler) }

  mutating func placed(_ octets: RawSpan) throws(StreamError) { try decoder.placed(octets, to: &handler) }

  mutating func finish(isEmbedded: Bool) throws(StreamError) -> mgs_summary {
    try decoder.finish(exclusive: !isEmbedded)
    return mgs_summary(
      size: MemoryLayout<mgs_summary>.size, stream_size: decoder.state.totals.byteCount,
      num_records: decoder.state.totals.recordCount, num_sections: decoder.state.sectionRecordCount,
      num_skipped: decoder.state.skippedRecordCount, num_layouts: decoder.state.layoutCount,
      num_passes: decoder.state.pass &+ 1)
  }

  // MARK: Pull

  /// Decodes up to the end of the next record.
  ///
  /// - Parameter stream: All of the stream.
  /// - Returns: false behind END; `wrongCall` for a stream that is shorter than what was taken of it, and with a handler.
  mutating func next(_ stream: RawSpan) throws(StreamError) -> Bool {
    guard handler.isSilent, decoder.offset <= UInt64(stream.byteCount) else { throw StreamError(.wrongCall, .use, at: 0) }
    handler.forget()
    while !handler.isWhole {
      if decoder.state.hasEnded { return false }
      let rest = stream.extracting(droppingFirst: Int(decoder.offset))
      if rest.byteCount == 0 {
        // A piece without octets may be all that is missing.
        _ = try push(rest)
        if handler.isWhole || decoder.state.hasEnded { continue }
        try decoder.finish(exclusive: false)
      }
      _ = try push(rest.extracting(first: segment(of: rest)))
    }
    return true
  }

  var record: mgs_record { unsafe handler.record }

  /// Octets to push so that no second record begins: where a whole record is there, it is pushed as one piece, and its
  /// payload is handed out where it lies. What a header claims decides only this.
  private func segment(of rest: RawSpan) -> Int {
    if decoder.offset == 0 { return min(Preamble.byteCount, rest.byteCount) }
    if decoder.skippable > 0 { return Int(min(decoder.skippable, UInt64(rest.byteCount))) }
    guard rest.byteCount >= RecordHeader.byteCount else { return rest.byteCount }
    let paddings = UInt64(rest.octet(at: 10)) + UInt64(rest.octet(at: 11))
    let body = rest.integer(at: 24, as: UInt64.self)
    let payload = rest.integer(at: 40, as: UInt64.self)
    let room = UInt64(rest.byteCount)
    guard body <= room, payload <= room, 64 + paddings + body + payload <= room else { return rest.byteCount }
    return Int(64 + paddings + body + payload)
  }
}
