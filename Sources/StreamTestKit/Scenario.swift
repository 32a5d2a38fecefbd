import FoundationEssentials
public import MigrationStream

/// One file of the corpus: a stream, and what a reader has to say to it.
///
/// Source of the grammar: Corpus/README.md.
public struct Scenario: Sendable, CustomStringConvertible {
  public enum Verdict: String, Sendable { case accept, reject }

  /// Folder and file name without the ending: `section/left-over-octets`.
  public var name: String
  public var verdict: Verdict
  public var code: StreamError.Code?
  public var stage: StreamError.Stage?
  /// The channel at fault; 65535 for one whose hello is.
  public var channel: UInt16 = 0
  /// Octets from the start of the stream, or of the channel, to the field at fault.
  public var offset: UInt64?
  public var expected: UInt64?
  public var found: UInt64?
  /// Records handed over complete before the refusal.
  public var released: Int?
  /// Limits that differ from the defaults, as `name=value`.
  public var limits: [String] = []
  /// Whether only a reader can be asked that looks at the final content of memory: into the areas of an image, or at
  /// the pages of an index.
  public var needsContent = false
  /// What a reader of the reverse direction hands over, before the refusal if there is one.
  public var events: [String] = []
  public var spec: String
  public var comment: String
  public var octets: [UInt8]
  /// The octets of further channels, in no particular order.
  public var furtherChannels: [[UInt8]] = []

  /// Whether the preamble says that the octets are those of an image.
  public var isImage: Bool { octets.count > 15 && octets[14] == 2 && octets[15] == 0 }

  public init(
    name: String, verdict: Verdict, spec: String, comment: String, octets: [UInt8]
  ) {
    self.name = name
    self.verdict = verdict
    self.spec = spec
    self.comment = comment
    self.octets = octets
  }

  public var description: String { name }

  /// Whether the lesson is about several channels, and wants a reader of them.
  public var isOfSeveralChannels: Bool { name.hasPrefix("channel/") }
}

/// Why a scenario file is not one.
public struct ScenarioError: Error, CustomStringConvertible {
  public var name: String
  public var line: Int
  public var reason: String
  public var description: String { "\(name):\(line): \(reason)" }
}

extension Scenario {
  /// The folders of the corpus that hold scenarios.
  public static let folders = [
    "preamble", "record", "manifest", "layout", "section", "subsection", "memory", "bytes", "pass", "channel",
    "end", "zstd", "profile", "image", "index", "compat",
  ]

  /// The folder of what destinations tell sources, which is no stream and has a reader of its own.
  public static let reverseFolder = "reverse"

  /// The scenario files in some folders of the corpus, in order, without reading them.
  public static func paths(below corpus: String, in folders: [String]) throws -> [String] {
    try folders.filter { FileManager.default.fileExists(atPath: corpus + "/" + $0) }.flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: corpus + "/" + folder)
        .filter { $0.hasSuffix(".txt") }.map { folder + "/" + $0 }.sorted()
    }
  }

  /// Every scenario of the corpus that lies in `folder`.
  public static func all(below folder: String, in folders: [String] = Scenario.folders) throws -> [Scenario] {
    try paths(below: folder, in: folders).map { path in
      let text = try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
      return try Scenario(parsing: text, name: String(path.dropLast(4)))
    }
  }

  /// Reads one file; an unknown or missing key is an error.
  public init(parsing text: String, name: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let border = lines.firstIndex(of: "") ?? lines.count
    var keys = try ScenarioKeys(lines[..<border], name: name)
    guard let verdict = Verdict(rawValue: try keys.take("expect")) else { throw keys.fault("expect") }
    let parts = lines[border...].split(separator: "channel", omittingEmptySubsequences: false)
    let octets = try parts.map { try Self.octets(of: $0, name: name, firstLine: $0.startIndex + 1) }
    self.init(
      name: name, verdict: verdict, spec: try keys.take("spec"), comment: try keys.take("comment"),
      octets: octets[0])
    furtherChannels = Array(octets.dropFirst())
    if verdict == .reject {
      code = try keys.code()
      stage = try keys.stage()
      channel = UInt16(clamping: try keys.number("channel") ?? 0)
      offset = try keys.number("offset")
      released = try keys.number("released").map(Int.init)
      guard offset != nil, released != nil else { throw keys.fault("offset or released") }
      expected = try keys.number("expected")
      found = try keys.number("found")
    }
    limits = keys.words("limits")
    let reader = keys.takeIfPresent("reader")
    guard reader == nil || reader == "content" else { throw keys.fault("reader") }
    needsContent = reader == "content"
    events = keys.words("events")
    try keys.finish()
  }

  static func octets(
    of lines: ArraySlice<Substring>, name: String, firstLine: Int
  ) throws -> [UInt8] {
    var octets: [UInt8] = []
    for (index, line) in lines.enumerated() {
      let code = line.prefix { $0 != "#" }
      for word in code.split(separator: " ") {
        let parts = word.split(separator: "*")
        let digits = String(parts[0])
        guard digits.count.isMultiple(of: 2), digits.allSatisfy(\.isHexDigit) else {
          throw ScenarioError(name: name, line: firstLine + index, reason: "not octets: \(word)")
        }
        let repeats = parts.count == 2 ? Int(parts[1]) ?? 0 : 1
        guard parts.count <= 2, (1...(1 << 26)).contains(repeats) else {
          throw ScenarioError(name: name, line: firstLine + index, reason: "not a run: \(word)")
        }
        octets += [[UInt8]](repeating: .hex(digits), count: repeats).flatMap { $0 }
      }
    }
    return octets
  }
}
