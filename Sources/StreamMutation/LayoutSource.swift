import MigrationStream

/// A canonical layout that a stream brings; it may be wrong.
struct LayoutSource {
  /// The stream's own, or what the frame of a LAYOUT holds.
  let octets: [UInt8]
  let entries: LayoutEntries
  /// Number of the LAYOUT record.
  let record: Int

  func type(_ number: Int) -> FieldType? { FieldType(rawValue: octets[entries.start(number)]) }
  func shape(_ number: Int) -> FieldShape? { FieldShape(rawValue: octets[entries.start(number) + 1]) }
  func width(_ number: Int) -> Int { Int(octets.word32(entries.start(number) + 4)) }
  func elementCount(_ number: Int) -> Int { Int(octets.word32(entries.start(number) + 8)) }
  func blockCount(_ number: Int) -> Int { entries.blockCount(octets, number) }

  /// Numbers of the entries that belong to one.
  func below(_ number: Int) -> Range<Int> {
    (number + 1)..<(number + 1 + entries.descendants(octets, number))
  }

  func next(_ number: Int) -> Int { below(number).upperBound }

  /// Whether an element of a field has octets outside the block.
  func hasVariablePart(_ number: Int) -> Bool {
    if isVariable(number) { return true }
    return below(number).contains { isVariable($0) || shape($0) == .countedArray }
  }

  private func isVariable(_ number: Int) -> Bool {
    guard let type = type(number) else { return false }
    return !type.isLeaf && type != .structure
  }

  /// What the layout claims to be the largest legal value of a number; 0: nothing.
  func limit(_ number: Int) -> UInt64 {
    let start = entries.start(number)
    if octets[start + 3] & 2 != 0 { return octets.word64(start + 40) }
    let reference = Int(octets.word32(start + 28))
    if reference > 0, reference <= entries.count {
      let target = reference - 1
      let most = UInt64(elementCount(target))
      return type(number) == .index ? most &- 1 : most
    }
    let symbols = Int(octets.word32(start + 24))
    guard symbols > 0, symbols < 4096 else { return 0 }
    var before = 0
    for other in 0..<number { before += Int(octets.word32(entries.start(other) + 24) & 0xffff) }
    let last = entries.start(entries.count) + 16 * (before + symbols - 1)
    return last + 8 <= entries.range.upperBound ? octets.word64(last) : 0
  }

  /// What the layout claims to be the smallest legal value of a number; nil: nothing.
  func least(_ number: Int) -> UInt64? {
    let start = entries.start(number)
    return octets[start + 3] & 2 != 0 ? octets.word64(start + 32) : nil
  }

  /// The name of a field; nil when the texts do not go so far.
  func name(_ number: Int) -> String? {
    var position = entries.start(entries.count) + 16 * Int(octets.word32(entries.range.lowerBound + 4) & 0xffff)
    position += Int(octets.word16(entries.range.lowerBound + 16))
    var symbol = entries.start(entries.count)
    for other in 0..<number {
      let start = entries.start(other)
      position += Int(octets.word16(start + 16)) + Int(octets.word16(start + 18))
      for _ in 0..<(octets.word32(start + 24) & 0xffff) {
        guard symbol + 16 <= entries.range.upperBound else { return nil }
        position += Int(octets.word16(symbol + 8))
        symbol += 16
      }
    }
    let end = position + Int(octets.word16(entries.start(number) + 16))
    guard end <= entries.range.upperBound else { return nil }
    let text = octets.span.octets.extracting(position..<end)
    return text.isText ? String(decoding: octets[position..<end], as: UTF8.self) : nil
  }
}

extension RecordTree {
  /// The layout of that number, as far as the stream brings its octets.
  func layout(_ number: UInt32) -> LayoutSource? {
    var seen: UInt32 = 0
    for (index, spot) in records.enumerated() where spot.knownKind == .layout {
      if seen == number { return layout(inRecord: index) }
      seen += 1
    }
    return nil
  }

  func layout(inRecord index: Int) -> LayoutSource? {
    let body = records[index].body
    guard body.count >= 32 else { return nil }
    switch octets[body.lowerBound + 4] {
    case 0:
      let entries = LayoutEntries(octets, (body.lowerBound + 32)..<body.upperBound)
      return entries.count == 0 ? nil : LayoutSource(octets: octets, entries: entries, record: index)
    case 1:
      let count = octets.clamped(body.lowerBound + 24, body.count - 32)
      let frame = (body.lowerBound + 32)..<(body.lowerBound + 32 + count)
      guard let plain = Frames.plain(octets, frame, octets.word64(body.lowerBound + 8)) else { return nil }
      let entries = LayoutEntries(plain, 0..<plain.count)
      return entries.count == 0 ? nil : LayoutSource(octets: plain, entries: entries, record: index)
    default: return nil
    }
  }
}
