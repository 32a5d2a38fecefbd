import DeviceModel
import Foundation
import MigrationStream
import Testing

/// The pairs of `Corpus/models/diff` against what their table says.
@Suite struct ModelDiffCorpusTests {
  /// A line of the table.
  struct Expectation: Hashable, CustomStringConvertible {
    var level: String
    var path: String
    /// What the old reader does, and the new one: a code, `misread`, `skipped`, `defaulted`, `-`.
    var forward: String
    var backward: String

    var description: String { "\(level) \(path) \(forward) \(backward)" }
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Corpus/models/diff")

  private static func table() throws -> [String: [Expectation]] {
    var table: [String: [Expectation]] = [:]
    let text = try String(contentsOf: folder.appending(path: "expectations.txt"), encoding: .utf8)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if cells.count == 2, cells[1] == "none" {
        table[cells[0], default: []] += []
      } else {
        try #require(cells.count == 5, "\(line)")
        table[cells[0], default: []].append(
          Expectation(level: cells[1], path: cells[2], forward: cells[3], backward: cells[4]))
      }
    }
    return table
  }

  private static func document(_ file: String) throws -> ModelDocument {
    let octets = [UInt8](try Data(contentsOf: folder.appending(path: file)))
    return try ModelDocument(json: JSONValue(parsing: octets))
  }

  private static func word(_ outcomes: [ModelFinding.Outcome]) -> String {
    guard let first = outcomes.first else { return "-" }
    return first.code.map { "\($0)" } ?? first.effect.rawValue
  }

  private static func expectation(_ finding: ModelFinding) -> Expectation {
    Expectation(
      level: finding.level.rawValue, path: finding.path, forward: word(finding.forward),
      backward: word(finding.backward))
  }

  /// Every finding above safe is in the table and the reverse; safe ones of the table are found.
  @Test func pairsAreJudgedAsTheTableSays() throws {
    let table = try Self.table()
    #expect(table.count >= 100)
    for (name, wanted) in table.sorted(by: { $0.key < $1.key }) {
      let diff: ModelDiff
      do {
        diff = ModelDiff(old: try Self.document(name + ".old.json"), new: try Self.document(name + ".new.json"))
      } catch {
        Issue.record("\(name): \(error)")
        continue
      }
      let found = Set(diff.findings.map(Self.expectation))
      let grave = found.filter { $0.level != "safe" }
      let missed = Set(wanted).subtracting(found)
      let unwanted = grave.subtracting(wanted)
      #expect(missed.isEmpty && unwanted.isEmpty, "\(name): not found \(missed), not wanted \(unwanted), safe \(found.subtracting(grave))")
      #expect(diff.isBreaking == wanted.contains { !["safe", "unless"].contains($0.level) }, "\(name)")
      for finding in diff.findings where finding.isBreaking {
        #expect(!finding.changes.isEmpty && !finding.next.isEmpty, "\(name) \(finding.path) says too little")
      }
    }
  }

  /// Each file of the folder belongs to a line of the table.
  @Test func allFilesAreInTheTable() throws {
    let table = try Self.table()
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
    let wanted = table.keys.flatMap { ["\($0).old.json", "\($0).new.json"] } + ["expectations.txt"]
    #expect(Set(files) == Set(wanted))
  }

  /// A definition against itself has nothing to say.
  @Test func sameDefinitionHasNoFinding() throws {
    for name in try Self.table().keys {
      let document = try Self.document(name + ".new.json")
      let findings = ModelDiff(old: document, new: document).findings
      #expect(findings.isEmpty, "\(name): \(findings)")
    }
  }

  /// What breaks one way breaks the other way round when the two are swapped, but for what goes by the history.
  @Test func swappingSwapsDirections() throws {
    for (name, rows) in try Self.table() where !rows.contains(where: { $0.path.hasPrefix("/history") }) {
      let (old, new) = (try Self.document(name + ".old.json"), try Self.document(name + ".new.json"))
      let (there, back) = (ModelDiff(old: old, new: new), ModelDiff(old: new, new: old))
      let refusals = { (diff: ModelDiff, direction: LoadDirection) in
        Set(diff.findings.flatMap { finding in
          finding.outcomes(direction).filter { $0.effect == .refused && $0.condition.isEmpty }.compactMap(\.code)
        })
      }
      // What never was published has no promise: a parameter that only the new one has may be refused.
      guard old.parameters == new.parameters else { continue }
      #expect(refusals(there, .forward) == refusals(back, .backward), "\(name)")
      #expect(refusals(there, .backward) == refusals(back, .forward), "\(name)")
    }
  }
}
