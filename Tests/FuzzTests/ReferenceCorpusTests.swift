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
      let refusal = reader.read(scenario.octets, others: scenario.furtherChannels)
      guard refusal == nil, scenario.octets[14] == 2 else {
        judge(refusal, reader, scenario)
        continue
      }
      // What lies in the areas of an image is judged when all of it is there.
      reader.collectsContent = true
      judge(reader.read(scenario.octets) ?? reader.areas, reader, scenario)
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
    // How far other channels came when one is refused is a matter of how they are read.
    guard let released = scenario.released, !scenario.isOfSeveralChannels else { return }
    #expect(reader.records.count == released, "\(scenario): released \(reader.records.count)")
  }
}
