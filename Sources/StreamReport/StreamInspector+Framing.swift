internal import MigrationStream

/// Preamble, record headers, and the records of the machine other than MANIFEST.
extension StreamInspector {
  mutating func writePreamble(_ reader: inout ByteReader, _ preamble: Preamble) throws(StreamError) {
    beginFolded(
      ReportNode(
        "preamble", step: "/preamble", at: 0, length: UInt64(Preamble.byteCount), type: "preamble",
        meaning: "major \(Format.major), minor \(preamble.minor)"), folds: options.foldsFraming)
    try octets("magic", 8, &reader)
    try number("major", 2, &reader)
    try number("minor", 2, &reader)
    try number("minor_reader_min", 2, &reader)
    try number("profile", 2, &reader) { $0 == 1 ? "stream" : "image" }
    try number("flags_mandatory", 4, &reader, radix: 16) { FlagNames.text($0, FlagNames.mandatory) }
    try number("flags_optional", 4, &reader, radix: 16) { FlagNames.text($0, FlagNames.optional) }
    try number("digest_kind", 2, &reader) { $0 == 1 ? "XXH3-64" : "" }
    try number("num_channels", 2, &reader)
    try reserved(4, &reader)
    try number("len_record_max", 8, &reader) { $0 == 0 ? "no promise" : "" }
    let offset = reader.offset
    let uuid = try reader.take(16)
    filter.leaf(
      ReportNode("uuid", at: offset, length: 16, type: "uuid", value: .name(uuid.uuidText)), octets: uuid)
    try number("digest_preamble", 8, &reader, radix: 16)
    filter.isMuted = false
    filter.end()
  }

  /// The header of a record, where it is wanted.
  mutating func writeHeader(_ header: RecordHeader, at offset: UInt64) throws(StreamError) {
    guard options.showsHeaders || options.accountsForAll else { return }
    func leaf(
      _ name: String, _ position: UInt64, _ width: Int, _ value: UInt64, radix: UInt8 = 10, _ meaning: String = ""
    ) {
      let octets = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
      filter.leaf(
        ReportNode(
          name, at: offset + position, length: UInt64(width), type: "u\(width * 8)",
          value: .unsigned(value, radix: radix, width: width), meaning: meaning), octets: octets.span.octets)
    }
    filter.begin(ReportNode("header", step: "@header", at: offset, length: 64, type: "header"))
    leaf("sync", 0, 4, UInt64(Format.sync), radix: 16)
    leaf("kind", 4, 2, UInt64(header.kind), radix: 16, Self.kindName(header))
    leaf("flags", 6, 2, UInt64(header.flags), radix: 16, FlagNames.text(UInt64(header.flags), FlagNames.record))
    leaf("channel", 8, 2, UInt64(header.channel))
    leaf("num_pad_front", 10, 1, UInt64(header.frontPadding))
    leaf("num_pad_back", 11, 1, UInt64(header.backPadding))
    leaf("device", 12, 4, UInt64(header.device), header.device == Format.none32 ? "none" : "")
    leaf("sequence", 16, 8, header.sequence)
    leaf("len_body", 24, 8, header.bodyByteCount)
    leaf("digest_body", 32, 8, header.bodyDigest, radix: 16)
    leaf("len_payload", 40, 8, header.payloadByteCount)
    leaf("digest_payload", 48, 8, header.payloadDigest, radix: 16)
    leaf("digest_header", 56, 8, header.headerDigest, radix: 16)
    filter.end()
  }

  static func kindName(_ header: RecordHeader) -> String {
    header.knownKind.map { "\($0)" } ?? "unknown"
  }

