public import MigrationStream

/// A value of a ``LayoutField``.
public indirect enum ModelValue: Sendable {
  /// The octets of a leaf, of counted bytes or of a string.
  case octets([UInt8])
  case array([ModelValue])
  case structure([ModelValue])
  case union(Int, ModelValue)
  case optional([ModelValue]?)
  case list([(layout: Int, fields: [ModelValue])])
}

/// A leaf as a dump shows it.
public struct ModelLeaf: Equatable, Sendable {
  /// Names with dots between them and elements in brackets: `queue[3].size`.
  public var path: String
  /// Decimal for integers, `true` or `false`, the text of a string, else hexadecimal octets.
  public var value: String

  public init(path: String, value: String) {
    self.path = path
    self.value = value
  }

  /// The value that `octets` hold as `type`.
  public static func text(_ octets: [UInt8], as type: FieldType) -> String {
    if type == .string { return String(decoding: octets, as: UTF8.self) }
    if type == .bool { return octets == [0] ? "false" : "true" }
    guard type.isInteger else {
      return octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    let extension8: UInt8 = type.isSigned && octets.last.map { $0 >= 128 } == true ? 255 : 0
    let wide = octets + Array(repeating: extension8, count: 16 - octets.count)
    let bits = wide.reversed().reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    return type.isSigned ? "\(Int128(bitPattern: bits))" : "\(bits)"
  }
}

/// Random layouts with random data for the first of them, and what a walk of it must find, computed from the values.
public struct RandomSection: Sendable {
  public let seed: UInt64
  public let layouts: [ModelLayout]
  public let values: [ModelValue]

  /// - Parameter claims: Whether the layouts claim ranges, alignments and references, which the data does not keep.
  public init(seed: UInt64, claims: Bool = true) {
    self.seed = seed
    var layoutRandom = RandomLayout(seed: seed)
    let layouts = (0..<3).map { number in
      let layout = layoutRandom.layout(named: "layout \(number)")
      return claims ? layout : ModelLayout(layout.name, layout.fields.map(\.withoutClaims))
    }
    self.layouts = layouts
    var maker = ValueMaker(random: SeededGenerator(seed: seed ^ 0x5eed), layouts: layouts)
    values = layouts[0].fields.map { maker.value(of: $0, depth: 0) }
  }

  /// - Parameters:
  ///   - random: Chooses layouts and values, and goes on behind them.
  ///   - fieldsMax: About how many fields a layout has at most, at all levels.
  public init(random: inout SeededGenerator, claims: Bool = true, fieldsMax: Int) {
    var layoutRandom = RandomLayout(random: random, fieldsMax: fieldsMax)
    let layouts = (0..<3).map { number in
      let layout = layoutRandom.layout(named: "layout \(number)")
      return claims ? layout : ModelLayout(layout.name, layout.fields.map(\.withoutClaims))
    }
    random = layoutRandom.random
    self.init(of: layouts, random: &random)
  }

  /// Other values for the first of some layouts.
  public init(of layouts: [ModelLayout], random: inout SeededGenerator) {
    seed = 0
    self.layouts = layouts
    var maker = ValueMaker(random: random, layouts: layouts)
    values = layouts[0].fields.map { maker.value(of: $0, depth: 0) }
    random = maker.random
  }

  /// Some values for the first of some layouts.
  public init(of layouts: [ModelLayout], values: [ModelValue]) {
    (seed, self.layouts, self.values) = (0, layouts, values)
  }

  /// A store that holds all layouts.
  public func store(allocator: StreamAllocator = .system) throws(StreamError) -> LayoutStore {
    var store = LayoutStore(allocator: allocator)
    for layout in layouts {
      let canonical = try layout.canonical(allocator: allocator)
      try store.add(canonical: canonical.span.octets, at: 0, limits: StreamLimits())
    }
    return store
  }
}

private struct ValueMaker {
  var random: SeededGenerator
  let layouts: [ModelLayout]
  var elementsLeft = 30

