import FuzzSupport
import MigrationStream
import ReferenceReader
import StreamMutation
import StreamTestKit
import Testing

/// The reference reader and the codec say the same; the oracle sees when they do not.
@Suite struct DecodeOracleTests {
  private static let scenarios = Result { try Scenario.all(below: FuzzCorpus.path) }

  /// Right streams of one channel that are small enough to be read a thousand times.
  private static func small(_ byteCountMax: Int) throws -> [Scenario] {
    try scenarios.get().filter {
      $0.verdict == .accept && !$0.isOfSeveralChannels && $0.limits.isEmpty && $0.octets.count <= byteCountMax
    }
  }

  private func compare(_ octets: [UInt8], _ options: DecoderOptions = DecoderOptions()) -> FuzzViolation? {
    let (reference, verdict) = CodecReaders.reference(octets, options)
    let pulled = CodecReaders.pull(octets.span.octets, options, .system)
    return DecodeOracle.compare(reference, verdict, pulled, "pull")
  }

  @Test func everyScenario() throws {
    for scenario in try Self.scenarios.get() where scenario.limits.isEmpty {
      for seed in 0..<2 as Range<UInt64> {
        if let violation = DecodeOracle.check(scenario.octets, seed: seed) {
          Issue.record("\(scenario) seed \(seed): \(violation.oracle) \(violation.detail)")
        }
      }
    }
  }

  @Test func everyPrefix() throws {
    for scenario in try Self.small(900).prefix(40) {
      for count in 0..<scenario.octets.count {
        let part = Array(scenario.octets.prefix(count))
        let (reference, verdict) = CodecReaders.reference(part, DecoderOptions())
        #expect(verdict?.isIncomplete == true, "\(scenario): \(count) octets")
        let pulled = CodecReaders.pull(part.span.octets, DecoderOptions(), .system)
        let violation = DecodeOracle.compare(reference, verdict, pulled, "pull")
        #expect(violation == nil, "\(scenario): \(count) octets, \(violation?.detail ?? "")")
      }
    }
  }

  @Test func everyBit() throws {
    for scenario in try Self.small(800).filter({ !$0.isImage }).prefix(8) {
      var octets = scenario.octets
      for bit in 0..<(8 * octets.count) {
        octets[bit / 8] ^= 1 << (bit % 8)
        defer { octets[bit / 8] ^= 1 << (bit % 8) }
        let violation = compare(octets)
        #expect(violation == nil, "\(scenario): bit \(bit), \(violation?.detail ?? "")")
        #expect(CodecReaders.reference(octets, DecoderOptions()).1 != nil, "\(scenario): bit \(bit)")
      }
    }
  }

  @Test func mutants() throws {
    let streams = try Self.scenarios.get().filter { $0.octets.count <= 4096 && $0.limits.isEmpty }.map(\.octets)
    for seed in 0..<4000 as Range<UInt64> {
      var chance = Chance(seed)
      var input = streams[chance.below(streams.count)] + [UInt8(truncatingIfNeeded: seed)]
      for _ in 0...chance.below(3) {
        DecodeTarget.mutate(&input, byteCountMax: 8192, chance: &chance, plan: MutationPlan())
      }
      if case .violation(let violation) = DecodeTarget.check(input) {
        let hex = input.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        Issue.record("seed \(seed): \(violation.oracle) \(violation.detail), input \(hex)")
      }
    }
  }

  /// Each oracle trips on a reader that breaks its rule, and on a right one none does.
  @Test func brokenReaders() throws {
    let stream = try #require(try Self.small(900).first { $0.name.hasPrefix("memory/") }).octets
    #expect(oracles(stream, CodecReaders.self).isEmpty)
    #expect(oracles(stream, OtherVerdict.self) == ["R1"])
    #expect(oracles(stream, OtherCut.self) == ["R2"])
    #expect(oracles(stream, Verifier.self) == ["R2"])
    #expect(oracles(stream, Impatient.self) == ["R8"])
    #expect(oracles(stream, Blind.self).contains("R9"))
    #expect(oracles(stream, Uninitialised.self) == ["R4"])
    #expect(oracles(stream, Greedy.self) == ["A8"])
    #expect(oracles(stream, Leaky.self) == ["A10"])
  }

