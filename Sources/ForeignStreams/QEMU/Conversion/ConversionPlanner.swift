import MigrationStream

/// Turns the tree of a QEMU device into fields of a layout, without reading its values.
///
/// Names, order and types are those of the tree. What the format cannot express becomes octets, with a diagnostic.
struct ConversionPlanner {
  /// Groups around a field at most; source: Specs/20-layouts.md section 3.
  private static let groupsMax = 8
  /// Octets of a field's name.
  static let nameOctetsMax = 255

  let stream: QEMUStream
  /// Section that diagnostics name.
  var path = ""
  var diagnostics: [QEMUDiagnostic] = []
  var typedness = QEMUTypedness()

  init(_ stream: QEMUStream) { self.stream = stream }

  /// Keeps a diagnostic, as many as the limit allows.
  mutating func note(_ diagnostic: QEMUDiagnostic) {
    if diagnostics.count < stream.limits.diagnostics { diagnostics.append(diagnostic) }
  }

  /// What is around a field.
  struct Surroundings {
    /// Groups.
    var depth = 0
    /// Whether the field is inside an array whose first element stands for all.
    var isRepeated = false
    /// Elements of all such arrays.
    var times = 1

    /// Inside one more group.
    var inner: Surroundings { Surroundings(depth: depth + 1, isRepeated: isRepeated, times: times) }
  }

  /// Fields with the subsections that belong to the same part.
  mutating func group(
    _ name: String, _ nodes: [QEMUNode], _ subsections: [QEMUSubsection], in around: Surroundings = Surroundings()
  ) throws(ForeignError) -> ConvertedGroup {
    var names = UniqueNames()
    var group = ConvertedGroup(name: UniqueNames.text(name, limit: Self.nameOctetsMax), fields: [])
    for (number, node) in nodes.enumerated() {
      var field = try field(node, in: around)
      if number > 0, Self.isNext(node, after: nodes[number - 1]),
        Self.join(field, to: &group.fields[group.fields.count - 1])
      {
        continue
      }
      field.name = names.take(node.name, limit: Self.nameOctetsMax)
      group.fields.append(field)
    }
    if group.fields.isEmpty { group.fields.append(.weightless("empty")) }
    for subsection in subsections {
      let inner = try self.group(subsection.name, subsection.children, subsection.subsections)
      group.subsections.append(
        ConvertedSubsection(
          name: UniqueNames.text(subsection.name, limit: Self.nameOctetsMax), version: subsection.version,
          group: inner))
    }
    return group
  }

  /// Whether a struct is the next element of the array that the one before it is an element of.
  private static func isNext(_ node: QEMUNode, after previous: QEMUNode) -> Bool {
    guard let index = node.index, let before = previous.index else { return false }
    return index - 1 == before && node.name == previous.name && node.shape == .structure
      && previous.shape == .structure
  }

  /// Makes `next` an element of the array that `field` is, or is the first element of; false when they differ.
  private static func join(_ next: ConvertedField, to field: inout ConvertedField) -> Bool {
    guard case .groups(var elements) = field.content, case .groups(let added) = next.content,
      elements[0].hasSameLayout(as: added[0])
    else { return false }
    // Given back below; otherwise each element would copy those before it.
    field.content = .items([])
    elements += added
    field.attributes.shape = .fixedArray
    field.attributes.count = UInt32(clamping: elements.count)
    field.content = .groups(elements)
    return true
  }

  /// One node; its name is for the caller to settle.
  private mutating func field(
    _ node: QEMUNode, in around: Surroundings
  ) throws(ForeignError) -> ConvertedField {
    switch node.shape {
    case .single, .array: return try leaf(node, in: around)
    case .structure, .structArray, .list:
      guard around.depth < Self.groupsMax else { return octets(node, .nestsTooDeep, in: around) }
    }
    switch node.shape {
    case .structArray(let elements): return try repeated(node, elements, in: around)
    case .list: return try list(node, in: around)
    default:
      guard !around.isRepeated || node.subsections.isEmpty else {
        return octets(node, .variesInArray, in: around)
      }
      let inner = try group(node.structName, node.children, node.subsections, in: around.inner)
      return ConvertedField(name: "", attributes: FieldAttributes(.structure), content: .groups([inner]))
    }
  }

  private mutating func repeated(
    _ node: QEMUNode, _ elements: Int, in around: Surroundings
  ) throws(ForeignError) -> ConvertedField {
    let (total, overflow) = around.times.multipliedReportingOverflow(by: elements)
    guard node.sourceLength > 0, !overflow, let elementCount = UInt32(exactly: elements), elementCount > 0
    else { return octets(node, nil, in: around) }
    guard node.subsections.isEmpty else { return octets(node, .variesInArray, in: around) }
    let inner = try group(
      node.structName, node.children, [],
      in: Surroundings(depth: around.depth + 1, isRepeated: true, times: total))
    return ConvertedField(
      name: "", attributes: FieldAttributes(.structure, shape: .fixedArray, count: elementCount),
      content: .repeated(inner, stride: UInt64(node.width)))
  }

