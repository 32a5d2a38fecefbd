extension QEMUTreeBuilder {
  /// Replaces a blob whose structure is known by a struct or list of typed children.
  ///
  /// A decoding that does not end exactly at the blob's end is thrown away and the octets stay bytes: a size is the
  /// only thing the description says about these. The cursor is behind the blob before and after.
  mutating func refine(_ node: inout QEMUNode, _ field: DescribedField) throws(ForeignError) {
    let end = reader.position
    let outerLimit = reader.limit
    var whole = self
    whole.reader.position = end - field.size
    whole.reader.limit = end
    var refined = node
    do throws(ForeignError) {
      switch field.kind {
      case .temporary, .versionedStructure: try whole.readStruct(of: field, into: &refined)
      case .list: try whole.readList(field, into: &refined)
      case .tree: try whole.readTree(field, into: &refined)
      case .pciConfig: try whole.readConfigurationSpace(into: &refined)
      case .msix: try whole.readMSIX(size: field.size, into: &refined)
      case .virtio: try whole.readVirtio(into: &refined)
      default: return
      }
      guard whole.reader.remaining == 0 else { return }
    } catch {
      guard error.code != .sourceUnreadable, error.code != .limitExceeded else { throw error }
      return
    }
    node = refined
    self = whole
    reader.limit = outerLimit
    reader.position = end
  }

  /// Fields that are computed for the stream; written like a struct's, described without one.
  private mutating func readStruct(
    of field: DescribedField, into node: inout QEMUNode
  ) throws(ForeignError) {
    guard field.structs.count == 1, let number = field.structs.first else { return }
    let structure = description.structs[Int(number)]
    try addWhole(structure, to: &node)
  }

  /// The fields and subsections of `structure`, all of them or an error.
  private mutating func addWhole(
    _ structure: DescribedStruct, to node: inout QEMUNode
  ) throws(ForeignError) {
    node.type = .structure
    node.shape = .structure
    node.structName = description.text(structure.name)
    node.version = structure.version
    node.typeName = node.typeName.isEmpty ? "struct" : node.typeName
    try addFields(of: structure, to: &node.children)
    try addSubsections(of: structure, to: &node.subsections)
    guard !isStopped else { throw reader.failure(.descriptionMismatch) }
  }

  /// Elements with a 1 in front of each, and a 0 at the end.
  private mutating func readList(_ field: DescribedField, into node: inout QEMUNode)
    throws(ForeignError)
  {
    for (index, number) in field.structs.enumerated() {
      try expectMark(1)
      node.children.append(try element(index, description.structs[Int(number)]))
    }
    try expectMark(0)
    becomeList(&node)
  }

  /// A count, elements with a 1 in front of each, and a 0. A key is a number, or a struct described before its value.
  private mutating func readTree(_ field: DescribedField, into node: inout QEMUNode)
    throws(ForeignError)
  {
    let elementCount = Int(try reader.u32())
    let structsEach = field.structs.count == elementCount ? 1 : 2
    guard field.structs.count == elementCount * structsEach else {
      throw reader.failure(.descriptionMismatch)
    }
    var numbers = field.structs.makeIterator()
    for index in 0..<elementCount {
      try expectMark(1)
      try count()
      let start = reader.position
      var entry = QEMUNode(
        name: "entry", type: .structure, shape: .structure, width: 0, sourceOffset: UInt64(start),
        sourceLength: 0,
        index: index)
      if structsEach == 1 {
        try reader.skip(8)
        entry.children.append(
          QEMUNode(name: "key", type: .u64, width: 8, sourceOffset: UInt64(start), sourceLength: 8))
      }
      for name in structsEach == 1 ? ["value"] : ["key", "value"] {
        guard let number = numbers.next() else { break }
        var part = try element(nil, description.structs[Int(number)])
        part.name = name
        entry.children.append(part)
      }
      entry.sourceLength = UInt64(reader.position - start)
      node.children.append(entry)
    }
    try expectMark(0)
    becomeList(&node)
  }

  private func becomeList(_ node: inout QEMUNode) {
    node.type = .list
    node.shape = .list
    node.width = 0
  }

  private mutating func element(
    _ index: Int?, _ structure: DescribedStruct
  ) throws(ForeignError) -> QEMUNode {
    try count()
    let start = reader.position
    var node = QEMUNode(
      name: "element", type: .structure, width: 0, sourceOffset: UInt64(start), sourceLength: 0,
      index: index)
    try addWhole(structure, to: &node)
    node.sourceLength = UInt64(reader.position - start)
    node.width = structure.fixedLength ?? 0
    return node
  }

  private mutating func expectMark(_ mark: UInt8) throws(ForeignError) {
    let start = reader.position
    let octet = try reader.u8()
    guard octet == mark else {
      throw reader.failure(
        .descriptionMismatch, at: start, expected: UInt64(mark), found: UInt64(octet))
    }
  }
}
