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

  /// A handler's own error is given again by every call, wherever it was thrown and however the octets came.
  @Test(arguments: Thrower.Place.allCases, [1, 61, 1 << 20])
  func anErrorOfTheHandlerPoisons(_ place: Thrower.Place, _ size: Int) throws {
    let stream = RawStream([
      RawManifest { $0.regions = [RawRegion()] }.record, .memory([.data(0, 61)]), .end,
    ]).octets
    var decoder = try PushDecoder()
    var handler = Thrower(place: place)
    var refusals: [StreamError] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      let segment = stream.span.octets.extracting(start..<min(start + size, stream.count))
      do throws(StreamError) { _ = try decoder.push(segment, to: &handler) } catch { refusals.append(error) }
    }
    let consumed = decoder.offset
    do throws(StreamError) { try decoder.finish() } catch { refusals.append(error) }
    do throws(StreamError) { try decoder.finish(exclusive: false) } catch { refusals.append(error) }
    do throws(StreamError) { try decoder.placed(stream.span.octets, to: &handler) } catch { refusals.append(error) }
    #expect(refusals.count >= 4)
    #expect(refusals.allSatisfy { $0 == refusals[0] && $0.code == .verifyMismatch })
    #expect(handler.calls == 1)
    #expect(decoder.offset == consumed)
    #expect(decoder.place == nil)
  }

  /// Octets that were read into place and are wrong poison; too many of them are the caller's mistake and do not.
  @Test func placedOctetsAreChecked() throws {
    let stream = RawStream([
      RawManifest { $0.regions = [RawRegion()] }.record, .memory([.data(0, 61), .zero(64, 8), .data(80, 3)]), .end,
    ])
    let (octets, labels) = stream.assembled()
    let start = try #require(labels.first { $0.name == "MEMORY payload" }).offset
    for isDamaged in [false, true] {
      var decoder = try PushDecoder()
      var nobody = NoHandler()
      _ = try decoder.push(octets.span.octets.extracting(first: start), to: &nobody)
      #expect(decoder.place?.offset == 0 && decoder.place?.byteCount == 61)
      let tooMany = octets.span.octets.extracting(start..<(start + 62))
      #expect(throws: StreamError(.wrongCall, .use, at: UInt64(start))) {
        try decoder.placed(tooMany, to: &nobody)
      }
      try decoder.placed(octets.span.octets.extracting(start..<(start + 61)), to: &nobody)
      #expect(decoder.place?.offset == 80 && decoder.place?.byteCount == 3)
      let last: [UInt8] = isDamaged ? [0, 0, 0] : [UInt8](octets[(start + 61)..<(start + 64)])
      var refusal: StreamError?
      do throws(StreamError) { try decoder.placed(last.span.octets, to: &nobody) } catch { refusal = error }
      #expect(refusal?.code == (isDamaged ? .digestMismatch : nil))
      let rest = octets.span.octets.extracting(droppingFirst: start + 64)
      var second: StreamError?
      do throws(StreamError) {
        _ = try decoder.push(rest, to: &nobody)
        try decoder.finish()
      } catch { second = error }
      #expect(second == refusal)
    }
  }
}

/// Throws once, in one of its calls.
struct Thrower: StreamHandler {
  enum Place: CaseIterable { case preamble, record, payload, recordEnd }
  let place: Place
  var calls = 0

  private mutating func call(_ here: Place) throws(StreamError) {
    guard here == place else { return }
    calls += 1
    throw StreamError(.verifyMismatch, .use, at: 7)
  }

  mutating func preamble(_ preamble: Preamble) throws(StreamError) { try call(.preamble) }
  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    try call(.record)
  }
  mutating func payload(_ octets: RawSpan, at position: UInt64) throws(StreamError) { try call(.payload) }
  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError) {
    try call(.recordEnd)
  }
}
