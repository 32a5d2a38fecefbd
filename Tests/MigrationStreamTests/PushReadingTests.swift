import MigrationStream
import StreamTestKit
import Testing

/// The loop that the push decoder's documentation recommends: nothing of a payload is read before its place is known.
@Suite struct PushReadingTests {
  private static let stream: [UInt8] = {
    let manifest = RawManifest {
      $0.regions = [RawRegion { $0.length = 1 << 20 }]
      $0.devices = [RawDevice { $0.sections = [] }]
    }
    return RawStream(
      mandatory: 1 << 3,
      [
        manifest.record, RawLayout("l", [RawField("a", .bool)]).record(0),
        .memory([.zero(0, 64), .data(64, 61), .discard(200, 8), .data(300, 4000), .zero(5000, 1), .data(6000, 3)]),
        .memory([.zero(8192, 8192)]),
        RawRecord(0x8001, flags: 2, body: [], payload: .ramp(77)),
        RawRecord(0x8002, flags: 2, body: []),
        .memory(zstd: .hex("28b52ffd 80 60 00100000 038000 61"), plain: .init(repeating: 0x61, count: 4096)),
        .bytes(.ramp(1001)), .end,
      ]
    ).octets
  }()

  /// As a socket that gives at most `most` octets a read, however much is asked for.
  @Test(arguments: [1, 2, 3, 1000], [7, 64, 1 << 20])
  func everyPayloadHasItsPlace(max: Int, most: Int) throws {
    let stream = Self.stream
    var decoder = try PushDecoder()
    var events = Seen()
    var position = 0
    var reads = 0
    while !decoder.state.hasEnded {
      reads += 1
      var places: [PayloadPlace] = []
      decoder.places(max: max) { places.append($0) }
      #expect(places.first == decoder.place)
      #expect(places.count <= max)
      if places.isEmpty {
        let count = min(decoder.wantedByteCount, most)
        try #require(count > 0)
        let segment = stream.span.octets.extracting(position..<(position + count))
        #expect(try decoder.push(segment, to: &events) == count)
        position += count
        continue
      }
      #expect(decoder.wantedByteCount == 0)
      var left = most
      for place in places where left > 0 {
        #expect(decoder.place == place)
        let count = min(Int(place.byteCount), left)
        try decoder.placed(stream.span.octets.extracting(position..<(position + count)), to: &events)
        events.placed.append("\(place.region.map { "r\($0)" } ?? "d\(place.device)")+\(place.offset): \(count)")
        position += count
        left -= count
      }
    }
    try decoder.finish()
    #expect(decoder.wantedByteCount == 0)
    #expect(position == stream.count)
    // Only what has no place is handed over: an unknown record's payload, and what a frame held.
    #expect(events.handed == 77 + 4096)
    #expect(events.records == 9)
    guard most == 1 << 20, max == 1000 else { return }
    #expect(events.placed == ["r0+64: 61", "r0+300: 4000", "r0+6000: 3", "d0+0: 1001"])
    // Preamble; nine headers; seven bodies and a padding where there is no body; four payloads; the padding behind the
    // one that has a place and an odd length.
    #expect(reads == 1 + 9 + 8 + 4 + 1)
  }

  /// Where octets are passed over in part, the place behind them is that of the next octet.
  @Test(arguments: [1, 60, 61, 62, 4060, 4061, 4063])
  func placeBehindSkippedOctets(skipped: Int) throws {
    var options = DecoderOptions()
    options.checksDigests = false
    var decoder = try PushDecoder(options: options)
    var events = Seen()
    var rest = Self.stream.span.octets
    while decoder.place == nil {
      let count = decoder.wantedByteCount
      _ = try decoder.push(rest.extracting(first: count), to: &events)
      rest = rest.extracting(droppingFirst: count)
    }
    #expect(decoder.skippable == 4064)
    try decoder.skip(UInt64(skipped))
    let extents: [(start: Int, offset: Int, end: Int)] = [(0, 64, 61), (61, 300, 4061), (4061, 6000, 4064)]
    let extent = try #require(extents.last { $0.start <= skipped })
    let found = decoder.place
    let place = try #require(found)
    #expect(place.offset == UInt64(extent.offset + skipped - extent.start))
    #expect(place.byteCount == UInt64(extent.end - skipped))
  }

  /// Found by the fuzzer: behind END it began a piece that never came.
  @Test(arguments: try CorpusFolder.accepted.filter { $0.octets.count < 2000 })
  func skippingNothingChangesNothing(_ scenario: Scenario) throws {
    var decoder = try PushDecoder()
    var nobody = NoHandler()
    for index in scenario.octets.indices {
      _ = try decoder.push(scenario.octets.span.octets.extracting(index..<(index + 1)), to: &nobody)
      try decoder.skip(0)
    }
    try decoder.finish()
  }

  /// A limit that the user has lifted lets a header claim any length.
  @Test func lengthsOfAnySizeAreWanted() throws {
    var limits = StreamLimits()
    limits.payloadBytesMax = .max
    let records = [RawManifest().record, RawRecord(0x8001, flags: 2, body: .zeros(8), payload: [1])]
    // As long behind the last multiple of 8 as the payload that is there, so that the padding is right.
    let claim = RawStream(records).patched(168 + 40, .u64(.max - 6)).octets
    var decoder = try PushDecoder(limits: limits)
    var nobody = NoHandler()
    #expect(try decoder.push(claim.span.octets, to: &nobody) == claim.count)
    #expect(decoder.wantedByteCount >= 1 << 62)
  }
}

private struct Seen: StreamHandler {
  var handed = 0
  var records = 0
  var placed: [String] = []
  mutating func preamble(_ preamble: Preamble) {}
  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {}
  mutating func payload(_ octets: RawSpan, at position: UInt64) { handed += octets.byteCount }
  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) { records += 1 }
}
