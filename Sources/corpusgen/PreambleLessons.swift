import MigrationStream
import StreamTestKit

extension LessonTable {
  mutating func addPreamble() {
    folder = "preamble"
    accept(
      "smallest-stream", "10 §1", "a manifest without regions and devices, and END", Base.empty)
    accept(
      "newer-minor-for-readers-of-minor-0", "10 §2", "minor is information; minor_reader_min decides",
      Base.empty.patched(10, .u16(7)))
    accept(
      "unknown-optional-flag", "10 §2", "optional bit 9 means nothing to this reader",
      Base.empty.patched(20, .u32(1 << 9)))
    accept(
      "mandatory-flags-declared-and-not-used", "10 §2",
      "passes, zstd, externalLayouts and opaqueMemory allow a thing, they do not demand it",
      Base.empty.patched(16, .u32(0b11_1100)))
    accept(
      "promise-of-the-largest-record-kept", "10 §2", "END has 480 octets, the promise is 480",
      Base.empty.patched(32, .u64(480)))
    accept(
      "promise-above-every-limit", "10 §2", "readers clamp the promise and size nothing from it",
      Base.empty.patched(32, .u64(.max)))
    addRefusedPreambles()
    addRefusedFields()
  }

  private mutating func addRefusedPreambles() {
    reject(
      "empty-input", .truncated, .preamble, 0, released: 0, "40 §4", "no octet at all",
      Base.empty.cut(to: 0))
    reject(
      "ends-inside-the-preamble", .truncated, .preamble, 63, released: 0, "40 §4",
      "the last octet of the preamble is missing", Base.empty.cut(to: 63))
    reject(
      "text-mode-copy", .badMagic, .preamble, 4, released: 0, expected: 13, found: 10, "10 §2",
      "CR LF became LF LF, as a text-mode copy might leave it", Base.empty.patched(4, .hex("0a0a")))
    reject(
      "short-and-another-format", .badMagic, .preamble, 0, released: 0, expected: 0x89, found: 0x51, "10 §2",
      "four octets are enough to tell", Base.empty.patched(0, .text("QEVM")).cut(to: 4))
    reject(
      "another-format", .badMagic, .preamble, 0, released: 0, "10 §2", "the magic of a QEMU stream",
      Base.empty.patched(0, .hex("5145564d00000003")))
    reject(
      "hello-in-place-of-a-preamble", .badMagic, .preamble, 3, released: 0, expected: 0x53, found: 0x43,
      "30 §1",
      "the magic of another channel's hello", Base.empty.patched(0, .hex("894d47430d0a1a0a")))
    reject(
      "damaged-is-not-unsupported", .digestMismatch, .preamble, 56, released: 0, "10 §2",
      "the digest is checked before major, so a flipped bit in major is called damage",
      Base.empty.damaged(8, .u16(3)))
    reject(
      "damaged-digest", .digestMismatch, .preamble, 56, released: 0, "10 §2",
      "digest_preamble itself is zero", Base.empty.patched(56, .u64(0)))
    reject(
      "major-2", .unsupportedMajor, .preamble, 8, released: 0, expected: 1, found: 2, "10 §2",
      "major is exact", Base.empty.patched(8, .u16(2)))
    reject(
      "major-before-flags", .unsupportedMajor, .preamble, 8, released: 0, found: 2, "10 §2",
      "flags of another major mean nothing: major is judged first",
      Base.empty.patched(8, .u16(2)).patched(12, .u16(9)).patched(16, .u32(.max)))
    reject(
      "reader-minor-too-old", .unsupportedMinor, .preamble, 12, released: 0, expected: 0, found: 1,
      "10 §2", "minor_reader_min is above the reader's minor", Base.empty.patched(12, .u16(1)))
  }

  private mutating func addRefusedFields() {
    for profile in [UInt16(0), 3] {
      reject(
        "profile-\(profile)", .badValue, .preamble, 14, released: 0, found: UInt64(profile), "10 §2",
        "profiles are 1 and 2", Base.empty.patched(14, .u16(profile)))
    }
    reject(
      "unknown-mandatory-flag", .unknownMandatoryFlag, .preamble, 16, released: 0, found: 128, "10 §2",
      "bit 7", Base.empty.patched(16, .u32(1 << 7)))
    reject(
      "post-copy", .unknownMandatoryFlag, .preamble, 16, released: 0, found: 64, "10 §2",
      "bit 6 is reserved; a reader of minor 0 refuses it like an unknown bit",
      Base.empty.patched(16, .u32(1 << 6)))
    for kind in [UInt16(0), 2] {
      reject(
        "digest-kind-\(kind)", .unsupportedDigest, .preamble, 24, released: 0, found: UInt64(kind),
        "10 §2", "1 is XXH3-64; 2 to 15 are reserved for keyed kinds",
        Base.empty.patched(24, .u16(kind)))
    }
    reject(
      "no-channel", .badValue, .preamble, 26, released: 0, found: 0, "10 §2", "num_channels is 1 to 16",
      Base.empty.patched(26, .u16(0)))
    reject(
      "seventeen-channels", .badValue, .preamble, 26, released: 0, found: 17, "10 §2",
      "num_channels is 1 to 16", Base.empty.patched(16, .u32(2)).patched(26, .u16(17)))
    reject(
      "channels-flag-with-one-channel", .badValue, .preamble, 16, released: 0, "10 §2",
      "the flag is set if and only if num_channels is above 1", Base.empty.patched(16, .u32(2)))
    reject(
      "two-channels-without-the-flag", .badValue, .preamble, 16, released: 0, "10 §2",
      "the flag is set if and only if num_channels is above 1", Base.empty.patched(26, .u16(2)))
    reject(
      "reserved-octets", .reservedNotZero, .preamble, 28, released: 0, "10 §2", "octet 31 is 1",
      Base.empty.patched(31, [1]))
  }
}
