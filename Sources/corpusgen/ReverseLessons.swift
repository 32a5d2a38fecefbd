import MigrationStream
import StreamTestKit

/// The reverse direction. Offsets: the hello 0, COMPATIBLE 64, the record after it 128.
extension LessonTable {
  /// Accepted: what is handed over.
  private mutating func hands(_ name: String, _ events: [String], _ comment: String, _ reverse: RawReverse) {
    add(name, nil, events, "resume §9.2", comment, reverse)
  }

  private mutating func refuses(
    _ name: String, _ code: StreamError.Code, _ stage: StreamError.Stage, _ offset: UInt64, expected: UInt64? = nil,
    found: UInt64? = nil, after events: [String] = [], spec: String = "resume §9.2",
    _ comment: String, _ reverse: RawReverse
  ) {
    add(name, (code, stage, offset, expected, found), events, spec, comment, reverse)
  }

  private mutating func add(
    _ name: String,
    _ refusal: (code: StreamError.Code, stage: StreamError.Stage, offset: UInt64, expected: UInt64?, found: UInt64?)?,
    _ events: [String], _ spec: String, _ comment: String, _ reverse: RawReverse
  ) {
    let (octets, labels) = reverse.assembled()
    var scenario = Scenario(
      name: "\(Scenario.reverseFolder)/\(name)", verdict: refusal == nil ? .accept : .reject, spec: spec,
      comment: comment, octets: octets)
    scenario.events = events
    if let refusal {
      scenario.code = refusal.code
      scenario.stage = refusal.stage
      scenario.channel = .max
      scenario.offset = refusal.offset
      scenario.expected = refusal.expected
      scenario.found = refusal.found
      scenario.released = events.count
    }
    add(scenario.name, scenario.text(labels: labels))
  }

  /// COMPATIBLE, then these.
  private static func welcome(_ records: RawRecord...) -> RawReverse { RawReverse([.compatible] + records) }

  private static let shortest = welcome(.resumed)

  mutating func addReverseHellos() {
    func hello(
      _ name: String, _ code: StreamError.Code, _ offset: UInt64, expected: UInt64? = nil, found: UInt64? = nil,
      _ comment: String, _ reverse: RawReverse
    ) {
      refuses(
        "hello-" + name, code, .preamble, offset, expected: expected, found: found, spec: "resume §9.1", comment,
        reverse)
    }
    let shortest = Self.shortest
    hello(
      "with-the-magic-of-a-channel", .badMagic, 3, expected: 0x56, found: 0x43, "MGC in place of MGV",
      shortest.patched(3, [0x43]))
    hello("damaged", .digestMismatch, 56, "a flipped bit of major is damage", shortest.damaged(8, [3]))
    hello("major-2", .unsupportedMajor, 8, expected: 1, found: 2, "that of the format", shortest.patched(8, [2]))
    hello(
      "for-newer-sources", .unsupportedMinor, 12, expected: 0, found: 1, "minor_reader_min decides",
      shortest.patched(12, [1]))
    hello("of-another-stream", .foreignChannel, 16, "another uuid", shortest.patched(16, .ramp(16)))
    hello(
      "of-another-stream-with-reserved-octets", .foreignChannel, 16, "the uuid is looked at first",
      shortest.patched(31, [0]).patched(14, [1]))
    hello("reserved-word", .reservedNotZero, 14, "octet 15 is 1", shortest.patched(15, [1]))
    hello("reserved-octets", .reservedNotZero, 32, "octet 55 is 1", shortest.patched(55, [1]))
    hello(
      "cut", .truncated, 63, expected: 64, found: 63, "the last octet is missing", shortest.changing { $0.cut = 63 })
    hello("missing", .truncated, 0, expected: 64, found: 0, "no octet at all", shortest.changing { $0.cut = 0 })
    hello(
      "short-and-another-format", .badMagic, 2, expected: 0x47, found: 0x4d, "three octets are enough to tell",
      shortest.patched(2, [0x4d]).changing { $0.cut = 3 })
    hands("hello-of-a-newer-minor", ["compatible", "resumed"], "minor is information", shortest.patched(10, [9]))
  }

