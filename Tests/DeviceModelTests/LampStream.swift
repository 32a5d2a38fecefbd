import DeviceModel
import Foundation
import MigrationStream
import StreamTestKit

/// A stream of one device, a row of lamps, that is right by its model until something of it is changed.
///
/// Written from the chapters: section data is laid out by hand, nothing is asked of the judge.
struct LampStream {
  struct Announcement {
    var name: String
    var mark = Mark.required
    var version: UInt32 = 1
    var versionMin: UInt32 = 1
  }

  struct Section {
    var data: [UInt8]
    /// Number of its layout.
    var layout: UInt32
    /// Data of the subsection `flicker`; nil: it does not come.
    var flicker: [UInt8]?
  }

  enum Value {
    case bool(Bool)
    case int(Int64)
    case str(String)
  }

  var parameters: [(name: String, value: Value)] = [("colour", .bool(true)), ("row", .int(4)), ("vendor", .str("ACME"))]
  var version: UInt32 = 2
  var versionMin: UInt32 = 1
  var apply = ApplyKind.staged
  var clock = ClockDomain.virtual
  var regions: [(name: String, byteCount: UInt64, flags: UInt16)] = [("pixels", 8192, 0)]
  var announcements = [
    Announcement(name: "identity"), Announcement(name: "lamps_state"), Announcement(name: "tint"),
    Announcement(name: "panel"), Announcement(name: "panel"), Announcement(name: "usage", mark: .skippable),
  ]
  var subsections = [Announcement(name: "flicker")]
  /// By position of the announcement.
  var sections = [
    Section(data: [0x34, 0x12, 0, 0, 0, 0, 0, 0], layout: 0),
    Section(data: Self.lamps(), layout: 1),
    Section(data: [200, 0, 0, 0, 0, 0, 0, 0], layout: 3),
    Section(data: [1, 0, 0, 0, 0, 0, 0, 0], layout: 4),
    Section(data: [2, 1, 0, 0, 0, 0, 0, 0], layout: 4),
    Section(data: [16, 0, 0, 0, 0, 0, 0, 0], layout: 5),
  ]
  var hasBytes = true
  /// Layouts by number whose octets the stream leaves out.
  var external: [UInt32: String] = [:]

  /// `lamps_state`: a block of 18 octets, then the lamps, three octets each.
  ///
  ///      0     1    2        4    12  13    17      24 ...
  ///     +-----+----+--------+----+---+-----+-------+----+-------+------+-----+----+
  ///     |power|mode|features|base|lit|count|last_id|    | id    |level |next | .. |
  ///     +-----+----+--------+----+---+-----+-------+----+-------+------+-----+----+
  static func lamps() -> [UInt8] {
    let block: [UInt8] = [1, 1] + [1, 0] + [0, 0x10, 0, 0, 0, 0, 0, 0] + [2] + [3, 0, 0, 0] + [9]
    return block.padded() + ([1, 10, 2] + [2, 20, 3] + [3, 100, 255]).padded()
  }

  // MARK: Octets

  static let folder = LintCase.folder.appending(path: "Corpus/models/judge")

  /// Two definitions: the newest reads streams of the newest only.
  static let document: ModelDocument = {
    guard let text = try? Data(contentsOf: folder.appending(path: "example.org/lamp.json")),
      let document = try? ModelDocument(json: JSONValue(parsing: [UInt8](text)))
    else { fatalError("the model of the lamps does not load") }
    return document
  }()

  /// Layouts of a row with everything in it.
  static func resolved() throws -> ResolvedModel {
    let listed = [
      ParameterSetting("colour", .bool(true)), ParameterSetting("row", .int(4)), ParameterSetting("vendor", .str("ACME")),
    ]
    return try ResolvedModel(document, ParameterSet(listed: listed, of: document))
  }

  /// - Parameter sectionStarts: For each section, where its record begins.
  func octets(sectionStarts: inout [Int]) throws -> [UInt8] {
    var octets: [UInt8] = []
    var encoder = try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: 1, high: 2)))
    Self.append(encoder.preamble, to: &octets)
    Self.append(try encoder.manifest(try manifest()), to: &octets)
    let model = try Self.resolved()
    for layout in 0..<UInt32(model.writerLayouts.count) {
      if let identity = external[layout] {
        Self.append(try encoder.externalLayout(identity: identity.utf8.span.octets), to: &octets)
      } else {
        Self.append(try encoder.layout(canonical: model.writerLayouts.table.layout(layout).octets), to: &octets)
      }
    }
    for (position, section) in sections.enumerated() {
      sectionStarts.append(octets.count)
      let inner = section.flicker.map(Self.flicker) ?? []
      Self.append(
        try encoder.section(
          device: 0, section: UInt16(position), layout: section.layout, data: section.data.span.octets,
          subsections: inner.span.octets, subsectionCount: inner.isEmpty ? 0 : 1), to: &octets)
    }
    if hasBytes {
      let unit: [UInt8] = [1, 2, 3]
      Self.append(
        try encoder.bytes(
          device: 0, octets: unit.span.octets,
          flags: RecordFlags.unitFirst | RecordFlags.unitLast | RecordFlags.initialDataEnd | RecordFlags.last),
        to: &octets)
    }
    sectionStarts.append(octets.count)
    Self.append(try encoder.end(), to: &octets)
    return octets
  }

  private func manifest() throws -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
    for region in regions {
      try manifest.region(
        name: region.name.utf8.span.octets, owner: 0, byteCount: region.byteCount, pageByteCount: 4096,
        flags: region.flags)
    }
    try manifest.beginDevice(
      path: StaticString("lamp0").octets, address: RawSpan(), model: Self.document.model.utf8.span.octets, apply: apply,
      clock: clock, version: version, versionMin: versionMin)
    for (name, value) in parameters {
      let name = name.utf8.span.octets
      switch value {
      case .bool(let value): try manifest.parameter(name: name, kind: .bool, value: value ? 1 : 0)
      case .int(let value): try manifest.parameter(name: name, kind: .int, value: UInt64(bitPattern: value))
      case .str(let value): try manifest.parameter(name: name, kind: .str, text: value.utf8.span.octets)
      }
    }
    for section in announcements {
      try manifest.section(
        name: section.name.utf8.span.octets, mark: section.mark, version: section.version, versionMin: section.versionMin)
    }
    for subsection in subsections {
      try manifest.subsection(
        name: subsection.name.utf8.span.octets, mark: subsection.mark, version: subsection.version,
        versionMin: subsection.versionMin)
    }
    try manifest.endDevice()
    return manifest
  }

  /// A subsection of the section itself, which is number 0 and has layout 2.
  private static func flicker(_ data: [UInt8]) -> [UInt8] {
    var octets: [UInt8] = .u32(UInt32(24 + data.count))
    octets.put(.u16(0), .u16(0), .u32(2), .u16(0), .u16(0), .u64(UInt64(data.count)), data)
    return octets
  }

  private static func append(_ octets: RawSpan, to target: inout [UInt8]) {
    for index in octets.byteOffsets { target.append(octets.octet(at: index)) }
  }

  private static func append(_ list: borrowing GatherList, to target: inout [UInt8]) {
    for index in 0..<list.count { append(list[index], to: &target) }
  }
}
