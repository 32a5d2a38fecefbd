import MigrationStream
import StreamTestKit

extension LessonTable {
  /// What only several channels together show. Offsets: ``Base/three(_:_:)``, ``Base/barriers(_:_:)``.
  mutating func addSharedPasses() {
    folder = "channel"
    addSequences()
    addLateRecords()
    addOverlaps()
    addSharedLimits()
  }

  private mutating func addSequences() {
    func barrier(
      _ name: String, _ offset: UInt64, _ value: UInt64, expected: UInt64, _ comment: String,
      _ stream: RawStream = Base.three, released: Int = 2
    ) {
      reject(
        "barrier-" + name, .badSequence, .bulk, offset, released: released, expected: expected, found: value,
        "30 §2.1", comment, stream.patched(Int(offset), .u64(value)))
    }
    barrier("next-of-channel-0", 456, 4, expected: 3, "that of the record after the barrier")
    barrier("before-a-record-of-its-pass", 464, 0, expected: 1, "record 0 of channel 1 belongs to pass 0")
    barrier("between-two-records-of-its-pass", 472, 1, expected: 2, "record 1 of channel 2 belongs to pass 0")
    barrier("behind-a-record-of-the-next-pass", 464, 2, expected: 1, "record 1 of channel 1 belongs to pass 1")
    barrier("of-records-that-do-not-come", 464, 9, expected: 1, "record 1 of channel 1 belongs to pass 1")
    let short = Base.barriers([.memory([.data(0, 64)])], .barrier(pass: 0, next: 2, 1))
    accept("barrier-before-channel-end", "30 §2.1", "CHANNEL_END has no pass", short)
    accept("barrier-behind-channel-end", "30 §2.1", "CHANNEL_END has no pass", short.patched(288, .u64(2)))
    barrier("behind-the-channels-last-record", 288, 3, expected: 2, "two with CHANNEL_END", short, released: 1)
    let skipped = Base.barriers(
      [
        .memory([.data(0, 64)]), RawRecord(0x9000, flags: RawFlag.skippable, body: []),
        .memory(pass: 1, [.data(0, 64)]),
      ], .barrier(pass: 0, next: 2, 1))
    accept("barrier-before-a-record-without-pass", "30 §2.1", "of an unknown kind", skipped)
    accept("barrier-behind-a-record-without-pass", "30 §2.1", "of an unknown kind", skipped.patched(288, .u64(2)))
    barrier(
      "that-falls", 376, 0, expected: 1, "the barrier before says 1",
      Base.barriers([.memory([.data(0, 64)])], .barrier(pass: 0, next: 2, 1), .barrier(pass: 1, next: 3, 1)))
    reject(
      "barrier-of-two-channels-of-three", .badValue, .bulk, 452, released: 2, expected: 3, found: 2, "30 §2",
      "as in the preamble", Base.three.patched(452, .u32(2)))
    reject(
      "barrier-too-short", .truncatedData, .bulk, 472, released: 2, "30 §2", "channel 2's word is missing",
      Base.three.changing(2) { $0.body.removeLast(8) })
    reject(
      "barrier-left-over-octets", .unexpectedData, .bulk, 480, released: 2, expected: 40, found: 32, "30 §2",
      "a word for channel 3 of 3", Base.three.changing(2) { $0.body += .zeros(8) })
  }

  private mutating func addLateRecords() {
    accept(
      "channel-that-skips-a-pass", "30 §2", "channel 1 sends nothing in pass 1",
      Base.barriers(
        [.memory([.data(0, 64)]), .memory(pass: 2, [.data(0, 64)])], .barrier(pass: 0, next: 2, 1),
        .barrier(pass: 1, next: 3, 1)))
    reject(
      "pass-falls", .badPass, .bulk, on: 1, 516, released: 2, expected: 1, found: 0, "30 §2",
      "pass 0 behind pass 1 on one channel",
      Base.barriers(
        [.memory([.data(0, 64)]), .memory(pass: 1, [.data(0, 64)]), .memory([.data(64, 64)])],
        .barrier(pass: 0, next: 2, 1)))
    reject(
      "stale-record-of-the-pass-before", .badSequence, .bulk, 288, released: 1, expected: 2, found: 1, "30 §2.1",
      "record 1 of channel 1 belongs to pass 0",
      Base.barriers([.memory([.data(0, 64)]), .memory([.data(64, 64)])], .barrier(pass: 0, next: 2, 1)))
    reject(
      "stale-record-of-a-pass-long-gone", .badSequence, .bulk, 376, released: 2, expected: 2, found: 1, "30 §2.1",
      "three barriers say that channel 1 has one record; the next one belongs to pass 1",
      Base.barriers(
        [.memory([.data(0, 64)]), .memory(pass: 1, [.data(64, 64)])], .barrier(pass: 0, next: 2, 1),
        .barrier(pass: 1, next: 3, 1), .barrier(pass: 2, next: 4, 1)))
    reject(
      "pass-that-no-barrier-opens", .badPass, .bulk, on: 1, 324, released: 1, expected: 1, found: 2, "30 §2.1",
      "pass 2 of two", Base.three.patchedOn(1, 324, .u32(2)))
    reject(
      "pass-without-passes", .badPass, .bulk, on: 1, 132, released: 0, expected: 0, found: 1, "30 §2.1",
      "there is pass 0 only", Base.two([.memory(pass: 1, [.data(4096, 64)])]))
    reject(
      "bytes-pass-without-passes", .badPass, .bulk, on: 1, 136, released: 0, expected: 0, found: 1, "30 §2.1",
      "there is pass 0 only", Base.bytesOnTwo([], [.bytes(pass: 1, .ramp(64))]))
  }

