import MigrationStream
import StreamTestKit
import Testing

/// The memory that channels take to find overlaps, and the time.
///
/// Source: Specs/40-reader-rules.md section 3.
@Suite struct ChannelMemoryTests {
  private static let recordCount = 20
  private static let extentCount = 1000

  /// Extents of one octet with a gap behind each, in records that go down: each extent is a run.
  private static func records(odd: Bool, step: UInt64) -> [RawRecord] {
    (0..<recordCount).reversed().map { record in
      .memory(
        (0..<extentCount).map { extent in
          RawExtent(UInt64(record * extentCount + extent) * step + (odd ? 1 : 0), 1, kind: 2)
        })
    }
  }

  private static func stream(step: UInt64, _ second: [RawRecord]) -> RawStream {
    RawStream(
      [RawManifest { $0.regions = [RawRegion { $0.length = 1 << 20 }] }.record] + records(odd: false, step: step)
        + [.end], channels: [second])
  }

  @Test func runs() {
    let stream = Self.stream(step: 2, Self.records(odd: true, step: 2))
    let runs = 2 * Self.recordCount * Self.extentCount
    let body = 32 + 16 * Self.extentCount
    let counter = CountingAllocator()
    let refusal = read(stream, counter.allocator)
    #expect(refusal == nil)
    // Two decoders with a body each; all runs at the gate, and those of one piece at a channel. What grows takes up to
    // three times its octets while it moves.
    #expect(counter.peak <= 2 * (65536 + 3 * body) + 3 * 24 * (runs + 6 * Self.extentCount), "\(counter.peak)")
    #expect(counter.peak >= 24 * runs)
    #expect(counter.live == 0)
  }

  /// Extents that go on are one run, however many there are.
  @Test func runsThatGoOn() {
    let records = (0..<2000).map { RawRecord.memory([.zero(UInt64($0) * 64, 64)]) }
    let stream = RawStream(
      [RawManifest { $0.regions = [RawRegion { $0.length = 1 << 20 }] }.record, .end], channels: [records])
    let counter = CountingAllocator()
    #expect(read(stream, counter.allocator) == nil)
    #expect(counter.peak <= 2 * 65536, "\(counter.peak)")
  }

  /// One octet of forty thousand runs is on both channels.
  @Test func oneOctetTwice() {
    var second = Self.records(odd: true, step: 2)
    second.append(.memory([.zero(31_776, 1)]))
    let refusal = read(Self.stream(step: 2, second), .system)
    #expect(refusal?.code == .badExtent)
    #expect(refusal?.found == 31_776)
  }

  private func read(_ stream: RawStream, _ allocator: StreamAllocator) -> StreamError? {
    ChannelReading.read(
      stream.octets, stream.assembledChannels().map(\.octets), Arrival(seed: 0, piece: 65536, last: nil),
      allocator: allocator, handler: { _ in NoHandler() }
    ).refusal
  }
}
