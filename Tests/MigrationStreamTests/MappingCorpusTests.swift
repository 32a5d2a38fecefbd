import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Every scenario of `Corpus/mapping`.
@Suite struct MappingCorpusTests {
  static let scenarios = Result { try MappingScenario.all(below: CorpusFolder.path) }

  @Test(arguments: try scenarios.get())
  func map(_ scenario: MappingScenario) throws {
    let mapping = try MappingCase(scenario)
    let mapped = mapping.outcome
    #expect(mapped.outcome == scenario.outcome, "\(scenario)")
    #expect(mapped.skipped == scenario.skipped, "\(scenario)")
    #expect(mapped.left == scenario.left, "\(scenario)")
    #expect(mapped.unverified == scenario.unverified, "\(scenario)")
    if let result = mapped.result { #expect(try mapping.isDataOfReader(result), "\(scenario)") }
  }

  /// The streams themselves are right: it is the reader that wants something else.
  @Test(arguments: try scenarios.get())
  func streamIsRight(_ scenario: MappingScenario) {
    #expect(Reading.pull(scenario.stream).refusal == nil, "\(scenario)")
  }

  @Test func unknownKeysAndPartsAreRefused() throws {
    let good = try String(
      contentsOfFile: CorpusFolder.path + "/mapping/v1-equal.txt", encoding: .utf8)
    let scenario = try MappingScenario(parsing: good, name: "good")
    #expect(scenario.local?.count == 8)
    for bad in [
      "hint: 1\n" + good, good.replacingOccurrences(of: "[local]", with: "[locale]"),
      good.replacingOccurrences(of: "expect: accept", with: "expect: reject"),
      good.replacingOccurrences(of: "[reader 0]", with: "[reader 1]"),
      good.replacingOccurrences(of: "comment:", with: "remark:"),
    ] {
      #expect(throws: ScenarioError.self) { try MappingScenario(parsing: bad, name: "bad") }
    }
  }

  /// Each row of the table is the lesson of some file, and no file names a row that is not there.
  @Test func everyRowHasAScenario() throws {
    let rows = try MappingSpec.rows()
    let named = Set(try Self.scenarios.get().flatMap(\.rows))
    #expect(named == Set(rows.map(\.name)), "\(named.symmetricDifference(rows.map(\.name)).sorted())")
  }
}

/// The mapping table of Specs/20-layouts.md section 6.
enum MappingSpec {
  struct Row {
    var name: String
    var stream: String
    var reader: String
    var result: String
  }

  static func rows() throws -> [Row] {
    let root = URL(fileURLWithPath: CorpusFolder.path).deletingLastPathComponent()
    let chapter = try String(
      contentsOf: root.appendingPathComponent("Specs/20-layouts.md"), encoding: .utf8)
    let section = try #require(chapter.components(separatedBy: "## 6. ").last)
    return section.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 6, cells[1].first?.isUppercase == true, cells[1].last?.isNumber == true || cells[1] == "E"
      else { return nil }
      return Row(name: cells[1], stream: cells[2], reader: cells[3], result: cells[4])
    }
  }
}
