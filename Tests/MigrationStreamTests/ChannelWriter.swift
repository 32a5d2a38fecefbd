import MigrationStream
import StreamTestKit

/// One of several channels that are being written.
final class ChannelWriter {
  var output: ChannelOutput

  init(channelCount: UInt16, regionByteCount: UInt64, pageByteCount: UInt64) throws {
    output = try ChannelOutput(
      channelCount: channelCount, regionByteCount: regionByteCount, pageByteCount: pageByteCount)
  }

  init(joining first: ChannelWriter, channel: UInt16) throws {
    output = try ChannelOutput(joining: first.output, channel: channel)
  }

  var octets: [UInt8] { output.octets }

  func barrier(_ others: [ChannelWriter]) throws(StreamError) {
    try output.barrier(others.map { $0.output.nextSequence })
  }

  func end(_ others: [ChannelWriter]) throws(StreamError) {
    for other in others { try other.output.channelEnd() }
    try output.end(others.map { $0.output.closingTotals })
  }
}

/// One channel's encoder, and what it has made.
struct ChannelOutput: ~Copyable {
  private var encoder: StreamEncoder
  private(set) var octets: [UInt8] = []

  init(channelCount: UInt16, regionByteCount: UInt64, pageByteCount: UInt64) throws {
    var preamble = Preamble(uuid: StreamUUID(low: 7, high: 9))
    preamble.channelCount = channelCount
    preamble.mandatoryFlags = MandatoryFlags.passes | MandatoryFlags.zstd
    if channelCount > 1 { preamble.mandatoryFlags |= MandatoryFlags.channels }
    var encoder = try StreamEncoder(preamble: preamble)
    var octets: [UInt8] = []
    Self.append(encoder.preamble, to: &octets)
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
    try manifest.region(
      name: StaticString("ram").octets, byteCount: regionByteCount, pageByteCount: pageByteCount)
    try manifest.beginDevice(
      path: StaticString("gpu").octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
    try manifest.endDevice()
    Self.append(try encoder.manifest(manifest), to: &octets)
    self.encoder = encoder
    self.octets = octets
  }

  init(joining first: borrowing ChannelOutput, channel: UInt16) throws {
    let encoder = try StreamEncoder(joining: first.encoder.state, channel: channel)
    var octets: [UInt8] = []
    Self.append(encoder.preamble, to: &octets)
    self.encoder = encoder
    self.octets = octets
  }

  var nextSequence: UInt64 { encoder.nextSequence }
  var closingTotals: ChannelTotals { encoder.closingTotals }

  mutating func memory(
    offset: Int, _ span: RawSpan, source: PayloadSource = .stable, compresses: Bool = false
  ) throws(StreamError) {
    Self.append(
      try encoder.memory(
        region: 0, offset: UInt64(offset), octets: span, source: source, compresses: compresses), to: &octets)
  }

  /// - Parameter change: Made after the record is, before it is written.
  mutating func memory(
    offset: Int, _ span: RawSpan, source: PayloadSource, change: () -> Void
  ) throws(StreamError) {
    let list = try encoder.memory(region: 0, offset: UInt64(offset), octets: span, source: source)
    change()
    Self.append(list, to: &octets)
  }

  mutating func bytes(_ octets: [UInt8]) throws(StreamError) {
    let flags = RecordFlags.unitFirst | RecordFlags.unitLast | RecordFlags.last
    Self.append(try encoder.bytes(device: 0, octets: octets.span.octets, flags: flags), to: &self.octets)
  }

  mutating func skippable() throws(StreamError) {
    Self.append(
      try encoder.preserved(
        kind: 0x9000, flags: RecordFlags.skippable, device: Format.none32, body: RawSpan(), payload: RawSpan()),
      to: &octets)
  }

  mutating func beginPass(_ pass: UInt32) throws(StreamError) { try encoder.beginPass(pass) }

  mutating func barrier(_ next: [UInt64]) throws(StreamError) {
    Self.append(try encoder.barrier(others: next.span), to: &octets)
  }

  mutating func channelEnd() throws(StreamError) { Self.append(try encoder.channelEnd(), to: &octets) }

  mutating func end(_ totals: [ChannelTotals]) throws(StreamError) {
    Self.append(try encoder.end(others: totals.span), to: &octets)
  }

  private static func append(_ list: borrowing GatherList, to octets: inout [UInt8]) {
    for index in 0..<list.count { append(list[index], to: &octets) }
  }

  private static func append(_ span: RawSpan, to octets: inout [UInt8]) {
    unsafe span.withUnsafeBytes { unsafe octets.append(contentsOf: $0) }
  }
}

/// A stream of three channels made at random, and what it must come to.
struct ChannelModel {
  static let regionByteCount = 16384
  static let chunkByteCount = 512

  var first: [UInt8] = []
  var others: [[UInt8]] = []
  /// The region in the end.
  var memory: [UInt8]
  /// Bulk records of each pass, all channels.
  var recordsOfPass: [Int] = []

  /// A guest that writes between passes, and a source that sends what was written, each chunk on one of three channels.
  init(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let region = Self.regionByteCount
    memory = .zeros(region)
    let writer = try ChannelWriter(channelCount: 3, regionByteCount: UInt64(region), pageByteCount: 64)
    let joined = try (1...2).map { try ChannelWriter(joining: writer, channel: $0) }
    let all = [writer] + joined
    let passes = random.pick(1...5)
    for pass in 0..<passes {
      if pass > 0 { try writer.barrier(joined) }
      var chunks = Array(0..<region / Self.chunkByteCount)
      chunks.shuffle(using: &random)
      if pass > 0 { chunks.removeLast(random.pick(0...chunks.count)) }
      let isIdle = random.once(in: 4)
      var begun: Set<Int> = [0]
      var records = 0
      for chunk in chunks {
        let channel = isIdle ? 0 : random.pick(0...2)
        let start = chunk * Self.chunkByteCount
        if begun.insert(channel).inserted { try all[channel].output.beginPass(UInt32(pass)) }
        // The same chunk twice on one channel: the later one counts.
        for _ in 0..<(random.once(in: 8) ? 2 : 1) {
          Self.write(&memory, at: start, pass, &random)
          try all[channel].output.memory(
            offset: start, memory.span.octets.extracting(start..<start + Self.chunkByteCount),
            compresses: random.once(in: 4))
          records += 1
        }
        if random.once(in: 16) { try all[channel].output.skippable() }
      }
      recordsOfPass.append(records)
    }
    let channel = random.pick(0...2)
    if channel > 0 { try all[channel].output.beginPass(UInt32(passes - 1)) }
    try all[channel].output.bytes(random.octets(100))
    recordsOfPass[passes - 1] += 1
    try writer.end(joined)
    first = writer.octets
    others = joined.map(\.octets)
  }

  /// Every octet that is not zero says its pass in its low three bits.
  private static func write(
    _ memory: inout [UInt8], at start: Int, _ pass: Int, _ random: inout SeededGenerator
  ) {
    for page in stride(from: start, to: start + chunkByteCount, by: 64) {
      let isZero = random.once(in: 3)
      for index in page..<page + 64 {
        memory[index] = isZero ? 0 : UInt8(truncatingIfNeeded: random.next()) & 0xf8 | UInt8(pass + 1)
      }
    }
  }
}
