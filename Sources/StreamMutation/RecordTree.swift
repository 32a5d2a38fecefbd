import MigrationStream

/// A stream as the records that lie in it, over its own octets: an untouched tree is the same octets.
///
/// Any octets give a tree. Records are found by the lengths in their headers; where these lead nowhere, by the next sync
/// word. What is no record is the tail. The hello of a further channel takes the place of the preamble.
///
/// Source: Specs/10-stream-format.md section 3, Specs/30-channels-passes-images.md section 1.
public struct RecordTree: Sendable {
  public internal(set) var octets: [UInt8]
  public internal(set) var records: [RecordSpot] = []

  /// More records than that are left in the tail: the work of one mutation is bounded.
  static let recordsMax = 4096

  /// Where what is no record begins.
  public var tailStart: Int { records.last?.next ?? Swift.min(octets.count, Preamble.byteCount) }

  /// Whether the octets are those of a channel other than 0.
  public var isFurtherChannel: Bool { octets.count >= 8 && octets.word64(0) == Format.helloMagic }

  public var hasPreamble: Bool { octets.count >= Preamble.byteCount }

  /// The seed of the stream's header digests.
  var seed: UInt64 {
    let place = isFurtherChannel ? 16 : 40
    return StreamUUID(low: octets.word64(place), high: octets.word64(place + 8)).seed
  }

  public init(_ octets: [UInt8]) {
    self.octets = octets
    scan()
  }

  /// Takes the octets without a copy; `octets` is empty afterwards.
  init(taking octets: inout [UInt8]) {
    self.octets = []
    swap(&self.octets, &octets)
    scan()
  }

  private mutating func scan() {
    guard hasPreamble else { return }
    records.reserveCapacity(24)
    var position = Preamble.byteCount
    while records.count < Self.recordsMax, let spot = record(at: position) {
      records.append(spot)
      position = spot.next
    }
  }

  private func hasSync(_ position: Int) -> Bool {
    octets.count - position >= RecordHeader.byteCount && octets.word32(position) == Format.sync
  }

  /// The record at a place, nil when there is none.
  private func record(at position: Int) -> RecordSpot? {
    guard octets.count - position >= RecordHeader.byteCount else { return nil }
    let claimed = claimed(at: position)
    if let claimed, claimed.next == octets.count || hasSync(claimed.next) || hasDigest(position) { return claimed }
    guard hasSync(position) else { return nil }
    // The lengths lead nowhere: up to the next sync word all is body.
    var next = position + RecordHeader.byteCount
    while next < octets.count, !hasSync(next) { next = Swift.min(next + 8, octets.count) }
    if next == octets.count { return wholeEnd(at: position) ?? claimed ?? cut(at: position) }
    return between(position, next)
  }

  /// A record that ends at `next`, with one of its lengths wrong: the other one and the padding tell; else all is body.
  private func between(_ position: Int, _ next: Int) -> RecordSpot {
    let bodyStart = position + RecordHeader.byteCount
    var spot = RecordSpot(
      start: position, kind: octets.word16(position + HeaderPlace.kind), bodyCount: next - bodyStart)
    let payloadCount = octets.clamped(position + HeaderPlace.payloadLength, Int.max / 2)
    guard payloadCount > 0 else { return spot }
    let front = Int(octets[position + HeaderPlace.frontPadding])
    if payloadCount <= next - bodyStart - front {
      let bodyEnd = next - payloadCount.padded - front
      if bodyEnd >= bodyStart, bodyEnd & 7 == 0, -bodyEnd & 63 == front {
        (spot.bodyCount, spot.frontCount) = (bodyEnd - bodyStart, front)
        (spot.payloadCount, spot.backCount) = (payloadCount, -payloadCount & 7)
        return spot
      }
    }
    let back = Int(octets[position + HeaderPlace.backPadding])
    let bodyEnd = bodyStart + octets.clamped(position + HeaderPlace.bodyLength, next - bodyStart) & ~7
    let count = next - bodyEnd - (-bodyEnd & 63) - back
    if count > 0, -count & 7 == back {
      (spot.bodyCount, spot.frontCount) = (bodyEnd - bodyStart, -bodyEnd & 63)
      (spot.payloadCount, spot.backCount) = (count, back)
    }
    return spot
  }

  /// An END has one size, whatever its header says.
  private func wholeEnd(at position: Int) -> RecordSpot? {
    let spot = RecordSpot(start: position, kind: octets.word16(position + HeaderPlace.kind), bodyCount: 416)
    return spot.knownKind == .end && spot.end <= octets.count ? spot : nil
  }

  private func hasDigest(_ position: Int) -> Bool {
    Digest.xxh3(header: octets.span.octets.words(at: position), seed: seed)
      == octets.word64(position + HeaderPlace.headerDigest)
  }

  /// The last record of a stream that ends inside of it.
  private func cut(at position: Int) -> RecordSpot {
    let rest = octets.count - position - RecordHeader.byteCount
    var spot = RecordSpot(
      start: position, kind: octets.word16(position + HeaderPlace.kind),
      bodyCount: octets.clamped(position + HeaderPlace.bodyLength, rest) & ~7)
    let front = -spot.body.upperBound & 63
    if octets.word64(position + HeaderPlace.payloadLength) > 0, rest - spot.bodyCount > front {
      spot.frontCount = front
      spot.payloadCount = (rest - spot.bodyCount - front) & ~7
    }
    return spot
  }

