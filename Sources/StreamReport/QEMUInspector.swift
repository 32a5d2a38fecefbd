public import ForeignStreams
internal import MigrationStream

/// Turns an opened QEMU stream into a report, in the same shape as one of our own.
public struct QEMUInspector<Sink: ReportSink> {
  public private(set) var filter: ReportFilter<Sink>
  private let stream: QEMUStream
  private let octetsMax: Int
  /// Lists every run of guest pages, not only their totals.
  private let showsPages: Bool

  public init(_ stream: QEMUStream, _ filter: ReportFilter<Sink>, octetsMax: Int, showsPages: Bool) {
    self.stream = stream
    self.filter = filter
    self.octetsMax = octetsMax
    self.showsPages = showsPages
  }

  /// Things that the reader got over and a person should know.
  public var notes: [String] {
    var notes = stream.diagnostics.map { note in
      "\(ReportText.offset(note.offset)) \(note.path): \(note.kind.rawValue), expected \(note.expected), found \(note.found)"
    }
    if stream.unlistedDiagnosticCount > 0 { notes.append("and \(stream.unlistedDiagnosticCount) more") }
    return notes
  }

  /// Writes the whole report, the fault included.
  ///
  /// - Parameter goesOn: Asked after each device; false ends the report early.
  /// - Throws: ``ForeignError`` when the source fails.
  public mutating func write(while goesOn: () -> Bool = { true }) throws(ForeignError) {
    do throws(ForeignError) {
      writeMachine()
      try writeMemory()
      for number in stream.deviceNumbers where goesOn() { try write(device: number) }
    } catch {
      filter.close()
      throw error
    }
  }

  /// Writes what the stream is and which sections it has, without their content.
  public mutating func writeOverview() {
    writeMachine()
    filter.begin(ReportNode("memory", value: .unsigned(UInt64(stream.memoryBlocks.count))))
    for block in stream.memoryBlocks {
      leaf(block.name, .unsigned(block.length), meaning: ReportText.rounded(block.length))
    }
    filter.end()
    filter.begin(ReportNode("devices", value: .unsigned(UInt64(stream.deviceNumbers.count))))
    for number in stream.deviceNumbers {
      let section = stream.sections[number]
      leaf("[\(number)]", .text(section.name), meaning: Self.meaning(section))
    }
    filter.end()
  }

  private static func meaning(_ section: QEMUSection) -> String {
    let state = section.stateName.isEmpty ? "" : ", \(section.stateName)"
    return "id \(section.id), instance \(section.instance), version \(section.version)\(state)"
  }

  public mutating func fault(_ error: ForeignError, window: HexWindow) {
    filter.fault(ReportFault(error, window: window))
  }

  private mutating func leaf(
    _ name: String, _ value: ReportValue, at offset: UInt64? = nil, length: UInt64 = 0, meaning: String = ""
  ) {
    filter.leaf(ReportNode(name, at: offset, length: length, value: value, meaning: meaning))
  }

  private mutating func writeMachine() {
    filter.begin(ReportNode("machine", step: "/machine", at: 0, length: stream.endOffset, type: "QEMU stream"))
    leaf("name", stream.machine.map { .text($0) } ?? .none, meaning: stream.machine == nil ? "not in the stream" : "")
    leaf("page_size", .unsigned(UInt64(stream.pageSize)))
    for (index, capability) in stream.capabilities.enumerated() { leaf("capabilities[\(index)]", .text(capability)) }
    for (index, part) in stream.configurationParts.enumerated() {
      leaf(
        "parts[\(index)]", .text(part.name), at: part.payloadOffset, length: part.payloadLength,
        meaning: "version \(part.version)")
    }
    if let text = stream.descriptionText {
      leaf("description", .none, at: text.lowerBound, length: text.upperBound - text.lowerBound, meaning: "JSON")
    }
    leaf("sections", .unsigned(UInt64(stream.sections.count)))
    filter.end()
  }

  // MARK: Memory

  /// Octets of a block by what its pages are.
  private struct PageTotals {
    var stored: UInt64 = 0
    var zero: UInt64 = 0
    var encoded: UInt64 = 0
  }

  private mutating func writeMemory() throws(ForeignError) {
    var totals = [PageTotals](repeating: PageTotals(), count: stream.memoryBlocks.count)
    try stream.forEachPageRun { (run) throws(ForeignError) in
      guard totals.indices.contains(run.block) else { return }
      // Counts come from the stream: a sum that wraps is no sum anybody has.
      let octets = run.pageCount &* run.pageSize
      switch run.kind {
      case .data: totals[run.block].stored &+= octets
      case .zero, .fill: totals[run.block].zero &+= octets
      case .xbzrle, .compressed: totals[run.block].encoded &+= octets
      }
    }
    for (index, block) in stream.memoryBlocks.enumerated() {
      filter.begin(
        ReportNode(
          block.name, step: "/memory/" + ReportPath.step(block.name), type: "memory", value: .unsigned(block.length),
          meaning: ReportText.rounded(block.length)))
      if let address = block.guestAddress { leaf("guest_address", .hex(address)) }
      leaf("stored", .unsigned(totals[index].stored), meaning: ReportText.rounded(totals[index].stored))
      leaf("zero", .unsigned(totals[index].zero), meaning: ReportText.rounded(totals[index].zero))
      if totals[index].encoded > 0 { leaf("encoded", .unsigned(totals[index].encoded)) }
      filter.end()
    }
    if showsPages { try writeRuns() }
  }

