import MigrationStream
import StreamTestKit
import Testing

/// The scenarios of `Corpus/reverse`, in every segmentation.
@Suite struct ReverseCorpusTests {
  static let scenarios = Result { try Scenario.all(below: CorpusFolder.path, in: [Scenario.reverseFolder]) }

  @Test(arguments: try scenarios.get())
  func verdict(_ scenario: Scenario) throws {
    let whole = ReverseReading(scenario.octets)
    check(whole, scenario)
    #expect(ReverseReading(scenario.octets, cuts: Array(scenario.octets.indices)) == whole, "octet by octet")
  }

  @Test(arguments: try scenarios.get())
  func anySegmentation(_ scenario: Scenario) {
    let whole = ReverseReading(scenario.octets)
    for seed in 0..<32 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let cuts = scenario.octets.indices.filter { _ in random.next() % 23 == 0 }
      #expect(ReverseReading(scenario.octets, cuts: cuts) == whole, "seed \(seed)")
    }
  }

  /// What a destination has written, it writes again.
  @Test(arguments: try scenarios.get().filter { $0.verdict == .accept })
  func encoding(_ scenario: Scenario) throws {
    let reading = ReverseReading(scenario.octets)
    let isOurs = !scenario.events.contains { $0.hasPrefix("skipped") } && !scenario.name.hasSuffix("newer-minor")
    guard isOurs else { return }
    var encoder = ReverseEncoder(uuid: .ofCorpus)
    var octets = OwnedBytes()
    for event in reading.events { try encoder.encode(event, into: &octets) }
    #expect(encoder.hasEnded)
    #expect(octets.bytes.octets == scenario.octets)
  }

  @Test func everyScenarioIsThere() throws {
    let scenarios = try Self.scenarios.get()
    #expect(scenarios.count >= 50)
    #expect(Set(scenarios.map(\.spec)) == ["resume §9.1", "resume §9.2"])
  }

  private func check(_ reading: ReverseReading, _ scenario: Scenario) {
    #expect(reading.events.map(\.word) == scenario.events)
    guard let refusal = reading.refusal else {
      #expect(scenario.verdict == .accept, "accepted")
      return
    }
    #expect(refusal.code == scenario.code)
    #expect(refusal.stage == scenario.stage)
    #expect(refusal.channel == scenario.channel)
    #expect(refusal.offset == scenario.offset)
    #expect(reading.events.count == scenario.released)
    if let expected = scenario.expected { #expect(refusal.expected == expected) }
    if let found = scenario.found { #expect(refusal.found == found) }
  }
}

extension StreamUUID {
  /// That of every stream of the corpus.
  static var ofCorpus: StreamUUID {
    let octets = RawStream.uuid
    return StreamUUID(
      low: octets.span.octets.integer(at: 0, as: UInt64.self),
      high: octets.span.octets.integer(at: 8, as: UInt64.self))
  }
}

extension RawSpan {
  var octets: [UInt8] { byteOffsets.map { octet(at: $0) } }
}

/// What a source makes of reverse octets.
struct ReverseReading: Equatable {
  var events: [ReverseEvent] = []
  var refusal: StreamError?

  /// - Parameter cuts: Offsets, ascending, at which a new segment starts.
  init(_ octets: [UInt8], cuts: [Int] = [], allocator: StreamAllocator = .system) {
    do throws(StreamError) {
      var decoder = try ReverseDecoder(uuid: .ofCorpus, deviceCount: RawReverse.deviceCount, allocator: allocator)
      var start = 0
      for cut in cuts + [octets.count] {
        var rest = octets.span.extracting(start..<cut).octets
        while let event = try decoder.next(&rest) { events.append(event) }
        start = cut
      }
      try decoder.finish()
    } catch {
      refusal = error
    }
  }
}

extension ReverseEvent {
  /// As the corpus writes it.
  var word: String {
    switch self {
    case .compatible: return "compatible"
    case .resumed: return "resumed"
    case .initialLoaded(let device): return "initialLoaded=\(device)"
    case .skipped(let kind): return "skipped=\(kind)"
    case .refused(let refusal):
      let numbers: [UInt64] = [
        UInt64(refusal.code), UInt64(refusal.stage), UInt64(refusal.channel), refusal.offset, refusal.expected,
        refusal.found, refusal.sequence, UInt64(refusal.device),
      ]
      return "refused=" + numbers.map(String.init).joined(separator: "/")
    }
  }
}
