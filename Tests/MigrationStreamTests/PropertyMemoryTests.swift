import MigrationStream
import StreamTestKit
import Testing

/// Memory follows the octets that came, never a claim; a refused allocation is an error like any other.
@Suite struct PropertyMemoryTests {
  private static let mebibyte = 1 << 20

  @Test(arguments: try CorpusFolder.present)
  func noScenarioTakesAMebibyte(_ scenario: Scenario) throws {
    // A frame of 4 MiB of plain octets is allowed to cost them.
    guard !scenario.name.hasPrefix("zstd/") else { return }
    let limits = try scenario.streamLimits
    for read in readers {
      let counter = CountingAllocator()
      _ = read(scenario.octets, limits, counter.allocator)
      #expect(counter.peak < Self.mebibyte)
      #expect(counter.live == 0, "memory was not given back")
    }
  }

  /// Every word of every body as a claim, with right digests around it, and nothing behind its record.
  @Test(arguments: [UInt32.max, 0x7fff_fff8, 0x00ff_ffff, 0x0001_0000])
  func aClaimTakesNoMemory(_ claim: UInt32) throws {
    let stream = Self.claiming
    let (octets, labels) = stream.assembled()
    for (index, label) in labels.enumerated() where label.name.hasSuffix("body") {
      let end = index + 1 < labels.count ? labels[index + 1].offset : octets.count
      for position in stride(from: label.offset, to: min(end, label.offset + 200), by: 4) {
        let hostile = stream.patched(position, .u32(claim)).octets
        for read in readers {
          let counter = CountingAllocator()
          let refusal = read(hostile, StreamLimits(), counter.allocator)
          #expect(
            counter.peak < Self.mebibyte, "\(label.name) at \(position): \(String(describing: refusal))")
        }
      }
    }
  }

  /// A record that claims a body or a payload at the limit, of which 200 octets come.
  @Test(arguments: [("SECTION", 24, UInt64(16_777_216)), ("kind 8001", 40, 67_108_864)])
  func aHeaderTakesNoMemory(_ record: String, _ field: Int, _ claim: UInt64) throws {
    let stream = Self.claiming
    let start = try #require(stream.assembled().labels.first { $0.name == record }).offset
    let octets = [UInt8](stream.patched(start + field, .u64(claim)).octets[..<(start + 200)])
    for read in readers {
      let counter = CountingAllocator()
      #expect(read(octets, StreamLimits(), counter.allocator)?.code == .truncated)
      #expect(counter.peak < Self.mebibyte)
    }
  }

  private typealias Reader = ([UInt8], StreamLimits, StreamAllocator) -> StreamError?

  private var readers: [Reader] {
    [
      { Reading.pull($0, limits: $1, allocator: $2).refusal },
      { Reading.push($0, limits: $1, allocator: $2).outcome.refusal },
      { Reading.verify($0, .deep, limits: $1, allocator: $2) },
      { Reading.verify($0, .digests, limits: $1, allocator: $2) },
    ]
  }

  /// A stream with a claim of every kind: counts, lengths, extents, lists.
  private static let claiming: RawStream = {
    let layout = RawLayout(
      "all",
      [
        RawField("n", .unsigned, width: 4).counted(1 << 20), RawField("s", .string), RawField("l", .list),
        RawField("o", .optional, [RawField("x", .unsigned, width: 8)]),
        RawField("m", .enumeration, width: 4) { $0.symbols = [RawSymbol(1, "a")] },
      ])
    let device = RawDevice {
      $0.parameters = [RawParameter("a", type: 3, text: "b")]
      $0.subsections = [RawAnnouncement("sub")]
    }
    return RawStream(
      [
        RawManifest {
          $0.regions = [RawRegion()]
          $0.devices = [device]
        }.record, layout.record(0),
        RawSection(data: .zeros(24), [RawSubsection(0, data: .zeros(24))]).record,
        .memory([.data(0, 64), .zero(4096, 64)]), .bytes(.ramp(64)),
        RawRecord(0x8001, flags: RawFlag.skippable, body: .zeros(8), payload: .ramp(64)), .end,
      ])
  }()
}
