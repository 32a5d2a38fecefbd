import Foundation
import MigrationStream
import StreamTestKit
import Testing

private let isLongRun = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil

/// What holds for every stream of several channels, however its octets arrive.
@Suite struct ChannelPropertyTests {
  /// A writer, three channels, octets in any order: the data is in its place, and no pass begins before the last ended.
  @Test(arguments: 1...(isLongRun ? 400 : 40))
  func theModelsMemoryComesAbout(seed: UInt64) throws {
    let model = try ChannelModel(seed: seed)
    for piece in [17, 4000, 1 << 20] {
      let arrival = Arrival(seed: seed, piece: piece, last: nil)
      let target = ChannelTarget(model)
      let outcome = ChannelReading.read(
        model.first, model.others, arrival, handler: { _ in ChannelPlacer(target) })
      #expect(outcome.refusal == nil, "\(arrival)")
      #expect(target.complaints.isEmpty, "\(arrival): \(target.complaints.first ?? "")")
      #expect(target.memory == model.memory, "\(arrival)")
    }
  }

  /// The same with a thread for each channel that takes its time.
  @Test(arguments: 1...(isLongRun ? 100 : 12))
  func threadsThatTakeTheirTime(seed: UInt64) throws {
    let model = try ChannelModel(seed: seed)
    let target = ChannelTarget(model)
    let refusal = ChannelThreads.read(model.first, model.others, seed: seed) { ChannelPlacer(target) }
    #expect(refusal == nil, "seed \(seed)")
    #expect(target.complaints.isEmpty, "seed \(seed): \(target.complaints.first ?? "")")
    #expect(target.memory == model.memory, "seed \(seed)")
  }

  /// MANIFEST 64, MEMORY 208, BARRIER 384, MEMORY 480, END 704; and two more channels.
  private static let three = RawStream(
    mandatory: 1 << 2,
    [
      RawManifest { $0.regions = [RawRegion()] }.record, .memory([.data(0, 64)]), .barrier(pass: 0, next: 3, 1, 2),
      .memory(pass: 1, [.data(4096, 64)]), .end,
    ],
    channels: [
      [.memory([.data(4096, 64)]), .memory(pass: 1, [.data(8192, 64)])],
      [.memory([.data(8192, 64)]), .memory([.zero(12288, 64)]), .memory(pass: 1, [.data(0, 64)])],
    ])

  private static let arrivals = [
    Arrival(seed: 0, piece: 1 << 20, last: nil), Arrival(seed: 0, piece: 1 << 20, last: 0),
    Arrival(seed: 0, piece: 1 << 20, last: 1), Arrival(seed: 0, piece: 1 << 20, last: 2),
    Arrival(seed: 5, piece: 200, last: nil),
  ]

  @Test func everyPrefixOfEveryChannelIsTruncated() throws {
    for scenario in try ChannelCorpusTests.accepted {
      let limits = try scenario.streamLimits
      let channels = [scenario.octets] + scenario.furtherChannels
      let step = isLongRun || scenario.name.hasSuffix("three-in-two-passes") ? 1 : 37
      for (position, octets) in channels.enumerated() {
        for count in stride(from: 0, to: octets.count, by: step) {
          var cut = channels
          cut[position].removeSubrange(count...)
          let outcome = ChannelReading.read(
            cut[0], Array(cut[1...]), Self.arrivals[count % 5], limits: limits, handler: { _ in NoHandler() })
          let comment: Comment = "\(scenario), \(count) octets of \(position)"
          #expect(outcome.refusal?.code == .truncated, comment)
          #expect(outcome.refusal?.offset == UInt64(count), comment)
          let number = position == 0 ? 0 : count < 64 ? UInt16.max : UInt16(octets[10])
          #expect(outcome.refusal?.channel == number, comment)
        }
      }
    }
  }

  /// One bit of every octet of every channel: refused, and with the same words in every order of arrival.
  @Test func everyFlippedOctetIsRefused() throws {
    let channels = [Self.three.octets] + Self.three.assembledChannels().map(\.octets)
    for position in channels.indices {
      for index in stride(from: 0, to: channels[position].count, by: isLongRun ? 1 : 3) {
        var flipped = channels
        flipped[position][index] ^= 1 << (index % 8)
        let refusals = verdicts(flipped)
        #expect(refusals[0] != nil && refusals.allSatisfy { $0 == refusals[0] }, "octet \(index) of \(position)")
      }
    }
  }

