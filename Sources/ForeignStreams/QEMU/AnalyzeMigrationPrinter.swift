/// Prints a QEMU stream as QEMU's own `analyze-migration.py` does, octet for octet, where that script succeeds.
///
/// Where it does not, this printer goes on: sections that nothing describes are printed as octets under the key
/// `unparsed`, and iterative sections other than guest memory as an empty string.
public struct AnalyzeMigrationPrinter {
  private static let unparsedKey = Array("unparsed".utf8)

  private let stream: QEMUStream
  private let description: QEMUDescription
  private var reader: StreamReader
  private var output: JSONOutput
  /// Leaves without octets that may still be printed; the stream's size does not bound them.
  private var weightlessLeft: Int

  /// Prints the whole stream.
  ///
  /// - Parameters:
  ///   - stream: May be damaged: the sections before the damage are printed.
  ///   - sink: Takes the text in pieces of at most 64 KiB, in order.
  /// - Throws: What `sink` throws, or ``ForeignError`` when the source fails.
  public static func print(
    _ stream: QEMUStream, to sink: @escaping (Span<UInt8>) throws(ForeignError) -> Void
  ) throws(ForeignError) {
    var printer = AnalyzeMigrationPrinter(
      stream: stream, description: stream.description ?? QEMUDescription(),
      reader: try StreamReader(stream.source), output: JSONOutput(sink: sink),
      weightlessLeft: stream.limits.weightlessLeaves)
    printer.reader.stage = .printing
    try printer.printSections()
    try printer.output.put(0x0a)
    try printer.output.flush()
  }

  /// One member a section id, at the place where the id came first, with what came last.
  private mutating func printSections() throws(ForeignError) {
    var newest: [UInt32: Int] = [:]
    for (number, section) in stream.sections.enumerated() { newest[section.id] = number }
    var isFirst = true
    try output.put(UInt8(ascii: "{"))
    for section in stream.sections {
      guard let number = newest.removeValue(forKey: section.id) else { continue }
      if !isFirst { try output.put(UInt8(ascii: ",")) }
      isFirst = false
      let last = stream.sections[number]
      try printKey(Array("\(last.name) (\(last.id))".utf8)[...], level: 1)
      try printSection(last)
    }
    if !isFirst { try output.putLine(0) }
    try output.put(UInt8(ascii: "}"))
  }

  private mutating func printSection(_ section: QEMUSection) throws(ForeignError) {
    reader.position = Int(section.payloadOffset)
    reader.limit = Int(section.payloadOffset + section.payloadLength)
    switch section.content {
    case .memory: try printMemory()
    case .described:
      if let number = section.described, section.explainedLength == nil {
        try print(structure: number, level: 1)
      } else {
        try printUnparsed(Int(section.payloadLength))
      }
    case .opaque: try printUnparsed(Int(section.payloadLength))
    case .hashTable, .storageAttributes, .dirtyBitmap, .block, .vfio: try output.put("\"\"")
    }
  }

  private mutating func printUnparsed(_ count: Int) throws(ForeignError) {
    try output.put(UInt8(ascii: "{"))
    try printKey(Self.unparsedKey[...], level: 2)
    try printOctets(count)
    try output.putLine(1)
    try output.put(UInt8(ascii: "}"))
  }

  private mutating func printMemory() throws(ForeignError) {
    try output.put(UInt8(ascii: "{"))
    try printKey(Array("section sizes".utf8)[...], level: 2)
    try output.put(UInt8(ascii: "{"))
    var isFirst = true
    for block in stream.memoryBlocks {
      if !isFirst { try output.put(UInt8(ascii: ",")) }
      isFirst = false
      try printKey(block.nameOctets[...], level: 3)
      try output.putInteger(block.length, size: 8, isSigned: false)
    }
    if !isFirst { try output.putLine(2) }
    try output.put(UInt8(ascii: "}"))
    try output.putLine(1)
    try output.put(UInt8(ascii: "}"))
  }

  /// A line break and a key with its colon.
  private mutating func printKey(_ name: ArraySlice<UInt8>, level: Int) throws(ForeignError) {
    try output.putLine(level)
    try output.put(0x22)
    try output.putEscaped(name)
    try output.put("\": ")
  }

  private mutating func printKey(_ name: PooledName, level: Int) throws(ForeignError) {
    guard name.isPlain else { return try printKey(description.names[name.range], level: level) }
    try output.putLine(level)
    try output.put(0x22)
    try output.putPlain(description.names[name.range])
    try output.put("\": ")
  }

  /// A string of octets in hexadecimal.
  private mutating func printOctets(_ count: Int) throws(ForeignError) {
    try output.put(0x22)
    var left = count
    while left > 0 {
      let piece = min(left, ForeignLimits.windowOctets)
      let index = try reader.take(piece)
      try output.putHex(reader.window[index..<(index + piece)], isFirst: left == count)
      left -= piece
    }
    try output.put(0x22)
  }
}

