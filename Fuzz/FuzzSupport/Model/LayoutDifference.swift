import MigrationStream

/// The first place at which canonical octets of a layout differ.
///
/// Source: Specs/20-layouts.md section 3.
struct LayoutDifference {
  let place: String
  let found: String
  let wanted: String

  private static let header: [(start: Int, name: String)] = [
    (0, "fields"), (4, "symbols"), (8, "octets of text"), (12, "octets of the block"), (16, "octets of the name"),
    (18, "reserved"),
  ]
  private static let entry: [(start: Int, name: String)] = [
    (0, "type"), (1, "shape"), (2, "mark"), (3, "flags"), (4, "width"), (8, "count"), (12, "descendants"),
    (16, "octets of its name"), (18, "octets of its unit"), (20, "radix"), (21, "clock"), (22, "alignment"),
    (23, "reserved"), (24, "symbols"), (28, "reference"), (32, "min"), (40, "max"), (48, "default"), (56, "since"),
    (60, "until"),
  ]

  /// - Returns: nil where they are the same.
  init?(_ octets: RawSpan, _ wanted: [UInt8]) {
    if octets.byteCount == wanted.count, octets.compare(to: wanted.span.octets) == 0 { return nil }
    let found = (0..<octets.byteCount).map { octets.octet(at: $0) }
    guard let first = zip(found, wanted).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset else {
      (place, self.found, self.wanted) = ("its number of octets", "\(found.count)", "\(wanted.count)")
      return
    }
    let fieldCount = Int(wanted[0]) + Int(wanted[1]) << 8
    var (start, end) = (first, first + 1)
    if first < 24 {
      place = Self.attribute(first, of: Self.header, 24, at: 0, &start, &end)
    } else if first < 24 + 64 * fieldCount {
      let number = (first - 24) / 64
      place = "entry \(number), \(Self.attribute(first, of: Self.entry, 64, at: 24 + 64 * number, &start, &end))"
    } else {
      place = "symbols and text, octet \(first)"
      end = first + 24
    }
    (self.found, self.wanted) = (Self.hexadecimal(found, start, end), Self.hexadecimal(wanted, start, end))
  }

  private static func attribute(
    _ octet: Int, of table: [(start: Int, name: String)], _ size: Int, at place: Int, _ start: inout Int, _ end: inout Int
  ) -> String {
    let row = table.lastIndex { place + $0.start <= octet } ?? 0
    start = place + table[row].start
    end = place + (row + 1 < table.count ? table[row + 1].start : size)
    return table[row].name
  }

  /// An integer, from its highest octet down.
  private static func hexadecimal(_ octets: [UInt8], _ start: Int, _ end: Int) -> String {
    octets[min(start, octets.count)..<min(end, octets.count)].reversed()
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
