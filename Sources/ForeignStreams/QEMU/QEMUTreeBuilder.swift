extension QEMUStream {
  /// One section as a tree of typed fields.
  ///
  /// Nothing is dropped: what the description does not explain becomes a leaf of bytes named `unparsed`, and sections
  /// that come in parts have a leaf of bytes named `part` for each. Guest memory has no tree; see
  /// ``forEachPageRun(_:)``.
  ///
  /// - Parameter number: In ``sections``.
  /// - Throws: ``ForeignError`` when the source fails or the tree has more nodes than the limit.
  public func device(_ number: Int) throws(ForeignError) -> QEMUDevice {
    let section = sections[number]
    var device = QEMUDevice(section: section, children: [], subsections: [])
    switch section.content {
    case .memory: break
    case .described:
      var builder = try QEMUTreeBuilder(self, section)
      try builder.build(&device)
    case .opaque:
      device.children = [.bytes("unparsed", section.payloadOffset, section.payloadLength)]
    case .hashTable, .storageAttributes, .dirtyBitmap, .block, .vfio:
      for (part, record) in records.lazy.filter({ $0.section == number }).enumerated() {
        var node = QEMUNode.bytes("part", record.payloadOffset, record.payloadLength)
        node.index = part
        device.children.append(node)
      }
    }
    return device
  }

  /// The sections that have a tree, by number.
  public var deviceNumbers: [Int] { sections.indices.filter { sections[$0].content != .memory } }
}

extension QEMUNode {
  /// Octets that nothing explains, or that have no structure.
  static func bytes(_ name: String, _ offset: UInt64, _ length: UInt64) -> QEMUNode {
    QEMUNode(
      name: name, type: .bytes, width: Int(clamping: length), sourceOffset: offset,
      sourceLength: length)
  }
}

/// Builds the tree of one described section.
///
/// The walk that made the index has found the section's border; where the description fits only in part, building stops
/// at the first field that does not fit and keeps the rest as bytes.
struct QEMUTreeBuilder {
  let description: QEMUDescription
  var reader: StreamReader
  /// The device's state type, which decides how some blobs are read.
  let stateName: String
  private var nodesLeft: Int
  /// Set once the payload stopped fitting the description; nothing is read behind it.
  var isStopped = false

  init(_ stream: QEMUStream, _ section: QEMUSection) throws(ForeignError) {
    description = stream.description ?? QEMUDescription()
    reader = try stream.payloadReader(section, stage: .tree)
    stateName = section.stateName
    nodesLeft = stream.limits.treeNodes
  }

  mutating func build(_ device: inout QEMUDevice) throws(ForeignError) {
    if let number = device.section.described {
      let structure = description.structs[Int(number)]
      try addFields(of: structure, to: &device.children)
      try addSubsections(of: structure, to: &device.subsections)
    }
    if reader.remaining > 0 {
      device.children.append(.bytes("unparsed", UInt64(reader.position), UInt64(reader.remaining)))
    }
  }

  /// Counts a node against the limit.
  mutating func count() throws(ForeignError) {
    nodesLeft -= 1
    guard nodesLeft >= 0 else { throw reader.failure(.limitExceeded) }
  }

  /// Whether `error` means that the payload does not fit, rather than that reading failed; if so, goes back.
  private mutating func stops(_ error: ForeignError, at start: Int) -> Bool {
    guard error.code != .sourceUnreadable, error.code != .limitExceeded else { return false }
    isStopped = true
    reader.position = start
    return true
  }

  mutating func addFields(
    of structure: DescribedStruct, to children: inout [QEMUNode]
  ) throws(ForeignError) {
    for number in structure.fields where !isStopped {
      let field = description.fields[Int(number)]
      let start = reader.position
      do throws(ForeignError) {
        try add(field, to: &children)
      } catch {
        guard stops(error, at: start) else { throw error }
      }
    }
  }

  mutating func addSubsections(
    of structure: DescribedStruct, to subsections: inout [QEMUSubsection]
  ) throws(ForeignError) {
    for number in structure.subsections where !isStopped {
      let start = reader.position
      do throws(ForeignError) {
        try count()
        let (name, version) = try DescribedWalk.readSubsectionHeader(in: &reader)
        var subsection = QEMUSubsection(
          name: String(decoding: name, as: UTF8.self), version: version,
          sourceOffset: UInt64(start),
          sourceLength: 0, children: [], subsections: [])
        let inner = description.structs[Int(number)]
        try addFields(of: inner, to: &subsection.children)
        try addSubsections(of: inner, to: &subsection.subsections)
        subsection.sourceLength = UInt64(reader.position - start)
        subsections.append(subsection)
      } catch {
        guard stops(error, at: start) else { throw error }
      }
    }
  }

  /// Adds the nodes of one field: usually one, or one an element where elements differ in length.
  private mutating func add(_ field: DescribedField, to children: inout [QEMUNode])
    throws(ForeignError)
  {
    switch field.kind {
    case .structure: try addStructs(field, to: &children)
    case .capability:
      for element in 0..<field.elementCount { children.append(try capability(field, element)) }
    case .nullPointer: try addNullPointers(field, to: &children)
    default:
      if field.kind == .custom, try addCustom(field, to: &children) { return }
      var node = try leaf(field)
      if case .single = node.shape { try refine(&node, field) }
      children.append(node)
    }
  }

  /// An empty node for a field at the cursor.
  private mutating func node(_ field: DescribedField, _ type: QEMUValueType) throws(ForeignError)
    -> QEMUNode
  {
    try count()
    return QEMUNode(
      name: description.text(field.name), typeName: description.text(field.typeName), type: type,
      width: 0,
      sourceOffset: UInt64(reader.position), sourceLength: 0, index: field.index)
  }

