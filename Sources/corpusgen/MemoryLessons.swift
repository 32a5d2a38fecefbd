import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: MEMORY 208 (flags 214, device 220, len_payload 248), body 272 (pass 276, num_extents 280, encoding 284,
  /// reserved 285, len_plain 288, digest_plain 296, extent 304 and 312, the next 320 and 328).
  mutating func addMemory() {
    folder = "memory"
    let stream = Base.memory
    accept("one-extent", "10 §7", "64 octets at the start of the region", stream)
    accept(
      "data-zero-and-discard", "10 §7", "three kinds in one chunk; only data has octets in the payload",
      Base.ram([.memory([.data(0, 100), .zero(4096, 8192), .discard(16384, 4096), .data(65535, 1)])]))
    accept("without-payload", "10 §7", "only zero extents", Base.ram([.memory([.zero(0, 65536)])]))
    addBombs()
    accept(
      "sent-twice-on-one-channel", "10 §7", "the order of the channel decides",
      Base.ram([.memory([.data(0, 64)]), .memory([.data(0, 64)])]))
    accept(
      "opaque", "10 §4.1", "data extents only, plain",
      Base.ram(mandatory: 1 << 5, { $0.flags = 4 }, [.memory([.data(0, 64)])]))
    bad(
      "region-not-in-the-manifest", .unknownRegion, 272, found: 1, "one region, number 0",
      stream.patched(272, .u32(1)))
    bad("pass-without-passes", .badPass, 276, found: 1, "no barrier came", stream.patched(276, .u32(1)))
    bad("no-extent", .badValue, 280, found: 0, "1 or more", Base.ram([.memory([])]))
    bad(
      "extents-past-the-body", .truncatedData, 320, expected: 16, found: 0, "two declared, one there",
      stream.patched(280, .u32(2)))
    reject(
      "extents-above-the-limit", .limitExceeded, .bulk, 280, released: 1, expected: 1_048_576,
      found: 0xffff_ffff, "40 §3", "extentsMax", stream.patched(280, .u32(.max)))
    bad(
      "left-over-octets", .unexpectedData, 320, "16 octets behind the last extent",
      Base.ram([.memory([.data(0, 64)], extra: .zeros(16))]))
    bad("encoding-2", .badValue, 284, found: 2, "0 or 1", stream.patched(284, [2]))
    reject(
      "zstd-without-the-flag", .undeclaredFeature, .bulk, 284, released: 1, expected: 8, "10 §2",
      "mandatory bit 3 guards zstd", stream.patched(284, [1]))
    bad("reserved", .reservedNotZero, 285, "octets 13 to 15", stream.patched(287, [1]))
    bad(
      "plain-not-the-sum-of-its-extents", .badValue, 288, expected: 64, found: 63,
      "the data extents have 64 octets",
      stream.patched(288, .u64(63)))
    bad("plain-with-a-plain-digest", .badValue, 296, "digest_plain is for zstd", stream.patched(296, .u64(1)))
    bad(
      "payload-unlike-plain", .badValue, 248, expected: 64, found: 56,
      "the payload has 56 octets, the extents 64",
      Base.ram([.memory([.data(0, 64)], payload: .ramp(56))]))
    bad(
      "payload-missing", .badValue, 248, expected: 64, found: 0, "a data extent and no payload",
      Base.ram([.memory([.data(0, 64)], payload: [])]))
    reject(
      "device-of-another-owner", .badValue, .bulk, 276, released: 1, expected: 0, found: 0xffff_ffff,
      "10 §3.1", "the region belongs to device 0, the record to the machine",
      Base.ownedRegion.changing(1) { $0.device = none32 })
    addExtents()
  }

  private mutating func addExtents() {
    func extents(_ list: RawExtent...) -> RawStream { Base.ram([.memory(list)]) }
    for kind in [UInt8(0), 4] {
      bad("extent-kind-\(kind)", .badExtent, 312, "1, 2 or 3", extents(RawExtent(0, 64, kind: kind)))
    }
    bad("extent-empty", .badExtent, 312, "length is 1 or more", extents(.zero(0, 0)))
    bad("extent-past-the-region", .badExtent, 312, "one octet too long", extents(.zero(65472, 65)))
    bad("extent-behind-the-region", .badExtent, 312, "starts at the end", extents(.zero(65536, 1)))
    bad("extent-wraps-around", .badExtent, 312, "offset + length is 2^64", extents(.zero(.max - 63, 64)))
    bad(
      "extent-overlap", .badExtent, 320, "the second starts in the last octet of the first",
      extents(.zero(0, 4096), .zero(4095, 1)))
    bad("extent-order", .badExtent, 320, "descending", extents(.zero(4096, 4096), .zero(0, 4096)))
    bad(
      "opaque-with-zero-extent", .badExtent, 312, "opaque memory has data extents only",
      Base.ram(mandatory: 1 << 5, { $0.flags = 4 }, [.memory([.zero(0, 4096)])]))
    bad(
      "opaque-with-discard-extent", .badExtent, 312, "opaque memory has data extents only",
      Base.ram(mandatory: 1 << 5, { $0.flags = 4 }, [.memory([.discard(0, 4096)])]))
    bad(
      "opaque-with-zstd", .badValue, 284, found: 1, "opaque memory is not compressed",
      Base.ram(mandatory: 0b10_1000, { $0.flags = 4 }, [.memory([.data(0, 64)])]).patched(284, [1]))
  }

  private mutating func bad(
    _ name: String, _ code: StreamError.Code, _ offset: UInt64, expected: UInt64? = nil,
    found: UInt64? = nil, _ comment: String, _ stream: RawStream
  ) {
    reject(
      name, code, .bulk, offset, released: 1, expected: expected, found: found, "10 §7", comment, stream)
  }

  /// Extents and regions that say much and hold nothing.
  private mutating func addBombs() {
    let huge: UInt64 = 1 << 56 - 1
    func sparse(_ extents: [RawExtent]) -> RawStream { Base.ram({ $0.length = huge }, [.memory(extents)]) }
    accept("largest-zero-extent", "10 §7", "the largest region, all of it zero, in 16 octets", sparse([.zero(0, huge)]))
    accept(
      "largest-discard-extent", "10 §7", "the same, given back", sparse([.discard(0, huge)]))
    accept(
      "data-at-the-end-of-the-largest-region", "10 §7", "one octet behind a hole", sparse([.zero(0, huge - 1), .data(huge - 1, 1)]))
    reject(
      "largest-zero-extent-twice", .badExtent, .bulk, 328, released: 1, "10 §7",
      "both as long as an extent can be: their sum is past the region", sparse([.zero(0, huge), .zero(huge, huge)]))
    reject(
      "largest-zero-extent-in-a-small-region", .badExtent, .bulk, 312, released: 1, "10 §7",
      "the length is a claim, and the region has 65536 octets", Base.ram([.memory([.zero(0, huge)])]))
    reject(
      "largest-data-extent", .badValue, .bulk, 248, released: 1, "10 §7",
      "extents and len_plain agree; the payload has 64 octets",
      Base.ram({ $0.length = huge }, [.memory([.data(0, huge)], payload: .ramp(64))]))
  }
}