  /// The node of a record: where in the state it belongs, and what it is.
  func head(_ record: borrowing Record, _ state: borrowing StreamState) -> ReportNode {
    let header = record.header
    var node = ReportNode(
      Self.kindName(header), at: record.offset, length: header.recordByteCount, type: Self.kindName(header))
    switch header.knownKind {
    case .layout:
      let number = record.body.integer(at: 0, as: UInt32.self)
      node.step = "/layouts[\(number)]"
      node.meaning = Self.layoutName(number, state)
    case .manifest:
      node.step = "/manifest"
      node.meaning =
        "\(String(octets: state.manifest.producer)), \(state.manifest.devices.count) devices, "
        + "\(state.manifest.regions.count) memory regions"
    case .section: name(section: SectionHead(record.body), header, &node, state)
    case .memory:
      let head = MemoryHead(record.body)
      let region = state.manifest.regions[Int(head.region)]
      node.name = String(octets: state.manifest.name(of: region))
      node.step = "/memory/" + ReportPath.step(node.name)
      node.meaning = "pass \(head.pass), \(ReportText.size(head.plainByteCount)) of data"
    case .placedMemory:
      let head = PlacedMemoryHead(record.body)
      let region = state.manifest.regions[Int(head.region)]
      node.name = String(octets: state.manifest.name(of: region))
      node.step = "/memory/" + ReportPath.step(node.name)
      node.meaning = "pass \(head.pass), \(head.extentCount) extents"
    case .placement:
      node.step = "/placement"
      node.meaning =
        "\(state.placement.areas.count) areas, records from \(ReportText.offset(state.placement.recordsOffset))"
    case .bytes:
      let head = BytesHead(record.body)
      node.step = Self.devicePath(header.device, state, under: "/bytes")
      node.meaning = Self.bytesMeaning(header, head)
    case .barrier: node.step = "/barriers[\(record.body.integer(at: 0, as: UInt32.self))]"
    case nil:
      node.step = "/records[\(header.sequence)]"
      node.type = "unknown"
      node.value = .hex(UInt64(header.kind), width: 2)
    default: node.step = "/\(Self.kindName(header))"
    }
    node.isSkippable = header.flags & RecordFlags.skippable != 0
    return node
  }

  private func name(
    section head: SectionHead, _ header: RecordHeader, _ node: inout ReportNode, _ state: borrowing StreamState
  ) {
    let device = state.manifest.devices[Int(header.device)]
    let announced = state.manifest.section(Int(head.section), of: device)
    node.name = String(octets: state.manifest.name(of: announced))
    node.step = Self.devicePath(header.device, state, under: "/devices") + "/" + ReportPath.step(node.name)
    node.meaning = "version \(announced.version)"
    if header.flags & RecordFlags.replaces != 0 { node.meaning += ", replaces" }
    if head.pass > 0 { node.meaning += ", pass \(head.pass)" }
  }

  private static func layoutName(_ number: UInt32, _ state: borrowing StreamState) -> String {
    let table = state.layouts.table
    guard table.contains(number) else { return "" }
    if table.isExternal(number) { return "external: " + String(octets: table.identity(of: number)) }
    return String(octets: table.layout(number).name)
  }

  private static func bytesMeaning(_ header: RecordHeader, _ head: BytesHead) -> String {
    let marks = FlagNames.text(UInt64(header.flags), FlagNames.record, from: 8)
    return "offset \(head.offset)" + (marks.isEmpty ? "" : ", " + marks)
  }

  static func devicePath(_ device: UInt32, _ state: borrowing StreamState, under root: String) -> String {
    StatePath.instance(Int(device), state, under: root)
  }

  mutating func writeBarrier(_ reader: inout ByteReader) throws(StreamError) {
    try number("pass", 4, &reader)
    try number("num_channels", 4, &reader)
    var channel = 0
    while reader.remaining > 0 {
      try number("sequence_next[\(channel)]", 8, &reader)
      channel += 1
    }
  }

  mutating func writeAbort(_ reader: inout ByteReader) throws(StreamError) {
    try number("reason", 4, &reader) { ReportText.abortReason($0) }
    let count = try framing("len_text", 2, &reader)
    try reserved(2, &reader)
    try text("text", count, &reader)
    try padding(&reader)
  }

  mutating func writeEnd(_ reader: inout ByteReader, _ state: borrowing StreamState) throws(StreamError) {
    try number("ofs_index", 8, &reader, radix: 16) { $0 == 0 ? "none" : "" }
    let channels = try number("num_channels", 4, &reader)
    try number("num_passes", 4, &reader)
    try number("num_sections", 8, &reader)
    try reserved(8, &reader)
    for channel in 0..<channels {
      filter.begin(ReportNode("totals[\(channel)]", at: reader.offset, length: 24, type: "totals"))
      try number("records", 8, &reader)
      try number("octets", 8, &reader)
      try number("chain", 8, &reader, radix: 16)
      filter.end()
    }
    try reserved(reader.remaining, &reader)
  }
}
