import MigrationStream
import StreamTestKit

extension LessonTable {
  mutating func addRecordOrder() {
    addUnknownKinds()
    addKnownKinds()
  }

  private mutating func addUnknownKinds() {
    folder = "record"
    let unknown = RawRecord(0x8001, flags: 0xfffe, body: .ramp(16), payload: .ramp(5))
    let stream = Base.empty.inserting(unknown, at: 1)
    accept(
      "unknown-skippable-kind", "10 §3.1",
      "a private kind with body, payload and every other flag bit set is stepped over", stream)
    accept(
      "unknown-skippable-kind-before-end", "10 §3.1", "behind the last section",
      Base.uart.inserting(RawRecord(0x4000, flags: 2, body: []), at: 3))
    reject(
      "unknown-required-kind", .unknownRequired, .record, 172, released: 1, found: 0x8001, "10 §3.1",
      "a private kind marked required", stream.changing(1) { $0.flags = 1 })
    reject(
      "reserved-for-the-reverse-direction", .unknownRequired, .record, 172, released: 1, found: 0x40,
      "10 §3.1", "kinds 0040 to 004f are not known in this direction",
      stream.changing(1) {
        $0.kind = 0x40
        $0.flags = 1
      })
    reject(
      "reserved-for-post-copy", .unknownRequired, .record, 172, released: 1, found: 0x60, "10 §3.1",
      "kinds 0060 to 006f",
      stream.changing(1) {
        $0.kind = 0x60
        $0.flags = 1
      })
    reject(
      "unknown-skippable-with-damaged-body", .digestMismatch, .record, 200, released: 1, "10 §3.1",
      "what is stepped over is checked too", stream.damaged(232, [0x80]))
    reject(
      "unknown-skippable-with-damaged-payload", .digestMismatch, .record, 216, released: 1, "10 §3.1",
      "what is stepped over is checked too", stream.damaged(256, [0x80]))
    reject(
      "unknown-skippable-with-bad-padding", .badPadding, .record, 263, released: 1, expected: 0, found: 1,
      "10 §3.1", "what is stepped over is checked too", stream.patched(263, [1]))
    reject(
      "unknown-kind-first", .recordOutOfOrder, .record, 68, released: 0, found: 0x8001, "10 §3.1",
      "MANIFEST is the first record; nothing comes before it",
      Base.empty.inserting(RawRecord(0x8001, flags: 2, body: []), at: 0))
    reject(
      "unknown-required-kind-first", .recordOutOfOrder, .record, 68, released: 0, found: 0x8001, "10 §3.1",
      "its place is wrong whatever its mark", Base.empty.inserting(RawRecord(0x8001, body: []), at: 0))
  }

  private mutating func addKnownKinds() {
    folder = "record"
    reject(
      "end-first", .recordOutOfOrder, .record, 68, released: 0, found: 13, "10 §3.1",
      "MANIFEST is the first record", RawStream([.end]))
    reject(
      "second-manifest", .recordOutOfOrder, .record, 172, released: 1, found: 1, "10 §3.1",
      "MANIFEST comes once", Base.empty.inserting(RawManifest().record, at: 1))
    reject(
      "placement-outside-images", .recordOutOfOrder, .record, 172, released: 1, found: 7, "10 §3.1",
      "PLACEMENT belongs to the profile image",
      Base.empty.inserting(RawRecord(RawKind.placement, body: .zeros(16)), at: 1))
    reject(
      "placed-memory-outside-images", .recordOutOfOrder, .record, 172, released: 1, found: 8, "10 §3.1",
      "PLACED_MEMORY belongs to the profile image",
      Base.empty.inserting(RawRecord(RawKind.placedMemory, body: .zeros(16)), at: 1))
    reject(
      "channel-end-on-channel-0", .recordOutOfOrder, .record, 172, released: 1, found: 12, "10 §3.1",
      "CHANNEL_END ends the other channels",
      Base.empty.inserting(RawRecord(RawKind.channelEnd, body: .zeros(32)), at: 1))
    reject(
      "barrier-without-the-flag", .undeclaredFeature, .record, 172, released: 1, expected: 4, "10 §2",
      "mandatory bit 2 guards BARRIER", Base.empty.inserting(.barrier(pass: 0, next: 2), at: 1))
    reject(
      "reserved-flag-bit", .reservedNotZero, .record, 70, released: 0, "10 §3.2", "bit 15 of MANIFEST",
      Base.empty.changing(0) { $0.flags = 0x8001 })
    reject(
      "flag-of-another-kind", .reservedNotZero, .record, 446, released: 2, "10 §3.2",
      "unitFirst on a SECTION", Base.uart.changing(2) { $0.flags |= RawFlag.unitFirst })
    reject(
      "replaces-on-a-layout", .reservedNotZero, .record, 254, released: 1, "10 §3.2",
      "replaces is a flag of sections", Base.uart.changing(1) { $0.flags |= RawFlag.replaces })
    reject(
      "manifest-marked-skippable", .badMark, .record, 70, released: 0, "10 §3.1",
      "the table demands required", Base.empty.changing(0) { $0.flags = 2 })
    reject(
      "layout-marked-skippable", .badMark, .record, 254, released: 1, "10 §3.1",
      "the table demands required", Base.uart.changing(1) { $0.flags = 2 })
    reject(
      "end-marked-skippable", .badMark, .record, 174, released: 1, "10 §3.1",
      "the table demands required", Base.empty.changing(1) { $0.flags = 2 })
    reject(
      "section-mark-against-manifest", .badMark, .record, 446, released: 2, "10 §3.1",
      "the section was announced as required", Base.uart.changing(2) { $0.flags = 2 })
    reject(
      "bytes-mark-against-manifest", .badMark, .record, 230, released: 1, "10 §3.1",
      "the device was announced as required",
      Base.bytes([.bytes(flags: RawFlag.whole ^ 3, .ramp(64))]))
    reject(
      "memory-mark-without-owner", .badMark, .record, 214, released: 1, "10 §3.1",
      "memory of the machine is required", Base.memory.changing(1) { $0.flags = 2 })
    reject(
      "manifest-of-a-device", .badValue, .record, 76, released: 0, expected: 0xffff_ffff, found: 0,
      "10 §3.1", "records of the machine name no device", Base.empty.changing(0) { $0.device = 0 })
    reject(
      "layout-of-a-device", .badValue, .record, 260, released: 1, expected: 0xffff_ffff, found: 0,
      "10 §3.1", "layouts belong to no device", Base.uart.changing(1) { $0.device = 0 })
    reject(
      "section-of-a-device-not-in-the-manifest", .unknownDevice, .record, 452, released: 2, found: 1,
      "10 §3.1", "there is one device, number 0", Base.uart.changing(2) { $0.device = 1 })
    reject(
      "section-of-no-device", .unknownDevice, .record, 452, released: 2, found: 0xffff_ffff, "10 §3.1",
      "a section has a device", Base.uart.changing(2) { $0.device = none32 })
    reject(
      "bytes-of-a-device-not-in-the-manifest", .unknownDevice, .record, 236, released: 1, found: 7,
      "10 §3.1", "there is one device, number 0", Base.bytes([.bytes(device: 7, .ramp(64))]))
  }
}
