import Foundation
import ResumePath
import Testing

/// The committed corpus reaches every error that the specification has, and every step between two states.
struct ErrorPairTests {
  private static let reached = Result { try ReachedErrors() }

  /// What no corpus can hold, and who holds it instead.
  private static let elsewhere: [(stage: String, codes: String, reason: String)] = [
    (
      "preamble", "notImplemented",
      "a reader of one channel given a stream of several; the corpus reads such streams with all their channels: ChannelCorpusTests"
    ),
    ("record", "badIndex", "a seeking reader that follows an index to a record that is another one: IndexReaderTests"),
    (
      "rules",
      """
      badTarget conditionMismatch countAboveMaximum cyclicReference danglingReference duplicateKey duplicateName duplicateSection \
      incompleteBytes missingSection notEnabled parameterRefused ruleViolated sectionOutOfOrder symbolChanged unknownRegion \
      unknownRequired valueOutOfRange versionTooNew versionTooOld wrongModel
      """,
      "a reader's own table is no part of a vector: JudgeTests and SectionRules*Tests make table and stream"
    ),
    (
      "resume",
      "badRange noDataNow rangeOverflow tooManyRanges deviceFailed notImplemented unknownDevice missingDevice foreignChannel wrongCall",
      "logging ranges, owners and devices that break their word, and links that break are no part of a trace: LoggingRequestTests, Session*Tests, Handover*Tests"
    ),
  ]

  private func chapter() throws -> Set<ErrorPair> {
    let file = FuzzCorpus.root.appending(path: "../Specs/40-reader-rules.md").standardized
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    let head = try #require(rows.firstIndex(of: "| stage | its codes |"))
    var pairs: Set<ErrorPair> = []
    for row in rows[(head + 2)...].prefix(while: { $0.hasPrefix("|") }) {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      for code in cells[1].split(separator: " ") { pairs.insert(ErrorPair(cells[0], String(code))) }
    }
    return pairs
  }

  @Test func everyErrorIsReached() throws {
    let reached = try Self.reached.get().pairs
    let chapter = try chapter()
    let excused = Set(Self.elsewhere.flatMap { row in row.codes.split(separator: " ").map { ErrorPair(row.stage, String($0)) } })
    let missing = chapter.subtracting(reached).subtracting(excused).sorted()
    #expect(missing.isEmpty, "no vector, trace or fuzz input reaches: \(missing)")
    let strange = excused.subtracting(chapter).sorted()
    #expect(strange.isEmpty, "excused and not in the chapter: \(strange)")
  }

  @Test func everyReachedErrorIsInTheChapter() throws {
    let chapter = try chapter()
    let found = try Self.reached.get().pairs.filter { $0.stage != "use" && $0.code != "outOfMemory" }
    let unknown = found.subtracting(chapter).sorted()
    #expect(unknown.isEmpty, "not in the table of chapter 40: \(unknown)")
  }

  @Test func everyArcIsReached() throws {
    let capabilities: MigrationCapabilities = [.stopCopy, .p2p, .preCopy]
    var arcs: Set<String> = []
    for start in MigrationState.allCases {
      for goal in MigrationState.allCases {
        if let next = capabilities.nextState(from: start, toward: goal), next != start {
          arcs.insert(ReachedErrors.arc(start, next))
        }
      }
    }
    let missing = arcs.subtracting(try Self.reached.get().arcs).sorted()
    #expect(missing.isEmpty, "no trace walks: \(missing)")
  }
}