  mutating func addReverseRecords() {
    hands("resumed", ["compatible", "resumed"], "the shortest that ends well", Self.shortest)
    hands(
      "initial-loaded", ["compatible", "initialLoaded=2", "initialLoaded=0", "initialLoaded=2", "resumed"],
      "in any order; a second one says nothing new",
      Self.welcome(.initialLoaded(2), .initialLoaded(0), .initialLoaded(2), .resumed))
    hands(
      "refused-at-once", ["refused=69/2/0/232/0/0/0/1"], "no COMPATIBLE: the manifest did not fit",
      RawReverse([.refused(code: 69, stage: 2, offset: 232, sequence: 0, device: 1)]))
    hands(
      "refused-later", ["compatible", "initialLoaded=1", "refused=40/2/3/4144/1/18446744073709551615/7/4294967295"],
      "a damaged record of channel 3",
      Self.welcome(
        .initialLoaded(1),
        .refused(code: 40, stage: 2, channel: 3, offset: 4144, expected: 1, found: none64, sequence: 7)))
    hands(
      "refused-for-a-reason-of-tomorrow", ["refused=70000/200/65535/0/0/0/18446744073709551615/4294967295"],
      "code and stage are any numbers", RawReverse([.refused(code: 70000, stage: 200, channel: .max, offset: 0)]))
    let unknown = RawRecord(0x004f, flags: RawFlag.skippable, body: .ramp(24))
    hands(
      "unknown-skippable-kinds", ["skipped=79", "compatible", "skipped=36864", "resumed"],
      "before the verdict and after it; the longest body",
      RawReverse([unknown, .compatible, RawRecord(0x9000, flags: 0xfff2, device: 77, body: .ramp(4096)), .resumed]))
    addReverseHeaders()
    addReverseOrder()
    addReverseBodies()
  }

  private mutating func addReverseHeaders() {
    let shortest = Self.shortest
    func second(
      _ name: String, _ code: StreamError.Code, _ offset: UInt64, expected: UInt64? = nil, found: UInt64? = nil,
      _ comment: String, _ reverse: RawReverse
    ) {
      refuses(
        name, code, .record, 128 + offset, expected: expected, found: found, after: ["compatible"], comment, reverse)
    }
    second("sync", .badSync, 0, "the first octet is another", shortest.patched(128, [0xd7]))
    second("header-damaged", .digestMismatch, 56, "its kind", shortest.damaged(132, [0x41]))
    second(
      "of-channel-0", .foreignChannel, 8, expected: 0xffff, found: 0, "the channel of a stream",
      shortest.patched(136, .u16(0)))
    second("sequence-gap", .badSequence, 16, expected: 1, found: 2, "one is missing", shortest.patched(144, .u64(2)))
    second("sequence-again", .badSequence, 16, expected: 1, found: 0, "the first came twice", shortest.patched(144, .u64(0)))
    second("two-marks", .badMark, 6, "exactly one", shortest.patched(134, [3]))
    second(
      "body-above-the-limit", .limitExceeded, 24, expected: 4096, found: 4104, "of a kind that may be skipped",
      shortest.patched(132, .u16(0x9000)).patched(134, [2]).patched(152, .u64(4104)))
    second("body-not-a-multiple-of-8", .badValue, 24, "one octet", shortest.patched(152, .u64(1)))
    second("front-padding", .badPadding, 10, expected: 0, found: 8, "there is no payload", shortest.patched(138, [8]))
    second("back-padding", .badPadding, 11, expected: 0, found: 1, "there is no payload", shortest.patched(139, [1]))
    second(
      "unknown-required-kind", .unknownRequired, 4, found: 0x44, "reserved for this direction",
      shortest.patched(132, .u16(0x44)))
    second("kind-of-a-stream", .unknownRequired, 4, found: 13, "END", shortest.patched(132, .u16(13)))
    second("reserved-flag", .reservedNotZero, 6, found: 0x8000, "bit 15", shortest.patched(135, [0x80]))
    second("skippable-verdict", .badMark, 6, "RESUMED is required", shortest.patched(134, [2]))
    second("device-of-resumed", .badValue, 12, found: 0, "names none", shortest.patched(140, .u32(0)))
    second(
      "device-that-the-stream-lacks", .unknownDevice, 12, expected: 3, found: 3, "three devices",
      Self.welcome(.initialLoaded(3), .resumed))
    second(
      "initial-loaded-of-no-device", .unknownDevice, 12, expected: 3, found: UInt64(none32), "names one",
      Self.welcome(.initialLoaded(none32), .resumed))
    second("payload", .badValue, 40, expected: 0, found: 8, "no kind has one", shortest.patched(168, .u64(8)))
    second(
      "payload-of-an-unknown-kind", .badValue, 40, expected: 0, found: 8, "not even one that may be skipped",
      shortest.patched(132, .u16(0x9000)).patched(134, [2]).patched(168, .u64(8)))
    second(
      "payload-digest", .digestMismatch, 48, expected: 0, found: 0x2d06_8005_38d3_94c2, "that of no octets",
      shortest.patched(176, .u64(0)))
  }

