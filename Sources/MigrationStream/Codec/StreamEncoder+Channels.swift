/// Records of channels other than 0.
///
/// Source: Specs/30-channels-passes-images.md sections 1 and 2.
extension StreamEncoder {
  /// Makes the octets of another channel: ``preamble`` is its hello, then ``memory(region:offset:octets:source:compresses:)``,
  /// ``bytes(device:octets:flags:source:compresses:)`` and ``preserved(kind:flags:device:body:payload:)`` as on channel 0,
  /// then ``channelEnd()``.
  ///
  /// What two channels send in one pass must not overlap; that is the caller's part.
  /// - Parameters:
  ///   - state: Of channel 0's encoder, after MANIFEST.
  ///   - channel: 1 to the number of channels less one.
  public init(
    joining state: borrowing StreamState, channel: UInt16, allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var joined = try StreamState(joining: state, allocator: allocator)
    var opening = OwnedBytes(allocator: allocator)
    try Hello.encode(channel: channel, of: joined.preamble, into: &opening)
    try joined.takeHello(in: opening)
    try self.init(joined, opening: opening, allocator: allocator)
    self.state.pass = state.pass
  }

  /// Sequence number of the next record, which channel 0's barrier names.
  public var nextSequence: UInt64 { state.totals.recordCount }

  /// What END says of this channel, after ``channelEnd()``.
  public var closingTotals: ChannelTotals { state.link.closing }

  /// The records that follow belong to a later pass. On channel 0 the barrier says so.
  public mutating func beginPass(_ pass: UInt32) throws(StreamError) {
    try checkUsable()
    guard state.isJoined, pass >= state.pass else {
      throw poisoned(StreamError(.wrongCall, .use, at: byteCount, expected: UInt64(state.pass), found: UInt64(pass)))
    }
    state.pass = pass
  }

  /// Ends a channel other than 0; fails when the end of a byte string is missing.
  @_lifetime(&self)
  public mutating func channelEnd() throws(StreamError) -> GatherList {
    try checkUsable()
    let totals = state.totals
    do throws(StreamError) {
      try beginStage()
      try append(totals)
      try staged.append(integer: UInt64(0))
      try seal(.channelEnd)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  /// Channels other than 0 that a call tells of.
  func checkCount(of others: Int) throws(StreamError) {
    guard others == Int(state.preamble.channelCount) - 1 else {
      throw StreamError(
        .wrongCall, .use, at: byteCount, expected: UInt64(state.preamble.channelCount) - 1, found: UInt64(others))
    }
  }

  mutating func append(_ totals: ChannelTotals) throws(StreamError) {
    try staged.append(integer: totals.recordCount)
    try staged.append(integer: totals.byteCount)
    try staged.append(integer: totals.chain)
  }
}
