extension Scenario {
  /// The file, with the parts of the stream named beside their octets.
  ///
  /// - Parameter further: The labels of each further channel.
  public func text(labels: [RawLabel], further: [[RawLabel]] = []) -> String {
    var lines = ["expect: \(verdict.rawValue)"]
    if let stage { lines.append("stage: \(stage)") }
    if let code { lines.append("code: \(code)") }
    if channel != 0 { lines.append("channel: \(channel)") }
    if let offset { lines.append("offset: \(offset)") }
    if let expected { lines.append("expected: \(expected)") }
    if let found { lines.append("found: \(found)") }
    if let released { lines.append("released: \(released)") }
    if !limits.isEmpty { lines.append("limits: " + limits.joined(separator: " ")) }
    if needsContent { lines.append("reader: content") }
    if !events.isEmpty { lines.append("events: " + events.joined(separator: " ")) }
    lines += ["spec: \(spec)", "comment: \(comment)", ""]
    lines += Self.rows(octets, labels)
    for (channel, labels) in zip(furtherChannels, further) {
      lines.append("channel")
      lines += Self.rows(channel, labels)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func rows(_ octets: [UInt8], _ labels: [RawLabel]) -> [String] {
    let borders = labels.map(\.offset) + [octets.count]
    return labels.enumerated().flatMap { index, label in
      ["# \(label.offset) \(label.name)"] + rows(octets[borders[index]..<borders[index + 1]])
    }
  }

  /// Rows of 32 octets; runs of 64 or more zero octets as `00*N`.
  static func rows(_ octets: ArraySlice<UInt8>) -> [String] {
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
