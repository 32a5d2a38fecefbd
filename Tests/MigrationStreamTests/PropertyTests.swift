import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// CI sets MIGSTREAM_LONG_TESTS: every position and every bit, where a developer's run samples long streams.
private let isLongRun = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil

/// What holds for every right stream, tried on all of the corpus.
@Suite struct PropertyTests {
  @Test(arguments: try CorpusFolder.accepted)
  func everyPrefixIsTruncated(_ scenario: Scenario) throws {
    for count in tried(0..<scenario.octets.count) {
      let prefix = [UInt8](scenario.octets[..<count])
      for refusal in [Reading.pull(prefix).refusal, Reading.push(prefix).outcome.refusal] {
        #expect(refusal?.code == .truncated, "\(count) octets")
        #expect(refusal?.offset == UInt64(count))
        #expect(refusal?.stage == (count < 64 ? .preamble : .record), "\(count) octets")
      }
    }
  }

  /// One bit of every octet; which one changes from octet to octet.
  @Test(arguments: try CorpusFolder.accepted)
  func everyFlippedOctetIsRefused(_ scenario: Scenario) throws {
    for position in tried(scenario.octets.indices) { flip(position, bit: position % 8, scenario) }
  }

  @Test(arguments: try CorpusFolder.accepted.filter { $0.octets.count < (isLongRun ? 5000 : 700) })
  func everyFlippedBitIsRefused(_ scenario: Scenario) throws {
    for position in scenario.octets.indices { for bit in 0..<8 { flip(position, bit: bit, scenario) } }
  }

  private func flip(_ position: Int, bit: Int, _ scenario: Scenario) {
    if scenario.octets[14] == 2, let file = ImageFile(scenario.octets), file.gap.contains(position) {
      return flipArea(position, bit: bit, scenario, file)
    }
    var octets = scenario.octets
    octets[position] ^= 1 << bit
    let refusal = Reading.pull(octets).refusal
    #expect(refusal != nil, "bit \(bit) of octet \(position) goes unnoticed")
    #expect(Reading.verify(octets, .digests) != nil, "bit \(bit) of octet \(position) goes unnoticed")
  }

  /// In an area the content tells; nobody reads what lies between areas.
  private func flipArea(_ position: Int, bit: Int, _ scenario: Scenario, _ file: ImageFile) {
    var octets = scenario.octets
    octets[position] ^= 1 << bit
    #expect(Reading.pull(octets).refusal == nil)
    let refusal = Reading.content(octets).refusal
    #expect(refusal == nil || refusal?.code == .digestMismatch || refusal?.code == .badPadding)
    let isInArea = file.areas.contains { $0.contains(position) }
    #expect((refusal != nil) == isInArea, "octet \(position), in an area: \(isInArea)")
  }

  @Test(arguments: try CorpusFolder.accepted)
  func everySplitGivesTheSameEvents(_ scenario: Scenario) throws {
    let whole = Reading.push(scenario.octets)
    #expect(whole.outcome.refusal == nil)
    for cut in tried(0..<scenario.octets.count + 1) {
      let split = Reading.push(scenario.octets, cuts: [cut])
      #expect(split == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: try CorpusFolder.present)
  func octetByOctetGivesTheSameVerdict(_ scenario: Scenario) throws {
    let limits = try scenario.streamLimits
    let whole = Reading.push(scenario.octets, limits: limits)
    let octets = Reading.push(scenario.octets, cuts: [Int](0..<scenario.octets.count), limits: limits)
    #expect(octets.outcome.refusal == whole.outcome.refusal)
    #expect(octets.events == whole.events)
    #expect(Reading.pull(scenario.octets, limits: limits).refusal == whole.outcome.refusal)
  }

  @Test(arguments: try CorpusFolder.accepted)
  func octetsBehindAreTheCallersChoice(_ scenario: Scenario) throws {
    let count = UInt64(scenario.octets.count)
    let octets = scenario.octets + [0x89, 0, 1]
    for refusal in [
      Reading.pull(octets).refusal, Reading.push(octets).outcome.refusal, Reading.verify(octets, .quick),
    ] {
      #expect(refusal == StreamError(.trailingData, .end, at: count))
    }
    for outcome in [
      Reading.pull(octets, exclusive: false), Reading.push(octets, exclusive: false).outcome,
      Reading.push(octets, cuts: [7, octets.count - 1], exclusive: false).outcome,
    ] {
      #expect(outcome.refusal == nil)
      #expect(outcome.consumed == count)
    }
  }

  @Test(arguments: try CorpusFolder.present.filter { $0.verdict == .reject })
  func aRefusalIsGivenAgain(_ scenario: Scenario) throws {
    let limits = try scenario.streamLimits
    let first = Reading.push(scenario.octets, limits: limits).outcome.refusal
    var decoder = try PushDecoder(limits: limits)
    var nobody = NoHandler()
    for _ in 0..<2
    where throwing({ () throws(StreamError) in
      _ = try decoder.push(scenario.octets.span.octets, to: &nobody)
      try decoder.finish()
    }) != first { Issue.record("another error, or none") }
    let consumed = decoder.offset
    #expect(throwing { () throws(StreamError) in try decoder.finish(exclusive: false) } == first)
    #expect(decoder.offset == consumed)
    guard first?.stage != .preamble, first?.code != .trailingData else { return }
    var pulling = try PullDecoder(scenario.octets.span.octets, limits: limits)
    var refusals: [StreamError] = []
    for _ in 0..<scenario.octets.count / 64 + 3 {
      do throws(StreamError) { _ = try pulling.next() } catch { refusals.append(error) }
    }
    #expect(refusals.count >= 2)
    #expect(refusals.allSatisfy { $0 == first })
  }
}

/// Every position of a stream, or one in 97 of a long one, since each costs a reading of the whole.
private func tried(_ positions: Range<Int>) -> StrideTo<Int> {
  let most = isLongRun ? 4096 : 200
  // Odd, so that no alignment hides a position.
  let step = positions.count <= most ? 1 : positions.count / most | 1
  return stride(from: positions.lowerBound, to: positions.upperBound, by: step)
}

/// The error of a call, if it gives one.
private func throwing(_ call: () throws(StreamError) -> Void) -> StreamError? {
  do throws(StreamError) { try call() } catch { return error }
  return nil
}
