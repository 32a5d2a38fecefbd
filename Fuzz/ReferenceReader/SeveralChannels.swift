/// What only several channels together show.
///
/// Source: Specs/30-channels-passes-images.md sections 1 and 2.1.
extension ChannelReading {
  /// Reads the other channels whole, when END of channel 0 has come, and judges all together.
  mutating func readOthers(_ others: [[UInt8]], _ header: Header) {
    readEach(of: others)
    isEachRight = faults.isEmpty
    if isEachRight { judgeTogether(header) }
  }

  /// The refusal of the stream when channel 0 has one; ``faults`` then are those of all channels.
  mutating func verdict(_ refusal: ReferenceRefusal, _ others: [[UInt8]]) -> ReferenceRefusal {
    guard channelCount > 1, manifest != nil, !hasReadOthers else {
      let first = faults.first ?? refusal
      if !faults.contains(refusal) { faults.append(refusal) }
      return first
    }
    readEach(of: others)
    faults.insert(refusal, at: 0)
    return refusal
  }

  private mutating func readEach(of others: [[UInt8]]) {
    hasReadOthers = true
    let count = channelCount
    var found: [ChannelReading?] = []
    for _ in 0..<count { found.append(nil) }
    for octets in others {
      var other = ChannelReading(joining: self, octets)
      note { () throws(ReferenceRefusal) in try other.readHello(count: count) }
      let number = Int(other.number)
      guard number > 0 else { continue }
      if found[number] != nil {
        faults.append(
          fault(ReferenceRefusal(.foreignChannel, at: 10, found: UInt64(number)), .preamble, other.number, nil))
        // Whichever comes first is read.
        note { () throws(ReferenceRefusal) in try other.readRecords() }
      } else {
        found[number] = other
      }
    }
    for number in 1..<count {
      guard var channel = found[number] else {
        let refusal = ReferenceRefusal(.foreignChannel, at: 0, expected: UInt64(number))
        faults.append(fault(refusal, .preamble, UInt16(number), nil))
        continue
      }
      note { () throws(ReferenceRefusal) in try channel.readRecords() }
      records += channel.records
      channels.append(channel)
    }
  }

  /// Keeps what is thrown.
  private mutating func note(_ judge: () throws(ReferenceRefusal) -> Void) {
    do throws(ReferenceRefusal) { try judge() } catch { faults.append(error) }
  }

  private func fault(
    _ refusal: ReferenceRefusal, _ stage: ReferenceStage, _ channel: UInt16, _ record: UInt64?
  ) -> ReferenceRefusal {
    var fault = refusal.within(stage)
    fault.channel = channel
    fault.record = record ?? .max
    return fault
  }

  private init(joining main: ChannelReading, _ octets: [UInt8]) {
    self = main
    self.octets = octets
    position = 64
    (sequence, chain) = (0, 0)
    (records, values, channels) = ([], [], [])
    strings = [ByteString](repeating: ByteString(), count: main.strings.count)
    (passRecords, runs, runsOfPass) = ([], [], 0)
    (faults, aborted, number) = ([], nil, 0)
    content = FinalContent(regions: content.runs.count)
  }

  private mutating func readHello(count: Int) throws(ReferenceRefusal) {
    do throws(ReferenceRefusal) {
      try judgeFirst(magic: [0x89, 0x4d, 0x47, 0x43, 0x0d, 0x0a, 0x1a, 0x0a])
      let major = integer(octets, 8, 2)
      try demand(major == 1, .unsupportedMajor, at: 8, 1, major)
      try demand(digest(octets, 16..<32) == seed, .foreignChannel, at: 16)
      let channels = integer(octets, 12, 2)
      try demand(channels == UInt64(count), .badValue, at: 12, UInt64(count), channels)
      let channel = integer(octets, 10, 2)
      try demand(channel >= 1 && channel < UInt64(count), .badValue, at: 10, UInt64(count - 1), channel)
      try demand(integer(octets, 14, 2) == 0, .reservedNotZero, at: 14)
      for place in 32..<56 where octets[place] != 0 { throw ReferenceRefusal(.reservedNotZero, at: 32) }
      number = UInt16(channel)
    } catch { throw fault(error, .preamble, .max, nil) }
  }

  /// Passes against barriers, overlaps, byte strings.
  private mutating func judgeTogether(_ end: Header) {
    let all = self
    let last = UInt64(barriers.count)
    for channel in channels {
      if let record = channel.passRecords.first(where: { $0.pass > last }) {
        let refusal = ReferenceRefusal(.badPass, at: record.offset, expected: last, found: record.pass)
        faults.append(fault(refusal, .bulk, channel.number, record.sequence))
      }
      for (pass, barrier) in barriers.enumerated() {
        note { () throws(ReferenceRefusal) in try all.judge(barrier, UInt64(pass), channel) }
      }
    }
    for pass in 0...barriers.count {
      let (at, record) = pass < barriers.count ? (barriers[pass].start, barriers[pass].sequence) : (end.start, sequence)
      note { () throws(ReferenceRefusal) in try all.judgeOverlaps(UInt64(pass), at: at, record) }
    }
    for device in strings.indices {
      let senders = ([self] + channels).filter { $0.strings[device].start != 0 }.map { UInt64($0.number) }
      guard senders.count > 1 else { continue }
      let refusal = ReferenceRefusal(.foreignChannel, at: end.start, expected: senders[0], found: senders[1])
      faults.append(fault(refusal, .bulk, 0, sequence))
    }
  }

  private func judge(_ barrier: Barrier, _ pass: UInt64, _ channel: ChannelReading) throws(ReferenceRefusal) {
    let said = barrier.next[Int(channel.number)]
    var wanted = said
    var first: UInt64?
    for record in channel.passRecords {
      if record.pass == pass, record.sequence >= said { wanted = said + 1 }
      if record.pass > pass, record.sequence < said, first == nil { first = record.sequence }
    }
    let count = channel.sequence + 1
    if let first { wanted = min(first, count) } else if count < said { wanted = count }
    guard wanted != said else { return }
    let at = barrier.nextAt + 8 * Int(channel.number)
    throw fault(ReferenceRefusal(.badSequence, at: at, expected: wanted, found: said), .bulk, 0, barrier.sequence)
  }

  /// The first octet of a region that two channels have in a pass.
  private func judgeOverlaps(_ pass: UInt64, at offset: Int, _ record: UInt64) throws(ReferenceRefusal) {
    var all: [(run: Run, channel: UInt16)] = []
    for channel in [self] + channels { all += channel.runs.filter { $0.pass == pass }.map { ($0, channel.number) } }
    all.sort { ($0.run.region, $0.run.start) < ($1.run.region, $1.run.start) }
    // Of each channel the run that reaches farthest is enough.
    var reach = [(region: UInt64, end: UInt64)](repeating: (.max, 0), count: channelCount)
    for (run, channel) in all {
      for other in 0..<channelCount where other != Int(channel) && reach[other].region == run.region {
        guard run.start < reach[other].end else { continue }
        throw fault(
          ReferenceRefusal(.badExtent, at: offset, expected: run.region, found: run.start), .bulk, 0, record)
      }
      let mine = reach[Int(channel)]
      reach[Int(channel)] = (run.region, mine.region == run.region ? max(mine.end, run.end) : run.end)
    }
  }
}
