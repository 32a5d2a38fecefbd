import MigrationStream
import StreamTestKit
import Testing

/// The lessons about several channels, their octets arriving in many orders.
@Suite struct ChannelCorpusTests {
  static var scenarios: [Scenario] {
    get throws { try CorpusFolder.scenarios.get().filter { $0.isOfSeveralChannels } }
  }

  static var accepted: [Scenario] { get throws { try scenarios.filter { $0.verdict == .accept } } }

  @Test func thereAreLessons() throws { #expect(try Self.scenarios.count >= 80) }

  @Test(arguments: try ChannelCorpusTests.scenarios)
  func everyOrderOfArrivalGivesTheVerdict(_ scenario: Scenario) throws {
    let limits = try scenario.streamLimits
    for arrival in Arrival.several {
      let outcome = ChannelReading.read(
        scenario.octets, scenario.furtherChannels, arrival, limits: limits, handler: { _ in EventDigest() })
      check(outcome.refusal, scenario, arrival)
      guard scenario.channel == 0, let released = scenario.released else { continue }
      #expect(outcome.handlers[0].records >= released, "\(scenario), \(arrival)")
    }
  }

  private func check(_ refusal: StreamError?, _ scenario: Scenario, _ arrival: Arrival) {
    let comment: Comment = "\(scenario), \(arrival)"
    guard let refusal else {
      #expect(scenario.verdict == .accept, comment)
      return
    }
    #expect(refusal.code == scenario.code, comment)
    #expect(refusal.stage == scenario.stage, comment)
    #expect(refusal.channel == scenario.channel, comment)
    #expect(refusal.offset == scenario.offset, comment)
    if let expected = scenario.expected { #expect(refusal.expected == expected, comment) }
    if let found = scenario.found { #expect(refusal.found == found, comment) }
  }
}
