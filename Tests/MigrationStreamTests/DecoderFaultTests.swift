import MigrationStream
import StreamTestKit
import Testing

/// Limits that a user has lifted, and data that visitors and checks have to judge alike.
@Suite struct DecoderFaultTests {
  /// No limit at all: claims that add up to more than 64 bits are still refused.
  @Test func claimsWithoutLimitsDoNotOverflow() {
    var limits = StreamLimits()
    limits.layoutBytesMax = .max
    limits.layoutBytesTotalMax = .max
    limits.recordBodyBytesMax = .max
    limits.payloadBytesMax = .max
    var records = [RawManifest().record]
    for number in 0..<3 {
      var layout = RawLayout("l", [RawField("a", .bool)]).record(UInt32(number), external: "x")
      layout.body.set(.u64(1 << 63), at: 8)
      records.append(layout)
    }
    let stream = RawStream(mandatory: 1 << 4, records + [.end]).octets
    for refusal in [
      Reading.pull(stream, limits: limits).refusal, Reading.push(stream, limits: limits).outcome.refusal,
      Reading.verify(stream, .digests, limits: limits),
    ] {
      #expect(refusal?.code == .limitExceeded)
      #expect(refusal?.sequence == 2)
    }
  }

  /// An external layout counts alike whether layouts are kept or not.
  @Test func identitiesCountAgainstTheLayoutsOfAStream() {
    var limits = StreamLimits()
    limits.layoutBytesTotalMax = 40
    var records = [RawManifest().record]
    for number in 0..<3 {
      var layout = RawLayout("l", [RawField("a", .bool)]).record(
        UInt32(number), external: "example/uart@1/main")
      layout.body.set(.u64(0), at: 8)
      records.append(layout)
    }
    let stream = RawStream(mandatory: 1 << 4, records + [.end]).octets
    let pulled = Reading.pull(stream, limits: limits).refusal
    #expect(pulled?.code == .limitExceeded)
    #expect(pulled?.sequence == 3)
    #expect(Reading.verify(stream, .digests, limits: limits) == pulled)
  }
}
