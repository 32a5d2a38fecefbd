/// What the channels of a stream tell each other.
///
/// Each channel has a ``PushDecoder``, which any thread may drive. After each push the caller lets it exchange what it
/// knows with the others, under a lock of its own: the gate has none.
///
/// ```
///  channel 0  MANIFEST | memory, pass 0 | BARRIER 0 |waits...          | memory, pass 1 | END
///  channel 1  hello |waits | memory, pass 0 | memory, pass 1 |waits... | CHANNEL_END
///                   exchange: admitted        exchange: BARRIER 0 is closed, pass 1 is open
/// ```
///
/// 1. Push channel 0 (with ``DecoderOptions/readsChannels``) until it ``PushDecoder/isWaiting``: MANIFEST was read.
/// 2. Make the gate and a decoder for each other channel with ``PushDecoder/init(joining:allocator:)``.
/// 3. For each channel: exchange; push until all is taken or the decoder waits; and so on. A decoder that waits goes on
///    when an exchange has found that what it waits for has come; push an empty segment then if nothing else is there.
/// 4. When a channel's octets are at their end, its decoder's `finish`; when all are, the gate's ``finish()``. Only then
///    was the stream whole.
///
/// Memory: Specs/40-reader-rules.md section 3. Source: Specs/30-channels-passes-images.md sections 1 and 2.
public struct ChannelGate: ~Copyable {
  private let addressOnly = AddressOnly()
  let channelCount: Int
  private let uuid: StreamUUID
  /// The pass that is open.
  public private(set) var pass: UInt32 = 0
  /// By channel number.
  var peers: OwnedBuffer<Peer>
  var barriers: BarrierList
  /// The last barrier waits until all channels have delivered what comes before it.
  private var isClosing = false
  /// END, when it has come: what it says of the channels from 1 on, and where it stands.
  var end: OwnedBuffer<UInt64>
  var endOffset: UInt64 = 0
  var endSequence: UInt64 = 0
  /// Runs of the open pass, of all channels.
  var runs: OwnedBuffer<PassRun>
  /// By device: one bit for each channel that its byte string came on.
  var owners: OwnedBuffer<UInt16>
  private var poison: StreamError?

  /// A channel as far as it has been told.
  struct Peer: BitwiseCopyable {
    var hasCome = false
    var hasEnded = false
    /// A bulk record waits at ``recordCount``, because of its pass.
    var isHeld = false
    var heldPass: UInt32 = 0
    var heldField: UInt64 = 0
    var heldDevice = Format.none32
    var bulkPass: UInt32 = 0
    var bulkEnd: UInt64 = 0
    /// Records delivered, the last one included, and octets consumed.
    var recordCount: UInt64 = 0
    var offset: UInt64 = 0
    var closing = ChannelTotals()
    /// Where in ``runs`` the channel's last run is; -1: none in this pass.
    var lastRun = -1
  }

  /// - Parameter state: Of channel 0, after MANIFEST.
  public init(_ state: borrowing StreamState, allocator: StreamAllocator = .system) throws(StreamError) {
    guard state.channel == 0, state.hasManifest, state.isShared else {
      throw StreamError(.wrongCall, .use, at: 0)
    }
    let channelCount = Int(state.preamble.channelCount)
    var peers = OwnedBuffer<Peer>(allocator: allocator)
    var owners = OwnedBuffer<UInt16>(allocator: allocator)
    try peers.append(repeating: Peer(), count: channelCount)
    try owners.append(repeating: 0, count: state.manifest.devices.count)
    self.channelCount = channelCount
    uuid = state.preamble.uuid
    self.peers = peers
    self.owners = owners
    barriers = BarrierList(channelCount: channelCount, allocator: allocator)
    end = OwnedBuffer(allocator: allocator)
    runs = OwnedBuffer(allocator: allocator)
  }

  /// Takes what a decoder has to tell, and lets it go on if it waits no longer.
  ///
  /// - Throws: The refusal of any channel: every decoder that exchanges after it is poisoned with the same. `wrongCall`
  ///   for a decoder of another stream.
  public mutating func exchange(_ decoder: inout PushDecoder) throws(StreamError) {
    guard decoder.state.preamble.uuid == uuid, Int(decoder.state.preamble.channelCount) == channelCount else {
      throw StreamError(.wrongCall, .use, at: decoder.offset)
    }
    if poison == nil { poison = decoder.poison }
    if poison == nil {
      do throws(StreamError) {
        try take(&decoder.state, at: decoder.offset)
      } catch { poison = error }
    }
    guard let poison else { return }
    if decoder.poison == nil { decoder.poison = poison }
    throw poison
  }

  private mutating func take(_ state: inout StreamState, at offset: UInt64) throws(StreamError) {
    // A hello that is not there as a whole has nothing to tell.
    guard state.phase != .preamble else { return }
    try admit(&state)
    let channel = Int(state.channel)
    try takeReport(of: &state, at: offset)
    if channel == 0, state.link.words.count > 0 { try takeWords(of: &state) }
    for peer in 1..<channelCount where peers[peer].hasCome { try check(peer) }
    try closePass()
    guard channel != 0 else {
      if state.link.hold == .barrier, !isClosing { state.link.hold = .none }
      return
    }
    state.pass = pass
    if state.link.hold == .record, state.link.heldPass == pass { state.releaseHeld() }
  }

  private mutating func admit(_ state: inout StreamState) throws(StreamError) {
    guard !state.link.isAdmitted else { return }
    let channel = Int(state.channel)
    guard !peers[channel].hasCome else {
      throw StreamError(.foreignChannel, .preamble, at: 10, expected: 0, found: UInt64(channel))
        .on(channel: state.channel)
    }
    peers[channel].hasCome = true
    state.link.isAdmitted = true
    if state.link.hold == .admission { state.link.hold = .none }
  }

