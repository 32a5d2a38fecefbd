import MigrationStream
import StreamTestKit

extension LessonTable {
  /// What one channel's own octets show. Offsets: ``Base/two(_:)``.
  mutating func addChannelFaults() {
    folder = "channel"
    for (kind, name) in [
      (RawKind.manifest, "manifest"), (RawKind.layout, "layout"), (RawKind.section, "section"),
      (RawKind.barrier, "barrier"), (RawKind.indexPage, "index-page"), (RawKind.index, "index"),
      (RawKind.abort, "abort"), (RawKind.end, "end"),
    ] {
      let flags = kind == RawKind.index || kind == RawKind.indexPage ? RawFlag.skippable : RawFlag.required
      reject(
        "\(name)-on-channel-1", .recordOutOfOrder, .record, on: 1, 68, released: 0, found: UInt64(kind), "30 §1",
        "belongs on channel 0", Base.two([RawRecord(kind, flags: flags, body: .zeros(24))]))
    }
    reject(
      "channel-end-on-channel-0", .recordOutOfOrder, .record, 212, released: 1, found: 12, "30 §1",
      "channel 0 ends with END", Base.two.inserting(RawRecord(RawKind.channelEnd, body: .zeros(32)), at: 1))
    reject(
      "unknown-required-kind", .unknownRequired, .record, on: 1, 68, released: 0, found: 0x9000, "10 §3.1",
      "as on channel 0", Base.two([RawRecord(0x9000, body: .ramp(24))]))
    reject(
      "record-of-channel-0-on-channel-1", .foreignChannel, .record, on: 1, 72, released: 0, expected: 1, found: 0,
      "10 §3", "sent on the wrong channel", Base.two.changingChannel(1) { $0.records[0].channel = 0 })
    reject(
      "record-of-channel-1-on-channel-0", .foreignChannel, .record, 216, released: 1, expected: 0, found: 1,
      "10 §3", "sent on the wrong channel", Base.two.changing(1) { $0.channel = 1 })
    reject(
      "first-sequence-1", .badSequence, .record, on: 1, 80, released: 0, expected: 0, found: 1, "10 §3",
      "each channel counts from 0", Base.two.changingChannel(1) { $0.records[0].sequence = 1 })
    reject(
      "damaged-payload", .digestMismatch, .record, on: 1, 112, released: 0, "10 §3", "octet 200 of channel 1",
      Base.two.damagedOn(1, 200, [0xff]))
    addTotals()
    addByteStrings()
  }

  private mutating func addTotals() {
    func total(
      _ name: String, on channel: UInt16 = 0, _ offset: UInt64, released: Int, expected: UInt64,
      found: UInt64? = nil, _ stream: RawStream
    ) {
      reject(
        name, .totalsMismatch, .end, on: channel, offset, released: released, expected: expected, found: found,
        channel == 0 ? "10 §11" : "30 §1", "what the channel gave is something else", stream)
    }
    let stream = Base.two
    total(
      "channel-end-records", on: 1, 320, released: 1, expected: 9, found: 1, stream.patchedOn(1, 320, .u64(9)))
    total(
      "channel-end-octets", on: 1, 328, released: 1, expected: 9, found: 256, stream.patchedOn(1, 328, .u64(9)))
    total("channel-end-chain", on: 1, 336, released: 1, expected: 9, stream.patchedOn(1, 336, .u64(9)))
    total("end-records-of-channel-1", 504, released: 2, expected: 9, found: 1, stream.patched(504, .u64(9)))
    total("end-octets-of-channel-1", 512, released: 2, expected: 9, found: 256, stream.patched(512, .u64(9)))
    total("end-chain-of-channel-1", 520, released: 2, expected: 9, stream.patched(520, .u64(9)))
    total("end-channels", 456, released: 2, expected: 1, found: 2, stream.patched(456, .u32(1)))
    reject(
      "end-totals-of-channel-2-of-2", .reservedNotZero, .end, 528, released: 2, "10 §11",
      "entries above num_channels are zero", stream.patched(536, .u64(1)))
    reject(
      "channel-end-reserved", .reservedNotZero, .end, on: 1, 344, released: 1, "30 §1", "the last word is 1",
      stream.patchedOn(1, 344, .u64(1)))
    reject(
      "channel-end-too-short", .truncatedData, .end, on: 1, 320, released: 1, expected: 32, found: 24, "30 §1",
      "24 octets", stream.changingChannel(1) { $0.records[1].body = .zeros(24) })
    reject(
      "channel-end-left-over-octets", .unexpectedData, .end, on: 1, 352, released: 1, expected: 40, found: 32,
      "30 §1", "one word more", stream.changingChannel(1) { $0.records[1].body = .zeros(40) })
  }

  private mutating func addByteStrings() {
    reject(
      "byte-string-not-ended", .incompleteBytes, .end, on: 1, 256, released: 1, expected: 0, "30 §1",
      "last before CHANNEL_END", Base.bytesOnTwo([], [.bytes(flags: 0xc01, .ramp(64))]))
    reject(
      "byte-string-on-two-channels", .foreignChannel, .bulk, 384, released: 2, expected: 0, found: 1, "30 §1",
      "one device's octets keep to one channel",
      Base.bytesOnTwo([.bytes(.ramp(64))], [.bytes(.ramp(64))]))
    reject(
      "byte-string-goes-on-on-another-channel", .badOffset, .bulk, on: 1, 128, released: 0, expected: 0, found: 64,
      "10 §8", "no octet of it was on channel 1",
      Base.bytesOnTwo([.bytes(.ramp(64))], [.bytes(offset: 64, .ramp(64))]))
  }
}
