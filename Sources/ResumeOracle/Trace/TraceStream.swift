import MigrationStream

/// The octets of a named stream.
public struct TraceStream: Equatable, Sendable {
  public var octets: [UInt8]

  public init(_ octets: [UInt8]) { self.octets = octets }

  /// Where the records lie, by the lengths in their headers; ends before the first that does not lie inside.
  public var records: [Range<Int>] {
    var records: [Range<Int>] = []
    var start = Preamble.byteCount
    while let end = end(ofRecordAt: start) {
      records.append(start..<end)
      start = end
    }
    return records
  }

  private func end(ofRecordAt start: Int) -> Int? {
    guard start >= 0, octets.count - start >= RecordHeader.byteCount, word32(start) == Format.sync else { return nil }
    let room = UInt64(octets.count - start - RecordHeader.byteCount)
    let pads = UInt64(octets[start + 10]) + UInt64(octets[start + 11])
    let (body, payload) = (word64(start + 24), word64(start + 40))
    guard body <= room, payload <= room, body + payload + pads <= room else { return nil }
    return start + RecordHeader.byteCount + Int(body + payload + pads)
  }

  /// - Returns: nil when there is no such place; the end of the stream is one.
  func position(_ place: TracePlace) -> Int? {
    let position: UInt64
    switch place {
    case .offset(let offset): position = offset
    case .end(let minus): return minus <= octets.count ? octets.count - Int(minus) : nil
    case .record(let number, let plus):
      let records = self.records
      guard number <= records.count else { return nil }
      let start = number == records.count ? records.last?.upperBound ?? Preamble.byteCount : records[Int(number)].lowerBound
      let (sum, overflow) = UInt64(start).addingReportingOverflow(plus)
      guard !overflow else { return nil }
      position = sum
    }
    return position <= octets.count ? Int(position) : nil
  }

  func positions(_ range: TraceRange) -> Range<Int>? {
    guard let start = position(range.start), let end = position(range.end), start <= end else { return nil }
    return start..<end
  }

  func word32(_ position: Int) -> UInt32 { octets.span.octets.integer(at: position, as: UInt32.self) }
  func word64(_ position: Int) -> UInt64 { octets.span.octets.integer(at: position, as: UInt64.self) }

  mutating func put<Value: FixedWidthInteger>(_ value: Value, at position: Int) {
    for index in 0..<(Value.bitWidth / 8) {
      octets[position + index] = UInt8(truncatingIfNeeded: value >> Value(8 * index))
    }
  }
}

extension TraceStream {
  /// Changes the octets.
  ///
  /// - Parameter other: Octets of another stream, for a splice.
  /// - Returns: Whether there were such places.
  mutating func apply(_ change: TraceChange, splicing other: ArraySlice<UInt8> = []) -> Bool {
    switch change {
    case .flip(let place, let bit):
      guard let position = position(place), position < octets.count else { return false }
      octets[position] ^= 1 << (bit & 7)
    case .set(let place, let new):
      guard let position = position(place), new.count <= octets.count - position else { return false }
      octets.replaceSubrange(position..<(position + new.count), with: new)
    case .insert(let place, let new):
      guard let position = position(place) else { return false }
      octets.insert(contentsOf: new, at: position)
    case .splice(let place, _, _):
      guard let position = position(place) else { return false }
      octets.insert(contentsOf: other, at: position)
    case .remove(let range):
      guard let positions = positions(range) else { return false }
      octets.removeSubrange(positions)
    case .swap(let first, let second):
      let records = self.records
      guard first < records.count, second < records.count else { return false }
      guard first != second else { return true }
      let (lower, upper) = (records[Int(min(first, second))], records[Int(max(first, second))])
      let swapped = octets[upper] + octets[lower.upperBound..<upper.lowerBound] + octets[lower]
      octets.replaceSubrange(lower.lowerBound..<upper.upperBound, with: swapped)
    case .repair: repair()
    }
    return true
  }

  /// Makes sequence numbers, digests and totals right for the octets as they are.
  ///
  /// Source: Specs/10-stream-format.md sections 2, 3, 11.
  private mutating func repair() {
    guard octets.count >= Preamble.byteCount else { return }
    put(digest(0..<56), at: 56)
    let seed = digest(40..<56)
    var chain: UInt64 = 0
    var sections: UInt64 = 0
    var barriers: UInt32 = 0
    for (number, record) in records.enumerated() {
      let start = record.lowerBound
      let kind = RecordKind(rawValue: UInt16(truncatingIfNeeded: word32(start + 4)))
      let body = start + RecordHeader.byteCount
      let bodyEnd = body + Int(word64(start + 24))
      let payload = bodyEnd + Int(octets[start + 10])
      if kind == .end, bodyEnd - body == 416 {
        put(barriers + 1, at: body + 12)
        put(sections, at: body + 16)
        put(UInt64(number), at: body + 32)
        put(UInt64(start), at: body + 40)
        put(chain, at: body + 48)
      }
      put(UInt64(number), at: start + 16)
      put(digest(body..<bodyEnd), at: start + 32)
      put(digest(payload..<(payload + Int(word64(start + 40)))), at: start + 48)
      let header = octets.span.octets.words(at: start)
      put(Digest.xxh3(header: header, seed: seed), at: start + 56)
      chain = Digest.chain(chain, word64(start + 56))
      if kind == .section { sections += 1 }
      if kind == .barrier { barriers += 1 }
    }
  }

  private func digest(_ range: Range<Int>) -> UInt64 { Digest.xxh3(octets.span.octets.extracting(range)) }
}
