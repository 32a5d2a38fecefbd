extension ReportWriter where Output: ~Copyable {
  /// One line of the tree: offset, length, indented name, type, value, meaning.
  func writeLine(_ node: ReportNode, path: String) {
    let place: String
    if let offset = node.offset {
      place = ReportText.offset(offset) + " " + Self.right(String(node.length), 10) + "  "
    } else {
      place = showsOffsets ? String(repeating: " ", count: 23) : ""
    }
    let name = hasChild.isEmpty ? path.visible : node.name.visible
    var line = colour.dim(place) + String(repeating: "  ", count: hasChild.count)
    line += hasChild.isEmpty ? colour.strong(name) : name
    if !node.type.isEmpty { line += colour.dim(": \(node.type)") }
    if node.value != .none { line += " = " + colour.value(node.value.text) }
    if !node.meaning.isEmpty { line += " (\(node.meaning.visible))" }
    if node.isSkippable { line += " [skippable]" }
    writeText(line)
  }

  static var annotatedHead: String {
    "offset      octets                           type           value                 meaning\n"
  }

  /// One row of the table: what the octets are, and in front of it what nobody accounted for.
  func writeRow(_ node: ReportNode, path: String, octets: RawSpan) {
    guard let offset = node.offset, node.length > 0 else { return }
    writeGap(to: offset)
    var meaning = path.visible
    if !node.meaning.isEmpty { meaning += " (\(node.meaning.visible))" }
    writeRow(
      offset, hex: Self.hex(octets, length: node.length), type: node.type, value: node.value.text,
      meaning: meaning)
    accounted = max(accounted, offset + node.length)
  }

  /// A row for octets between what was accounted for and `offset`.
  func writeGap(to offset: UInt64) {
    guard offset > accounted, showsGaps else { return }
    let length = offset - accounted
    writeRow(
      accounted, hex: "(\(length) octets)", type: "gap", value: "", meaning: "not read, or not described")
    accounted = offset
  }

  private func writeRow(
    _ offset: UInt64, hex: String, type: String, value: String, meaning: String
  ) {
    let shown = value.utf8.count > 40 ? String(value.prefix(37)) + "..." : value
    let row =
      colour.dim(ReportText.offset(offset)) + "  " + Self.left(hex, 32) + " " + Self.left(type, 14) + " "
      + colour.value(Self.left(shown, 21)) + " " + meaning
    writeText(row)
  }

  /// At most eight octets, and how many there are.
  private static func hex(_ octets: RawSpan, length: UInt64) -> String {
    let head = Array(octets, max: 8).map { hexadecimal($0) }.joined(separator: " ")
    if octets.byteCount == 0 { return "(\(length) octets)" }
    return length > 8 ? "\(head) (\(length))" : head
  }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }
}