  private mutating func takeReport(of state: inout StreamState, at offset: UInt64) throws(StreamError) {
    var peer = peers[Int(state.channel)]
    peer.recordCount = state.totals.recordCount
    peer.offset = offset
    peer.bulkPass = state.link.bulkPass
    peer.bulkEnd = state.link.bulkEnd
    peer.isHeld = state.link.hold == .record
    peer.heldPass = state.link.heldPass
    peer.heldField = state.link.heldField
    peer.heldDevice = state.link.heldDevice
    for index in 0..<state.link.runs.count {
      let run = state.link.runs[index]
      if peer.lastRun >= 0, runs[peer.lastRun].isContinued(by: run) {
        runs[peer.lastRun].end = run.end
      } else {
        peer.lastRun = runs.count
        try runs.append(run)
      }
    }
    state.link.runs.removeAll()
    if state.hasEnded, !peer.hasEnded {
      peer.hasEnded = true
      peer.closing = state.link.closing
      for device in 0..<state.byteStrings.count where state.byteStrings[device].hasBegun {
        owners[device] |= 1 << state.channel
      }
    }
    peers[Int(state.channel)] = peer
  }

  /// What BARRIER or END says of the others.
  private mutating func takeWords(of state: inout StreamState) throws(StreamError) {
    if state.hasEnded {
      for index in 0..<state.link.words.count { try end.append(state.link.words[index]) }
      (endOffset, endSequence) = (state.link.wordsOffset, state.link.wordsSequence)
    } else {
      try barriers.append(state.link.words, at: state.link.wordsOffset, sequence: state.link.wordsSequence)
      isClosing = true
    }
    state.link.words.removeAll()
  }

  /// The records of a channel against what the barriers say of it.
  private func check(_ channel: Int) throws(StreamError) {
    let peer = peers[channel]
    let known = barriers.count
    if peer.bulkEnd > 0, peer.bulkPass < known, barriers.next(of: channel, in: peer.bulkPass) < peer.bulkEnd {
      throw barriers.tooLow(channel, in: peer.bulkPass)
    }
    if peer.isHeld {
      if peer.heldPass < known, barriers.next(of: channel, in: peer.heldPass) <= peer.recordCount {
        throw barriers.tooLow(channel, in: peer.heldPass)
      }
      if end.count > 0, peer.heldPass > pass {
        throw StreamError(
          .badPass, .bulk, at: peer.heldField, expected: UInt64(pass), found: UInt64(peer.heldPass),
          sequence: peer.recordCount, device: peer.heldDevice
        ).on(channel: UInt16(channel))
      }
    }
    // No record can come any more that the barrier waits for.
    guard isClosing, barriers.next(of: channel, in: pass) > peer.recordCount,
      peer.hasEnded || (peer.isHeld && peer.heldPass > pass)
    else { return }
    throw barriers.refusal(.badSequence, channel, in: pass, expected: peer.recordCount)
  }

  /// Opens the next pass when all channels have delivered their records of this one.
  private mutating func closePass() throws(StreamError) {
    guard isClosing else { return }
    for channel in 1..<channelCount {
      guard peers[channel].hasCome, peers[channel].recordCount >= barriers.next(of: channel, in: pass) else {
        return
      }
    }
    try checkOverlaps(closedAt: barriers.offset(of: pass), sequence: barriers.sequence(of: pass))
    isClosing = false
    pass += 1
  }

  /// Says whether the stream was whole, all channels of it.
  public mutating func finish() throws(StreamError) {
    if let poison { throw poison }
    do throws(StreamError) { try checkWhole() } catch {
      poison = error
      throw error
    }
  }

  private mutating func checkWhole() throws(StreamError) {
    for channel in 1..<channelCount where !peers[channel].hasCome {
      throw StreamError(.foreignChannel, .preamble, at: 0, expected: UInt64(channel)).on(channel: UInt16(channel))
    }
    for channel in 0..<channelCount where !peers[channel].hasEnded {
      throw StreamError(.truncated, .record, at: peers[channel].offset).on(channel: UInt16(channel))
    }
    try checkOverlaps(closedAt: endOffset, sequence: endSequence)
    try checkOwners()
    try checkTotals()
  }

  /// A device's byte string keeps to one channel.
  private func checkOwners() throws(StreamError) {
    for device in 0..<owners.count {
      let owner = owners[device]
      let others = owner & (owner &- 1)
      if others != 0 {
        throw StreamError(
          .foreignChannel, .bulk, at: endOffset, expected: UInt64(owner.trailingZeroBitCount),
          found: UInt64(others.trailingZeroBitCount), sequence: endSequence, device: UInt32(device))
      }
    }
  }

  /// What END says of the other channels against what they gave.
  private func checkTotals() throws(StreamError) {
    for channel in 1..<channelCount {
      let given = peers[channel].closing
      let first = 3 * (channel - 1)
      try match(first, given.recordCount)
      try match(first + 1, given.byteCount)
      try match(first + 2, given.chain)
    }
  }

  /// - Parameter index: Of the total among those of channels 1 and up.
  private func match(_ index: Int, _ given: UInt64) throws(StreamError) {
    guard end[index] != given else { return }
    throw StreamError(
      .totalsMismatch, .end,
      at: endOffset &+ UInt64(RecordHeader.byteCount + EndBody.totalsPosition + EndBody.totalsByteCount + 8 * index),
      expected: end[index], found: given, sequence: endSequence)
  }
}