  private mutating func addStructs(_ field: DescribedField, to children: inout [QEMUNode])
    throws(ForeignError)
  {
    guard let number = field.structs.first else { return }
    let structure = description.structs[Int(number)]
    let isArray = field.arrayCount != nil && field.elementCount > 1
    guard isArray, let length = structure.fixedLength, let total = field.fixedLength else {
      for element in 0..<field.elementCount where !isStopped {
        var node = try structNode(field, structure)
        if isArray { node.index = element }
        children.append(node)
      }
      return
    }
    guard total <= reader.remaining else {
      throw reader.failure(.truncated, expected: UInt64(total), found: UInt64(reader.remaining))
    }
    let start = reader.position
    var node = try structNode(field, structure)
    node.shape = .structArray(count: field.elementCount)
    node.width = length
    node.sourceLength = UInt64(total)
    reader.position = start + total
    children.append(node)
  }

  /// One struct at the cursor with its fields and subsections.
  private mutating func structNode(
    _ field: DescribedField, _ structure: DescribedStruct
  ) throws(ForeignError) -> QEMUNode {
    var node = try node(field, .structure)
    node.shape = .structure
    node.structName = description.text(structure.name)
    node.version = structure.version
    let start = reader.position
    try addFields(of: structure, to: &node.children)
    try addSubsections(of: structure, to: &node.subsections)
    let length = reader.position - start
    node.sourceLength = UInt64(length)
    // A struct that stopped fitting is as long as what did fit.
    node.width = isStopped ? length : structure.fixedLength ?? 0
    return node
  }

  private mutating func capability(_ field: DescribedField, _ element: Int) throws(ForeignError)
    -> QEMUNode
  {
    var node = try node(field, .text)
    let length = try reader.u8()
    node.sourceOffset += 1
    node.width = Int(length)
    node.sourceLength = UInt64(length)
    if field.elementCount > 1 { node.index = element }
    try reader.skip(Int(length))
    return node
  }

  /// Releases before 9.2 describe an array of pointers by its first element; the first one that is not null ends what
  /// can be read.
  private mutating func addNullPointers(
    _ field: DescribedField, to children: inout [QEMUNode]
  ) throws(ForeignError) {
    var node = try node(field, .nullPointer)
    let start = reader.position
    var count = 0
    while count < field.elementCount, try reader.octet(ahead: 0) == QEMUFormat.nullPointer {
      try reader.skip(1)
      count += 1
    }
    isStopped = count < field.elementCount
    guard count > 0 else { return }
    node.width = 1
    node.sourceLength = UInt64(reader.position - start)
    if field.elementCount > 1 { node.shape = .array(count: count) }
    children.append(node)
  }

  /// A field of fixed length without structure of its own, stepped over.
  private mutating func leaf(_ field: DescribedField) throws(ForeignError) -> QEMUNode {
    let (type, perElement) = QEMUValueType.of(field, typeName: description.text(field.typeName))
    var node = try node(field, type)
    let total = field.fixedLength ?? 0
    let (values, overflow) = field.elementCount.multipliedReportingOverflow(by: perElement)
    guard !overflow else { throw reader.failure(.limitExceeded) }
    node.width = field.size / perElement
    node.sourceLength = UInt64(total)
    if values > 1 || field.arrayCount != nil { node.shape = .array(count: values) }
    try reader.skip(total)
    return node
  }
}

extension QEMUValueType {
  /// Custom encodings that are lists or raw octets whatever their size.
  private static let shapeless: Set<String> = [
    "scsi-requests", "shpc", "usb-redir-bufpq", "usb-redir-packet-id-q", "usb-redir-parser",
    "virtqueue_extra_state",
    "unknown",
  ]

  /// The type of a field's values, and how many values one element has.
  ///
  /// Other custom encodings of 1, 2, 4 or 8 octets are one big-endian integer in every release looked at (`cpsr`,
  /// `fpscr`, `psr`, `msr`, `sr`, `fpr`, `vsr` …); vector registers and segment entries of 16 octets are two of 8.
  static func of(_ field: DescribedField, typeName: String) -> (QEMUValueType, perElement: Int) {
    switch field.kind {
    case .bool: return field.size == 1 ? (.bool, 1) : (.bytes, 1)
    case .signed, .unsigned:
      let isUnsigned = typeName.utf8.first == UInt8(ascii: "u") || typeName == "int64 equal"
      return (integer(field.size, isSigned: !isUnsigned) ?? .bytes, 1)
    case .float64: return field.size == 8 ? (.f64, 1) : (.bytes, 1)
    case .timer: return field.size == 8 ? (.timer, 1) : (.bytes, 1)
    case .bitmap: return field.size % 8 == 0 && field.size > 0 ? (.bitmap, 1) : (.bytes, 1)
    case .fileDescriptor:
      return field.size == 4 || field.size == 1 ? (.fileDescriptor, 1) : (.bytes, 1)
    case .pciInterrupts:
      return field.size % 4 == 0 && field.size > 0 ? (.u32, field.size / 4) : (.bytes, 1)
    case .custom:
      if typeName == "powered_off", field.size == 1 { return (.bool, 1) }
      if ["avr", "slbe", "fpr"].contains(typeName), field.size == 16 { return (.u64, 2) }
      if shapeless.contains(typeName) { return (.bytes, 1) }
      return (integer(field.size, isSigned: false) ?? .bytes, 1)
    default: return (.bytes, 1)
    }
  }

  static func integer(_ size: Int, isSigned: Bool) -> QEMUValueType? {
    switch size {
    case 1: isSigned ? .i8 : .u8
    case 2: isSigned ? .i16 : .u16
    case 4: isSigned ? .i32 : .u32
    case 8: isSigned ? .i64 : .u64
    default: nil
    }
  }
}