  /// The record as its lengths say it is; nil when it does not lie inside.
  private func claimed(at position: Int) -> RecordSpot? {
    let bodyStart = position + RecordHeader.byteCount
    let bodyCount = octets.word64(position + HeaderPlace.bodyLength)
    guard bodyCount <= UInt64(octets.count - bodyStart), bodyCount & 7 == 0 else { return nil }
    var spot = RecordSpot(
      start: position, kind: octets.word16(position + HeaderPlace.kind), bodyCount: Int(bodyCount))
    let payloadCount = octets.word64(position + HeaderPlace.payloadLength)
    if payloadCount > 0 {
      spot.frontCount = -spot.body.upperBound & 63
      let rest = octets.count - spot.body.upperBound - spot.frontCount
      guard rest >= 0, payloadCount <= UInt64(rest) else { return nil }
      spot.payloadCount = Int(payloadCount)
      spot.backCount = -spot.payloadCount & 7
      guard spot.end <= octets.count else { return nil }
    }
    if spot.knownKind == .placement, spot.bodyCount >= 16 {
      let first = octets.word64(bodyStart + 8)
      if first > UInt64(spot.end), first <= UInt64(octets.count) {
        spot.gapCount = Int(first) - spot.end
        spot.gapEnd = Int(first)
      }
    }
    return spot
  }

  // MARK: Structure

  /// Replaces octets, all of one body, and moves the records behind them.
  mutating func replaceInBody(of index: Int, _ range: Range<Int>, by part: [UInt8]) {
    octets.replaceSubrange(range, with: part)
    resize(index, by: part.count - range.count) { $0.bodyCount += $1 }
  }

  mutating func replacePayload(of index: Int, by part: [UInt8]) {
    let old = records[index]
    octets.replaceSubrange(old.body.upperBound..<old.end, with: part)
    records[index].frontCount = 0
    records[index].backCount = 0
    records[index].payloadCount = 0
    resize(index, by: part.count - (old.end - old.body.upperBound)) { spot, _ in spot.payloadCount = part.count }
    settle()
  }

  private mutating func resize(_ index: Int, by change: Int, _ adjust: (inout RecordSpot, Int) -> Void) {
    adjust(&records[index], change)
    for later in (index + 1)..<Swift.max(records.count, index + 1) { records[later].start += change }
  }

  /// Puts the records of `order`, positions of now, one behind the other; a position may come twice, or not at all.
  mutating func arrange(_ order: [Int]) {
    let tail = tailStart
    var result: [UInt8] = []
    result.reserveCapacity(octets.count + 1024)
    result.append(contentsOf: octets[..<Preamble.byteCount])
    var spots: [RecordSpot] = []
    spots.reserveCapacity(order.count)
    for position in order {
      var spot = records[position]
      let old = spot.start..<spot.next
      spot.start = result.count
      result.append(contentsOf: octets[old])
      spots.append(spot)
    }
    result.append(contentsOf: octets[tail...])
    octets = result
    records = spots
    settle()
  }

  /// Puts a record of another tree in front of the record at `index`, or behind the last one.
  mutating func insert(_ spot: RecordSpot, of other: borrowing RecordTree, at index: Int) {
    let position = index < records.count ? records[index].start : tailStart
    octets.insert(contentsOf: other.octets[spot.start..<spot.end], at: position)
    var moved = spot
    moved.start = position
    moved.gapCount = 0
    moved.gapEnd = 0
    for later in index..<records.count { records[later].start += spot.end - spot.start }
    records.insert(moved, at: index)
    settle()
  }

  /// Makes the padding fit the places of the payloads, and keeps the records of an image where PLACEMENT says.
  mutating func settle() {
    var shift = 0
    var isSettled = true
    for spot in records {
      let (front, back, gap) = wanted(spot, at: spot.start + shift)
      shift += front - spot.frontCount + back - spot.backCount + gap - spot.gapCount
      isSettled = isSettled && front == spot.frontCount && back == spot.backCount && gap == spot.gapCount
    }
    if isSettled { return }
    var result: [UInt8] = []
    result.reserveCapacity(octets.count + Swift.max(shift, 0))
    result.append(contentsOf: octets[..<Preamble.byteCount])
    let tail = tailStart
    for index in records.indices {
      let old = records[index]
      let (front, back, gap) = wanted(old, at: result.count)
      records[index].start = result.count
      records[index].frontCount = front
      records[index].backCount = back
      records[index].gapCount = gap
      result.append(contentsOf: octets[old.start..<old.body.upperBound])
      result.append(contentsOf: repeatElement(0, count: front))
      result.append(contentsOf: octets[old.payload])
      result.append(contentsOf: repeatElement(0, count: back + Swift.max(gap - old.gapCount, 0)))
      result.append(contentsOf: octets[(old.next - Swift.min(gap, old.gapCount))..<old.next])
    }
    result.append(contentsOf: octets[tail...])
    octets = result
  }

  private func wanted(_ spot: RecordSpot, at start: Int) -> (front: Int, back: Int, gap: Int) {
    let bodyEnd = start + RecordHeader.byteCount + spot.bodyCount
    let front = spot.payloadCount == 0 ? 0 : -bodyEnd & 63
    let back = -spot.payloadCount & 7
    return (front, back, Swift.max(0, spot.gapEnd - (bodyEnd + front + spot.payloadCount + back)))
  }
}
