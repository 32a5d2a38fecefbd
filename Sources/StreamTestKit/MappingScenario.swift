import FoundationEssentials
public import MigrationStream

/// One file of `Corpus/mapping`: a stream with one section, the reader's own layouts, and what mapping gives.
///
/// Source of the grammar: Corpus/README.md.
public struct MappingScenario: Sendable, CustomStringConvertible {
  /// A name that a field of the reader had before.
  public struct Alias: Sendable, Equatable {
    public var layout: UInt32
    public var entry: UInt32
    public var name: [UInt8]

    public init(_ layout: UInt32, _ entry: UInt32, _ name: String) {
      self.layout = layout
      self.entry = entry
      self.name = .text(name)
    }
  }

  /// A field that is reported: an entry of a layout, and the offset that a refusal there would have.
  public struct Place: Sendable, Equatable, CustomStringConvertible {
    public var layout: UInt32
    public var entry: UInt32
    public var offset: UInt64

    public init(layout: UInt32, entry: UInt32, offset: UInt64) {
      self.layout = layout
      self.entry = entry
      self.offset = offset
    }

    public var description: String { "\(layout).\(entry)@\(offset)" }
  }

  public struct Refusal: Sendable, Equatable {
    public var code: StreamError.Code
    public var stage: StreamError.Stage
    public var offset: UInt64
    public var expected: UInt64
    public var found: UInt64

    public init(
      _ code: StreamError.Code, _ stage: StreamError.Stage, at offset: UInt64, expected: UInt64, found: UInt64
    ) {
      self.code = code
      self.stage = stage
      self.offset = offset
      self.expected = expected
      self.found = found
    }
  }

  public static let folder = "mapping"

  /// Folder and file name without the ending.
  public var name: String
  /// The rows of the table that the scenario is about; of a refused one, the row that refuses.
  public var rows: [String]
  public var aliases: [Alias] = []
  public var limits: [String] = []
  public var spec = "20 §6"
  public var comment: String
  public var stream: [UInt8]
  /// The reader's layouts in canonical octets; the section is mapped to the first.
  public var reader: [[UInt8]]
  /// The reader's local values.
  public var local: [UInt8]?
  /// The section data in the reader's layout, or why there is none.
  public var outcome: Outcome
  /// Fields of the stream that were skipped, of the reader that were left alone, and that nobody compared.
  public var skipped: [Place] = []
  public var left: [Place] = []
  public var unverified: [Place] = []

  public enum Outcome: Sendable, Equatable {
    case result([UInt8])
    case refused(Refusal)
  }

  public init(
    name: String, rows: [String], comment: String, stream: [UInt8], reader: [[UInt8]], outcome: Outcome
  ) {
    self.name = name
    self.rows = rows
    self.comment = comment
    self.stream = stream
    self.reader = reader
    self.outcome = outcome
  }

  public var description: String { name }

  public var streamLimits: StreamLimits {
    get throws { try StreamLimits(changing: limits, of: name) }
  }

  /// Every mapping scenario of the corpus.
  public static func all(below corpus: String) throws -> [MappingScenario] {
    try Scenario.paths(below: corpus, in: [folder]).map { path in
      let text = try String(contentsOfFile: corpus + "/" + path, encoding: .utf8)
      return try MappingScenario(parsing: text, name: String(path.dropLast(4)))
    }
  }
}

// MARK: - Text

extension MappingScenario {
  /// Reads one file; an unknown or missing key or part is an error.
  public init(parsing text: String, name: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let border = lines.firstIndex(of: "") ?? lines.count
    var keys = try ScenarioKeys(lines[..<border], name: name)
    let heads = lines.indices.filter { $0 > border && lines[$0].hasPrefix("[") }
    func part(_ start: Int, _ end: Int) throws -> [UInt8] {
      try Scenario.octets(of: lines[start..<end], name: name, firstLine: start + 1)
    }
    var parts: [String: [UInt8]] = [:]
    for (position, head) in heads.enumerated() {
      let end = position + 1 < heads.count ? heads[position + 1] : lines.count
      parts[String(lines[head])] = try part(head + 1, end)
    }
    var reader: [[UInt8]] = []
    while let layout = parts.removeValue(forKey: "[reader \(reader.count)]") { reader.append(layout) }
    let local = parts.removeValue(forKey: "[local]")
    let outcome: Outcome
    switch (try keys.take("expect"), parts.removeValue(forKey: "[result]")) {
    case ("accept", let result?): outcome = .result(result)
    case ("reject", nil):
      let (code, stage) = (try keys.code(), try keys.stage())
      guard let offset = try keys.number("offset"), let expected = try keys.number("expected"),
        let found = try keys.number("found")
      else { throw keys.fault("offset, expected or found") }
      outcome = .refused(Refusal(code, stage, at: offset, expected: expected, found: found))
    default: throw keys.fault("expect, or its result")
    }
    guard parts.isEmpty, !reader.isEmpty else { throw keys.fault("parts \(parts.keys.sorted())") }
    self.init(
      name: name, rows: keys.words("row"), comment: try keys.take("comment"),
      stream: try part(border, heads.first ?? lines.count), reader: reader, outcome: outcome)
    self.local = local
    spec = try keys.take("spec")
    limits = keys.words("limits")
    aliases = try keys.words("aliases").map { word in
      let parts = word.split(separator: "=", maxSplits: 1)
      let numbers = parts[0].split(separator: ".").compactMap { UInt32($0) }
      guard parts.count == 2, numbers.count == 2 else { throw keys.fault("aliases: \(word)") }
      return Alias(numbers[0], numbers[1], String(parts[1]))
    }
    func places(_ key: String) throws -> [Place] {
      try keys.words(key).map { word in
        let numbers = word.split { $0 == "." || $0 == "@" }.compactMap { UInt64($0) }
        guard numbers.count == 3 else { throw keys.fault("\(key): \(word)") }
        return Place(layout: UInt32(numbers[0]), entry: UInt32(numbers[1]), offset: numbers[2])
      }
    }
    (skipped, left, unverified) = (try places("skipped"), try places("left"), try places("unverified"))
    try keys.finish()
  }

  /// The file, with the parts of the stream named beside their octets.
  public func text(labels: [RawLabel]) -> String {
    var lines = ["expect: accept"]
    if case .refused(let refusal) = outcome {
      lines = ["expect: reject", "stage: \(refusal.stage)", "code: \(refusal.code)", "offset: \(refusal.offset)"]
      lines += ["expected: \(refusal.expected)", "found: \(refusal.found)"]
    }
    func list(_ key: String, _ words: [String]) {
      if !words.isEmpty { lines.append("\(key): " + words.joined(separator: " ")) }
    }
    list("row", rows)
    list("aliases", aliases.map { "\($0.layout).\($0.entry)=" + String(decoding: $0.name, as: UTF8.self) })
    list("skipped", skipped.map(\.description))
    list("left", left.map(\.description))
    list("unverified", unverified.map(\.description))
    list("limits", limits)
    lines += ["spec: \(spec)", "comment: \(comment)", ""]
    let borders = labels.map(\.offset) + [stream.count]
    for (index, label) in labels.enumerated() {
      lines.append("# \(label.offset) \(label.name)")
      lines += Scenario.rows(stream[borders[index]..<borders[index + 1]])
    }
    for (number, layout) in reader.enumerated() { lines += ["[reader \(number)]"] + Scenario.rows(layout[...]) }
    if let local { lines += ["[local]"] + Scenario.rows(local[...]) }
    if case .result(let result) = outcome { lines += ["[result]"] + Scenario.rows(result[...]) }
    return lines.joined(separator: "\n") + "\n"
  }
}