  /// Every run, in stream order.
  private mutating func writeRuns() throws(ForeignError) {
    var filter = self.filter
    let blocks = stream.memoryBlocks
    try stream.forEachPageRun { (run) throws(ForeignError) in
      guard blocks.indices.contains(run.block) else { return }
      let isStored = run.storedLength > 0
      filter.leaf(
        ReportNode(
          "pages", step: "/memory/" + ReportPath.step(blocks[run.block].name), at: isStored ? run.fileOffset : nil,
          length: isStored ? run.storedLength : 0, type: "pages",
          value: .list([.hex(run.blockOffset), .unsigned(run.pageCount), .name("\(run.kind)")], count: 3)))
    }
    self.filter = filter
  }

  // MARK: Devices

  private mutating func write(device number: Int) throws(ForeignError) {
    let device = try stream.device(number)
    let section = device.section
    let instance = section.instance == 0 ? "" : "@\(section.instance)"
    filter.begin(
      ReportNode(
        section.name, step: "/devices/" + ReportPath.instance(section.name) + instance, at: section.offset,
        length: section.payloadOffset + section.payloadLength - section.offset, type: "section",
        meaning: Self.meaning(section)))
    try write(device.children, device.subsections, displacement: 0)
    filter.end()
  }

  private mutating func write(
    _ nodes: [QEMUNode], _ subsections: [QEMUSubsection], displacement: UInt64
  ) throws(ForeignError) {
    for node in nodes { try write(node, displacement: displacement) }
    for subsection in subsections {
      filter.begin(
        ReportNode(
          "+" + subsection.name, step: "+" + ReportPath.step(subsection.name),
          at: subsection.sourceOffset + displacement, length: subsection.sourceLength, type: "subsection",
          meaning: "version \(subsection.version)"))
      try write(subsection.children, subsection.subsections, displacement: displacement)
      filter.end()
    }
  }

  private mutating func write(_ node: QEMUNode, displacement: UInt64) throws(ForeignError) {
    switch node.shape {
    case .single, .array: filter.leaf(try leaf(node, displacement: displacement))
    case .structure, .list:
      filter.begin(group(node, displacement: displacement))
      try write(node.children, node.subsections, displacement: displacement)
      filter.end()
    case .structArray(let count):
      filter.begin(group(node, displacement: displacement))
      // Elements without octets are all the same, and their number is not bounded by the input.
      for element in 0..<(node.width == 0 ? min(count, 1) : count) {
        let moved = displacement + UInt64(element) * UInt64(node.width)
        filter.begin(
          ReportNode("[\(element)]", at: node.sourceOffset + moved, length: UInt64(node.width), type: "element"))
        try write(node.children, [], displacement: moved)
        filter.end()
      }
      filter.end()
    }
  }

  private func group(_ node: QEMUNode, displacement: UInt64) -> ReportNode {
    named(node, at: node.sourceOffset + displacement, type: node.type.rawValue, meaning: node.structName)
  }

  /// A node with its own name, or as an element.
  private func named(_ node: QEMUNode, at offset: UInt64, type: String, meaning: String = "") -> ReportNode {
    let name = node.index.map { "[\($0)]" } ?? node.name
    return ReportNode(
      node.index == nil ? name : "\(node.name)\(name)",
      step: ReportPath.step(node.name) + (node.index == nil ? "" : name), at: offset, length: node.sourceLength,
      type: type, meaning: meaning)
  }

  private func leaf(_ node: QEMUNode, displacement: UInt64) throws(ForeignError) -> ReportNode {
    let isText = node.type == .bytes || node.type == .bitmap || node.type == .text
    let shown = isText ? node.elementCount : min(node.elementCount, max(1, octetsMax / max(1, node.width)))
    var result = named(
      node, at: node.sourceOffset + displacement, type: Self.typeName(node),
      meaning: node.typeName == node.type.rawValue ? "" : node.typeName)
    if isText, node.sourceLength > UInt64(octetsMax) {
      var head = node
      head.width = octetsMax
      head.shape = .single
      let octets = try stream.octets(of: head, displacement: displacement)
      result.value = .octets(octets, count: node.sourceLength)
      return result
    }
    let octets = try stream.littleEndianOctets(of: node, elements: 0..<shown, displacement: displacement)
    if case .array(let count) = node.shape, !isText {
      let values = (0..<shown).map { value(node, octets, at: $0 * node.width) }
      result.value = .list(values, count: UInt64(count))
    } else {
      result.value = value(node, octets, at: 0)
    }
    return result
  }

  private static func typeName(_ node: QEMUNode) -> String {
    if case .array(let count) = node.shape { return "\(node.type.rawValue)[\(count)]" }
    return node.type.rawValue
  }

  private func value(_ node: QEMUNode, _ octets: [UInt8], at start: Int) -> ReportValue {
    guard let width = node.type.fixedWidth, start + width <= octets.count else {
      if node.type == .text { return .text(String(octets: octets.span.octets)) }
      return .octets(octets, count: UInt64(octets.count))
    }
    let span = octets.span.octets.extracting(start..<(start + width))
    switch node.type {
    case .bool: return .bool(span.octet(at: 0) != 0)
    case .i8, .i16, .i32, .i64: return .signed(span.signed(width: width))
    case .f64: return .float(bits: span.unsigned(at: 0, width: 8), width: 8)
    case .nullPointer: return .name("null")
    default: return .unsigned(span.unsigned(at: 0, width: width), radix: 10, width: width)
    }
  }
}
