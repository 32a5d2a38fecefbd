public import MigrationStream

/// A field as a test describes it.
public struct LayoutField: Sendable {
  public struct Symbol: Sendable {
    public var value: UInt64
    public var name: String

    public init(_ value: UInt64, _ name: String) {
      self.value = value
      self.name = name
    }
  }

  public var name: String
  public var unit = ""
  public var attributes: FieldAttributes
  public var symbols: [Symbol] = []
  public var children: [LayoutField] = []

  public init(_ name: String, _ attributes: FieldAttributes, children: [LayoutField] = []) {
    self.name = name
    self.attributes = attributes
    self.children = children
    if attributes.type == .structure {
      self.attributes.width = UInt32(children.reduce(0) { $0 + $1.blockByteCount })
    }
  }

  public var blockByteCount: Int {
    switch attributes.shape {
    case .one: Int(attributes.width)
    case .fixedArray: Int(attributes.width) * Int(attributes.count)
    case .countedArray: 4
    }
  }

  /// The field, and those inside, without range, alignment and reference.
  public var withoutClaims: LayoutField {
    var field = self
    field.attributes.flags = FieldFlags(rawValue: attributes.flags.rawValue & ~FieldFlags.range.rawValue)
    (field.attributes.minimum, field.attributes.maximum) = (0, 0)
    (field.attributes.alignmentLog2, field.attributes.reference) = (0, 0)
    field.children = children.map(\.withoutClaims)
    return field
  }

  /// Levels of groups in this field, itself included.
  public var groupLevels: Int {
    attributes.type.isGroup ? 1 + (children.map(\.groupLevels).max() ?? 0) : 0
  }
}

/// A layout as a test describes it.
public struct ModelLayout: Sendable {
  public var name: String
  public var fields: [LayoutField]

  public init(_ name: String, _ fields: [LayoutField]) {
    self.name = name
    self.fields = fields
  }

  /// The canonical octets, by ``LayoutBuilder``.
  public func canonical(allocator: StreamAllocator = .system) throws(StreamError) -> [UInt8] {
    var builder = LayoutBuilder(allocator: allocator)
    try builder.begin(name: Array(name.utf8).span.octets)
    for field in fields { try ModelLayout.add(field, to: &builder) }
    try builder.finish()
    var octets = [UInt8](repeating: 0, count: builder.canonical.byteCount)
    var span = octets.mutableSpan
    var target = span.octets
    target.update(from: builder.canonical)
    return octets
  }

  private static func add(_ field: LayoutField, to builder: inout LayoutBuilder) throws(StreamError) {
    let (name, unit) = (Array(field.name.utf8), Array(field.unit.utf8))
    if field.attributes.type.isGroup {
      try builder.beginGroup(field.attributes, name: name.span.octets, unit: unit.span.octets)
      for child in field.children { try add(child, to: &builder) }
      return try builder.endGroup()
    }
    try builder.field(field.attributes, name: name.span.octets, unit: unit.span.octets)
    for symbol in field.symbols {
      let name = Array(symbol.name.utf8)
      try builder.symbol(symbol.value, name: name.span.octets)
    }
  }
}

/// Random valid layouts: every type, shape, nesting and attribute turns up within a few hundred seeds.
public struct RandomLayout {
  public private(set) var random: SeededGenerator
  private var fieldsLeft = 0
  private let fieldsMax: Int

  public init(seed: UInt64) { self.init(random: SeededGenerator(seed: seed)) }

  /// - Parameter fieldsMax: About how many fields a layout has at most, at all levels.
  public init(random: SeededGenerator, fieldsMax: Int = 24) {
    self.random = random
    self.fieldsMax = fieldsMax
  }

  public mutating func layout(named name: String) -> ModelLayout {
    fieldsLeft = random.pick(1...fieldsMax)
    let levels = random.once(in: 8) ? 8 : random.pick(0...4)
    var fields: [LayoutField] = []
    repeat { fields.append(field(fields.count, levels: levels)) } while fieldsLeft > 0 && fields.count < 12
    refer(&fields)
    return ModelLayout(name, fields)
  }

