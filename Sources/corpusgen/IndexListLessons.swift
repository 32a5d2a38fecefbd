import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: `Base.indexedImage`.
  mutating func addIndexLists() {
    folder = "index"
    let image = Base.indexedImage
    accept("of-an-image", "30 §4", "layout, section, page and byte string", image)
    accept("of-a-stream", "30 §4", "an extent that is superseded in part gives a shorter one", Base.superseded)
    accept("of-nothing", "30 §4", "no layout, section, memory or byte string", Self.ofNothing)
    accept("of-the-replacing-section", "30 §4.1", "the record of the later pass", Self.replaced(616))
    head("fewer-layouts-than-there-are", 15216, image.changing(7) { $0.body.removeSubrange(32..<48) }, 0, 15216)
    head("more-byte-strings-than-there-are", 15228, image.changing(7) { $0.body += .zeros(24) }, 2, 15228)
    head("no-byte-string", 15228, image.changing(7) { $0.body.removeLast(24) }, 0, 15228)
    head(
      "wrong-number-before-others-are-missing", 15216, image.changing(7) { $0.body.removeLast($0.body.count - 8) }, 9,
      15216)
    head("no-page", 15224, image.changing(7) { $0.body.removeSubrange(72..<112) }, 0, 15224)
    head("more-sections-than-there-are", 15220, image.changing(7) { $0.body += .zeros(24) }, 2, 15220)
    wrong("layout-elsewhere", 15248, "the record stands at 14336", image.patched(15248, .u64(64)))
    wrong("layout-of-other-octets", 15248, "192 octets", image.patched(15256, .u64(200)))
    wrong("layout-beyond-the-file", 15248, "2^63", image.patched(15248, .u64(1 << 63)))
    wrong("section-of-another-device", 15264, "device 0", image.patched(15264, .u32(1)))
    wrong("section-of-another-number", 15264, "section 0", image.patched(15268, .u16(1)))
    wrong("section-reserved", 15264, "octets 6 and 7 of the entry", image.patched(15270, [1]))
    wrong("section-elsewhere", 15264, "the record stands at 14704", image.patched(15272, .u64(14336)))
    wrong("section-of-other-octets", 15264, "96 octets", image.patched(15280, .u64(88)))
    for (name, position) in [
      ("region", 0), ("extents", 4), ("first-offset", 8), ("end", 16), ("offset", 24), ("octets", 32),
    ] {
      wrong("page-of-another-\(name)", 15288, "not what the page says", image.patched(15288 + position, [9]))
    }
    for (name, position) in [("device", 0), ("number-of-records", 4), ("first-record", 8), ("length", 16)] {
      wrong("byte-string-of-another-\(name)", 15328, "not what the records say", image.patched(15328 + position, [9]))
    }
    reject(
      "of-the-section-before-it-was-replaced", .badIndex, .index, 824, released: 5, "30 §4.1",
      "the record of pass 0", Self.replaced(440))
    reject(
      "sections-out-of-order", .badIndex, .index, 824, released: 4, "30 §4.1", "ascending by device",
      Self.twoSections([RawIndex.section(1, 0, 616, 96), RawIndex.section(0, 0, 520, 96)]))
    reject(
      "of-a-section-that-did-not-come", .badIndex, .index, 552, released: 2, "30 §4.1",
      "no record holds its state", Self.withoutSection)
    addForeignIndexes()
  }

  private mutating func addForeignIndexes() {
    let image = Base.indexedImage
    reject(
      "spliced-from-another-stream", .digestMismatch, .record, 15208, released: 7, "10 §3",
      "INDEX of another uuid: the seed of its header digest differs", Self.spliced)
    reject(
      "of-another-stream-with-right-digests", .badIndex, .index, 15248, released: 7, "30 §4.1",
      "the offsets of a stream whose records start at 248",
      image.changing(7) { index in
        index.body.set(RawIndex.layout(248, 192) + RawIndex.section(0, 0, 440, 96), at: 32)
      })
    reject(
      "without-lists-it-claims", .badIndex, .index, 15216, released: 7, "30 §4.1", "the last entry lacks 8 octets",
      image.changing(7) { $0.body.removeLast(8) })
    reject(
      "head-too-short", .truncatedData, .index, 15232, released: 7, "30 §4.1", "16 octets of body",
      image.changing(7) { $0.body.removeLast($0.body.count - 16) })
  }

  private mutating func head(_ name: String, _ offset: UInt64, _ stream: RawStream, _ found: UInt32, _ field: Int) {
    reject(
      name, .badIndex, .index, offset, released: 7, found: UInt64(found), "30 §4.1", "one is there",
      stream.patched(field, .u32(found)))
  }

  private mutating func wrong(_ name: String, _ offset: UInt64, _ comment: String, _ stream: RawStream) {
    reject(name, .badIndex, .index, offset, released: 7, "30 §4.1", comment, stream)
  }

  private static let ofNothing: RawStream = {
    var stream = Base.empty.inserting(.index(), at: 1)
    stream.preamble.set(.u32(1), at: 20)
    return stream
  }()

  /// SECTION 440, BARRIER 536, SECTION 616 (96 octets), INDEX 712 (body 776: layout 808, section 824).
  private static func replaced(_ offset: UInt64) -> RawStream {
    let second = RawSection(data: .zeros(8)) { ($0.flags, $0.pass) = (5, 1) }
    var stream = Base.device(mandatory: 1 << 2)
    stream.records.insert(
      contentsOf: [
        .barrier(pass: 0, next: 4), second.record,
        .index(layouts: [RawIndex.layout(248, 192)], sections: [RawIndex.section(0, 0, offset, 96)]),
      ], at: 3)
    return stream
  }

  /// MANIFEST to 328, LAYOUT 328, SECTION 520 and 616, INDEX 712 (body 776: layout 808, sections 824).
  private static func twoSections(_ sections: [[UInt8]]) -> RawStream {
    let manifest = RawManifest { $0.devices = [RawDevice(), RawDevice { $0.path = .text("/uart1") }] }
    return RawStream([
      manifest.record, Base.oneField.record(0), RawSection(data: .zeros(8)).record,
      RawSection(data: .zeros(8)) { $0.device = 1 }.record,
      .index(layouts: [RawIndex.layout(328, 192)], sections: sections), .end,
    ])
  }

  /// MANIFEST to 248, LAYOUT 248, INDEX 440 (body 504: layout 536, section 552).
  private static let withoutSection: RawStream = {
    var stream = Base.device()
    stream.records[2] = .index(layouts: [RawIndex.layout(248, 192)], sections: [RawIndex.section(0, 0, 0, 0)])
    return stream
  }()

  /// The header digest that the same INDEX has under another uuid.
  private static let spliced: RawStream = {
    var other = Base.indexedImage
    other.preamble.set(.zeros(16), at: 40)
    let digest = [UInt8](other.octets[15208..<15216])
    return Base.indexedImage.damaged(15208, digest)
  }()
}
