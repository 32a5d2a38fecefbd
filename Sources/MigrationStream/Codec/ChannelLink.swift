/// A run of octets that one channel has sent in the open pass.
struct PassRun: BitwiseCopyable {
  var start: UInt64
  var end: UInt64
  var region: UInt32
  var channel: UInt16

  func isContinued(by next: PassRun) -> Bool { region == next.region && end == next.start }
}

/// What one channel of several has to tell the others, and whether it waits for them.
///
/// Empty in streams of one channel.
struct ChannelLink: ~Copyable {
  enum Hold: UInt8 {
    case none
    /// Nobody has said yet that the channel takes part.
    case admission
    /// The staged record belongs to a pass that is not open.
    case record
    /// BARRIER was read; others have not delivered what comes before it.
    case barrier
  }

  var hold = Hold.none
  var isAdmitted = false
  /// Pass of the last bulk record that was released, and the sequence number behind it.
  var bulkPass: UInt32 = 0
  var bulkEnd: UInt64 = 0
  /// Pass and device of the record that waits, and where it states the pass.
  var heldPass: UInt32 = 0
  var heldDevice = Format.none32
  var heldField: UInt64 = 0
  /// What BARRIER or END says of channels 1 and up, until the gate takes it.
  var words: OwnedBuffer<UInt64>
  /// The record it stands in.
  var wordsOffset: UInt64 = 0
  var wordsSequence: UInt64 = 0
  /// What END has to say of this channel.
  var closing = ChannelTotals()
  /// Runs of the open pass that the gate has not taken, and how many the channel has sent in it.
  var runs: OwnedBuffer<PassRun>
  var runCount: UInt32 = 0
  var lastRun = PassRun(start: 0, end: 0, region: Format.none32, channel: 0)

  init(allocator: StreamAllocator) {
    words = OwnedBuffer(allocator: allocator)
    runs = OwnedBuffer(allocator: allocator)
  }

  /// The runs of another pass follow.
  mutating func beginPass() {
    runCount = 0
    lastRun.region = Format.none32
  }
}
