internal import MigrationStream

/// MANIFEST and LAYOUT, which the decoder has checked: nothing here can run out of octets.
///
/// Source: Specs/10-stream-format.md sections 4 and 5.
extension StreamInspector {
  mutating func writeManifest(_ reader: inout ByteReader) throws(StreamError) {
    let producer = try framing("len_producer", 2, &reader)
    let version = try framing("len_producer_version", 2, &reader)
    let architecture = try framing("len_architecture", 2, &reader)
    try number("guest_endianness", 1, &reader) { ["not stated", "little", "big"][Int(min($0, 2))] }
    try reserved(1, &reader)
    try number("page_size", 4, &reader) { $0 == 0 ? "not stated" : "" }
    let regions = try number("num_regions", 4, &reader)
    let devices = try number("num_devices", 4, &reader)
    try reserved(4, &reader)
    try text("producer", producer, &reader)
    try text("producer_version", version, &reader)
    try text("architecture", architecture, &reader)
    try padding(&reader)
    for index in 0..<regions { try writeRegion(index, &reader) }
    for index in 0..<devices { try writeDevice(index, &reader) }
  }

  private mutating func writeRegion(_ index: UInt64, _ reader: inout ByteReader) throws(StreamError) {
    var probe = reader
    let nameCount = UInt64(try probe.u16())
    filter.begin(
      ReportNode("regions[\(index)]", at: reader.offset, length: 32 + padded(nameCount), type: "region"))
    let name = try framing("len_name", 2, &reader)
    try number("flags", 2, &reader, radix: 16) { FlagNames.text($0, FlagNames.region) }
    try device("owner", &reader)
    try number("guest_address", 8, &reader, radix: 16) { $0 == Format.none64 ? "not mapped at a fixed address" : "" }
    try number("len_region", 8, &reader) { ReportText.rounded($0) }
    try number("page_size", 8, &reader)
    try text("name", name, &reader)
    try padding(&reader)
    filter.end()
  }

  /// Octets with the zero octets up to a multiple of 8.
  private func padded(_ count: UInt64) -> UInt64 { (count + 7) & ~7 }

  /// A device number, which may say that there is none.
  private mutating func device(_ name: String, _ reader: inout ByteReader) throws(StreamError) {
    try number(name, 4, &reader) { $0 == UInt64(Format.none32) ? "none" : "" }
  }

  private mutating func writeDevice(_ index: UInt64, _ reader: inout ByteReader) throws(StreamError) {
    var probe = reader
    let length = UInt64(try probe.u32())
    filter.begin(ReportNode("devices[\(index)]", at: reader.offset, length: length, type: "device"))
    try framing("len_entry", 4, &reader)
    try device("parent", &reader)
    try number("flags", 2, &reader, radix: 16) { FlagNames.text($0, FlagNames.record) }
    try number("apply", 1, &reader) { ["", "staged", "inPlace", "external"][Int(min($0, 3))] }
    try number("clock", 1, &reader) { ["none", "virtual", "monotonic", "realtime"][Int(min($0, 3))] }
    let path = try framing("len_path", 2, &reader)
    let address = try framing("len_address", 2, &reader)
    let model = try framing("len_model", 2, &reader)
    let parameters = try framing("num_parameters", 2, &reader)
    let sections = try framing("num_sections", 2, &reader)
    let subsections = try framing("num_subsections", 2, &reader)
    try number("version", 4, &reader)
    try number("version_min", 4, &reader)
    try number("len_initial", 8, &reader) { $0 == 0 ? "not known" : "" }
    try number("len_total", 8, &reader) { $0 == 0 ? "not known" : "" }
    try text("path", path, &reader)
    try text("address", address, &reader)
    try text("model", model, &reader)
    try padding(&reader)
    for position in 0..<parameters { try writeParameter(position, &reader) }
    for position in 0..<sections { try writeAnnouncement("sections[\(position)]", &reader) }
    for position in 0..<subsections { try writeAnnouncement("subsections[\(position)]", &reader) }
    filter.end()
  }

  private mutating func writeParameter(_ index: Int, _ reader: inout ByteReader) throws(StreamError) {
    var probe = reader
    let nameCount = UInt64(try probe.u16())
    _ = try probe.take(2)
    let textCount = UInt64(try probe.u32())
    filter.begin(
      ReportNode(
        "parameters[\(index)]", at: reader.offset, length: 16 + padded(nameCount + textCount), type: "parameter"))
    let name = try framing("len_name", 2, &reader)
    let kind = try number("type", 1, &reader) { ["", "bool", "int", "str"][Int(min($0, 3))] }
    try reserved(1, &reader)
    let count = try framing("len_text", 4, &reader)
    let offset = reader.offset
    let octets = try reader.take(8)
    let value: ReportValue =
      switch ParameterEntry.Kind(rawValue: UInt8(kind)) {
      case .bool: .bool(octets.octet(at: 0) != 0)
      case .int: .signed(octets.signed(width: 8))
      default: .none
      }
    if value != .none || options.accountsForAll {
      filter.leaf(ReportNode("value", at: offset, length: 8, type: "i64", value: value), octets: octets)
    }
    try text("name", name, &reader)
    try text("text", count, &reader)
    try padding(&reader)
    filter.end()
  }

  private mutating func writeAnnouncement(_ title: String, _ reader: inout ByteReader) throws(StreamError) {
    var probe = reader
    let nameCount = UInt64(try probe.u16())
    let isSkippable = try probe.u16() & RecordFlags.skippable != 0
    filter.begin(
      ReportNode(
        title, at: reader.offset, length: 16 + padded(nameCount), type: "announcement", isSkippable: isSkippable))
    let name = try framing("len_name", 2, &reader)
    try framing("flags", 2, &reader)
    try number("version", 4, &reader)
    try number("version_min", 4, &reader)
    try reserved(4, &reader)
    try text("name", name, &reader)
    try padding(&reader)
    filter.end()
  }

  mutating func writeLayout(_ reader: inout ByteReader, _ state: borrowing StreamState) throws(StreamError) {
    let layout = UInt32(try framing("layout", 4, &reader))
    let form = try number("form", 1, &reader) { ["plain", "zstd", "external"][Int(min($0, 2))] }
    try reserved(3, &reader)
    try number("len_canonical", 8, &reader)
    try number("fingerprint", 8, &reader, radix: 16)
    let count = try framing("len_stored", 8, &reader)
    if options.listsLayouts, form != 2 {
      writeFields(of: state.layouts.table.layout(layout), at: form == 0 ? reader.offset : nil)
      _ = try reader.take(count)
    } else if form == 2 {
      try text("identity", count, &reader)
    } else {
      try octets("stored", count, &reader, type: form == 0 ? "canonical layout" : "zstd")
    }
    try padding(&reader)
  }
}
