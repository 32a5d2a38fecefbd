import MigrationStream

/// Writes into a stream what follows from its other octets: lengths, padding, sequence numbers, digests, totals of END,
/// and the numbers of bodies that framing demands. A right stream stays as it is.
///
/// Deterministic. What was broken on purpose is named and stays broken.
public enum StreamRepair {
  /// - Parameter kept: Octets that stay as they are.
  public static func repair(_ octets: inout [UInt8], keeping kept: Range<Int> = 0..<0) {
    var tree = RecordTree(taking: &octets)
    tree.repair(keeping: KeptOctets(first: kept))
    swap(&tree.octets, &octets)
  }
}

/// Octets that a repair leaves as they are.
struct KeptOctets: Sendable {
  var first = 0..<0
  var second = 0..<0

  func overlaps(_ position: Int, _ count: Int) -> Bool {
    first.lowerBound < position + count && position < first.upperBound
      || second.lowerBound < position + count && position < second.upperBound
  }
}

/// How much of a stream a repair touches.
enum RepairDepth {
  /// Lengths, padding, sequence numbers, digests and totals.
  case framing
  /// Also the numbers in bodies that follow from their surroundings.
  case bodies
}

extension RecordTree {
  mutating func repair(_ depth: RepairDepth = .bodies, keeping kept: KeptOctets = KeptOctets()) {
    guard hasPreamble else { return }
    var run = RepairRun(kept: kept, depth: depth)
    swap(&run.octets, &octets)
    run.repair(records, isFurtherChannel: isFurtherChannel(run.octets))
    swap(&run.octets, &octets)
  }

  private func isFurtherChannel(_ octets: [UInt8]) -> Bool { octets.word64(0) == Format.helloMagic }
}

/// One pass over a stream, from its preamble to its last record.
struct RepairRun {
  var octets: [UInt8] = []
  let kept: KeptOctets
  let depth: RepairDepth

  /// What the records so far say.
  var sequence: UInt64 = 0
  var chain: UInt64 = 0
  var layouts: UInt64 = 0
  var pass: UInt64 = 0
  var sections: UInt64 = 0
  /// Of the record before, if that is an INDEX.
  var indexOffset = 0
  var channel: UInt64 = 0
  var channels: UInt64 = 1
  /// Mandatory flags that the records demand.
  var features: UInt32 = 0
  var recordByteCountMax = 0
  /// The body of PLACEMENT.
  var areas: Range<Int>?
  /// Of an image: where the extent stands that names the octets at a place of the file last. Earlier ones are history.
  var lastExtents: [UInt64: Int] = [:]
  /// Octets of the byte strings by device, those of the first devices without hashing.
  private var byteStrings = InlineArray<16, UInt64>(repeating: 0)
  private var laterByteStrings: [UInt32: UInt64] = [:]

  init(kept: KeptOctets, depth: RepairDepth) {
    self.kept = kept
    self.depth = depth
  }

  /// Writes a number unless it is there already, or its octets are kept.
  mutating func put(_ value: UInt64, _ position: Int, _ width: Int) {
    if octets.number(at: position, width: width) == value || kept.overlaps(position, width) { return }
    octets.setNumber(value, at: position, width: width)
  }

  mutating func clear(_ range: Range<Int>) {
    if octets.isZero(range) || kept.overlaps(range.lowerBound, range.count) { return }
    octets.clear(range)
  }

  mutating func repair(_ records: [RecordSpot], isFurtherChannel: Bool) {
    if isFurtherChannel { repairHello() } else { repairPreamble() }
    let place = isFurtherChannel ? 16 : 40
    let seed = StreamUUID(low: octets.word64(place), high: octets.word64(place + 8)).seed
    if depth == .bodies { findLastExtents(records) }
    for spot in records {
      let count = UInt64(spot.bodyCount)
      put(UInt64(Format.sync), spot.start, 4)
      put(channel, spot.start + HeaderPlace.channel, 2)
      put(UInt64(spot.frontCount), spot.start + HeaderPlace.frontPadding, 1)
      put(UInt64(spot.backCount), spot.start + HeaderPlace.backPadding, 1)
      put(sequence, spot.start + HeaderPlace.sequence, 8)
      put(count, spot.start + HeaderPlace.bodyLength, 8)
      put(UInt64(spot.payloadCount), spot.start + HeaderPlace.payloadLength, 8)
      clear(spot.body.upperBound..<spot.payload.lowerBound)
      clear(spot.payload.upperBound..<spot.end)
      repairBody(spot)
      let body = claimed(spot.body, spot.start + HeaderPlace.bodyLength)
      put(octets.digest(body), spot.start + HeaderPlace.bodyDigest, 8)
      let payload = claimed(spot.payload, spot.start + HeaderPlace.payloadLength)
      put(octets.digest(payload), spot.start + HeaderPlace.payloadDigest, 8)
      put(
        Digest.xxh3(header: octets.span.octets.words(at: spot.start), seed: seed),
        spot.start + HeaderPlace.headerDigest, 8)
      close(spot)
    }
    if !isFurtherChannel { finishPreamble() }
  }

