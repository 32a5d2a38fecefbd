/// What the barriers of a stream on several channels say, by pass; kept so that a record which comes later than a
/// barrier said is found to be so, however late.
///
/// Memory: 8 octets a channel and one word more for each barrier.
struct BarrierList: ~Copyable {
  private let addressOnly = AddressOnly()
  private let channelCount: Int
  /// A barrier: its offset, its sequence number, sequence_next of channels 1 and up.
  private var words: OwnedBuffer<UInt64>

  init(channelCount: Int, allocator: StreamAllocator) {
    self.channelCount = channelCount
    words = OwnedBuffer(allocator: allocator)
  }

  var count: Int { words.count / (channelCount + 1) }

  func offset(of pass: UInt32) -> UInt64 { words[Int(pass) * (channelCount + 1)] }

  func sequence(of pass: UInt32) -> UInt64 { words[Int(pass) * (channelCount + 1) + 1] }

  /// sequence_next of a channel other than 0.
  func next(of channel: Int, in pass: UInt32) -> UInt64 {
    words[Int(pass) * (channelCount + 1) + 1 + channel]
  }

  /// Adds the next barrier.
  mutating func append(
    _ next: borrowing OwnedBuffer<UInt64>, at offset: UInt64, sequence: UInt64
  ) throws(StreamError) {
    let pass = UInt32(count)
    try words.reserve(channelCount + 1)
    try words.append(offset)
    try words.append(sequence)
    for index in 0..<next.count { try words.append(next[index]) }
    guard pass > 0 else { return }
    for channel in 1..<channelCount {
      let before = self.next(of: channel, in: pass - 1)
      guard self.next(of: channel, in: pass) >= before else {
        throw refusal(.badSequence, channel, in: pass, expected: before)
      }
    }
  }

  /// The channel has a record of the pass that the barrier does not count.
  func tooLow(_ channel: Int, in pass: UInt32) -> StreamError {
    refusal(.badSequence, channel, in: pass, expected: next(of: channel, in: pass) &+ 1)
  }

  /// An error at sequence_next of a channel.
  func refusal(
    _ code: StreamError.Code, _ channel: Int, in pass: UInt32, expected: UInt64
  ) -> StreamError {
    StreamError(
      code, .bulk, at: offset(of: pass) &+ UInt64(RecordHeader.byteCount + 8 + 8 * channel),
      expected: expected, found: next(of: channel, in: pass), sequence: sequence(of: pass))
  }
}
