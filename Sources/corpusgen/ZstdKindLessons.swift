import MigrationStream
import StreamTestKit

/// zstd frames of every wrong kind, in each record that can hold one.
///
/// Put together by hand from RFC 8878; the verdicts are those of chapter 10 section 9, whatever a library says.
extension LessonTable {
  mutating func addZstdKinds() {
    folder = "zstd"
    for carrier in FrameCarrier.allCases {
      let count = carrier.plainByteCount
      addSignatures(carrier, count)
      addOtherFrames(carrier, count)
      addFrameHeaders(carrier, count)
      addSizes(carrier, count)
      addBlocks(carrier, count)
    }
    addBlockBorders()
    addBombs()
  }

  /// - Parameter inside: Octets from the start of the frame to the fault.
  private mutating func wrong(
    _ name: String, in carrier: FrameCarrier, _ frame: [UInt8],
    code: StreamError.Code = .compressedDataDamaged, inside: Int = 0, expected: UInt64? = nil,
    found: UInt64? = nil, _ comment: String
  ) {
    reject(
      "\(name)-in-\(carrier)", code, carrier == .layout ? .layout : .bulk, carrier.frameOffset + UInt64(inside),
      released: 1, expected: expected, found: found, "10 §9", comment, carrier.stream(frame))
  }

  private mutating func addSignatures(_ carrier: FrameCarrier, _ count: Int) {
    let good = ZstdFrames.letters(count)
    wrong("no-magic", in: carrier, [UInt8](good.dropFirst(4)), "the frame starts with its descriptor")
    wrong("unknown-magic", in: carrier, .hex("29b52ffd") + good.dropFirst(4), "29 in place of 28")
    // Version 0.1 was big endian.
    wrong("version-0.1", in: carrier, .hex("fd2fb51e") + good.dropFirst(4), "the magic of zstd 0.1")
    for version in UInt8(2)...7 {
      wrong(
        "version-0.\(version)", in: carrier, [0x20 + version] + good.dropFirst(1), "the magic of zstd 0.\(version)")
    }
  }

  private mutating func addOtherFrames(_ carrier: FrameCarrier, _ count: Int) {
    let good = ZstdFrames.letters(count)
    for magic in [UInt8(0x50), 0x5f] {
      let skippable: [UInt8] = [magic] + ZstdFrames.skippable.dropFirst()
      let number = magic & 15
      wrong("skippable-\(number)", in: carrier, skippable, "a skippable frame alone")
      wrong("skippable-\(number)-before", in: carrier, skippable + good, "before a good one")
      wrong("skippable-\(number)-behind", in: carrier, good + skippable, inside: good.count, "behind a good one")
    }
    wrong(
      "empty-frame-behind", in: carrier, good + ZstdFrames.empty, inside: good.count,
      "all octets come, and then a frame of none")
    wrong("empty-frame-before", in: carrier, ZstdFrames.empty + good, "a frame of no octets, then all of them")
    wrong(
      "empty-frame", in: carrier, ZstdFrames.empty, expected: UInt64(count), found: 0, "a frame of no octets")
    wrong("octet-behind", in: carrier, good + [0], inside: good.count, "one zero octet")
  }

  private mutating func addFrameHeaders(_ carrier: FrameCarrier, _ count: Int) {
    wrong(
      "descriptor-reserved-bit", in: carrier, ZstdFrames.letters(count, descriptor: 0x88),
      "bit 3 of the frame header descriptor")
    wrong(
      "dictionary-1", in: carrier, ZstdFrames.letters(count, descriptor: 0x81, dictionary: [7]),
      "a dictionary id of one octet")
    wrong(
      "dictionary-2", in: carrier, ZstdFrames.letters(count, descriptor: 0x82, dictionary: [0, 1]),
      "of two octets")
    wrong(
      "dictionary-4", in: carrier, ZstdFrames.letters(count, descriptor: 0x83, dictionary: [0, 0, 0, 1]),
      "of four octets")
    for (window, found) in [(UInt8(0x61), 4_718_592), (0xa8, 1 << 31), (0xb0, 1 << 32), (0xff, 15 << 38)] {
      wrong(
        "window-of-\(found)", in: carrier, ZstdFrames.letters(count, window: [window]), code: .limitExceeded,
        expected: 4_194_304, found: UInt64(found), "zstdWindowBytesMax; the content is small")
    }
    let checked = ZstdFrames.letters(count, descriptor: 0x84)
    wrong("checksum-missing", in: carrier, checked, "the descriptor announces a checksum")
    wrong("checksum-wrong", in: carrier, checked + .zeros(4), "the frame's own checksum")
    wrong("checksum-cut", in: carrier, checked + .zeros(3), "three octets of it")
  }