  private mutating func list(
    _ node: QEMUNode, in around: Surroundings
  ) throws(ForeignError) -> ConvertedField {
    guard !around.isRepeated else { return octets(node, .variesInArray, in: around) }
    var elements: [ConvertedGroup] = []
    for child in node.children {
      elements.append(
        try group(
          child.structName.isEmpty ? child.name : child.structName, child.children, child.subsections,
          in: around.inner))
    }
    if let first = elements.first, elements.allSatisfy({ $0.hasSameLayout(as: first) }) {
      return ConvertedField(
        name: "", attributes: FieldAttributes(.structure, shape: .countedArray, count: UInt32.max),
        content: .groups(elements))
    }
    return ConvertedField(name: "", attributes: FieldAttributes(.list), content: .list(elements))
  }

  /// A node as octets without structure.
  private mutating func octets(
    _ node: QEMUNode, _ reason: QEMUDiagnostic.Kind?, in around: Surroundings
  ) -> ConvertedField {
    if let reason {
      note(
        QEMUDiagnostic(
          kind: reason, offset: node.sourceOffset, expected: UInt64(Self.groupsMax), found: node.sourceLength,
          path: path + "/" + node.name))
    }
    typedness.count(node, isTyped: false, times: around.times)
    guard let width = UInt32(exactly: node.sourceLength), width > 0 else { return .weightless("") }
    let extent = ConvertedValue.Extent(offset: node.sourceOffset, count: Int(width))
    return ConvertedField(
      name: "", attributes: FieldAttributes(.bytes, width: width), content: .value(.stream(extent)))
  }
}

extension ConversionPlanner {
  private mutating func leaf(_ node: QEMUNode, in around: Surroundings) throws(ForeignError) -> ConvertedField {
    if node.type == .text, !around.isRepeated { return try text(node) }
    let (length, overflow) = node.width.multipliedReportingOverflow(by: node.elementCount)
    guard length > 0, !overflow, UInt64(length) == node.sourceLength, let width = UInt32(exactly: node.width),
      let elementCount = UInt32(exactly: node.elementCount), var attributes = Self.attributes(of: node, width)
    else { return octets(node, nil, in: around) }
    if case .array = node.shape {
      attributes.shape = .fixedArray
      attributes.count = elementCount
    }
    if node.typeName == "unused_buffer" { attributes.mark = .skippable }
    typedness.count(node, isTyped: node.type != .bytes, times: around.times)
    var extent = ConvertedValue.Extent(offset: node.sourceOffset, count: length)
    extent.isTruth = node.type == .bool
    extent.wordByteCount = Self.wordByteCount(of: node)
    return ConvertedField(name: "", attributes: attributes, content: .value(.stream(extent)))
  }

  private mutating func text(_ node: QEMUNode) throws(ForeignError) -> ConvertedField {
    let octets = try stream.octets(of: node)
    let isText = octets.span.octets.isUTF8(controlsAllowed: true)
    typedness.count(node, isTyped: isText, times: 1)
    return ConvertedField(
      name: "", attributes: FieldAttributes(isText ? .string : .countedBytes),
      content: .value(.literal(octets, offset: node.sourceOffset)))
  }

  /// How a leaf is described; nil when its width is not one of its type.
  private static func attributes(of node: QEMUNode, _ width: UInt32) -> FieldAttributes? {
    let type: FieldType
    switch node.type {
    case .bool: type = .bool
    case .u8, .u16, .u32, .u64, .fileDescriptor: type = .unsigned
    case .i8, .i16, .i32, .i64: type = .signed
    case .f64: type = .float
    case .timer: type = .instant
    case .bitmap: type = .bitmap
    case .nullPointer: type = .enumeration
    case .bytes, .text: type = .bytes
    case .structure, .list: return nil
    }
    guard type.allowsWidth(width), node.type.fixedWidth.map({ $0 == node.width }) ?? true else { return nil }
    var attributes = FieldAttributes(type, width: width)
    if type == .instant { attributes.clock = ClockDomain.virtual.rawValue }
    return attributes
  }

  /// Octets of each number whose order differs between the two formats.
  private static func wordByteCount(of node: QEMUNode) -> Int {
    switch node.type {
    case .bytes, .text, .nullPointer, .bool, .structure, .list: 1
    case .bitmap: 8
    case .fileDescriptor: node.width
    case .u8, .u16, .u32, .u64, .i8, .i16, .i32, .i64, .f64, .timer: node.isLittleEndian ? 1 : node.width
    }
  }
}
