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
  /// Octets from the start of the stream to the field at fault.
  public var offset: UInt64?
  public var expected: UInt64?
  public var found: UInt64?
  /// Records handed over complete before the refusal.
  public var released: Int?
  /// Limits that differ from the defaults, as `name=value`.
  public var limits: [String] = []
  /// Whether only a reader of several channels can be asked.
  public var isForLaterReader = false
  /// Whether only a reader can be asked that looks at the final content of memory: into the areas of an image, or at
  /// the pages of an index.
  public var needsContent = false
  public var spec: String
  public var comment: String
  public var octets: [UInt8]

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
    "preamble", "record", "manifest", "layout", "section", "subsection", "memory", "bytes", "pass", "end",
    "zstd", "profile", "image", "index", "compat",
  ]

  /// The scenario files in some folders of the corpus, in order, without reading them.
  public static func paths(below corpus: String, in folders: [String]) throws -> [String] {
    try folders.filter { FileManager.default.fileExists(atPath: corpus + "/" + $0) }.flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: corpus + "/" + folder)
        .filter { $0.hasSuffix(".txt") }.map { folder + "/" + $0 }.sorted()
    }
  }

  /// Every scenario of the corpus that lies in `folder`.
  public static func all(below folder: String) throws -> [Scenario] {
    try paths(below: folder, in: folders).map { path in
      let text = try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
      return try Scenario(parsing: text, name: String(path.dropLast(4)))
    }
  }

  /// Reads one file; an unknown or missing key is an error.
  public init(parsing text: String, name: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let border = lines.firstIndex(of: "") ?? lines.count
    var keys: [String: String] = [:]
    for (index, line) in lines[..<border].enumerated() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, keys[String(parts[0])] == nil else {
        throw ScenarioError(name: name, line: index + 1, reason: "not `key: value`, or a key twice")
      }
      keys[String(parts[0])] = String(parts[1].drop { $0 == " " })
    }
    func fail(_ reason: String) -> ScenarioError { ScenarioError(name: name, line: 1, reason: reason) }
    func take(_ key: String) throws -> String {
      guard let value = keys.removeValue(forKey: key) else { throw fail("no \(key)") }
      return value
    }
    func number<Value: FixedWidthInteger>(_ key: String, as type: Value.Type) throws -> Value? {
      guard let value = keys.removeValue(forKey: key) else { return nil }
      guard let number = Value(value) else { throw fail("\(key) is not a number") }
      return number
    }
    guard let verdict = Verdict(rawValue: try take("expect")) else { throw fail("expect") }
    self.init(
      name: name, verdict: verdict, spec: try take("spec"), comment: try take("comment"),
      octets: try Self.octets(of: lines[border...], name: name, firstLine: border + 1))
    if verdict == .reject {
      let (codeName, stageName) = (try take("code"), try take("stage"))
      code = StreamError.Code.allCases.first { "\($0)" == codeName }
      stage = StreamError.Stage.allCases.first { "\($0)" == stageName }
      offset = try number("offset", as: UInt64.self)
      released = try number("released", as: Int.self)
      guard code != nil, stage != nil, offset != nil, released != nil else {
        throw fail("code, stage, offset or released")
      }
      expected = try number("expected", as: UInt64.self)
      found = try number("found", as: UInt64.self)
    }
    limits = keys.removeValue(forKey: "limits")?.split(separator: " ").map(String.init) ?? []
    let reader = keys.removeValue(forKey: "reader")
    guard reader == nil || reader == "later" || reader == "content" else { throw fail("reader") }
    isForLaterReader = reader == "later"
    needsContent = reader == "content"
    guard keys.isEmpty else { throw fail("unknown key \(keys.keys.sorted())") }
  }

  private static func octets(
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