  private mutating func addSizes(_ carrier: FrameCarrier, _ count: Int) {
    wrong(
      "size-missing", in: carrier, ZstdFrames.letters(count, descriptor: 0, size: []), "as from a pipe")
    let sizes: [(String, UInt64)] = [
      ("one-more", UInt64(count) + 1), ("one-less", UInt64(count) - 1), ("nothing", 0), ("a-tebibyte", 1 << 40),
      ("all-ones", .max), ("all-ones-but-one", .max - 1),
    ]
    for (name, size) in sizes {
      wrong(
        "size-\(name)", in: carrier, ZstdFrames.letters(count, descriptor: 0xc0, size: .u64(size)),
        expected: UInt64(count), found: size, "content size \(size), and \(count) beside the frame")
    }
    wrong(
      "single-segment-of-a-tebibyte", in: carrier,
      ZstdFrames.letters(count, descriptor: 0xe0, window: [], size: .u64(1 << 40)), expected: UInt64(count),
      found: 1 << 40, "no window of its own")
  }

  private mutating func addBlocks(_ carrier: FrameCarrier, _ count: Int) {
    let head = ZstdFrames.letters(count, blocks: [])
    wrong("no-block", in: carrier, head, "the header alone")
    wrong("block-header-cut", in: carrier, head + [3, 0], "two of three octets")
    wrong("block-cut", in: carrier, [UInt8](ZstdFrames.letters(count).dropLast()), "the last octet is missing")
    wrong(
      "no-last-block", in: carrier, ZstdFrames.letters(count, blocks: ZstdFrames.run(count, isLast: false)),
      "the block is not marked as the last")
    wrong("block-type-3", in: carrier, head + ZstdFrames.block(3, count) + [0x61], "the reserved type")
    wrong("content-short", in: carrier, head + ZstdFrames.run(count - 1), "one octet less than the size says")
    wrong("content-long", in: carrier, head + ZstdFrames.run(count + 1), "one octet more than the size says")
    wrong(
      "raw-block-long", in: carrier, head + ZstdFrames.run(count - 4, isLast: false) + ZstdFrames.block(0, 8) + .ramp(8),
      "a raw block of 8 octets where 4 are left")
    wrong(
      "raw-block-cut", in: carrier, head + ZstdFrames.run(count - 8, isLast: false) + ZstdFrames.block(0, 8) + .ramp(7),
      "a raw block of 8 octets, 7 are there")
    wrong("compressed-block-empty", in: carrier, head + ZstdFrames.block(2, 0), "a compressed block of no octets")
    wrong("compressed-block-damaged", in: carrier, head + ZstdFrames.block(2, 4) + .hex("ffffffff"), "no such literals")
  }

  /// Cut off behind each of four blocks.
  private mutating func addBlockBorders() {
    let frame = ZstdFrames.windowOf1KiB
    for blocks in 0..<4 {
      wrong(
        "cut-behind-\(blocks)-blocks", in: .memory, [UInt8](frame.prefix(8 + 4 * blocks)), "of four blocks")
    }
  }

  /// Tiny frames that hold much, or say so.
  private mutating func addBombs() {
    let zstd: UInt32 = 1 << 3
    let large = 4_194_304
    let blocks = (0..<32).flatMap { ZstdFrames.run(131_072, isLast: $0 == 31) }
    accept(
      "bomb-of-4-mib", "10 §9", "137 octets hold 4 MiB: as much as any chunk may, and so it is taken",
      Base.ram(
        mandatory: zstd, { $0.length = 1 << 23 },
        [.memory(zstd: ZstdFrames.letters(large, blocks: blocks), plain: .init(repeating: 0x61, count: large))]))
    var record = RawRecord.memory([.data(0, 1 << 40)], payload: ZstdFrames.letters(0, descriptor: 0xc0, size: .u64(1 << 40)))
    record.body.set([1], at: 12)
    reject(
      "bomb-of-a-tebibyte", .limitExceeded, .bulk, 288, released: 1, expected: UInt64(large), found: 1 << 40, "40 §3",
      "zstdPlainBytesMax; extents and frame agree", Base.ram(mandatory: zstd, { $0.length = 1 << 41 }, [record]))
    wrong(
      "block-above-128-kib", in: .memory, ZstdFrames.letters(4096, blocks: ZstdFrames.run(2_097_151)),
      "the most that a block header can say, 512 times the content")
  }
}

/// A record that can hold a frame, around one that may be wrong.
private enum FrameCarrier: String, CaseIterable, CustomStringConvertible {
  case memory, bytes, layout

  var description: String { rawValue }

  /// Octets that the record says the frame holds.
  var plainByteCount: Int { self == .layout ? Base.oneField.canonical.count : 4096 }

  /// Octets from the start of the stream.
  var frameOffset: UInt64 {
    switch self {
    case .memory: 320
    case .bytes: 320
    case .layout: 344
    }
  }

  func stream(_ frame: [UInt8]) -> RawStream {
    let zstd: UInt32 = 1 << 3
    let plain = [UInt8](repeating: 0x61, count: plainByteCount)
    switch self {
    case .memory: return Base.ram(mandatory: zstd, [.memory(zstd: frame, plain: plain)])
    case .bytes: return Base.bytes(mandatory: zstd, [.bytes(zstd: frame, plain: plain)])
    case .layout: return Base.device(mandatory: zstd).changing(1) { $0 = Base.oneField.record(0, zstd: frame) }
    }
  }
}
