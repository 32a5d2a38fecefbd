extension QEMUStreamWalker {
  static let pageBitsPart = "configuration/target-page-bits"
  private static let capabilitiesPart = "configuration/capabilities"
  static let uuidPart = "configuration/uuid"

  private enum Command {
    static let postcopyAdvise: UInt16 = 3
  }

  /// Octets of a command's argument, by command number; nil where the length varies. 0 is no command.
  private static let argumentOctets: [UInt16?] = [nil, 0, 4, nil, 0, 0, nil, 4, 0, 0, nil, 0]

  /// The machine's name and what follows it, where the stream has them.
  mutating func readConfiguration() throws(ForeignError) {
    reader.stage = .configuration
    guard try reader.octet(ahead: 0) == QEMUFormat.Record.configuration else { return }
    let start = reader.position
    try reader.skip(1)
    let lengthOffset = reader.position
    let length = try reader.u32()
    guard length <= UInt32(stream.limits.machineNameOctets) else {
      throw reader.failure(
        .limitExceeded, at: lengthOffset, expected: UInt64(stream.limits.machineNameOctets),
        found: UInt64(length))
    }
    stream.machine = String(decoding: try reader.octets(Int(length)), as: UTF8.self)
    while try isConfigurationPart() { try readConfigurationPart() }
    list(
      QEMURecord(
        kind: .configuration, offset: UInt64(start), length: UInt64(reader.position - start),
        payloadOffset: UInt64(start + 1), payloadLength: UInt64(reader.position - start - 1)))
  }

  /// A part begins like a subsection whose name begins with "configuration/"; the mark alone is not enough.
  private mutating func isConfigurationPart() throws(ForeignError) -> Bool {
    guard try reader.octet(ahead: 0) == QEMUFormat.Record.subsection else { return false }
    for (place, octet) in "configuration/".utf8.enumerated() {
      guard try reader.octet(ahead: 2 + place) == octet else { return false }
    }
    return true
  }

  private mutating func readConfigurationPart() throws(ForeignError) {
    let start = reader.position
    let (name, version) = try DescribedWalk.readSubsectionHeader(in: &reader)
    let text = String(decoding: name, as: UTF8.self)
    let payload = reader.position
    switch text {
    case Self.pageBitsPart: try readPageBits()
    case Self.capabilitiesPart: try readCapabilities()
    case Self.uuidPart: try reader.skip(16)
    default: try skipConfigurationPart(named: name, at: start)
    }
    stream.configurationParts.append(
      QEMUConfigurationPart(
        name: text, version: version, payloadOffset: UInt64(payload),
        payloadLength: UInt64(reader.position - payload)))
  }

  /// Steps over a part that this reader does not know, where the description has it.
  private mutating func skipConfigurationPart(
    named name: [UInt8], at start: Int
  ) throws(ForeignError) {
    guard var walk = described, let configuration = walk.description.configuration,
      let part = walk.description.structs[Int(configuration)].subsections.first(where: {
        walk.description.names[walk.description.structs[Int($0)].name.range] == name[...]
      })
    else {
      var failure = reader.failure(.unknownRecord, at: start)
      failure.path = String(decoding: name, as: UTF8.self)
      throw failure
    }
    try walk.skip(structure: part, in: &reader)
    described = walk
  }

  private mutating func readPageBits() throws(ForeignError) {
    let offset = reader.position
    let bits = try reader.u32()
    guard bits >= 8, bits <= 20 else {
      throw reader.failure(.unsupportedVersion, at: offset, expected: 12, found: UInt64(bits))
    }
    stream.pageSize = 1 << Int(bits)
    memory = MemorySection(pageSize: stream.pageSize, limits: stream.limits)
  }

  private mutating func readCapabilities() throws(ForeignError) {
    let offset = reader.position
    let count = try reader.u32()
    guard count <= 256 else {
      throw reader.failure(.limitExceeded, at: offset, expected: 256, found: UInt64(count))
    }
    for _ in 0..<count {
      stream.capabilities.append(String(decoding: try reader.string8(), as: UTF8.self))
    }
    memory.hasGuestAddresses = stream.capabilities.contains("x-ignore-shared")
    memory.isMapped = stream.capabilities.contains("mapped-ram")
  }

  /// Reads one record; false when it was the one that ends the stream.
  mutating func readRecord(isPackaged: Bool) throws(ForeignError) -> Bool {
    reader.stage = .record
    let start = reader.position
    switch try reader.u8() {
    case QEMUFormat.Record.endOfStream:
      list(
        QEMURecord(
          kind: .endOfStream, isPackaged: isPackaged, offset: UInt64(start), length: 1,
          payloadOffset: UInt64(start + 1), payloadLength: 0))
      return false
    case QEMUFormat.Record.sectionStart: try readSection(.sectionStart, at: start, isPackaged)
    case QEMUFormat.Record.sectionFull: try readSection(.sectionFull, at: start, isPackaged)
    case QEMUFormat.Record.sectionPart: try readPart(.sectionPart, at: start, isPackaged)
    case QEMUFormat.Record.sectionEnd: try readPart(.sectionEnd, at: start, isPackaged)
    case QEMUFormat.Record.command: try readCommand(at: start, isPackaged)
    case let type:
      throw reader.failure(
        .unknownRecord, at: start, expected: UInt64(QEMUFormat.Record.sectionFull),
        found: UInt64(type))
    }
    return true
  }

  private mutating func readCommand(at start: Int, _ isPackaged: Bool) throws(ForeignError) {
    reader.stage = .command
    let number = try reader.u16()
    guard number >= 1, Int(number) < Self.argumentOctets.count else {
      throw reader.failure(
        .badCommand, at: start + 1, expected: UInt64(Self.argumentOctets.count - 1),
        found: UInt64(number))
    }
    let length = try reader.u16()
    if let wanted = Self.argumentOctets[Int(number)], wanted != length {
      throw reader.failure(
        .badCommand, at: start + 3, expected: UInt64(wanted), found: UInt64(length))
    }
    let argument = reader.position
    if number == Command.postcopyAdvise {
      guard length == 0 || length == 16 else {
        throw reader.failure(.badCommand, at: start + 3, expected: 16, found: UInt64(length))
      }
      memory.mayHavePageSizes = true
    }
    if number == QEMUFormat.packagedCommand {
      let sizeOffset = reader.position
      let size = UInt64(try reader.u32())
      let end = sizeOffset + 4 + (try reader.checkedCount(size, at: sizeOffset))
      list(commandRecord(number, start, argument, end, isPackaged))
      try readPackage(to: end, at: start, isNested: isPackaged)
    } else {
      try reader.skip(Int(length))
      list(commandRecord(number, start, argument, reader.position, isPackaged))
    }
  }

  private func commandRecord(
    _ number: UInt16, _ start: Int, _ argument: Int, _ end: Int, _ isPackaged: Bool
  ) -> QEMURecord {
    QEMURecord(
      kind: .command, isPackaged: isPackaged, offset: UInt64(start), length: UInt64(end - start),
      payloadOffset: UInt64(argument), payloadLength: UInt64(end - argument), command: number)
  }

  /// The records inside a package, which end where the package ends.
  private mutating func readPackage(to end: Int, at start: Int, isNested: Bool) throws(ForeignError)
  {
    guard !isNested else { throw reader.failure(.limitExceeded, at: start, expected: 1, found: 2) }
    let outerLimit = reader.limit
    reader.limit = end
    while reader.position < end, try readRecord(isPackaged: true) {}
    // A package may be padded behind its end record; what is there belongs to nobody.
    if reader.position < end {
      stream.note(.trailingOctets, at: reader.position, found: UInt64(end - reader.position))
    }
    reader.position = end
    reader.limit = outerLimit
  }
}
