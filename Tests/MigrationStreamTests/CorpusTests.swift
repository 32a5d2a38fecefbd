import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Every scenario of the corpus, by each reader.
@Suite struct CorpusTests {
  @Test func everyFileIsAScenario() throws {
    let scenarios = try CorpusFolder.scenarios.get()
    #expect(scenarios.count >= 400)
    #expect(Set(scenarios.map(\.name)).count == scenarios.count)
    let old = scenarios.filter { $0.name.hasPrefix("compat/") }
    #expect(old.count >= 10)
    #expect(old.allSatisfy { $0.verdict == .accept })
  }

  @Test func unknownKeysAreRefused() throws {
    let good = "expect: accept\nspec: 10 §1\ncomment: none\n\n00*3 01 # four\n"
    #expect(try Scenario(parsing: good, name: "good").octets == [0, 0, 0, 1])
    let bad = [
      "hint: 1\n" + good, "spec: 10 §2\n" + good, good + "0", good + "0g", good + "00*0",
      good.replacingOccurrences(of: "accept", with: "reject"),
      good.replacingOccurrences(of: "comment: none\n", with: ""),
    ]
    for text in bad {
      #expect(throws: ScenarioError.self) { try Scenario(parsing: text, name: "bad") }
    }
  }

  @Test(arguments: try CorpusFolder.present)
  func pull(_ scenario: Scenario) throws {
    check(Reading.pull(scenario.octets, limits: try scenario.streamLimits), scenario)
  }

  @Test(arguments: try CorpusFolder.present)
  func push(_ scenario: Scenario) throws {
    check(Reading.push(scenario.octets, limits: try scenario.streamLimits).outcome, scenario)
  }

  @Test(arguments: try CorpusFolder.present)
  func verify(_ scenario: Scenario) throws {
    let refusal = Reading.verify(scenario.octets, .deep, limits: try scenario.streamLimits)
    check(refusal, scenario, by: "verify")
  }

  /// A reader that also looks at the final content of memory.
  @Test(arguments: try CorpusFolder.presentWithContent)
  func content(_ scenario: Scenario) throws {
    check(Reading.content(scenario.octets, limits: try scenario.streamLimits), scenario)
  }

  /// What only such a reader can tell is accepted by the others.
  @Test(arguments: try CorpusFolder.presentWithContent.filter { $0.needsContent })
  func othersAcceptWhatOnlyTheContentTells(_ scenario: Scenario) throws {
    #expect(Reading.pull(scenario.octets).refusal == nil)
    #expect(Reading.push(scenario.octets).outcome.refusal == nil)
    #expect(Reading.verify(scenario.octets, .deep) == nil)
  }

  /// The tier without sections says the same, but for what only the layouts can tell.
  @Test(arguments: try CorpusFolder.accepted)
  func quickerTiersAcceptWhatIsRight(_ scenario: Scenario) throws {
    #expect(Reading.verify(scenario.octets, .digests) == nil)
    #expect(Reading.verify(scenario.octets, .quick) == nil)
  }

  /// Tiers that do not look into layouts and sections agree about all the rest.
  @Test(arguments: try CorpusFolder.present.filter { $0.verdict == .reject })
  func quickerTiersRefuseTheRest(_ scenario: Scenario) throws {
    guard scenario.stage != .layout, scenario.stage != .section else { return }
    let limits = try scenario.streamLimits
    check(Reading.verify(scenario.octets, .digests, limits: limits), scenario, by: "digests")
    guard scenario.code != .digestMismatch else { return }
    check(Reading.verify(scenario.octets, .quick, limits: limits), scenario, by: "quick")
  }

  private func check(_ outcome: Outcome, _ scenario: Scenario) {
    check(outcome.refusal, scenario, by: "decoder")
    if let released = scenario.released { #expect(outcome.released == released, "\(scenario)") }
    if scenario.verdict == .accept { #expect(outcome.consumed == UInt64(scenario.octets.count)) }
  }

  private func check(_ refusal: StreamError?, _ scenario: Scenario, by reader: Comment) {
    compare(refusal, scenario, by: reader)
  }

  private func compare(_ refusal: StreamError?, _ scenario: Scenario, by reader: Comment) {
    guard let refusal else {
      #expect(scenario.verdict == .accept, "\(scenario) was accepted")
      return
    }
    #expect(refusal.code == scenario.code, "\(scenario) \(reader)")
    #expect(refusal.stage == scenario.stage, "\(scenario) \(reader)")
    #expect(refusal.offset == scenario.offset, "\(scenario) \(reader)")
    if let expected = scenario.expected { #expect(refusal.expected == expected, "\(scenario)") }
    if let found = scenario.found { #expect(refusal.found == found, "\(scenario)") }
  }
}
