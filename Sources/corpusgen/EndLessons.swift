import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: END 168, body 232 (num_channels 240, num_passes 244, num_sections 248, reserved 256, totals 264,
  /// 272, 280, the
  /// second entry 288), 648 octets.
  mutating func addEnds() {
    folder = "end"
    let stream = Base.empty
    accept("index", "30 §4", "an INDEX of layout and section, found from END", Base.indexed)
    accept("index-page", "30 §4", "an INDEX with a page of one extent", Base.indexedMemory)
    reject(
      "octets-behind-end", .trailingData, .end, 648, released: 2, "10 §4.4", "refused by default",
      stream.followed(by: [0]))
    reject(
      "second-stream-behind-end", .trailingData, .end, 648, released: 2, "10 §4.4", "refused by default",
      stream.followed(by: stream.octets))
    reject(
      "index-offset-without-index", .badValue, .end, 232, released: 1, expected: 0, found: 64, "10 §11",
      "no INDEX came", stream.patched(232, .u64(64)))
    reject(
      "index-offset-elsewhere", .badValue, .end, 736, released: 4, expected: 536, found: 64, "10 §11",
      "not the offset of the INDEX directly before END", Base.indexed.patched(736, .u64(64)))
    reject(
      "index-offset-missing", .badValue, .end, 736, released: 4, expected: 536, found: 0, "10 §11",
      "an INDEX came", Base.indexed.patched(736, .u64(0)))
    total("channels", 240, expected: 2, found: 1, stream.patched(240, .u32(2)))
    total("passes", 244, expected: 2, found: 1, stream.patched(244, .u32(2)))
    total("sections", 248, expected: 1, found: 0, stream.patched(248, .u64(1)))
    total("records", 264, expected: 2, found: 1, stream.patched(264, .u64(2)))
    total("octets", 272, expected: 160, found: 168, stream.patched(272, .u64(160)))
    total("chain", 280, expected: 1, stream.patched(280, .u64(1)))
    for slot in [288, 640] {
      reject(
        "total-of-no-channel-at-\(slot)", .reservedNotZero, .end, 288, released: 1, "10 §11",
        "entries above num_channels are zero; the first of them stands at 288", stream.patched(slot, .u64(1)))
    }
    reject(
      "reserved", .reservedNotZero, .end, 256, released: 1, "10 §11", "octets 24 to 31",
      stream.patched(263, [1]))
    reject(
      "body-too-long", .unexpectedData, .end, 648, released: 1, expected: 424, found: 416, "10 §11",
      "END has a fixed size", stream.changing(1) { $0.body = Base.endBody + .zeros(8) })
    reject(
      "body-too-short", .truncatedData, .end, 232, released: 1, expected: 416, found: 408, "10 §11",
      "END has a fixed size",
      stream.changing(1) { $0.body = Base.endBody.dropLast(8) })
    reject(
      "body-too-long-before-wrong-totals", .unexpectedData, .end, 648, released: 1, expected: 424, found: 416, "40 §5",
      "the length of the body is judged first", stream.changing(1) { $0.body = .zeros(424) })
    reject(
      "body-too-short-before-a-missing-section", .truncatedData, .end, 504, released: 2, expected: 416, found: 408,
      "40 §5", "the length of the body is judged before what did not come",
      Base.withoutSection.changing(2) { $0.body = Base.endBody.dropLast(8) })
    addAborts()
  }

  private mutating func total(
    _ name: String, _ offset: UInt64, expected: UInt64, found: UInt64? = nil, _ stream: RawStream
  ) {
    reject(
      "total-\(name)", .totalsMismatch, .end, offset, released: 1, expected: expected, found: found,
      "10 §11", "END says what the reader did not count", stream)
  }

  /// Offsets: ABORT 168, body 232 (len_text 236, reserved 238, text 240).
  private mutating func addAborts() {
    func aborted(_ reason: UInt32, _ text: [UInt8]) -> RawStream {
      RawStream([RawManifest().record, .abort(reason: reason, text)])
    }
    for (reason, text) in [(UInt32(1), "cancelled by the operator"), (2, ""), (99, "another reason")] {
      reject(
        "aborted-\(reason)", .aborted, .end, 232, released: 1, found: UInt64(reason), "10 §10",
        "the source gave up", aborted(reason, .text(text)))
    }
    reject(
      "abort-after-sections", .aborted, .end, 600, released: 3, found: 2, "10 §10",
      "what came before ABORT is not committed",
      Base.uart.changing(3) { $0 = .abort(reason: 2, .text("device failed")) })
    reject(
      "abort-reserved", .reservedNotZero, .end, 238, released: 1, "10 §10", "octets 6 and 7",
      aborted(1, .text("no")).patched(238, .u16(1)))
    reject(
      "abort-text-no-text", .badText, .end, 240, released: 1, "10 §1", "an escape character",
      aborted(1, .hex("1b5b")))
    reject(
      "abort-text-padding", .badPadding, .end, 242, released: 1, "10 §1", "behind a text of two octets",
      aborted(1, .text("no")).patched(242, [1]))
    reject(
      "abort-text-above-the-limit", .limitExceeded, .end, 240, released: 1, expected: 1024, found: 1025,
      "40 §3", "textBytesMax", aborted(1, .init(repeating: 0x61, count: 1025)))
    reject(
      "abort-left-over-octets", .unexpectedData, .end, 248, released: 1, expected: 24, found: 16, "10 §10",
      "8 octets behind the text", aborted(1, .text("no")).changing(1) { $0.body += .zeros(8) })
    reject(
      "abort-with-wrong-digest-of-no-payload", .digestMismatch, .record, 216, released: 1, expected: 1 << 63,
      found: 0x2d06_8005_38d3_94c2, "40 §5", "all of the record is judged before what it says",
      aborted(2, []).damaged(216, .hex("0000000000000080")).damaged(224, .hex("7f455b67b7fe1323")))
    reject(
      "abort-text-past-the-body", .truncatedData, .end, 240, released: 1, "10 §10",
      "9 octets declared, 8 there",
      aborted(1, .text("no")).patched(236, .u16(9)))
  }
}

extension Base {
  /// The body of END in ``empty``, in octets.
  static var endBody: [UInt8] { [UInt8](empty.octets[232..<648]) }

  /// INDEX 536 (body 600: head 32, layout 16, section 24), END 672 (body 736).
  static let indexed: RawStream = {
    var stream = uart.inserting(
      .index(
        layouts: [.joined(.u64(248), .u64(192))],
        sections: [.joined(.u32(0), .u16(0), .u16(0), .u64(440), .u64(96))]), at: 3)
    stream.preamble.set(.u32(1), at: 20)
    return stream
  }()

  /// MEMORY 208 to 384, INDEX_PAGE 384 (body 448, 48 octets), INDEX 496, END behind it.
  static let indexedMemory: RawStream = {
    let extent: [UInt8] = .joined(.u64(0), .u64(1 << 56 | 64), .u64(320), .u64(208))
    let page: [UInt8] = .joined(.u32(0), .u32(1), .u64(0), .u64(64), .u64(384), .u64(112))
    var stream = ram([.memory([.data(0, 64)]), .indexPage(region: 0, [extent]), .index(pages: [page])])
    stream.preamble.set(.u32(1), at: 20)
    return stream
  }()
}