  mutating func value(of field: LayoutField, depth: Int) -> ModelValue {
    switch field.attributes.shape {
    case .one: one(field, depth: depth)
    case .fixedArray: .array((0..<field.attributes.count).map { _ in one(field, depth: depth) })
    case .countedArray:
      .array((0..<random.pick(0...Int(field.attributes.count))).map { _ in one(field, depth: depth) })
    }
  }

  private mutating func one(_ field: LayoutField, depth: Int) -> ModelValue {
    let width = Int(field.attributes.width)
    switch field.attributes.type {
    case .bool: return .octets([UInt8(random.pick(0...1))])
    case .padding: return .octets(Array(repeating: 0, count: width))
    case .countedBytes: return .octets(random.octets(random.pick(0...20)))
    case .string: return .octets(Array(["", "eth0", "línea\n", "設定値", "12345678"][random.pick(0...4)].utf8))
    case .structure: return .structure(field.children.map { value(of: $0, depth: depth + 1) })
    case .union:
      let child = random.pick(0...(field.children.count - 1))
      return .union(child, value(of: field.children[child], depth: depth + 1))
    case .optional:
      guard random.once(in: 2) else { return .optional(nil) }
      return .optional(field.children.map { value(of: $0, depth: depth + 1) })
    case .list: return list(depth: depth)
    default: return .octets(random.octets(width))
    }
  }

  private mutating func list(depth: Int) -> ModelValue {
    var elements: [(layout: Int, fields: [ModelValue])] = []
    for _ in 0..<random.pick(0...3) where elementsLeft > 0 {
      let number = random.pick(0...(layouts.count - 1))
      let levels = layouts[number].fields.map(\.groupLevels).max() ?? 0
      guard depth + 1 + levels <= 8 else { continue }
      elementsLeft -= 1
      elements.append((number, layouts[number].fields.map { value(of: $0, depth: depth + 1) }))
    }
    return .list(elements)
  }
}

// MARK: - Expected leaves

extension RandomSection {
  /// The leaves in tree order; padding is none.
  public var leaves: [ModelLeaf] { leavesOfFields.map(\.leaf) }

  /// The leaves, each with the field that it is of.
  public var leavesOfFields: [(leaf: ModelLeaf, field: LayoutField)] {
    var leaves: [(leaf: ModelLeaf, field: LayoutField)] = []
    collect(values, of: layouts[0].fields, under: "", into: &leaves)
    return leaves
  }

  private func collect(
    _ values: [ModelValue], of fields: [LayoutField], under path: String,
    into leaves: inout [(leaf: ModelLeaf, field: LayoutField)]
  ) {
    for (value, field) in zip(values, fields) where field.attributes.type != .padding {
      collect(value, of: field, at: path.isEmpty ? field.name : "\(path).\(field.name)", into: &leaves)
    }
  }

  private func collect(
    _ value: ModelValue, of field: LayoutField, at path: String,
    into leaves: inout [(leaf: ModelLeaf, field: LayoutField)]
  ) {
    switch value {
    case .octets(let octets):
      leaves.append((ModelLeaf(path: path, value: ModelLeaf.text(octets, as: field.attributes.type)), field))
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        collect(element, of: field, at: "\(path)[\(index)]", into: &leaves)
      }
    case .structure(let values): collect(values, of: field.children, under: path, into: &leaves)
    case .union(let child, let value):
      collect([value], of: [field.children[child]], under: path, into: &leaves)
    case .optional(let values): collect(values ?? [], of: field.children, under: path, into: &leaves)
    case .list(let elements):
      for (index, element) in elements.enumerated() {
        collect(
          element.fields, of: layouts[element.layout].fields, under: "\(path)[\(index)]", into: &leaves)
      }
    }
  }
}

// MARK: - Octets

extension RandomSection {
  /// The data, written out by the grammar of Specs/20-layouts.md section 4.
  public var octets: [UInt8] { octets(values, of: 0) }

