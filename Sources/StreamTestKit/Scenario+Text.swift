extension Scenario {
  /// The file, with the parts of the stream named beside their octets.
  public func text(labels: [RawLabel]) -> String {
    var lines = ["expect: \(verdict.rawValue)"]
    if let stage { lines.append("stage: \(stage)") }
    if let code { lines.append("code: \(code)") }
    if let offset { lines.append("offset: \(offset)") }
    if let expected { lines.append("expected: \(expected)") }
    if let found { lines.append("found: \(found)") }
    if let released { lines.append("released: \(released)") }
    if !limits.isEmpty { lines.append("limits: " + limits.joined(separator: " ")) }
    if isForLaterReader { lines.append("reader: later") }
    if needsContent { lines.append("reader: content") }
    lines += ["spec: \(spec)", "comment: \(comment)", ""]
    let borders = labels.map(\.offset) + [octets.count]
    for (index, label) in labels.enumerated() {
      lines.append("# \(label.offset) \(label.name)")
      lines += Self.rows(octets[borders[index]..<borders[index + 1]])
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Rows of 32 octets; runs of 64 or more zero octets as `00*N`.
  private static func rows(_ octets: ArraySlice<UInt8>) -> [String] {
    var rows: [String] = []
    var rest = octets
    while !rest.isEmpty {
      let run = rest.prefix { $0 == 0 }.count / 32 * 32
      if run >= 64 {
        rows.append("00*\(run)")
        rest = rest.dropFirst(run)
        continue
      }
      let row = rest.prefix(32)
      let words = stride(from: row.startIndex, to: row.endIndex, by: 8).map { start in
        row[start..<min(start + 8, row.endIndex)].map { hexPair($0) }.joined()
      }
      rows.append(words.joined(separator: " "))
      rest = rest.dropFirst(32)
    }
    return rows
  }

  private static func hexPair(_ octet: UInt8) -> String {
    (octet < 16 ? "0" : "") + String(octet, radix: 16)
  }
}
