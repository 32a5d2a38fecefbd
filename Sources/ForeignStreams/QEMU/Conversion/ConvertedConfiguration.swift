import MigrationStream

/// What a QEMU stream holds besides devices and memory, as the fields of one section.
///
/// Source: facts about QEMU 7.2 to 10.2, `migration/savevm.c`, vmsd `configuration`.
struct ConvertedConfiguration {
  private let stream: QEMUStream
  private var names = UniqueNames()
  private var group = ConvertedGroup(name: "qemu/configuration", fields: [])

  /// All fields; absent parts of the configuration record have none.
  static func group(of stream: QEMUStream) throws(ForeignError) -> ConvertedGroup {
    var configuration = ConvertedConfiguration(stream)
    configuration.number("stream_version", UInt64(QEMUFormat.version), 4)
    try configuration.addMachine()
    configuration.number("page_size", UInt64(stream.pageSize), 4, .size)
    for part in stream.configurationParts { try configuration.add(part) }
    if let usesFooters = stream.usesFooters {
      configuration.add("section_footers", FieldAttributes(.bool, width: 1), [usesFooters ? 1 : 0])
    }
    configuration.addMemorySections()
    configuration.addEmptyBlocks()
    try configuration.addRecords()
    return configuration.group
  }

  private init(_ stream: QEMUStream) { self.stream = stream }

  private mutating func append(_ field: ConvertedField) {
    var field = field
    field.name = names.take(field.name, limit: ConversionPlanner.nameOctetsMax)
    group.fields.append(field)
  }

  private mutating func add(
    _ name: String, _ attributes: FieldAttributes, _ octets: [UInt8], at offset: UInt64? = nil
  ) {
    append(
      ConvertedField(
        name: name, attributes: attributes, content: .value(.literal(octets, offset: offset))))
  }

  private mutating func number(_ name: String, _ value: UInt64, _ width: Int, _ type: FieldType = .unsigned) {
    append(Self.number(name, value, width, type))
  }

  private static func number(
    _ name: String, _ value: UInt64, _ width: Int, _ type: FieldType = .unsigned, at offset: UInt64? = nil
  ) -> ConvertedField {
    let octets = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    return ConvertedField(
      name: name, attributes: FieldAttributes(type, width: UInt32(width)),
      content: .value(.literal(octets, offset: offset)))
  }

  private static func text(_ name: String, _ octets: [UInt8], at offset: UInt64) -> ConvertedField {
    let isText = octets.span.octets.isUTF8(controlsAllowed: true)
    return ConvertedField(
      name: name, attributes: FieldAttributes(isText ? .string : .countedBytes),
      content: .value(.literal(octets, offset: offset)))
  }

  /// The machine's name as it is in the record: 4 octets of length, then the name.
  private mutating func addMachine() throws(ForeignError) {
    guard let record = stream.records.first(where: { $0.kind == .configuration }), stream.machine != nil else {
      return
    }
    var reader = try StreamReader(stream.source)
    reader.position = Int(record.payloadOffset)
    let length = try reader.u32()
    let offset = UInt64(reader.position)
    append(Self.text("machine", try reader.octets(Int(length)), at: offset))
  }

  private mutating func add(_ part: QEMUConfigurationPart) throws(ForeignError) {
    var reader = try StreamReader(stream.source)
    reader.position = Int(part.payloadOffset)
    var fields = [Self.number("version", UInt64(part.version), 4)]
    switch part.name {
    case QEMUStreamWalker.pageBitsPart:
      fields.append(Self.number("target_page_bits", UInt64(try reader.u32()), 4, at: part.payloadOffset))
    case QEMUStreamWalker.uuidPart:
      fields.append(
        ConvertedField(
          name: "uuid", attributes: FieldAttributes(.uuid, width: 16),
          content: .value(.literal(try reader.octets(16), offset: part.payloadOffset))))
    default: fields.append(try Self.capabilities(&reader))
    }
    append(
      ConvertedField(
        name: part.name, attributes: FieldAttributes(.structure),
        content: .groups([ConvertedGroup(name: part.name, fields: fields)])))
  }

  private static func capabilities(_ reader: inout StreamReader) throws(ForeignError) -> ConvertedField {
    let count = try reader.u32()
    var values: [ConvertedValue] = []
    var areTexts = true
    for _ in 0..<count {
      let octets = try reader.string8()
      areTexts = areTexts && octets.span.octets.isUTF8(controlsAllowed: true)
      values.append(.literal(octets, offset: UInt64(reader.position - octets.count)))
    }
    return ConvertedField(
      name: "capabilities",
      attributes: FieldAttributes(
        areTexts ? .string : .countedBytes, shape: .countedArray, count: UInt32.max),
      content: .items(values))
  }

  private static func array(_ name: String, _ elements: [[ConvertedField]], model: [ConvertedField])
    -> ConvertedField
  {
    let groups = elements.map { ConvertedGroup(name: name, fields: $0) }
    return ConvertedField(
      name: name, attributes: FieldAttributes(.structure, shape: .countedArray, count: UInt32.max),
      content: .array(groups, model: ConvertedGroup(name: name, fields: model)))
  }
}

extension ConvertedConfiguration {
  private mutating func addMemorySections() {
    func fields(_ section: QEMUSection?) -> [ConvertedField] {
      [
        Self.number("section_id", UInt64(section?.id ?? 0), 4),
        Self.number("version", UInt64(section?.version ?? 0), 4),
      ]
    }
    let sections = stream.sections.filter { $0.content == .memory }
    append(Self.array("memory_sections", sections.map { fields($0) }, model: fields(nil)))
  }

  /// Blocks of no octet, for which the format has no region.
  private mutating func addEmptyBlocks() {
    let names = stream.memoryBlocks.filter { $0.length == 0 }.map {
      ConvertedValue.literal($0.nameOctets, offset: nil)
    }
    append(
      ConvertedField(
        name: "empty_memory_blocks",
        attributes: FieldAttributes(.countedBytes, shape: .countedArray, count: UInt32.max),
        content: .items(names)))
  }

  /// Commands and end marks. Of a package only its length is here: its records are listed on their own.
  private mutating func addRecords() throws(ForeignError) {
    var elements: [[ConvertedField]] = []
    for record in stream.records where record.kind == .command || record.kind == .endOfStream {
      var reader = try StreamReader(stream.source)
      reader.position = Int(record.payloadOffset)
      let isPackage = record.kind == .command && record.command == QEMUFormat.packagedCommand
      let count = isPackage ? 4 : Int(record.payloadLength)
      elements.append(Self.fields(record, try reader.octets(count)))
    }
    let none = QEMURecord(kind: .command, offset: 0, length: 0, payloadOffset: 0, payloadLength: 0)
    append(Self.array("records", elements, model: Self.fields(none, [])))
  }

  private static func fields(_ record: QEMURecord, _ octets: [UInt8]) -> [ConvertedField] {
    var kind = number("kind", UInt64(record.kind.rawValue), 1)
    kind.attributes.radix = 16
    return [
      kind, number("command", UInt64(record.command), 2), number("offset", record.offset, 8),
      ConvertedField(
        name: "packaged", attributes: FieldAttributes(.bool, width: 1),
        content: .value(.literal([record.isPackaged ? 1 : 0], offset: nil))),
      .counted("octets", .literal(octets, offset: record.payloadOffset)),
    ]
  }
}
