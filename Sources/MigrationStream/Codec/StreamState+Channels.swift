/// Several channels.
///
/// Source: Specs/30-channels-passes-images.md sections 1 and 2.
extension StreamState {
  /// The state of another channel; its number comes with the hello.
  ///
  /// - Parameter first: Channel 0's, after MANIFEST.
  init(joining first: borrowing StreamState, allocator: StreamAllocator) throws(StreamError) {
    self.init(limits: first.limits, options: first.options, allocator: allocator)
    preamble = first.preamble
    seed = first.seed
    guard first.channel == 0, first.hasManifest, isShared else { throw StreamError(.wrongCall, .use, at: 0) }
    try manifest.parse(
      first.manifest.body, at: UInt64(Preamble.byteCount + RecordHeader.byteCount),
      mandatoryFlags: preamble.mandatoryFlags, limits: limits)
    try byteStrings.append(repeating: ByteString(), count: manifest.devices.count)
    channel = StreamError.noChannel
  }

  /// Whether the stream has several channels.
  var isShared: Bool { preamble.channelCount > 1 }

  var isJoined: Bool { channel != 0 }

  var hasManifest: Bool { phase == .records || phase == .index || phase == .ended }

  /// The first octets of this channel.
  var magic: UInt64 { isJoined ? Format.helloMagic : Format.magic }

  mutating func takeHello(_ octets: RawSpan) throws(StreamError) {
    channel = try Hello.channel(octets, of: preamble)
    totals.byteCount = UInt64(Preamble.byteCount)
    phase = .channel
    link.hold = .admission
  }

  mutating func takeHello(in staged: borrowing OwnedBytes) throws(StreamError) {
    try takeHello(staged.bytes)
  }

  /// The pass of a bulk record, where it is not simply that of channel 0.
  mutating func takePass(
    _ recordPass: UInt32, of header: RecordHeader, at field: UInt64
  ) throws(StreamError) {
    let least = isJoined ? link.bulkPass : pass
    guard isJoined, recordPass >= least else {
      throw Self.bulk(.badPass, field, UInt64(least), UInt64(recordPass))
    }
    (link.heldPass, link.heldDevice, link.heldField) = (recordPass, header.device, field)
    if recordPass == pass { releaseHeld() } else { link.hold = .record }
  }

  /// The pass of the record that was taken last is open.
  mutating func releaseHeld() {
    link.hold = .none
    if link.bulkPass != link.heldPass { link.beginPass() }
    link.bulkPass = link.heldPass
    link.bulkEnd = totals.recordCount &+ 1
  }

  /// Notes the extents of a MEMORY record, to find those that two channels have.
  mutating func takeRuns(
    in staged: borrowing OwnedBytes, of header: RecordHeader, at offset: UInt64
  ) throws(StreamError) {
    guard header.kind == RecordKind.memory.rawValue else { return }
    let body = staged.bytes
    let head = MemoryHead(body)
    for index in 0..<Int(head.extentCount) {
      let extent = MemoryHead.extent(index, in: body)
      let run = PassRun(
        start: extent.offset, end: extent.offset &+ extent.length, region: head.region, channel: channel)
      if !link.lastRun.isContinued(by: run) {
        guard link.runCount < limits.passRunsMax else {
          throw Self.bulk(
            .limitExceeded, offset &+ UInt64(RecordHeader.byteCount) &+ 8, UInt64(limits.passRunsMax),
            UInt64(link.runCount) + 1)
        }
        link.runCount += 1
        try link.runs.append(run)
      } else if link.runs.count > 0 {
        link.runs[link.runs.count - 1].end = run.end
      } else {
        try link.runs.append(run)
      }
      link.lastRun = run
    }
  }

  /// What BARRIER says of the other channels.
  mutating func takeFences(
    _ reader: inout ByteReader, bodyAt start: UInt64, recordOffset: UInt64
  ) throws(StreamError) {
    guard pass < limits.barriersMax else {
      throw Self.bulk(.limitExceeded, start, UInt64(limits.barriersMax), UInt64(pass) + 1)
    }
    try takeWords(&reader, count: Int(preamble.channelCount) - 1, recordOffset: recordOffset)
    link.beginPass()
    link.hold = .barrier
  }

  /// What END says of the other channels.
  mutating func takeOtherTotals(
    _ reader: inout ByteReader, recordOffset: UInt64
  ) throws(StreamError) {
    try takeWords(&reader, count: 3 * (Int(preamble.channelCount) - 1), recordOffset: recordOffset)
    link.closing = totals
  }

  private mutating func takeWords(
    _ reader: inout ByteReader, count: Int, recordOffset: UInt64
  ) throws(StreamError) {
    link.words.removeAll()
    for _ in 0..<count { try link.words.append(try reader.u64()) }
    (link.wordsOffset, link.wordsSequence) = (recordOffset, totals.recordCount)
  }

  mutating func takeChannelEnd(
    _ body: RawSpan, at start: UInt64, recordOffset: UInt64
  ) throws(StreamError) {
    try Self.check(body, byteCount: EndBody.channelByteCount, at: start)
    try checkByteStrings(at: recordOffset)
    var reader = ByteReader(body, at: start, stage: .end)
    try matchTotals(&reader)
    try reader.reserved(8)
    link.closing = totals
    phase = .ended
  }
}
