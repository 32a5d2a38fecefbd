import FuzzSupport
import MigrationStream
import ReferenceReader
import StreamTestKit
import Testing

/// The second reader says of every scenario of the corpus what its file says.
@Suite struct ReferenceCorpusTests {
  @Test func everyScenario() throws {
    let scenarios = try Scenario.all(below: FuzzCorpus.path)
    #expect(scenarios.count >= 400)
    for scenario in scenarios {
      var reader = ReferenceReader()
      reader.limits = ReferenceLimits(try scenario.streamLimits)
      reader.collectsContent = scenario.needsContent
      reader.readsChannels = scenario.isOfSeveralChannels
      judge(reader.read(scenario.octets, others: scenario.furtherChannels), reader, scenario)
    }
  }

  private func judge(_ refusal: ReferenceRefusal?, _ reader: ReferenceReader, _ scenario: Scenario) {
    guard let refusal else {
      #expect(scenario.verdict == .accept, "\(scenario) was accepted")
      return
    }
    #expect(refusal.code.rawValue == scenario.code?.rawValue, "\(scenario): \(refusal)")
    #expect(refusal.stage?.rawValue == scenario.stage?.rawValue, "\(scenario): \(refusal)")
    #expect(refusal.offset == scenario.offset, "\(scenario): \(refusal)")
    #expect(refusal.channel == scenario.channel, "\(scenario): \(refusal)")
    if let expected = scenario.expected { #expect(refusal.expected == expected, "\(scenario): \(refusal)") }
    if let found = scenario.found { #expect(refusal.found == found, "\(scenario): \(refusal)") }
    guard let released = scenario.released else { return }
    let records = reader.records.count { $0.channel == scenario.channel }
    #expect(records == released || scenario.channel == 0xffff, "\(scenario): released \(records)")
  }
}
