import MigrationStream
import StreamTestKit
import Testing

@Suite struct ReverseTests {
  private static let refusal = StreamError(
    .deviceFailed, .resume, at: 0x1122_3344_5566, expected: 5, found: .max, sequence: 9, device: 2
  ).on(channel: 3)

  @Test func refusalsTravelWhole() throws {
    for code in StreamError.Code.allCases {
      for stage in StreamError.Stage.allCases {
        var error = Self.refusal
        (error.code, error.stage) = (code, stage)
        #expect(ReverseRefusal(error).error == error)
      }
    }
    var octets = OwnedBytes()
    var encoder = ReverseEncoder(uuid: .ofCorpus)
    try encoder.encode(.refused(ReverseRefusal(Self.refusal)), into: &octets)
    let reading = ReverseReading(octets.bytes.octets)
    #expect(reading.events == [.refused(ReverseRefusal(Self.refusal))])
    #expect(reading.refusal == nil)
    var unknown = ReverseRefusal(Self.refusal)
    unknown.code = 9999
    #expect(unknown.error == nil)
    unknown = ReverseRefusal(Self.refusal)
    unknown.stage = 0
    #expect(unknown.error == nil)
  }

  /// Every sequence of up to four events: the encoder takes what the decoder takes.
  @Test func orderIsTheSameOnBothSides() throws {
    let kinds: [(ReverseEvent, RawRecord)] = [
      (.compatible, .compatible), (.resumed, .resumed), (.initialLoaded(device: 1), .initialLoaded(1)),
      (.refused(ReverseRefusal(Self.refusal)), .refused(code: 85, stage: 12, offset: 0)),
    ]
    var accepted = 0
    for code in 0..<256 {
      let picks = [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6].map { kinds[$0] }
      var encoder = ReverseEncoder(uuid: .ofCorpus)
      var octets = OwnedBytes()
      var taken = 0
      for (event, _) in picks {
        let before = octets.count
        do throws(StreamError) {
          try encoder.encode(event, into: &octets)
          taken += 1
        } catch {
          #expect(error.code == .wrongCall)
          #expect(octets.count == before)
          break
        }
      }
      let reading = ReverseReading(RawReverse(picks.map(\.1)).assembled().octets)
      #expect(reading.events.count == taken, "\(picks.map(\.0))")
      if taken == 4 { accepted += 1 }
    }
    // COMPATIBLE, two of INITIAL_LOADED, then REFUSED, RESUMED or a third.
    #expect(accepted == 3)
  }

  /// A reader takes its memory once, and nothing when there is none.
  @Test func memoryIsConstant() throws {
    var decoder = try ReverseDecoder(uuid: .ofCorpus, deviceCount: 1)
    let hello = RawReverse([]).assembled().octets
    var rest = hello.span.octets
    var isNone = try decoder.next(&rest) == nil
    #expect(isNone)
    // What never ends is read without end.
    let records = RawReverse([.compatible] + (0..<2000).map { _ in .initialLoaded(0) }).assembled().octets
    rest = records.span.octets.extracting(droppingFirst: 64)
    var count = 0
    while try decoder.next(&rest) != nil { count += 1 }
    #expect(count == 2001)
    isNone = decoder.hasEnded
    #expect(!isNone)
  }

  @Test func errorsStay() throws {
    var octets = RawReverse([.compatible, .resumed]).assembled().octets
    octets[70] ^= 1
    var decoder = try ReverseDecoder(uuid: .ofCorpus, deviceCount: 1)
    var rest = octets.span.octets
    var errors: [StreamError] = []
    for _ in 0..<3 {
      do throws(StreamError) { _ = try decoder.next(&rest) } catch { errors.append(error) }
      do throws(StreamError) { try decoder.finish() } catch { errors.append(error) }
    }
    #expect(errors.count == 6)
    #expect(errors.allSatisfy { $0 == errors[0] })
    #expect(errors[0].code == .digestMismatch && errors[0].offset == 120)
  }

  /// Flipping any one bit is found, unless it is in the octets that mean nothing to a reader.
  @Test func everyFlippedBitIsFound() {
    let whole = RawReverse([.compatible, .initialLoaded(2), .refused(code: 85, stage: 12, offset: 7)]).assembled().octets
    for index in whole.indices {
      for bit in 0..<8 {
        var octets = whole
        octets[index] ^= 1 << bit
        #expect(ReverseReading(octets).refusal != nil, "octet \(index) bit \(bit)")
      }
    }
  }

  /// Random octets, and random octets behind a right start, neither trap nor hang.
  @Test func noise() {
    for seed in 0..<2000 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var octets = RawReverse([.compatible, .initialLoaded(1), .resumed]).assembled().octets
      for _ in 0..<Int(random.next() % 8 + 1) {
        octets[Int(random.next() % UInt64(octets.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      octets.removeSubrange(Int(random.next() % UInt64(octets.count))...)
      let cuts = octets.indices.filter { _ in random.next() % 9 == 0 }
      #expect(ReverseReading(octets) == ReverseReading(octets, cuts: cuts), "seed \(seed)")
    }
  }
}
