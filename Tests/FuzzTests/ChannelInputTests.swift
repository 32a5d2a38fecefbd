import FuzzSupport
import StreamMutation
import StreamTestKit
import Testing

/// Streams of several channels as inputs of FuzzDecode.
@Suite struct ChannelInputTests {
  private static func inputs() throws -> [(name: String, input: ChannelInput)] {
    try FuzzCorpus.scenarios.get().filter { $0.isOfSeveralChannels && $0.limits.isEmpty && !$0.furtherChannels.isEmpty }
      .map { ($0.name, ChannelInput(channels: [$0.octets] + $0.furtherChannels, choices: 7)) }
  }

  @Test func anInputIsWhatItWasMadeOf() throws {
    let inputs = try Self.inputs()
    #expect(inputs.count >= 70)
    for (name, input) in inputs { #expect(ChannelInput(input.octets) == input, "\(name)") }
    #expect(ChannelInput([0x89, 1, 2, 3, 4, 5, 6]) == nil)
    #expect(ChannelInput([2, 0xff, 0xff, 0xff, 0xff, 1, 7]) == ChannelInput(channels: [[1], []], choices: 7))
  }

  @Test func theReadersAgreeAboutEveryLesson() throws {
    for (name, input) in try Self.inputs() {
      for choices in 0..<4 as Range<UInt8> {
        var input = input
        input.choices = choices
        #expect(DecodeTarget.check(input.octets) == .fine, "\(name)")
      }
    }
  }

  @Test func theReadersAgreeAboutMutants() throws {
    for (seed, (name, input)) in try Self.inputs().enumerated() {
      var chance = Chance(UInt64(seed))
      var octets = input.octets
      for step in 0..<40 {
        DecodeTarget.mutate(&octets, byteCountMax: 8192, chance: &chance, plan: MutationPlan())
        #expect(octets.count <= 8192)
        let verdict = DecodeTarget.check(octets)
        if case .violation(let violation) = verdict {
          Issue.record("\(name), seed \(seed), step \(step): \(violation.oracle) \(violation.detail)")
          break
        }
      }
    }
  }
}