extension AnalyzeMigrationPrinter {
  private mutating func print(structure number: Int32, level: Int) throws(ForeignError) {
    let structure = description.structs[Int(number)]
    guard !structure.isScattered else { return try printScattered(structure, level: level) }
    try output.put(UInt8(ascii: "{"))
    var isFirst = true
    var field = structure.fields.lowerBound
    while field < structure.fields.upperBound {
      if !isFirst { try output.put(UInt8(ascii: ",")) }
      isFirst = false
      let end = endOfRun(from: field, in: structure.fields)
      try printKey(description.fields[Int(field)].name, level: level + 1)
      try print(run: field..<end, level: level + 1)
      field = end
    }
    for subsection in structure.subsections {
      if !isFirst { try output.put(UInt8(ascii: ",")) }
      isFirst = false
      let (name, _) = try DescribedWalk.readSubsectionHeader(in: &reader)
      try printKey(name[...], level: level + 1)
      try print(structure: subsection, level: level + 1)
    }
    if isFirst {
      try weigh(0)
    } else {
      try output.putLine(level)
    }
    try output.put(UInt8(ascii: "}"))
  }

  /// Where the fields of the same name end that begin with `field`: pieces of one array.
  private func endOfRun(from field: Int32, in fields: Range<Int32>) -> Int32 {
    let name = description.fields[Int(field)].name
    var end = field + 1
    while end < fields.upperBound, description.isSame(name, description.fields[Int(end)].name) {
      end += 1
    }
    return end
  }

  /// One value, or a list when the run has several elements.
  private mutating func print(run: Range<Int32>, level: Int) throws(ForeignError) {
    var isFirst = true
    let first = description.fields[Int(run.lowerBound)]
    guard run.count > 1 || first.elementCount > 1 else {
      return try print(element: first, level: level)
    }
    try output.put(UInt8(ascii: "["))
    for number in run {
      let field = description.fields[Int(number)]
      for _ in 0..<field.elementCount {
        if !isFirst { try output.put(UInt8(ascii: ",")) }
        isFirst = false
        try output.putLine(level + 1)
        try print(element: field, level: level + 1)
      }
    }
    try output.putLine(level)
    try output.put(UInt8(ascii: "]"))
  }

  @inline(__always)
  private mutating func print(element field: DescribedField, level: Int) throws(ForeignError) {
    switch field.kind {
    case .unsigned, .signed:
      let value = try reader.unsigned(field.size)
      try output.putInteger(value, size: field.size, isSigned: field.kind == .signed)
    case .structure: try print(structure: field.structs.lowerBound, level: level)
    default: try print(rareElement: field)
    }
  }

  private mutating func print(rareElement field: DescribedField) throws(ForeignError) {
    switch field.kind {
    case .bool:
      // The script looks at the first octet only.
      let index = try reader.take(field.size)
      try output.put(reader.window[index] == 0 ? "false" : "true")
    case .nullPointer:
      try reader.skip(1)
      try output.put("\"nullptr\"")
    case .capability:
      let text = try reader.string8()
      try output.put(0x22)
      try output.putEscaped(text[...])
      try output.put(0x22)
    default:
      try weigh(field.size)
      try printOctets(field.size)
    }
  }

  /// Counts a value that takes no octets of the stream.
  private mutating func weigh(_ size: Int) throws(ForeignError) {
    guard size == 0 else { return }
    weightlessLeft -= 1
    guard weightlessLeft >= 0 else {
      throw reader.failure(.limitExceeded, expected: UInt64(stream.limits.weightlessLeaves))
    }
  }

  /// A struct in which a name comes again after other names: every piece is printed where the name came first.
  private mutating func printScattered(_ structure: DescribedStruct, level: Int)
    throws(ForeignError)
  {
    var order: [ArraySlice<UInt8>] = []
    var pieces: [ArraySlice<UInt8>: [(offset: Int, field: Int32)]] = [:]
    var walk = DescribedWalk(description, octetCount: reader.octetCount)
    for number in structure.fields {
      let name = description.names[description.fields[Int(number)].name.range]
      if pieces[name] == nil { order.append(name) }
      pieces[name, default: []].append((reader.position, number))
      try walk.skip(field: description.fields[Int(number)], in: &reader)
    }
    let end = reader.position
    try output.put(UInt8(ascii: "{"))
    for (place, name) in order.enumerated() {
      if place > 0 { try output.put(UInt8(ascii: ",")) }
      try printKey(name, level: level + 1)
      try print(pieces: pieces[name] ?? [], level: level + 1)
    }
    reader.position = end
    for subsection in structure.subsections {
      try output.put(UInt8(ascii: ","))
      let (name, _) = try DescribedWalk.readSubsectionHeader(in: &reader)
      try printKey(name[...], level: level + 1)
      try print(structure: subsection, level: level + 1)
    }
    try output.putLine(level)
    try output.put(UInt8(ascii: "}"))
  }

  private mutating func print(
    pieces: [(offset: Int, field: Int32)], level: Int
  ) throws(ForeignError) {
    guard pieces.count > 1 else {
      guard let piece = pieces.first else { return }
      reader.position = piece.offset
      return try print(run: piece.field..<(piece.field + 1), level: level)
    }
    try output.put(UInt8(ascii: "["))
    var isFirst = true
    for piece in pieces {
      reader.position = piece.offset
      let field = description.fields[Int(piece.field)]
      for _ in 0..<field.elementCount {
        if !isFirst { try output.put(UInt8(ascii: ",")) }
        isFirst = false
        try output.putLine(level + 1)
        try print(element: field, level: level + 1)
      }
    }
    try output.putLine(level)
    try output.put(UInt8(ascii: "]"))
  }
}
