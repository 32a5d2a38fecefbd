import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: ``Base/two(_:)``, ``Base/three(_:_:)``.
  mutating func addChannels() {
    folder = "channel"
    accept("two", "30 §1", "a chunk on each", Base.two)
    accept("three-in-two-passes", "30 §2", "pass 1 sends what others have sent in pass 0", Base.three)
    accept(
      "sixteen", "30 §1", "the most there can be",
      RawStream(
        [Base.ramManifest, .end], channels: (1...15).map { [.memory([.data(UInt64($0) * 4096, 64)])] }))
    accept("channel-without-records", "30 §1", "a hello and CHANNEL_END", Base.two([]))
    accept(
      "unknown-skippable-kind", "30 §1", "stepped over on any channel, and in any pass",
      Base.two([RawRecord(0x9000, flags: RawFlag.skippable, body: .ramp(24), payload: .ramp(9))]))
    accept(
      "zstd", "30 §1", "a frame on channel 1",
      RawStream(
        mandatory: 1 << 3, [Base.ramManifest, .end],
        channels: [[.memory(zstd: ZstdFrames.good, plain: ZstdFrames.plain)]]))
    accept("byte-string", "10 §8", "a device's octets on channel 1", Base.bytesOnTwo([], [.bytes(.ramp(64))]))
    addHellos()
    addComings()
  }

  private mutating func addHellos() {
    let none = UInt16.max
    func hello(
      _ name: String, _ code: StreamError.Code, _ offset: UInt64, expected: UInt64? = nil,
      found: UInt64? = nil, _ comment: String, _ stream: RawStream
    ) {
      reject(
        "hello-" + name, code, .preamble, on: none, offset, released: 0, expected: expected, found: found,
        "30 §1", comment, stream)
    }
    let stream = Base.three
    hello(
      "with-the-magic-of-a-preamble", .badMagic, 3, expected: 0x43, found: 0x53, "MGS in place of MGC",
      stream.patchedOn(1, 3, [0x53]))
    hello(
      "damaged", .digestMismatch, 56, "a flipped bit of major is damage",
      stream.damagedOn(1, 8, [3]))
    hello("major-2", .unsupportedMajor, 8, expected: 1, found: 2, "as in the preamble", stream.patchedOn(1, 8, [2]))
    hello(
      "of-another-stream", .foreignChannel, 16, "another uuid", stream.patchedOn(1, 16, .ramp(16)))
    hello(
      "of-another-stream-with-fewer-channels", .foreignChannel, 16, "the uuid is looked at first",
      stream.patchedOn(1, 31, [0]).patchedOn(1, 12, .u16(2)))
    hello(
      "with-another-number-of-channels", .badValue, 12, expected: 3, found: 4, "as in the preamble",
      stream.patchedOn(2, 12, .u16(4)))
    hello(
      "of-channel-0", .badValue, 10, expected: 2, found: 0, "channel 0 has the preamble",
      stream.patchedOn(1, 10, .u16(0)))
    hello(
      "of-channel-3-of-3", .badValue, 10, expected: 2, found: 3, "1 to num_channels - 1",
      stream.patchedOn(1, 10, .u16(3)))
    hello("reserved-word", .reservedNotZero, 14, "octet 15 is 1", stream.patchedOn(1, 15, [1]))
    hello("reserved-octets", .reservedNotZero, 32, "octet 55 is 1", stream.patchedOn(1, 55, [1]))
    hello("cut", .truncated, 63, "the last octet is missing", stream.changingChannel(1) { $0.cut = 63 })
    hello("missing", .truncated, 0, "a channel without an octet", stream.changingChannel(2) { $0.cut = 0 })
  }

  private mutating func addComings() {
    reject(
      "lost", .foreignChannel, .preamble, on: 2, 0, released: 0, expected: 2, found: 0, "30 §1",
      "channel 2 does not come", Base.three.changingChannel(2) { $0.times = 0 })
    reject(
      "only-channel-0", .foreignChannel, .preamble, on: 1, 0, released: 0, expected: 1, found: 0, "30 §1",
      "channel 1 of 2 does not come", Base.two.changingChannel(1) { $0.times = 0 })
    reject(
      "doubled", .foreignChannel, .preamble, on: 1, 10, released: 0, expected: 0, found: 1, "30 §1",
      "channel 1 comes twice", Base.three.changingChannel(1) { $0.times = 2 })
    reject(
      "ends-without-channel-end", .truncated, .record, on: 1, 256, released: 1, expected: 64, found: 0, "30 §1",
      "the octets end between two records", Base.two.changingChannel(1) { $0.cut = 256 })
    reject(
      "ends-inside-a-payload", .truncated, .record, on: 1, 200, released: 0, expected: 64, found: 8, "30 §1",
      "8 octets of 64", Base.two.changingChannel(1) { $0.cut = 200 })
    reject(
      "channel-0-ends-before-its-barrier", .truncated, .record, 384, released: 2, expected: 64, found: 0, "30 §2",
      "the others wait for pass 1, which nobody opens", Base.three.cut(to: 384))
    reject(
      "channel-0-ends-behind-its-barrier", .truncated, .record, 480, released: 3, expected: 64, found: 0, "30 §2",
      "the others are whole", Base.three.cut(to: 480))
    reject(
      "record-behind-channel-end", .trailingData, .end, on: 1, 352, released: 2, "30 §1",
      "CHANNEL_END is the last record", Base.two.changingChannel(1) { $0.tail = .zeros(64) })
    reject(
      "aborted", .aborted, .end, 272, released: 1, found: 1, "10 §10", "the source gave up, on channel 0",
      RawStream(
        [Base.ramManifest, .abort(reason: 1, .text("stop"))], channels: [[.memory([.data(0, 64)])]]))
  }
}
