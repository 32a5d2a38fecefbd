import CLiveWriter
import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Memory of a guest that runs: words that a thread stores to without a pause, while it is being saved.
///
/// The stores are atomic ones made in C; what the encoder reads of them is octets, copied once by `memcpy`, of which any
/// mixture of old and new is right.
@safe
private final class LiveMemory: @unchecked Sendable {
  static let byteCount = 1 << 20
  private let words: UnsafeMutablePointer<UInt64>
  private let state: UnsafeMutablePointer<Int32>
  private let ended = DispatchSemaphore(value: 0)
  private var stores: UInt64 = 0
  private var seconds = 0.0

  init() {
    unsafe words = .allocate(capacity: Self.byteCount / 8)
    unsafe words.initialize(repeating: 0, count: Self.byteCount / 8)
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: 0)
  }

  deinit {
    unsafe words.deallocate()
    unsafe state.deallocate()
  }

  func run(seed: UInt64) {
    Thread { [self] in
      let begun = Date()
      stores = unsafe live_writer_run(words, Self.byteCount / 8, seed, state)
      seconds = Date().timeIntervalSince(begun)
      ended.signal()
    }.start()
    // On a busy machine a thread may begin long after it was started.
    unsafe live_writer_await(state)
  }

  /// Stops the writer; returns the stores it made and how many a second.
  func halt() -> (stores: UInt64, rate: Double) {
    unsafe live_writer_stop(state)
    ended.wait()
    return (stores, Double(stores) / seconds)
  }

  /// The octets from `start` on; valid as long as self.
  @_lifetime(borrow self)
  func span(_ start: Int, _ count: Int) -> RawSpan {
    // Safe: the range lies in the allocation, which lives as long as self; the tests keep self until the span is used up.
    unsafe _overrideLifetime(
      RawSpan(_unsafeStart: UnsafeRawPointer(words) + start, byteCount: count), borrowing: self)
  }

  func flip(_ word: Int) { unsafe words[word] ^= 1 }

  var octets: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: words, count: Self.byteCount)) }
}

/// Puts memory where it belongs: reads payloads into place, and takes what the decoder was given before it knew one.
private struct RegionWriter: StreamHandler {
  var octets: [UInt8]
  private var extents: [Extent] = []

  init() { octets = .zeros(LiveMemory.byteCount) }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    guard record.header.knownKind == .memory else { return }
    let count = Int(MemoryHead(record.body).extentCount)
    extents = (0..<count).map { MemoryHead.extent($0, in: record.body) }
    for extent in extents where extent.kind != .data {
      for index in 0..<Int(extent.length) { octets[Int(extent.offset) + index] = 0 }
    }
    extents.removeAll { $0.kind != .data }
  }

  mutating func payload(_ piece: RawSpan, at position: UInt64) {
    var start = position
    var taken = 0
    for extent in extents {
      guard start < extent.length else {
        start -= extent.length
        continue
      }
      while taken < piece.byteCount, start < extent.length {
        octets[Int(extent.offset + start)] = piece.octet(at: taken)
        (taken, start) = (taken + 1, start + 1)
      }
      start = 0
      if taken == piece.byteCount { return }
    }
  }

  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}
}

@Suite(.serialized) struct LiveMemoryTests {
  private static let chunk = 65536

