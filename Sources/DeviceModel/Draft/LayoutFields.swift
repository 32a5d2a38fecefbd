import MigrationStream

/// The fields of a layout as a document says them.
///
/// What a layout cannot tell stays open: descriptions, classes, conditions, and the symbols that are still unknown.
///
/// Source: Specs/device-models.md section 5.
struct LayoutFields: ~Escapable {
  private let layout: LayoutView
  /// Clock domain of the document.
  private let clock: ClockDomain
  /// Names of the layouts that elements of a list had, by entry.
  private let elements: [Int: [String]]
  /// Entry above each; -1 at the top.
  private let parents: [Int]

  @_lifetime(copy layout)
  init(_ layout: LayoutView, clock: ClockDomain, elements: [Int: [String]]) {
    self.layout = layout
    self.clock = clock
    self.elements = elements
    parents = Self.parents(layout)
  }

  private static func parents(_ layout: LayoutView) -> [Int] {
    var parents = Array(repeating: -1, count: layout.entries.count)
    for number in parents.indices where layout.entries[number].numDescendants > 0 {
      var child = number + 1
      while child < layout.subtree(of: number).upperBound {
        parents[child] = number
        child = layout.sibling(after: child)
      }
    }
    return parents
  }

  /// The fields below `parent`, or at the top.
  func fields(of parent: Int?) -> [ModelField] {
    let range = layout.subtree(of: parent)
    var fields: [ModelField] = []
    var number = range.lowerBound
    while number < range.upperBound {
      fields.append(field(number))
      number = layout.sibling(after: number)
    }
    return fields
  }

  private func field(_ number: Int) -> ModelField {
    let attributes = layout.attributes(of: number)
    let type = attributes.type
    var field = ModelField(
      name: String(layout.name(of: number)),
      type: ModelFieldType(type, width: type == .structure ? 0 : attributes.width))
    field.count =
      switch attributes.shape {
      case .one: .one
      case .fixedArray: .fixed(.constant(Int128(attributes.count)))
      case .countedArray: .atMost(.constant(Int128(attributes.count)))
      }
    field.mark = attributes.mark
    field.isSecret = attributes.flags.contains(.secret)
    if attributes.flags.contains(.verify) { (field.verify, field.fieldClass) = (.equal, .externalConfigured) }
    field.since = attributes.since == 0 ? nil : attributes.since
    field.until = attributes.until == 0 ? nil : attributes.until
    field.unit = String(layout.unit(of: number))
    field.radix = attributes.radix
    field.alignmentLog2 = attributes.alignmentLog2
    if type.takesClock, let own = ClockDomain(rawValue: attributes.clock), own != clock { field.clock = own }
    if attributes.flags.contains(.range) {
      field.range = FieldRange(
        .constant(value(attributes.minimum, type)), .constant(value(attributes.maximum, type)))
    }
    if attributes.flags.contains(.hasDefault) { field.defaultValue = value(attributes.defaultValue, type) }
    if attributes.reference != 0 { field.reference = path(Int(attributes.reference) - 1) }
    if type == .list { field.elements = elements[number] ?? [] }
    if type.takesSymbols {
      field.symbols = symbols(number)
      field.isOpen = true
    }
    if type.isGroup { field.fields = fields(of: number) }
    return field
  }

  /// Bits of a layout's range or default, with the sign of the type.
  private func value(_ bits: UInt64, _ type: FieldType) -> Int128 {
    type.isSigned ? Int128(Int64(bitPattern: bits)) : Int128(bits)
  }

  private func symbols(_ number: Int) -> [FieldSymbol] {
    var symbols: [FieldSymbol] = []
    layout.forEachSymbol(of: number) { value, name in
      symbols.append(FieldSymbol(String(name), value))
      return true
    }
    return symbols
  }

  /// From the top of the layout, so that no name in between hides it.
  private func path(_ number: Int) -> String {
    var names: [String] = []
    var entry = number
    while entry >= 0 {
      names.append(String(layout.name(of: entry)))
      entry = parents[entry]
    }
    return ModelPath(names.reversed(), isAbsolute: true).text
  }
}

extension String {
  /// Text that a layout or a manifest holds.
  init(_ text: RawSpan) { self.init(decoding: text.byteOffsets.map { text.octet(at: $0) }, as: UTF8.self) }
}
