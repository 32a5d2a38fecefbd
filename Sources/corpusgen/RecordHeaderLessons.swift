import MigrationStream
import StreamTestKit

extension LessonTable {
  mutating func addRecordHeaders() {
    folder = "record"
    reject(
      "ends-between-records", .truncated, .record, 168, released: 1, "40 §1",
      "a stream that ends before END", Base.empty.cut(to: 168))
    reject(
      "ends-inside-a-header", .truncated, .record, 200, released: 1, "40 §4", "END has 32 octets of header",
      Base.empty.cut(to: 200))
    reject(
      "ends-inside-a-body", .truncated, .record, 647, released: 1, "40 §4",
      "the last octet of END is missing", Base.empty.cut(to: 647))
    reject(
      "ends-inside-a-payload", .truncated, .record, 383, released: 1, "40 §4",
      "the last octet of a payload is missing", Base.memory.cut(to: 383))
    reject(
      "no-sync-word", .badSync, .record, 64, released: 0, "10 §3", "the first octet of MANIFEST is d7",
      Base.empty.patched(64, [0xd7]))
    reject(
      "sync-before-digest", .badSync, .record, 168, released: 1, "10 §3",
      "a header of zeros has no sync word; its digest is not looked at", Base.empty.damaged(168, .zeros(64)))
    reject(
      "damaged-header", .digestMismatch, .record, 120, released: 0, "10 §3",
      "a flipped bit in the device number", Base.empty.damaged(76, [0xfe]))
    reject(
      "spliced-from-another-stream", .digestMismatch, .record, 120, released: 0, "10 §3",
      "every octet of the record is right, for a stream of another uuid", Base.spliced)
    reject(
      "record-of-another-channel", .foreignChannel, .record, 72, released: 0, found: 1, "10 §3",
      "channel 1 on channel 0", Base.empty.changing(0) { $0.channel = 1 })
    reject(
      "record-lost", .badSequence, .record, 184, released: 1, expected: 1, found: 2, "10 §3",
      "sequence goes from 0 to 2", Base.empty.changing(1) { $0.sequence = 2 })
    reject(
      "record-doubled", .badSequence, .record, 184, released: 1, expected: 1, found: 0, "10 §3",
      "sequence 0 comes twice", Base.empty.changing(1) { $0.sequence = 0 })
    reject(
      "sequence-starts-at-1", .badSequence, .record, 80, released: 0, expected: 0, found: 1, "10 §3",
      "the first record is number 0", Base.empty.changing(0) { $0.sequence = 1 })
    addLengths()
    addPadding()
    addDigests()
  }

  private mutating func addLengths() {
    let limit = UInt64(16_777_216)
    reject(
      "no-mark", .badMark, .record, 70, released: 0, "10 §1", "neither required nor skippable",
      Base.empty.changing(0) { $0.flags = 0 })
    reject(
      "both-marks", .badMark, .record, 70, released: 0, "10 §1", "required and skippable",
      Base.empty.changing(0) { $0.flags = 3 })
    reject(
      "body-above-the-limit", .limitExceeded, .record, 88, released: 0, expected: limit,
      found: limit + 8, "40 §3", "len_body is one step above recordBodyBytesMax; no octet of it follows",
      Base.empty.patched(88, .u64(limit + 8)).cut(to: 128))
    reject(
      "body-of-two-to-the-64", .limitExceeded, .record, 88, released: 0, expected: limit,
      found: .max - 7, "40 §3", "offset + len_body would wrap around", Base.empty.patched(88, .u64(.max - 7)))
    reject(
      "body-at-the-limit-is-read", .truncated, .record, 648, released: 0, "40 §3",
      "len_body equal to recordBodyBytesMax is no error of its own: the octets are missing",
      Base.empty.patched(88, .u64(limit)))
    reject(
      "payload-above-the-limit", .limitExceeded, .record, 248, released: 1, expected: 67_108_864,
      found: 67_108_865, "40 §3", "len_payload is one above payloadBytesMax",
      Base.memory.patched(248, .u64(67_108_865)))
    reject(
      "promise-broken", .limitExceeded, .record, 88, released: 0, expected: 103, found: 104, "10 §2",
      "MANIFEST has 104 octets, len_record_max is 103", Base.empty.patched(32, .u64(103)))
    reject(
      "body-not-a-multiple-of-8", .badValue, .record, 88, released: 0, found: 41, "10 §3",
      "len_body is 41", Base.empty.patched(88, .u64(41)))
  }

