import DeviceModel
import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// A document with one thing wrong, and what lint says of it.
struct LintCase: Sendable, CustomTestStringConvertible {
  var rule: LintRule
  var pointer: String
  var line: Int

  init(_ rule: LintRule, _ pointer: String, line: Int) {
    self.rule = rule
    self.pointer = pointer
    self.line = line
  }

  var testDescription: String { rule.rawValue }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func octets(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: "Corpus/models/lint/\(name).json")))
  }

  /// From the chapter and the documents, by hand.
  static let all = [
    LintCase(.document, "/colour", line: 24),
    LintCase(.schemeInIdentifier, "/model", line: 3),
    LintCase(.vagueVersion, "/device_version", line: 24),
    LintCase(.externalClass, "/sections/0/fields/0", line: 11),
    LintCase(.filePath, "/model", line: 3),
    LintCase(.notCanonical, "", line: 5),
    LintCase(.implementationWord, "/sections/0/fields/0/description", line: 16),
    LintCase(.noMeaning, "/sections/0/fields/0", line: 10),
    LintCase(.noUnit, "/sections/0/fields/0", line: 10),
    LintCase(.nameStyle, "/sections/0/fields/0/name", line: 10),
    LintCase(.secretHint, "/sections/0/fields/1", line: 12),
    LintCase(.noOffValue, "/params/colour", line: 6),
    LintCase(.defaultEnables, "/params/colour/init_value", line: 7),
    LintCase(.unusedParameter, "/params/colour", line: 7),
    LintCase(.requiresImpossible, "/params/colour/requires/0", line: 11),
    LintCase(.valuesContradict, "/params/colour/requires/0", line: 11),
    LintCase(.enabledWhileOff, "/sections/0/fields/1/enabled_by", line: 18),
    LintCase(.neverEnabled, "/sections/0/fields/1/enabled_by", line: 24),
    LintCase(.untiedState, "/sections/0/fields/1", line: 12),
    LintCase(.historyIncomplete, "/history", line: 13),
    LintCase(.historyBroken, "/history/0", line: 14),
    LintCase(.sinceAgainstHistory, "/sections/0/fields/1", line: 15),
    LintCase(.rangeEmpty, "/sections/0/fields/1/range", line: 24),
    LintCase(.groupEmpty, "/sections/0/fields/1", line: 12),
    LintCase(.conditionImpossible, "/sections/0/subsections/0/when", line: 16),
    LintCase(.conditionWithoutWords, "/sections/0/subsections/0", line: 12),
    LintCase(.conditionInWordsOnly, "/sections/0/subsections/0/condition", line: 15),
    LintCase(.skippableGuestVisible, "/sections/0/fields/1", line: 12),
    LintCase(.unbounded, "/sections/0/fields/0", line: 11),
    LintCase(.openEnumeration, "/sections/0/fields/0/open", line: 15),
  ]
}

@Suite struct LintTests {
  /// Where files of the corpus would lie in a folder of models.
  private let path = "models/example.org/lamp.json"

  @Test(arguments: LintCase.all)
  func aDocumentWithOneThingWrongHasOneFinding(_ sample: LintCase) throws {
    let findings = ModelLint.findings(in: try LintCase.octets(sample.rule.rawValue), path: path)
    let finding = try #require(findings.first)
    #expect(findings.count == 1, "\(findings)")
    #expect(finding.rule == sample.rule)
    #expect(finding.pointer == sample.pointer)
    #expect(finding.line == sample.line)
  }

  /// All that a section has is off unless somebody asks for it.
  @Test func aDocumentWithoutStateAsItIsMadeHasAFinding() throws {
    let octets = try LintCase.octets("enabled-while-off.right")
    let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let text = lines.filter { !$0.contains("Brightness") }.joined(separator: "\n")
    let findings = ModelLint.findings(in: Array(text.utf8), path: path).filter { $0.rule.level == .error }
    #expect(findings.map(\.rule) == [.document], "\(findings)")
    #expect(findings.first?.pointer == "/sections/0/fields")
  }

  @Test(arguments: LintCase.all)
  func itsCorrectedTwinHasNone(_ sample: LintCase) throws {
    #expect(ModelLint.findings(in: try LintCase.octets(sample.rule.rawValue + ".right"), path: path) == [])
  }

  @Test func everyRuleHasACase() {
    #expect(Set(LintCase.all.map(\.rule)) == Set(LintRule.allCases))
  }

  /// The table of the chapter names every rule with its level, in the same order.
  @Test func theChapterHasTheSameRules() throws {
    let chapter = try String(contentsOf: LintCase.folder.appending(path: "Specs/device-models.md"), encoding: .utf8)
    let section = try #require(chapter.components(separatedBy: "## 10. Lint").last?.components(separatedBy: "### 10.1"))
    let rows = section[0].split(separator: "\n").filter { $0.hasPrefix("| `") }
    let table = rows.map { row in
      let cells = row.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
      return "\(cells[1].split(separator: "`")[0]) \(cells[2])"
    }
    #expect(table == LintRule.allCases.map { "\($0.rawValue) \($0.level.rawValue)" })
    let words = try #require(section.last?.components(separatedBy: "\n## ").first)
    let listed = words.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    #expect(listed.filter { $0 != "_" && $0 != "-" } == ModelLint.implementationWords)
  }

  @Test func publishedModelsAreClean() throws {
    let folder = LintCase.folder.appending(path: "Specs/devices").path
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
    #expect(!files.isEmpty)
    for file in files {
      let octets = [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + file)))
      #expect(ModelLint.findings(in: octets, path: file) == [], "\(file)")
    }
  }

  // MARK: Words

  @Test(arguments: [
    ("A void pointer.", "void"), ("the host-address of it", "host address"), ("ring_pointer", "pointer"),
    ("opaque\ndata", "opaque data"), ("SIZEOF(x)", "sizeof"),
  ])
  func wordsOfImplementationsAreFound(_ text: String, _ word: String) {
    #expect(ModelLint.implementationWord(in: text) == word)
  }

  @Test(arguments: ["", "appointer", "structure", "opaque", "the data are opaque", "avoid", "\u{e9}void"])
  func otherWordsAreNot(_ text: String) { #expect(ModelLint.implementationWord(in: text) == nil) }

  // MARK: Anything may come

  /// Documents cut off, with octets changed, or made of their pieces: never a trap, always findings with a line.
  @Test func damagedDocumentsHaveFindings() throws {
    var random = SeededGenerator(seed: 0x1147)
    for sample in LintCase.all {
      let octets = try LintCase.octets(sample.rule.rawValue)
      for _ in 0..<40 {
        var damaged = octets
        switch random.next() % 3 {
        case 0: damaged.removeLast(Int(random.next() % UInt64(octets.count)))
        case 1: damaged[Int(random.next() % UInt64(octets.count))] = UInt8(truncatingIfNeeded: random.next())
        default:
          let start = Int(random.next() % UInt64(octets.count))
          damaged.removeSubrange(start..<min(octets.count, start + Int(random.next() % 40)))
        }
        for finding in ModelLint.findings(in: damaged, path: path) {
          #expect(finding.line >= 1, "\(sample.rule) \(String(decoding: damaged, as: UTF8.self))")
        }
      }
    }
  }
}
