import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: MEMORY 208 (digest_payload 256), body 272 (len_plain 288, digest_plain 296), the frame 320.
  mutating func addZstd() {
    folder = "zstd"
    let zstd: UInt32 = 1 << 3
    let plain = ZstdFrames.plain
    func memory(_ frame: [UInt8], _ plain: [UInt8] = ZstdFrames.letters) -> RawStream {
      Base.ram(mandatory: zstd, [.memory(zstd: frame, plain: plain)])
    }
    let good = memory(ZstdFrames.good, plain)
    accept("memory", "10 §9", "a frame of 86 octets holds 4096", good)
    accept(
      "bytes", "10 §9", "a frame in a byte string",
      Base.bytes(mandatory: zstd, [.bytes(zstd: ZstdFrames.good, plain: plain)]))
    accept("window-of-4-mib", "10 §9", "the largest window", memory(ZstdFrames.windowOf4MiB))
    accept("window-below-its-content", "10 §9", "a window of 1 KiB", memory(ZstdFrames.windowOf1KiB))
    bad("content-size-missing", 320, "a frame from a pipe", memory(ZstdFrames.withoutContentSize, plain))
    bad(
      "content-size-unlike-the-field", 320, "the frame holds 4096 octets, the extents 4095",
      memory(ZstdFrames.good, [UInt8](plain.dropLast())))
    bad(
      "two-frames", 406, "each right, together the wanted octets and more",
      memory(ZstdFrames.good + ZstdFrames.half, plain))
    bad(
      "two-halves", 320, "2048 octets each: a frame holds exactly what it replaces",
      memory(ZstdFrames.half + ZstdFrames.half, plain))
    bad("skippable-frame", 320, "no data at all", memory(ZstdFrames.skippable))
    bad(
      "skippable-frame-before", 320, "then a good one", memory(ZstdFrames.skippable + ZstdFrames.good, plain))
    bad(
      "skippable-frame-behind", 406, "after a good one", memory(ZstdFrames.good + ZstdFrames.skippable, plain)
    )
    bad("octet-behind-the-frame", 406, "one zero octet", memory(ZstdFrames.good + [0], plain))
    bad("dictionary", 320, "a dictionary id", memory(ZstdFrames.withDictionary))
    bad("frame-cut-off", 320, "the last octet is missing", memory([UInt8](ZstdFrames.good.dropLast()), plain))
    bad(
      "frame-of-five-octets", 320, "the header is not whole",
      memory([UInt8](ZstdFrames.good.prefix(5)), plain))
    bad("no-octets", 320, "a frame that is not there", memory([], plain))
    bad("block-of-reserved-type", 320, "block type 3", memory(ZstdFrames.reservedBlock))
    bad(
      "content-shorter-than-its-size", 320, "100 octets where the header says 4096",
      memory(ZstdFrames.shorterThanItSays))
    bad(
      "content-short-and-octet-behind", 334, "100 octets where the header says 4096, and one octet behind the frame",
      memory(ZstdFrames.shorterThanItSays + [0]))
    bad("frame-checksum", 320, "the frame's own checksum", good.patched(405, [0]))
    reject(
      "frame-not-shorter", .badValue, .bulk, 248, released: 1, found: 86, "10 §9",
      "a frame is shorter than what it replaces: 86 octets for 86", memory(ZstdFrames.good, .ramp(86)))
    bad("another-codec", 320, "gzip", memory(.hex("1f8b0800000000000003")))
    reject(
      "window-of-8-mib", .limitExceeded, .bulk, 320, released: 1, expected: 4_194_304, found: 8_388_608,
      "10 §9", "zstdWindowBytesMax", memory(ZstdFrames.windowOf8MiB))
    reject(
      "window-and-size-wrong", .limitExceeded, .bulk, 320, released: 1, expected: 4_194_304, found: 8_388_608,
      "10 §9", "the header's fields in their order: the window first, then that the extents have 4095 octets",
      memory(ZstdFrames.windowOf8MiB, [UInt8](ZstdFrames.letters.dropLast())))
    bad(
      "damaged-before-wrong-padding", 320, "block type 3; then an octet of the padding behind the payload is 1",
      memory(ZstdFrames.reservedBlock).damaged(335, [1]))
    reject(
      "window-above-the-limit-and-below-its-content", .limitExceeded, .bulk, 320, released: 1,
      expected: 512, found: 1024, "10 §9",
      "zstdWindowBytesMax is 512: a content of 4096 octets does not lift it, the frame has no single segment",
      limits: ["zstdWindowBytesMax=512"], memory(ZstdFrames.windowOf1KiB))
    reject(
      "plain-above-the-limit", .limitExceeded, .bulk, 288, released: 1, expected: 4_194_304,
      found: 4_194_305, "40 §3", "zstdPlainBytesMax; the extents have as many octets",
      Base.ram(mandatory: zstd, { $0.length = 1 << 23 }, [Self.large]))
    reject(
      "stored-digest-first", .digestMismatch, .record, 256, released: 1, "10 §9",
      "the frame is damaged; digest_payload is checked before it is decompressed",
      good.damaged(340, [0, 0, 0]))
    reject(
      "plain-digest", .digestMismatch, .bulk, 296, released: 1, expected: 1, "10 §9",
      "digest_plain is checked after it is decompressed", good.patched(296, .u64(1)))
    addLayouts(zstd)
  }

  private mutating func bad(_ name: String, _ offset: UInt64, _ comment: String, _ stream: RawStream) {
    reject(name, .compressedDataDamaged, .bulk, offset, released: 1, "10 §9", comment, stream)
  }

  /// One data extent of 4 MiB and one octet in a frame that does not matter.
  private static var large: RawRecord {
    var record = RawRecord.memory([.data(0, 4_194_305)], payload: ZstdFrames.windowOf4MiB)
    record.body.set([1], at: 12)
    return record
  }

  /// LAYOUT 248, body 312 (len_canonical 320, fingerprint 328), the frame 344.
  private mutating func addLayouts(_ zstd: UInt32) {
    func layout(_ record: RawRecord) -> RawStream { Base.device(mandatory: zstd).changing(1) { $0 = record } }
    accept(
      "layout", "10 §5", "the canonical octets in a frame",
      layout(Base.oneField.record(0, zstd: ZstdFrames.layout)))
    reject(
      "layout-size-unlike-the-field", .compressedDataDamaged, .layout, 344, released: 1, "10 §9",
      "len_canonical is 104, the frame holds 96",
      layout(Base.oneField.record(0, zstd: ZstdFrames.layout)).patched(320, .u64(104)))
    reject(
      "layout-fingerprint", .digestMismatch, .layout, 328, released: 1, expected: 1, "10 §9",
      "checked after it is decompressed",
      layout(Base.oneField.record(0, zstd: ZstdFrames.layout)).patched(328, .u64(1)))
    reject(
      "layout-not-a-frame", .compressedDataDamaged, .layout, 344, released: 1, "10 §9",
      "the first octets of a plain layout in the form zstd",
      layout(Base.oneField.record(0, zstd: [UInt8](Base.oneField.canonical.prefix(40)))))
    reject(
      "layout-frame-not-shorter", .badValue, .layout, 336, released: 1, found: 96, "10 §9",
      "a frame is shorter than what it replaces",
      layout(Base.oneField.record(0, zstd: Base.oneField.canonical)))
  }
}