  private mutating func addPadding() {
    reject(
      "front-pad-without-payload", .badPadding, .record, 74, released: 0, expected: 0, found: 8, "10 §3",
      "num_pad_front is 8, there is no payload", Base.empty.patched(74, [8]))
    reject(
      "back-pad-without-payload", .badPadding, .record, 75, released: 0, expected: 0, found: 1, "10 §3",
      "num_pad_back is 1, there is no payload", Base.empty.patched(75, [1]))
    reject(
      "front-pad-too-long", .badPadding, .record, 218, released: 1, expected: 0, found: 64, "10 §3",
      "the payload is where it should be without pad", Base.memory.patched(218, [64]))
    reject(
      "front-pad-too-short", .badPadding, .record, 218, released: 1, expected: 48, found: 40, "10 §3",
      "the payload would start at 376", Base.padded.patched(218, [40]))
    reject(
      "back-pad-wrong", .badPadding, .record, 219, released: 1, expected: 3, found: 0, "10 §3",
      "a payload of 61 octets has 3 octets behind it", Base.padded.patched(219, [0]))
    reject(
      "front-pad-not-zero", .badPadding, .record, 383, released: 1, expected: 0, found: 7, "10 §1",
      "the last of 48 octets is 7", Base.padded.patched(383, [7]))
    reject(
      "back-pad-not-zero", .badPadding, .record, 446, released: 1, expected: 0, found: 1, "10 §1",
      "the second of 3 octets is 1", Base.padded.patched(446, [1]))
    reject(
      "back-pad-not-zero-and-cut", .badPadding, .record, 445, released: 1, expected: 0, found: 1, "40 §5",
      "the first octet is 1, the last is missing", Base.padded.patched(445, [1]).cut(to: 447))
    accept(
      "payload-between-pads", "10 §3", "48 octets before and 3 behind a payload of 61", Base.padded)
  }

  private mutating func addDigests() {
    reject(
      "damaged-body", .digestMismatch, .record, 96, released: 0, "10 §3",
      "a flipped bit in a text of MANIFEST", Base.empty.damaged(152, [0x62]))
    reject(
      "body-digest-before-contents", .digestMismatch, .record, 96, released: 0, "10 §3",
      "the body is damaged and breaks a rule: nothing of it is used before its digest matched",
      Base.empty.damaged(135, [1]))
    reject(
      "damaged-payload", .digestMismatch, .record, 256, released: 1, "10 §3",
      "a flipped bit in the last octet of a payload", Base.memory.damaged(383, [0]))
    reject(
      "digest-of-no-payload", .digestMismatch, .record, 112, released: 0, expected: 0,
      found: 0x2d06_8005_38d3_94c2, "10 §1", "the digest of zero octets is not zero",
      Base.empty.patched(112, .u64(0)))
    reject(
      "payload-on-a-kind-without", .badValue, .record, 104, released: 0, expected: 0, found: 8,
      "10 §3.1", "MANIFEST has no payload", Base.empty.changing(0) { $0.payload = .ramp(8) })
  }
}

extension Base {
  /// MEMORY 208, two extents: body 272 to 336, 48 octets, payload 384 to 445, 3 octets. END 448.
  static let padded = ram([.memory([.data(0, 60), .data(4096, 1)])])

  /// The octets of ``empty``, with MANIFEST as a stream of another uuid has it.
  static var spliced: RawStream {
    let other = empty.patched(40, .zeros(16)).octets
    return empty.damaged(64, [UInt8](other[64..<168]))
  }
}
