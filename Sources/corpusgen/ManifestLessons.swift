import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: MANIFEST body 128; texts 152 to 165, padding to 168; first region or device 168.
  mutating func addManifestHeads() {
    folder = "manifest"
    accept(
      "nothing-stated", "10 §4", "architecture, endianness and page size may be left open",
      RawStream([
        RawManifest {
          $0.architecture = []
          $0.endianness = 0
          $0.pageSize = 0
        }.record, .end,
      ]))
    accept(
      "texts-in-utf-8", "10 §1", "two, three and four octets a character",
      RawStream([RawManifest { $0.producer = .text("\u{fc}\u{20ac}\u{1f600}") }.record, .end]))
    reject(
      "producer-without-name", .badValue, .manifest, 128, released: 0, found: 0, "10 §4",
      "len_producer is 1 or more", RawStream([RawManifest { $0.producer = [] }.record, .end]))
    reject(
      "text-with-control-character", .badText, .manifest, 152, released: 0, "10 §1", "an escape character",
      Base.empty.patched(153, [0x1b]))
    reject(
      "text-with-delete-character", .badText, .manifest, 158, released: 0, "10 §1",
      "7f in the producer's version", Base.empty.patched(158, [0x7f]))
    reject(
      "text-not-utf-8", .badText, .manifest, 159, released: 0, "10 §1",
      "an overlong form in the architecture", Base.empty.patched(159, .hex("c080")))
    reject(
      "text-of-eight-octets-not-utf-8", .badText, .manifest, 152, released: 0, "10 §1", "ff only",
      RawStream([RawManifest { $0.producer = [UInt8](repeating: 0xff, count: 8) }.record, .end]))
    reject(
      "text-with-surrogate", .badText, .manifest, 152, released: 0, "10 §1", "ed a0 80",
      Base.empty.patched(152, .hex("eda080")))
    reject(
      "text-group-padding", .badPadding, .manifest, 166, released: 0, expected: 0, found: 1, "10 §1",
      "the second of three padding octets", Base.empty.patched(166, [1]))
    reject(
      "endianness-3", .badValue, .manifest, 134, released: 0, found: 3, "10 §4", "0, 1 or 2",
      Base.empty.patched(134, [3]))
    reject(
      "reserved-octet", .reservedNotZero, .manifest, 135, released: 0, "10 §4", "octet 7",
      Base.empty.patched(135, [1]))
    reject(
      "reserved-word", .reservedNotZero, .manifest, 148, released: 0, "10 §4", "octets 20 to 23",
      Base.empty.patched(151, [1]))
    reject(
      "page-size-no-power-of-two", .badValue, .manifest, 136, released: 0, found: 4097, "10 §4", "4097",
      Base.empty.patched(136, .u32(4097)))
    addManifestEnds()
    addRegions()
  }

  private mutating func addManifestEnds() {
    reject(
      "left-over-octets", .unexpectedData, .manifest, 168, released: 0, expected: 48, found: 40, "10 §4",
      "the body ends with the last device", RawStream([RawManifest { $0.extra = .zeros(8) }.record, .end]))
    reject(
      "ends-before-its-text", .truncatedData, .manifest, 152, released: 0, "10 §4",
      "len_producer is 100, the body has 16 octets of text", Base.empty.patched(128, .u16(100)))
    reject(
      "text-above-the-limit", .limitExceeded, .manifest, 152, released: 0, expected: 1024, found: 1025,
      "40 §3", "textBytesMax; the octets are there",
      RawStream([RawManifest { $0.producer = .text(String(repeating: "a", count: 1025)) }.record, .end]))
    accept(
      "text-at-the-limit", "40 §3", "textBytesMax",
      RawStream([RawManifest { $0.producer = .text(String(repeating: "a", count: 1024)) }.record, .end]))
    reject(
      "regions-above-the-limit", .limitExceeded, .manifest, 140, released: 0, expected: 4096,
      found: 0xffff_ffff, "40 §3", "a claim of four milliards of regions in 40 octets",
      Base.empty.patched(140, .u32(.max)))
    reject(
      "devices-above-the-limit", .limitExceeded, .manifest, 144, released: 0, expected: 65536, found: 65537,
      "40 §3", "devicesMax", Base.empty.patched(144, .u32(65537)))
    reject(
      "regions-that-are-not-there", .truncatedData, .manifest, 168, released: 0, "10 §4",
      "4096 regions are within the limit and not in the body", Base.empty.patched(140, .u32(4096)))
    reject(
      "devices-that-are-not-there", .truncatedData, .manifest, 168, released: 0, "10 §4",
      "65536 devices are within the limit and not in the body", Base.empty.patched(144, .u32(65536)))
  }

  /// Offsets: len_name 168, flags 170, owner 172, address 176, len_region 184, page_size 192, name 200 to 203.
  private mutating func addRegions() {
    let one = Base.ram([])
    accept("region-not-mentioned-again", "10 §7", "memory that is never mentioned is unchanged", one)
    accept(
      "region-shared-read-only-and-not-mapped", "10 §4.1", "flags 3, guest address none64",
      Base.ram(
        {
          $0.flags = 3
          $0.guestAddress = none64
          $0.length = 1
        }, []))
    accept(
      "region-of-a-device", "10 §4.1", "owner 0, a device's local memory; MEMORY names the device",
      Base.ownedRegion)
    reject(
      "region-without-name", .badValue, .manifest, 168, released: 0, found: 0, "10 §4.1",
      "len_name is 1 or more",
      Base.ram({ $0.name = [] }, []))
    reject(
      "region-name-no-text", .badText, .manifest, 200, released: 0, "10 §1", "a line feed",
      one.patched(202, [0x0a]))
    reject(
      "region-name-padding", .badPadding, .manifest, 203, released: 0, "10 §1", "octet 3 of the group",
      one.patched(203, [1]))
    reject(
      "region-flag-reserved", .reservedNotZero, .manifest, 170, released: 0, "10 §4.1", "bit 3",
      one.patched(170, .u16(8)))
    reject(
      "region-opaque-without-the-flag", .undeclaredFeature, .manifest, 170, released: 0, expected: 32,
      "10 §2", "mandatory bit 5 guards opaque regions", one.patched(170, .u16(4)))
    reject(
      "region-owner-not-in-the-manifest", .unknownDevice, .manifest, 172, released: 0, found: 0,
      "10 §4.1", "there are no devices", one.patched(172, .u32(0)))
    reject(
      "region-empty", .badValue, .manifest, 184, released: 0, found: 0, "10 §4.1", "len_region is 1 or more",
      one.patched(184, .u64(0)))
    reject(
      "region-of-two-to-the-56", .badValue, .manifest, 184, released: 0, found: 1 << 56, "10 §4.1",
      "an extent has 56 bits of length", one.patched(184, .u64(1 << 56)))
    accept(
      "region-of-two-to-the-56-less-one", "10 §4.1", "the largest", one.patched(184, .u64(1 << 56 - 1)))
    for size in [UInt64(0), 3] {
      reject(
        "region-page-size-\(size)", .badValue, .manifest, 192, released: 0, found: size, "10 §4.1",
        "a power of two", one.patched(192, .u64(size)))
    }
  }
}

extension Base {
  /// A device with a region of its own. MANIFEST 64 to 264, MEMORY 264 (body 328, payload 384), END 448.
  static let ownedRegion = RawStream([
    RawManifest {
      $0.regions = [RawRegion { $0.owner = 0 }]
      $0.devices = [RawDevice { $0.sections = [] }]
    }.record, .memory(device: 0, [.data(0, 64)]), .end,
  ])
}