  private mutating func addReverseOrder() {
    func order(_ name: String, _ offset: UInt64, _ kind: UInt64, after events: [String] = [], _ reverse: RawReverse) {
      refuses(
        name, .recordOutOfOrder, .record, offset + 4, found: kind, after: events, "a kind that may not stand here",
        reverse)
    }
    order("resumed-first", 64, 0x43, RawReverse([.resumed]))
    order("initial-loaded-first", 64, 0x42, RawReverse([.initialLoaded(0), .compatible]))
    order("compatible-twice", 128, 0x40, after: ["compatible"], Self.welcome(.compatible, .resumed))
    refuses(
      "behind-resumed", .trailingData, .end, 192, after: ["compatible", "resumed"], "REFUSED behind RESUMED",
      Self.welcome(.resumed, .refused(code: 40, stage: 2, offset: 0)))
    refuses(
      "behind-refused", .trailingData, .end, 176, after: ["refused=40/2/0/0/0/0/18446744073709551615/4294967295"],
      "RESUMED behind REFUSED", RawReverse([.refused(code: 40, stage: 2, offset: 0), .resumed]))
    refuses(
      "octet-behind-resumed", .trailingData, .end, 192, after: ["compatible", "resumed"], "one is enough",
      Self.shortest.changing { $0.tail = [0] })
    refuses(
      "ends-without-a-verdict", .truncated, .record, 64, expected: 64, found: 0, "a hello alone",
      Self.shortest.changing { $0.cut = 64 })
    refuses(
      "ends-before-the-terminal-record", .truncated, .record, 128, expected: 64, found: 0, after: ["compatible"],
      "COMPATIBLE alone", Self.shortest.changing { $0.cut = 128 })
    refuses(
      "ends-inside-a-header", .truncated, .record, 191, expected: 64, found: 63, after: ["compatible"],
      "the last octet is missing", Self.shortest.changing { $0.cut = 191 })
    refuses(
      "ends-inside-a-body", .truncated, .record, 168, expected: 48, found: 40, "eight octets are missing",
      RawReverse([.refused(code: 40, stage: 2, offset: 0)]).changing { $0.cut = 168 })
  }

  private mutating func addReverseBodies() {
    let refused = RawReverse([.refused(code: 40, stage: 2, offset: 0)])
    func body(_ octets: [UInt8], of kind: UInt16) -> RawReverse { RawReverse([RawRecord(kind, body: octets)]) }
    refuses(
      "body-of-compatible", .unexpectedData, .resume, 128, expected: 8, found: 0, "it has none",
      body(.zeros(8), of: RawKind.compatible))
    refuses(
      "refused-too-short", .truncatedData, .resume, 128, expected: 48, found: 40, "40 octets",
      body(.zeros(40), of: RawKind.refused))
    refuses(
      "refused-too-long", .unexpectedData, .resume, 176, expected: 56, found: 48, "one word more",
      body(.zeros(56), of: RawKind.refused))
    refuses("refused-reserved-octet", .reservedNotZero, .resume, 133, "octet 5", refused.patched(133, [1]))
    refuses("refused-reserved-word", .reservedNotZero, .resume, 172, "octets 44 to 47", refused.patched(175, [1]))
    refuses("body-damaged", .digestMismatch, .record, 96, "of REFUSED", refused.damaged(128, [41]))
    refuses(
      "body-of-an-unknown-kind-damaged", .digestMismatch, .record, 96, "its digest is checked all the same",
      RawReverse([RawRecord(0x9000, flags: RawFlag.skippable, body: .ramp(24)), .compatible, .resumed])
        .damaged(128, [9]))
  }
}