  private func oracles<Readers: DecodeReaders>(_ stream: [UInt8], _: Readers.Type) -> Set<String> {
    Set((0..<128).compactMap { DecodeOracle.check(stream, seed: 2 * $0, by: Readers.self)?.oracle })
  }
}

/// What the broken readers have in common with the right ones.
protocol BrokenReaders: DecodeReaders {}

extension BrokenReaders {
  static func pull(_ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator) -> DecodeOutcome {
    CodecReaders.pull(stream, options, allocator)
  }

  static func push(
    _ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator, seed: UInt64
  ) -> DecodeOutcome { CodecReaders.push(stream, options, allocator, seed: seed) }

  static func verify(_ stream: RawSpan) -> StreamError? { CodecReaders.verify(stream) }

  static func reference(
    _ stream: [UInt8], _ options: DecoderOptions
  ) -> (ReferenceReader, ReferenceRefusal?) { CodecReaders.reference(stream, options) }
}

private func refused(_ outcome: DecodeOutcome) -> DecodeOutcome {
  var refused = outcome
  refused.refusal = StreamError(.badSync, .record, at: 64)
  return refused
}

private enum OtherVerdict: BrokenReaders {
  static func pull(_ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator) -> DecodeOutcome {
    refused(CodecReaders.pull(stream, options, allocator))
  }
}

private enum OtherCut: BrokenReaders {
  static func push(
    _ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator, seed: UInt64
  ) -> DecodeOutcome { refused(CodecReaders.push(stream, options, allocator, seed: seed)) }
}

private enum Verifier: BrokenReaders {
  static func verify(_ stream: RawSpan) -> StreamError? { StreamError(.badSync, .record, at: 64) }
}

/// Calls a stream that has not ended a wrong one, and so does its reference.
private enum Impatient: BrokenReaders {
  static func push(
    _ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator, seed: UInt64
  ) -> DecodeOutcome {
    var outcome = CodecReaders.push(stream, options, allocator, seed: seed)
    if outcome.refusal?.code == .truncated { outcome.refusal = wrong }
    return outcome
  }

  private static let wrong = StreamError(.badMagic, .preamble, at: 0)

  static func reference(
    _ stream: [UInt8], _ options: DecoderOptions
  ) -> (ReferenceReader, ReferenceRefusal?) {
    let (reader, refusal) = CodecReaders.reference(stream, options)
    guard refusal?.isIncomplete == true else { return (reader, refusal) }
    var magic = ReferenceReader()
    guard var changed = magic.read([0]) else { return (reader, refusal) }
    changed.offset = 0
    return (reader, changed)
  }
}

/// Does not look at digests.
private enum Blind: BrokenReaders {
  static func pull(_ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator) -> DecodeOutcome {
    var outcome = CodecReaders.pull(stream, options, allocator)
    if outcome.refusal?.code == .digestMismatch { outcome.refusal = nil }
    return outcome
  }
}

/// Hands out what memory held before.
private enum Uninitialised: BrokenReaders {
  static func pull(_ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator) -> DecodeOutcome {
    var outcome = CodecReaders.pull(stream, options, allocator)
    // Safe: read as long as it is ours.
    if let memory = unsafe allocator.allocate(allocator.context, 64, 16) {
      outcome.contentDigest ^= unsafe UInt64(memory.load(as: UInt8.self)) + 1
      unsafe allocator.deallocate(allocator.context, memory)
    }
    return outcome
  }
}

private enum Greedy: BrokenReaders {
  static func pull(_ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator) -> DecodeOutcome {
    if let memory = unsafe allocator.allocate(allocator.context, 1 << 24, 16) {
      unsafe allocator.deallocate(allocator.context, memory)
    }
    return CodecReaders.pull(stream, options, allocator)
  }
}

private enum Leaky: BrokenReaders {
  static func pull(_ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator) -> DecodeOutcome {
    _ = unsafe allocator.allocate(allocator.context, 64, 16)
    return CodecReaders.pull(stream, options, allocator)
  }
}
