import StreamTestKit
import Testing

@testable import MigrationStream

/// The codec's checks of itself: each one is broken on purpose and stops the process.
///
/// What they say about streams that are right and wrong is told by every other test, which runs with them.
@Suite struct InternalChecksTests {
  private static func expectBroken(
    _ rule: String, by exit: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let said = String(decoding: exit?.standardErrorContent ?? [], as: UTF8.self)
    #expect(said.contains("internal check: \(rule)"), "\(said)", sourceLocation: sourceLocation)
  }

  @Test func aRecordThatCountsTwice() async {
    let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var state = StreamState(limits: StreamLimits(), options: DecoderOptions(), allocator: .system)
      try state.takePreamble(Broken.stream.span.octets.extracting(first: 64))
      state.totals.recordCount = 1
      try state.takeEnd(of: Broken.header, at: 64)
    }
    Self.expectBroken("a record counts once", by: exit)
  }

  @Test func aStateThatLosesABit() async {
    let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var state = StreamState(limits: StreamLimits(), options: DecoderOptions(), allocator: .system)
      try state.takePreamble(Broken.stream.span.octets.extracting(first: 64))
      try state.takeManifest(Broken.stream.span.octets.extracting(128..<168), at: 128)
      try state.seenSections.append(0)
      try state.takeEnd(of: Broken.header, at: 64)
    }
    Self.expectBroken("one bit a section", by: exit)
  }

  @Test func aDecoderThatLosesOctets() async {
    let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var decoder = try PushDecoder()
      var nobody = NoHandler()
      _ = try decoder.push(Broken.stream.span.octets.extracting(first: 70), to: &nobody)
      decoder.arrived -= 1
      _ = try decoder.push(Broken.stream.span.octets.extracting(70..<71), to: &nobody)
    }
    Self.expectBroken("octets before a record, and what has come of it", by: exit)
  }

  @Test func aDecoderThatForgetsItsPoison() async {
    let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var decoder = try PushDecoder()
      var nobody = NoHandler()
      let zeros = [UInt8](repeating: 0, count: 64)
      do throws(StreamError) { _ = try decoder.push(zeros.span.octets, to: &nobody) } catch {}
      decoder.poison = nil
      decoder.checkStep()
    }
    Self.expectBroken("poison does not wear off", by: exit)
  }

  @Test func aPlaceOutsideItsExtent() async {
    let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let stream = RawStream([
        RawManifest { $0.regions = [RawRegion()] }.record, .memory([.zero(0, 64), .data(64, 64)]), .end,
      ]).assembled()
      let start = stream.labels.first { $0.name == "MEMORY payload" }?.offset ?? 0
      var decoder = try PushDecoder()
      var nobody = NoHandler()
      _ = try decoder.push(stream.octets.span.octets.extracting(first: start), to: &nobody)
      decoder.placeExtent = 0
      _ = try decoder.push(RawSpan(), to: &nobody)
    }
    Self.expectBroken("a place ends with its data extent", by: exit)
  }

  @Test func aPullDecoderThatSkips() async {
    let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var decoder = try PullDecoder(Broken.stream.span.octets)
      decoder.position += 8
      _ = try decoder.next()
    }
    Self.expectBroken("whole records are consumed", by: exit)
  }

  @Test func anEncoderThatGathersTooLittle() async {
    let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var encoder = try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: 1, high: 2)))
      _ = try encoder.manifest(body: Broken.stream.span.octets.extracting(128..<168))
      try encoder.beginStage()
      try encoder.seal(kind: 0x8001, flags: 2, device: Format.none32, payloadByteCount: 8, payloadDigest: 0)
    }
    Self.expectBroken("the pieces are the payload", by: exit)
  }
}

/// A stream of MANIFEST (64 to 168) and END.
private enum Broken {
  static let stream = RawStream([RawManifest().record, .end]).octets

  static var header: RecordHeader {
    RecordHeader(stream.span.octets.words(at: 64))
  }
}