  /// Other values, for one of the layouts.
  public func octets(_ values: [ModelValue], of number: Int) -> [UInt8] { part(values, of: layouts[number].fields) }

  private func part(_ values: [ModelValue], of fields: [LayoutField]) -> [UInt8] {
    let pairs = Array(zip(values, fields))
    return padded(pairs.flatMap { block($0.0, of: $0.1) }) + pairs.flatMap { variable($0.0, of: $0.1) }
  }

  private func padded(_ octets: [UInt8]) -> [UInt8] {
    octets + Array(repeating: 0, count: (8 - octets.count % 8) % 8)
  }

  private func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

  private func block(_ value: ModelValue, of field: LayoutField) -> [UInt8] {
    switch value {
    case .octets(let octets): return field.attributes.type.isLeaf ? octets : number(octets.count)
    case .array(let elements):
      if field.attributes.shape == .countedArray { return number(elements.count) }
      return elements.flatMap { block($0, of: field) }
    case .structure(let values): return zip(values, field.children).flatMap { block($0, of: $1) }
    case .union(let child, _): return number(child)
    case .optional(let values): return number(values == nil ? 0 : 1)
    case .list(let elements): return number(elements.count)
    }
  }

  private func variable(_ value: ModelValue, of field: LayoutField) -> [UInt8] {
    switch value {
    case .octets(let octets): return field.attributes.type.isLeaf ? [] : padded(octets)
    case .array(let elements):
      let own =
        field.attributes.shape == .countedArray ? padded(elements.flatMap { block($0, of: field) }) : []
      return own + elements.flatMap { variable($0, of: field) }
    case .structure(let values): return zip(values, field.children).flatMap { variable($0, of: $1) }
    case .union(let child, let value): return part([value], of: [field.children[child]])
    case .optional(let values): return values.map { part($0, of: field.children) } ?? []
    case .list(let elements):
      return elements.flatMap { element in
        let octets = part(element.fields, of: layouts[element.layout].fields)
        return number(element.layout) + number(octets.count) + octets
      }
    }
  }

  /// Writes the data through a ``SectionDataWriter``.
  public func write(with writer: inout SectionDataWriter) throws(StreamError) {
    for (value, field) in zip(values, layouts[0].fields) { try write(value, of: field, with: &writer) }
  }

  private func write(
    _ value: ModelValue, of field: LayoutField, with writer: inout SectionDataWriter
  ) throws(StreamError) {
    switch value {
    case .octets(let octets):
      // Padding of shape one is passed over by the writer.
      if field.attributes.type != .padding { try writer.bytes(octets.span.octets) }
    case .array(let elements): try write(elements, ofArray: field, with: &writer)
    case .structure(let values):
      try writer.beginStructure()
      for (value, child) in zip(values, field.children) { try write(value, of: child, with: &writer) }
      try writer.end()
    case .union(let child, let value):
      try writer.beginUnion(child: UInt32(child))
      try write(value, of: field.children[child], with: &writer)
      try writer.end()
    case .optional(nil): try writer.absent()
    case .optional(let values?):
      try writer.beginOptional()
      for (value, child) in zip(values, field.children) { try write(value, of: child, with: &writer) }
      try writer.end()
    case .list(let elements):
      try writer.beginArray(elements.count)
      for element in elements {
        try writer.beginElement(layout: UInt32(element.layout))
        for (value, field) in zip(element.fields, layouts[element.layout].fields) {
          try write(value, of: field, with: &writer)
        }
        try writer.end()
      }
      try writer.end()
    }
  }

  private func write(
    _ elements: [ModelValue], ofArray field: LayoutField, with writer: inout SectionDataWriter
  ) throws(StreamError) {
    if field.attributes.type == .padding {
      guard field.attributes.shape == .countedArray else { return }
      let octets = [UInt8](repeating: 0, count: elements.count * Int(field.attributes.width))
      return try writer.values(octets.span.octets)
    }
    try writer.beginArray(elements.count)
    for element in elements { try write(element, of: field, with: &writer) }
    try writer.end()
  }
}
