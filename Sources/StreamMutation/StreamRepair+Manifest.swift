import MigrationStream

/// Lengths of device entries, and legal values in marks, texts and the like: a manifest that is refused hides everything
/// behind it.
///
/// Source: Specs/10-stream-format.md section 4.
extension RepairRun {
  mutating func repairManifest(_ body: Range<Int>) {
    let start = body.lowerBound
    if octets[start + 6] > 2 { put(0, start + 6, 1) }
    put(0, start + 7, 1)
    let page = octets.word32(start + 8)
    if page & (page &- 1) != 0 { put(4096, start + 8, 4) }
    put(0, start + 20, 4)
    guard var position = texts(at: start + 24, of: start, 3, body) else { return }
    for _ in 0..<octets.word32(start + 12) {
      guard let end = repairRegion(position, body) else { return }
      position = end
    }
    for number in 0..<octets.word32(start + 16) {
      guard let end = repairDevice(position, number, body) else { return }
      put(UInt64(end - position), position, 4)
      position = end
    }
  }

  /// Repairs the text group at `position`, whose lengths are the `count` numbers of 16 bits at `lengths`; the first text
  /// is not empty.
  ///
  /// - Returns: The end of the group; nil when it does not lie inside.
  private mutating func texts(
    at position: Int, of lengths: Int, _ count: Int, _ body: Range<Int>, optional: Bool = false, more: Int = 0
  ) -> Int? {
    if !optional, octets.word16(lengths) == 0 { put(1, lengths, 2) }
    var end = position
    for number in 0..<count { end += Int(octets.word16(lengths + 2 * number)) }
    end += more
    let padded = position + (end - position).padded
    guard padded <= body.upperBound else { return nil }
    if !octets.span.octets.extracting(position..<end).isText {
      for place in position..<end where !(0x20..<0x7f).contains(octets[place]) {
        put(UInt64(0x61 | octets[place] & 7), place, 1)
      }
    }
    clear(end..<padded)
    return padded
  }

  private mutating func repairRegion(_ start: Int, _ body: Range<Int>) -> Int? {
    guard start + 32 <= body.upperBound else { return nil }
    let flags = octets.word16(start + 2)
    if flags & ~7 != 0 { put(UInt64(flags & 7), start + 2, 2) }
    if octets.word16(start + 2) & 4 != 0 { features |= MandatoryFlags.opaqueMemory }
    let length = octets.word64(start + 16)
    if length == 0 || length >= 1 << 56 { put((length | 1) & (1 << 40 - 1), start + 16, 8) }
    let page = octets.word64(start + 24)
    if page == 0 || page & (page - 1) != 0 { put(UInt64(1) << (page % 31), start + 24, 8) }
    return texts(at: start + 32, of: start, 1, body)
  }

  private mutating func repairMark(_ position: Int) {
    if Mark(rawValue: octets.word16(position)) == nil { put(UInt64(RecordFlags.required), position, 2) }
  }

  private mutating func repairVersions(_ position: Int) {
    if octets.word32(position + 4) > octets.word32(position) { put(UInt64(octets.word32(position)), position + 4, 4) }
  }

  private mutating func repairDevice(_ start: Int, _ number: UInt32, _ body: Range<Int>) -> Int? {
    guard start + 48 <= body.upperBound else { return nil }
    let parent = octets.word32(start + 4)
    if parent != Format.none32, parent >= number { put(UInt64(Format.none32), start + 4, 4) }
    repairMark(start + 8)
    if !(1...3).contains(octets[start + 10]) { put(1, start + 10, 1) }
    if octets[start + 11] > 3 { put(0, start + 11, 1) }
    repairVersions(start + 24)
    let isSingle = octets.word32(16) & MandatoryFlags.singleDevice != 0
    guard var position = texts(at: start + 48, of: start + 12, 3, body, optional: isSingle) else { return nil }
    for _ in 0..<octets.word16(start + 18) {
      guard let end = repairParameter(position, body) else { return nil }
      position = end
    }
    for _ in 0..<(Int(octets.word16(start + 20)) + Int(octets.word16(start + 22))) {
      guard position + 16 <= body.upperBound else { return nil }
      repairMark(position + 2)
      repairVersions(position + 4)
      put(0, position + 12, 4)
      guard let end = texts(at: position + 16, of: position, 1, body) else { return nil }
      position = end
    }
    return position
  }

  private mutating func repairParameter(_ start: Int, _ body: Range<Int>) -> Int? {
    guard start + 16 <= body.upperBound else { return nil }
    if !(1...3).contains(octets[start + 2]) { put(2, start + 2, 1) }
    put(0, start + 3, 1)
    if octets[start + 2] != 3 { put(0, start + 4, 4) }
    if octets[start + 2] == 1, octets.word64(start + 8) > 1 { put(1, start + 8, 8) }
    if octets[start + 2] == 3 { put(0, start + 8, 8) }
    let text = octets.word32(start + 4)
    guard text <= UInt32(clamping: body.upperBound - start) else { return nil }
    return texts(at: start + 16, of: start, 1, body, more: Int(text))
  }
}