  /// The octets that a length in a header says are meant: those of a lie that is kept get their digest too.
  private func claimed(_ range: Range<Int>, _ position: Int) -> Range<Int> {
    let count = octets.word64(position)
    guard count <= UInt64(octets.count - range.lowerBound) else { return range }
    return range.lowerBound..<(range.lowerBound + Int(count))
  }

  /// Counts a record whose octets are final.
  private mutating func close(_ spot: RecordSpot) {
    chain = Digest.chain(chain, octets.word64(spot.start + HeaderPlace.headerDigest))
    // A gap that is kept moves the numbers behind it: one fault, not one a record.
    sequence = octets.word64(spot.start + HeaderPlace.sequence) &+ 1
    indexOffset = spot.knownKind == .index ? spot.start : 0
    recordByteCountMax = max(recordByteCountMax, spot.end - spot.start)
    switch spot.knownKind {
    case .layout: layouts += 1
    case .section: sections += 1
    case .barrier: pass += 1
    case .bytes where spot.bodyCount >= BytesHead.byteCount:
      let device = octets.word32(spot.start + HeaderPlace.device)
      let total = byteStringOffset(spot) &+ octets.word64(spot.body.lowerBound + 16)
      if device < 16 { byteStrings[Int(device)] = total } else { laterByteStrings[device] = total }
    default: break
    }
  }

  /// Octets of the byte string of a record's device so far.
  func byteStringOffset(_ spot: RecordSpot) -> UInt64 {
    let device = octets.word32(spot.start + HeaderPlace.device)
    return device < 16 ? byteStrings[Int(device)] : laterByteStrings[device, default: 0]
  }

  private mutating func repairBody(_ spot: RecordSpot) {
    switch spot.knownKind {
    case .end where spot.bodyCount >= 416: repairEnd(spot)
    case .channelEnd where spot.bodyCount >= 32: repairChannelEnd(spot)
    default: if depth == .bodies { repairContents(spot) }
    }
  }

  // MARK: Ends

  private mutating func repairPreamble() {
    put(Format.magic, 0, 8)
    channels = max(1, min(UInt64(octets.word16(26)), UInt64(Format.channelsMax)))
    if depth == .bodies, octets.word16(14) == Profile.image.rawValue { channels = 1 }
  }

  private mutating func repairHello() {
    channel = UInt64(octets.word16(10))
    channels = UInt64(octets.word16(12))
    put(octets.digest(0..<56), 56, 8)
  }

  /// What only the records show, and the digest.
  private mutating func finishPreamble() {
    if depth == .bodies {
      put(UInt64(Format.major), 8, 2)
      if octets.word16(12) > Format.minor { put(0, 12, 2) }
      if Profile(rawValue: octets.word16(14)) == nil { put(UInt64(Profile.stream.rawValue), 14, 2) }
      put(UInt64(Format.digestXXH3), 24, 2)
      put(channels, 26, 2)
      put(0, 28, 4)
      let several = channels > 1 ? MandatoryFlags.channels : 0
      let known = octets.word32(16) & MandatoryFlags.known & ~MandatoryFlags.channels
      put(UInt64(known | features | several), 16, 4)
      let promise = octets.word64(32)
      if promise != 0, promise < UInt64(recordByteCountMax) { put(0, 32, 8) }
    }
    put(octets.digest(0..<56), 56, 8)
  }

  private mutating func repairEnd(_ spot: RecordSpot) {
    let body = spot.body.lowerBound
    put(UInt64(indexOffset), body, 8)
    put(channels, body + 8, 4)
    put(pass + 1, body + 12, 4)
    put(sections, body + 16, 8)
    clear((body + 24)..<(body + 32))
    putTotals(spot, body + 32)
    let used = body + 32 + 24 * Int(min(channels, UInt64(Format.channelsMax)))
    clear(used..<(body + 416))
  }

  private mutating func repairChannelEnd(_ spot: RecordSpot) {
    putTotals(spot, spot.body.lowerBound)
    clear((spot.body.lowerBound + 24)..<(spot.body.lowerBound + 32))
  }

  private mutating func putTotals(_ spot: RecordSpot, _ position: Int) {
    put(octets.word64(spot.start + HeaderPlace.sequence), position, 8)
    put(UInt64(spot.start), position + 8, 8)
    put(chain, position + 16, 8)
  }
}
