import MigrationStream

/// Writes into a MANIFEST body the lengths of its device entries, and legal values into marks, texts and the like: a
/// manifest that is refused hides everything behind it.
///
/// Source: Specs/10-stream-format.md section 4.
struct ManifestRepair {
  private let octets: FuzzOctets
  private let body: Range<Int>

  init(_ octets: FuzzOctets, _ body: Range<Int>) {
    self.octets = octets
    self.body = body
  }

  func repair() {
    let start = body.lowerBound
    octets.store(octets.load(start + 6, as: UInt8.self) % 3, start + 6)
    octets.store(UInt8(0), start + 7)
    octets.store(UInt32(0), start + 20)
    guard var position = group(at: start + 24, texts(start, 3)) else { return }
    for _ in 0..<octets.load(start + 12, as: UInt32.self) {
      guard let end = region(position) else { break }
      position = end
    }
    for _ in 0..<octets.load(start + 16, as: UInt32.self) {
      guard let end = device(position) else { return }
      octets.store(UInt32(end - position), position)
      position = end
    }
  }

  private func holds(_ position: Int, _ count: Int) -> Bool { position + count <= body.upperBound }

  /// Octets of the texts whose lengths stand in `count` numbers of 16 bits; the first of them is not empty.
  private func texts(_ position: Int, _ count: Int) -> Int {
    if octets.load(position, as: UInt16.self) == 0 { octets.store(UInt16(1), position) }
    return (0..<count).reduce(0) { $0 + Int(octets.load(position + 2 * $1, as: UInt16.self)) }
  }

  /// Makes a text group one of ASCII and gives its end; nil when it does not lie inside.
  private func group(at start: Int, _ count: Int) -> Int? {
    let padded = (count + 7) & ~7
    guard holds(start, padded) else { return nil }
    for position in start..<(start + count) {
      let octet = octets.load(position, as: UInt8.self)
      if !(0x20..<0x7f).contains(octet) { octets.store(0x61 | octet & 7, position) }
    }
    octets.clear((start + count)..<(start + padded))
    return start + padded
  }

  private func region(_ start: Int) -> Int? {
    guard holds(start, 32) else { return nil }
    octets.store(octets.load(start + 2, as: UInt16.self) & 7, start + 2)
    octets.store((octets.load(start + 16, as: UInt64.self) | 1) & (1 << 40 - 1), start + 16)
    octets.store(UInt64(1) << (octets.load(start + 24, as: UInt64.self) % 31), start + 24)
    return group(at: start + 32, texts(start, 1))
  }

  private func mark(_ position: Int) {
    let flags = octets.load(position, as: UInt16.self)
    if Mark(rawValue: flags) == nil { octets.store(RecordFlags.required, position) }
  }

  private func versions(_ position: Int) {
    octets.store(min(octets.load(position, as: UInt32.self), octets.load(position + 4, as: UInt32.self)), position + 4)
  }

  private func device(_ start: Int) -> Int? {
    guard holds(start, 48) else { return nil }
    mark(start + 8)
    octets.store(1 + octets.load(start + 10, as: UInt8.self) % 3, start + 10)
    octets.store(octets.load(start + 11, as: UInt8.self) & 3, start + 11)
    versions(start + 24)
    var position = group(at: start + 48, texts(start + 12, 3))
    for _ in 0..<octets.load(start + 18, as: UInt16.self) { position = position.flatMap(parameter) }
    let announced = octets.load(start + 20, as: UInt16.self) &+ octets.load(start + 22, as: UInt16.self)
    for _ in 0..<announced { position = position.flatMap(announcement) }
    return position
  }

  private func parameter(_ start: Int) -> Int? {
    guard holds(start, 16) else { return nil }
    return group(at: start + 16, texts(start, 1) + Int(octets.load(start + 4, as: UInt32.self) & 0xffff))
  }

  private func announcement(_ start: Int) -> Int? {
    guard holds(start, 16) else { return nil }
    mark(start + 2)
    versions(start + 4)
    octets.store(UInt32(0), start + 12)
    return group(at: start + 16, texts(start, 1))
  }
}