  private mutating func field(_ position: Int, levels: Int) -> LayoutField {
    fieldsLeft -= 1
    var type = FieldType.allCases[random.pick(0...(FieldType.allCases.count - 1))]
    if !type.isGroup, levels > 0, random.once(in: 4) { type = .structure }
    if type.isGroup, levels == 0 { type = .unsigned }
    var attributes = FieldAttributes(type, width: width(of: type))
    switch random.pick(0...5) {
    case 0: (attributes.shape, attributes.count) = (.fixedArray, UInt32(random.pick(1...4)))
    case 1: (attributes.shape, attributes.count) = (.countedArray, UInt32(random.pick(1...5)))
    default: break
    }
    var children: [LayoutField] = []
    if type.isGroup {
      repeat {
        children.append(field(children.count, levels: levels - 1))
      } while fieldsLeft > 0 && children.count < 5 && !random.once(in: 4)
    }
    decorate(&attributes)
    var field = LayoutField("\(name())\(position)", attributes, children: children)
    if random.once(in: 3) { field.unit = ["ns", "octets", "kHz", "µs"][random.pick(0...3)] }
    if type.takesSymbols { field.symbols = symbols(width: attributes.width) }
    return field
  }

  private mutating func name() -> String {
    ["a", "queue_size", "größe", "状態", "x-y z", "reg"][random.pick(0...5)]
  }

  private mutating func width(of type: FieldType) -> UInt32 {
    let legal = Self.legalWidths[Int(type.rawValue)] ?? []
    return legal[random.pick(0...(legal.count - 1))]
  }

  /// By the number of a type, up to 64 octets.
  private static let legalWidths: [Int: [UInt32]] = Dictionary(
    uniqueKeysWithValues: FieldType.allCases.map { type in
      (Int(type.rawValue), (1...64).filter { type.allowsWidth($0) })
    })

  private mutating func decorate(_ attributes: inout FieldAttributes) {
    let type = attributes.type
    if random.once(in: 4) { attributes.mark = .skippable }
    if random.once(in: 6) { attributes.flags = attributes.flags | .secret }
    if random.once(in: 6) { attributes.flags = attributes.flags | .verify }
    if type.isInteger, attributes.width <= 8, random.once(in: 3) {
      attributes.flags = attributes.flags | .range
      attributes.minimum = type.isSigned ? UInt64(bitPattern: -100) : 0
      attributes.maximum = 100
    }
    if type == .string || type == .countedBytes || type == .list, random.once(in: 3) {
      attributes.flags = attributes.flags | .range
      attributes.maximum = 40
    }
    if type.takesDefault, attributes.width <= 8, attributes.shape != .countedArray, random.once(in: 3) {
      attributes.flags = attributes.flags | .hasDefault
      attributes.defaultValue = 1
    }
    if random.once(in: 4) { attributes.radix = [2, 8, 10, 16][random.pick(0...3)] }
    if type.takesClock { attributes.clock = UInt8(random.pick(0...3)) }
    if type.takesAlignment, random.once(in: 2) { attributes.alignmentLog2 = UInt8(random.pick(0...63)) }
    if random.once(in: 4) { attributes.since = UInt32(random.pick(1...9)) }
    if random.once(in: 6) { attributes.until = attributes.since + UInt32(random.pick(1...9)) }
  }

  private mutating func symbols(width: UInt32) -> [LayoutField.Symbol] {
    var value: UInt64 = 0
    return (0..<random.pick(0...4)).map { index in
      value += UInt64(random.pick(1...20))
      return LayoutField.Symbol(value, "symbol \(index)")
    }
  }

  /// Points the top-level counts and indexes at the first array of the layout.
  private func refer(_ fields: inout [LayoutField]) {
    guard let target = ModelLayout("", fields).firstArray else { return }
    for index in fields.indices where fields[index].attributes.type.takesReference {
      fields[index].attributes.reference = UInt32(target) + 1
    }
  }
}

extension ModelLayout {
  /// Number in the field table of the first top-level array.
  fileprivate var firstArray: Int? {
    var number = 0
    for field in fields {
      if field.attributes.shape != .one { return number }
      number += field.entryCount
    }
    return nil
  }
}

extension LayoutField {
  fileprivate var entryCount: Int { children.reduce(1) { $0 + $1.entryCount } }
}