  /// Pre-copy passes while a thread stores to all of the memory, then a last one of memory at rest.
  @Test(arguments: [1, 3])
  func aWriterAtFullSpeed(channels: Int) throws {
    let memory = LiveMemory()
    let writer = try ChannelWriter(
      channelCount: UInt16(channels), regionByteCount: UInt64(LiveMemory.byteCount), pageByteCount: 4096)
    let joined = try (1..<channels).map { try ChannelWriter(joining: writer, channel: UInt16($0)) }
    let all = [writer] + joined
    memory.run(seed: 0x9e37)
    for pass in 0..<5 {
      let isLast = pass == 4
      if isLast {
        let (stores, rate) = memory.halt()
        print("live memory, \(channels) channels: \(stores) stores, \(Int(rate / 1e6)) million a second")
        #expect(stores > 0)
      }
      for channel in joined { try channel.output.beginPass(UInt32(pass)) }
      for (index, start) in stride(from: 0, to: LiveMemory.byteCount, by: Self.chunk).enumerated() {
        try all[(index + pass) % channels].output.memory(
          offset: start, memory.span(start, Self.chunk), source: isLast ? .stable : .live,
          compresses: !isLast && index % 4 == 3)
      }
      if !isLast { try writer.barrier(joined) }
    }
    try writer.end(joined)
    #expect(try restored(all) == memory.octets)
  }

  /// Why `stable` is a promise: what changes between the digest and the write is found by the reader; of live memory
  /// the copy was digested, and the copy is written.
  @Test(arguments: [PayloadSource.stable, .live])
  func changedBetweenDigestAndWrite(source: PayloadSource) throws {
    let memory = LiveMemory()
    let writer = try ChannelWriter(
      channelCount: 1, regionByteCount: UInt64(LiveMemory.byteCount), pageByteCount: 4096)
    memory.flip(3)
    let before = memory.octets
    try writer.output.memory(offset: 0, memory.span(0, Self.chunk), source: source) { memory.flip(5) }
    try writer.end([])
    let refusal = Reading.pull(writer.octets).refusal
    #expect(refusal?.code == (source == .stable ? .digestMismatch : nil))
    if source == .live { #expect(try restored([writer]) == before) }
  }

  /// Zero pages are looked for in the copy too: a page that was zero and is not any more is either.
  private func restored(_ channels: [ChannelWriter]) throws -> [UInt8] {
    var options = DecoderOptions()
    options.readsChannels = true
    let box = InPlaceReader(try PushDecoder(options: options), channels[0].octets)
    var readers = [box]
    guard channels.count > 1 else {
      var memory = RegionWriter()
      try box.readOn(&memory)
      try box.finish()
      return memory.octets
    }
    var memory = RegionWriter()
    try box.readOn(&memory)
    var gate = try box.gate()
    for channel in channels.dropFirst() { readers.append(InPlaceReader(try box.joined(), channel.octets)) }
    while !readers.allSatisfy(\.isDone) {
      for reader in readers {
        try reader.exchange(&gate)
        try reader.readOn(&memory)
        try reader.exchange(&gate)
      }
    }
    for reader in readers { try reader.finish() }
    try gate.finish()
    return memory.octets
  }
}

/// A decoder whose caller reads payloads to their place.
private final class InPlaceReader {
  private var decoder: PushDecoder
  private let octets: [UInt8]
  private var position = 0

  init(_ decoder: consuming PushDecoder, _ octets: [UInt8]) {
    self.decoder = decoder
    self.octets = octets
  }

  var isDone: Bool { position == octets.count }

  func joined() throws(StreamError) -> PushDecoder { try PushDecoder(joining: decoder.state) }
  func gate() throws(StreamError) -> ChannelGate { try ChannelGate(decoder.state) }
  func exchange(_ gate: inout ChannelGate) throws(StreamError) { try gate.exchange(&decoder) }
  func finish() throws(StreamError) { try decoder.finish() }

  /// Until all is read or the decoder waits.
  func readOn(_ memory: inout RegionWriter) throws(StreamError) {
    let octets = octets
    while !isDone, !decoder.isWaiting {
      if let place = decoder.place {
        let count = min(Int(place.byteCount), octets.count - position)
        let start = Int(place.offset)
        memory.octets.replaceSubrange(start..<start + count, with: octets[position..<position + count])
        position += count
        let target = memory.octets
        try decoder.placed(target.span.octets.extracting(start..<start + count), to: &memory)
      } else {
        let end = min(position + 64, octets.count)
        position += try decoder.push(octets.span.octets.extracting(position..<end), to: &memory)
      }
    }
  }
}
