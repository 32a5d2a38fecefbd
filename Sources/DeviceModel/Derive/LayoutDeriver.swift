import MigrationStream

/// Makes layouts of the fields of a definition that exist with some parameters.
///
/// Source: Specs/device-models.md section 5.5.
struct LayoutDeriver {
  let document: ModelDocument
  let parameters: ParameterSet

  func layout(of piece: StatePiece, pointer: String) throws(DocumentFault) -> ResolvedLayout {
    try layout(piece.layout ?? piece.name, piece.fields, class: piece.fieldClass, piece.rules, pointer)
  }

  func layout(of elements: ElementLayout) throws(DocumentFault) -> ResolvedLayout {
    var pointer = "/layouts"
    JSONPointer.append(elements.name, to: &pointer)
    return try layout(elements.layout ?? elements.name, elements.fields, class: .guestVisible, elements.rules, pointer)
  }

  private func layout(
    _ name: String, _ fields: [ModelField], class fieldClass: FieldClass, _ rules: [ModelRule], _ pointer: String
  ) throws(DocumentFault) -> ResolvedLayout {
    var entries: [ResolvedField] = []
    try append(fields, in: nil, fieldClass, to: &entries, pointer)
    return ResolvedLayout(name: name, pointer: pointer, fields: entries, rules: rules)
  }

  /// Whether a field is read from old streams and no longer written.
  func hasGone(_ field: ModelField) -> Bool { (field.until ?? .max) < document.version }

  private func append(
    _ fields: [ModelField], in parent: Int?, _ fieldClass: FieldClass, to entries: inout [ResolvedField],
    _ pointer: @autoclosure () -> String
  ) throws(DocumentFault) {
    let start = entries.count
    for (position, field) in fields.enumerated() where parameters.enables(field.enabledBy) {
      let symbols = field.symbols.filter { parameters.enables($0.enabledBy) }.sorted { $0.value < $1.value }
      let fieldClass = field.fieldClass ?? fieldClass
      let entry = entries.count
      entries.append(
        ResolvedField(field: field, parent: parent, fieldClass: fieldClass, symbols: symbols, position: position))
      guard field.type.type.isGroup else { continue }
      try append(field.fields, in: entry, fieldClass, to: &entries, "\(pointer())/fields/\(position)")
    }
    guard entries.count > start else {
      throw DocumentFault(
        "none of these fields is enabled with these parameters; what has them needs one", pointer: pointer() + "/fields",
        line: 0)
    }
  }

  /// Puts the canonical octets of a layout into a builder, checked.
  func encode(_ layout: ResolvedLayout, into builder: inout LayoutBuilder) throws(DocumentFault) {
    do throws(StreamError) {
      try builder.begin(name: layout.name.utf8.span.octets)
    } catch { throw LayoutFault.fault(error, in: layout) }
    var groups: [Int] = []
    for (entry, resolved) in layout.fields.enumerated() {
      let attributes = try attributes(entry, in: layout)
      do throws(StreamError) {
        while groups.last != resolved.parent {
          groups.removeLast()
          try builder.endGroup()
        }
        let (name, unit) = (resolved.field.name.utf8.span.octets, resolved.field.unit.utf8.span.octets)
        if attributes.type.isGroup {
          try builder.beginGroup(attributes, name: name, unit: unit)
          groups.append(entry)
        } else {
          try builder.field(attributes, name: name, unit: unit)
          for symbol in resolved.symbols { try builder.symbol(symbol.value, name: symbol.name.utf8.span.octets) }
        }
      } catch { throw LayoutFault.fault(error, in: layout, entry) }
    }
    do throws(StreamError) {
      for _ in groups { try builder.endGroup() }
      try builder.finish()
    } catch { throw LayoutFault.fault(error, in: layout) }
  }
}

// MARK: - Attributes

extension LayoutDeriver {
  private func attributes(_ entry: Int, in layout: ResolvedLayout) throws(DocumentFault) -> FieldAttributes {
    let field = layout.fields[entry].field
    let type = field.type.type
    var attributes = FieldAttributes(type, width: field.type.width)
    switch field.count {
    case .one: break
    case .fixed(let number):
      attributes.shape = .fixedArray
      attributes.count = try elements(number, "the count", layout, entry, "count")
    case .atMost(let number):
      attributes.shape = .countedArray
      attributes.count = try elements(number, "the largest count", layout, entry, "max_count")
    }
    attributes.mark = field.mark
    attributes.radix = field.radix
    attributes.alignmentLog2 = field.alignmentLog2
    attributes.clock = type.takesClock ? (field.clock ?? document.clock).rawValue : 0
    attributes.since = field.since ?? 0
    attributes.until = field.until ?? 0
    if field.isSecret { attributes.flags = attributes.flags | .secret }
    if field.verify == .equal { attributes.flags = attributes.flags | .verify }
    if let range = field.range {
      let legal = Self.values(field.type)
      let lowest = try range.lowest.value(
        parameters, in: legal, "the lowest value", layout.pointer(to: entry, "range/0"))
      let highest = try range.highest.value(
        parameters, in: lowest...max(lowest, legal.upperBound), "the highest value", layout.pointer(to: entry, "range/1"))
      attributes.flags = attributes.flags | .range
      attributes.minimum = UInt64(truncatingIfNeeded: lowest)
      attributes.maximum = UInt64(truncatingIfNeeded: highest)
    }
    if let value = field.defaultValue {
      attributes.flags = attributes.flags | .hasDefault
      attributes.defaultValue = try bits(value, field.type, layout, entry)
    }
    if let reference = field.reference {
      guard let path = ModelPath(reference), let target = layout.entry(at: path, from: layout.fields[entry].parent) else {
        throw DocumentFault(
          "it refers to \(reference), which does not exist with these parameters",
          pointer: layout.pointer(to: entry, "ref"), line: 0)
      }
      // A list has no elements of the block that a layout could refer to: it is for the rules alone.
      if layout.fields[target].field.count != .one { attributes.reference = UInt32(target) + 1 }
    }
    return attributes
  }

  private func elements(
    _ number: ModelNumber, _ subject: String, _ layout: ResolvedLayout, _ entry: Int, _ member: String
  ) throws(DocumentFault) -> UInt32 {
    let value = try number.value(parameters, in: 1...Int128(UInt32.max), subject, layout.pointer(to: entry, member))
    return UInt32(truncatingIfNeeded: value)
  }

  /// The values that fit a type, or the numbers of octets and elements.
  private static func values(_ type: ModelFieldType) -> ClosedRange<Int128> {
    let bits = 8 * Int128(min(type.width, 8))
    return type.type.isSigned ? -(1 << (bits - 1))...((1 << (bits - 1)) - 1) : 0...((1 << bits) - 1)
  }

  /// A default as the layout has it.
  private func bits(
    _ value: Int128, _ type: ModelFieldType, _ layout: ResolvedLayout, _ entry: Int
  ) throws(DocumentFault) -> UInt64 {
    let legal = type.type == .bool ? 0...1 : Self.values(type)
    let checked = try ModelNumber.constant(value).value(
      parameters, in: legal, "the default", layout.pointer(to: entry, "default"))
    return UInt64(truncatingIfNeeded: checked)
  }
}