  private mutating func addOverlaps() {
    func overlap(_ name: String, _ comment: String, at octet: UInt64, _ first: RawExtent) {
      reject(
        "overlap-" + name, .badExtent, .bulk, 384, released: 2, expected: 0, found: octet, "30 §2", comment,
        Base.three(first))
    }
    overlap("of-one-octet", "channels 0 and 1, at the BARRIER", at: 63, .data(63, 64))
    overlap("of-all", "channels 0 and 1 have the same octets", at: 0, .data(0, 64))
    overlap("inside-a-long-run", "zeros of channel 1 over data of channels 0 and 2", at: 0, .zero(0, 65536))
    overlap("with-discard", "discarded by channel 1, sent by channel 2", at: 8192, .discard(8191, 2))
    accept("extents-that-touch", "30 §2", "channel 1 goes on where channel 0 ends", Base.three(.data(64, 64)))
    reject(
      "overlap-in-the-last-pass", .badExtent, .bulk, 704, released: 4, expected: 0, found: 4128, "30 §2",
      "END closes the last pass", Base.three(.data(4096, 64), .data(4128, 64)))
    accept(
      "overlap-on-one-channel", "30 §2", "the order of the channel decides",
      Base.two([.memory([.data(4096, 64)]), .memory([.data(4096, 4096)]), .memory([.zero(4100, 8)])]))
    reject(
      "overlap-behind-a-shorter-run", .badExtent, .bulk, 384, released: 2, expected: 0, found: 6144, "30 §2",
      "channel 1 has a long run and a short one inside it; channel 2 starts behind the short one",
      RawStream(
        [Base.ramManifest, .memory([.data(0, 64)]), .end],
        channels: [
          [.memory([.data(4096, 4096)]), .memory([.zero(4200, 8)])], [.memory([.zero(6144, 64)])],
        ]))
    let regions = RawManifest { $0.regions = [RawRegion(), RawRegion { $0.name = .text("rom") }] }.record
    accept(
      "same-offsets-in-two-regions", "30 §2", "regions are apart",
      RawStream(
        [regions, .memory([.data(0, 64)]), .end], channels: [[.memory(region: 1, [.data(0, 64)])]]))
    reject(
      "overlap-in-region-1", .badExtent, .bulk, 448, released: 2, expected: 1, found: 32, "30 §2",
      "the region is named",
      RawStream(
        [regions, .memory(region: 1, [.data(0, 64)]), .end],
        channels: [[.memory([.data(0, 64)]), .memory(region: 1, [.data(32, 64)])]]))
    // A run ends with its region, also where the next one has the next octets.
    accept(
      "region-behind-another-at-the-same-offset", "30 §2", "channel 1 goes on in region 1, where region 0 stopped",
      RawStream(
        [regions, .memory([.data(64, 64)]), .end],
        channels: [[.memory([.data(0, 64)]), .memory(region: 1, [.data(64, 64)])]]))
    reject(
      "overlap-behind-a-change-of-region", .badExtent, .bulk, 448, released: 2, expected: 1, found: 96, "30 §2",
      "channel 1 went on in region 1, where region 0 stopped",
      RawStream(
        [regions, .memory(region: 1, [.data(96, 64)]), .end],
        channels: [[.memory([.data(0, 64)]), .memory(region: 1, [.data(64, 64)])]]))
  }

  private mutating func addSharedLimits() {
    let apart: [RawExtent] = [.data(4096, 64), .zero(8192, 64), .data(12288, 64)]
    reject(
      "runs-above-the-limit", .limitExceeded, .bulk, on: 1, 136, released: 0, expected: 2, found: 3, "40 §3",
      "three extents apart, two runs are allowed", limits: ["passRunsMax=2"], Base.two([.memory(apart)]))
    accept(
      "runs-at-the-limit", "40 §3", "extents that go on are one run, in one record or in two",
      limits: ["passRunsMax=2"],
      Base.two([.memory([.data(4096, 64), .zero(4160, 64)]), .memory([.data(4224, 64), .zero(8192, 64)])]))
    accept(
      "runs-of-two-passes", "40 §3", "each pass counts anew", limits: ["passRunsMax=2"], Base.three)
    reject(
      "barriers-above-the-limit", .limitExceeded, .bulk, 360, released: 2, expected: 1, found: 2, "40 §3",
      "two barriers, one is allowed", limits: ["barriersMax=1"],
      Base.barriers([], .barrier(pass: 0, next: 2, 0), .barrier(pass: 1, next: 3, 0)))
  }
}