  /// Every word of every body but the manifest, where one word makes many faults, as something else, with right
  /// digests: one verdict in every order of arrival.
  @Test(arguments: [0, 1, 2, 3, UInt32(4097), .max])
  func everyChangedWordHasOneVerdict(value: UInt32) throws {
    let labels = [Self.three.assembled().labels] + Self.three.assembledChannels().map(\.labels)
    for (position, parts) in labels.enumerated() {
      for (index, part) in parts.enumerated()
      where part.name.hasSuffix("body") && part.name != "MANIFEST body" {
        let end = index + 1 < parts.count ? parts[index + 1].offset : part.offset + 80
        for place in stride(from: part.offset, to: end, by: 4) {
          let stream =
            position == 0
            ? Self.three.patched(place, .u32(value)) : Self.three.patchedOn(position, place, .u32(value))
          let refusals = verdicts([stream.octets] + stream.assembledChannels().map(\.octets))
          #expect(
            refusals.allSatisfy { $0 == refusals[0] },
            "\(part.name) at \(place) of \(position): \(refusals.map { $0.map { "\($0)" } ?? "accepted" })")
        }
      }
    }
  }

  private func verdicts(_ channels: [[UInt8]]) -> [StreamError?] {
    Self.arrivals.map { arrival in
      ChannelReading.read(channels[0], Array(channels[1...]), arrival, handler: { _ in NoHandler() }).refusal
    }
  }

  /// Memory that is refused, at every allocation of decoders and gate, is an error like any other.
  @Test func everyRefusedAllocationIsAnError() throws {
    let channels = [Self.three.octets] + Self.three.assembledChannels().map(\.octets)
    let arrival = Arrival(seed: 0, piece: 100, last: nil)
    func read(_ allocator: StreamAllocator) -> StreamError? {
      ChannelReading.read(
        channels[0], Array(channels[1...]), arrival, allocator: allocator, handler: { _ in NoHandler() }
      ).refusal
    }
    let counter = CountingAllocator()
    #expect(read(counter.allocator) == nil)
    #expect(counter.live == 0)
    #expect(counter.calls > 20)
    for call in 0..<counter.calls {
      let failing = CountingAllocator(refusing: call)
      #expect(read(failing.allocator)?.code == .outOfMemory, "allocation \(call)")
      #expect(failing.live == 0, "allocation \(call)")
    }
  }

  /// A stream of several channels is refused by readers that nobody told to wait for the others.
  @Test func readersOfOneChannelSayNo() {
    let octets = Self.three.octets
    for refusal in [
      Reading.pull(octets).refusal, Reading.push(octets).outcome.refusal, Reading.verify(octets, .digests),
    ] {
      #expect(refusal == StreamError(.notImplemented, .preamble, at: 26, expected: 1, found: 3))
    }
  }

  /// A gate and decoders that do not belong together.
  @Test func aGateIsOfOneStream() throws {
    var options = DecoderOptions()
    options.readsChannels = true
    var nobody = NoHandler()
    var decoder = try PushDecoder(options: options)
    var refusal: StreamError?
    do throws(StreamError) { _ = try ChannelGate(decoder.state) } catch { refusal = error }
    #expect(refusal?.code == .wrongCall)
    let octets = Self.three.octets
    _ = try decoder.push(octets.span.octets, to: &nobody)
    var isWaiting = decoder.isWaiting
    #expect(isWaiting)
    var gate = try ChannelGate(decoder.state)
    var other = try PushDecoder(options: options)
    _ = try other.push(Self.three.patched(40, .u64(1)).octets.span.octets, to: &nobody)
    do throws(StreamError) { try gate.exchange(&other) } catch { refusal = error }
    #expect(refusal?.code == .wrongCall)
    try gate.exchange(&decoder)
    isWaiting = decoder.isWaiting
    #expect(!isWaiting)
    // The same channel twice.
    var again = try PushDecoder(options: options)
    _ = try again.push(octets.span.octets, to: &nobody)
    do throws(StreamError) { try gate.exchange(&again) } catch { refusal = error }
    #expect(refusal?.code == .foreignChannel && refusal?.channel == 0 && refusal?.found == 0)
    do throws(StreamError) { try gate.exchange(&decoder) } catch { refusal = error }
    #expect(refusal?.code == .foreignChannel)
    isWaiting = decoder.isWaiting
    #expect(!isWaiting)
  }

  /// A writer is told when it makes records of another number of channels, or ends a channel that is not one.
  @Test func encodersCheckTheirCalls() throws {
    let writer = try ChannelWriter(channelCount: 3, regionByteCount: 4096, pageByteCount: 64)
    #expect(throws: StreamError.self) { try ChannelWriter(joining: writer, channel: 3) }
    #expect(throws: StreamError.self) { try ChannelWriter(joining: writer, channel: 0) }
    let joined = try ChannelWriter(joining: writer, channel: 1)
    #expect(throws: StreamError.self) { try ChannelWriter(joining: joined, channel: 2) }
    var refusal: StreamError?
    do throws(StreamError) { try writer.barrier([joined]) } catch { refusal = error }
    #expect(refusal?.code == .wrongCall && refusal?.expected == 2 && refusal?.found == 1)
    try joined.output.beginPass(2)
    do throws(StreamError) { try joined.output.beginPass(1) } catch { refusal = error }
    #expect(refusal?.code == .wrongCall && refusal?.channel == 1)
  }
}
