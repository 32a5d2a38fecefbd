import DeviceModel
import MigrationStream

/// Fields, and what relates them.
extension RandomModel {
  private static let leaves = [
    "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "f32", "f64", "bool", "enum8", "enum32",
    "flags16",
    "flags64", "bitmap128", "vector256", "bytes6", "uuid", "mac", "pciAddress", "guestAddress64", "size32", "count16",
    "index16", "duration", "instant", "padding3", "countedBytes", "string",
  ]

  /// Of a layout or group that `depth` groups lie around. The first one is always there.
  mutating func fields(depth: Int, ofUnion: Bool = false) -> [Field] {
    var fields = (0..<generator.pick(1...(6 - depth))).map { _ in field(depth: depth) }
    for number in fields.indices where number == 0 || ofUnion {
      fields[number].enabledBy = []
      fields[number].until = nil
    }
    if depth < 2, !ofUnion, generator.once(in: 2) { addTable(to: &fields, depth: depth) }
    return fields
  }

  private mutating func field(depth: Int) -> Field {
    if depth < 3, generator.once(in: 5) { return group(depth: depth) }
    if !document.layouts.isEmpty, generator.once(in: 8) {
      var list = Field(name: name(), type: ModelFieldType(.list, width: 4))
      list.elements = document.layouts.filter { _ in generator.once(in: 2) }.map(\.name)
      if generator.once(in: 2) { list.range = FieldRange(.constant(0), number()) }
      decorate(&list)
      return list
    }
    var field = Field(name: name(), type: ModelFieldType(Self.leaves[generator.pick(0...(Self.leaves.count - 1))])!)
    let type = field.type.type
    if generator.once(in: 5) { field.count = .fixed(number()) }
    if generator.once(in: 8) { field.count = .atMost(number()) }
    if type.takesSymbols { addSymbols(to: &field) }
    if type.takesAlignment { field.alignmentLog2 = UInt8(generator.pick(0...6)) }
    if type.takesClock, generator.once(in: 2) { field.clock = .realtime }
    if type.takesRange, field.type.width <= 8, !type.takesSymbols, generator.once(in: 3) {
      field.range = FieldRange(.constant(type.isSigned ? -3 : 0), number())
    }
    addDefault(to: &field)
    if type != .padding { decorate(&field) }
    return field
  }

  private mutating func addDefault(to field: inout Field) {
    let type = field.type.type
    if case .atMost = field.count { return }
    guard type.takesDefault, field.type.width <= 8, generator.once(in: 2) else { return }
    if type.takesSymbols {
      field.defaultValue = Int128(field.symbols.first { $0.enabledBy.isEmpty }?.value ?? 0)
    } else if field.range == nil, field.alignmentLog2 == 0, type == .unsigned {
      field.defaultValue = (1 << (Int128(field.type.width) * 8)) - 1
    } else {
      field.defaultValue = type == .bool ? Int128(generator.pick(0...1)) : 0
    }
  }

  private mutating func decorate(_ field: inout Field) {
    field.description = prose()
    field.since = since()
    if let since = field.since, generator.once(in: 2) {
      field.until = UInt32(generator.pick(Int(since)...Int(sinceMax)))
    }
    if generator.once(in: 6) { field.mark = .skippable }
    field.enabledBy = gate()
    if generator.once(in: 6) { field.unit = ["octets", "ns", "µs"][generator.pick(0...2)] }
    if generator.once(in: 6) { field.radix = [2, 8, 10, 16][generator.pick(0...3)] }
    if generator.once(in: 8) { field.isSecret = true }
    if generator.once(in: 8) { field.aliases = [name(), name()] }
    switch generator.pick(0...9) {
    case 0:
      field.fieldClass = .externalConfigured
      field.verify = .equal
    case 1: field.fieldClass = .externalMigrated
    case 2: field.fieldClass = .internal
    default: break
    }
  }

  private mutating func addSymbols(to field: inout Field) {
    field.isOpen = generator.once(in: 2)
    for number in 0..<generator.pick(1...4) {
      var symbol = FieldSymbol(generator.once(in: 6) ? "again" : name(), 1 << UInt64(number))
      if number > 0 {
        symbol.since = since()
        symbol.enabledBy = gate()
        symbol.description = prose()
      }
      field.symbols.append(symbol)
    }
  }

  private mutating func group(depth: Int) -> Field {
    let type: FieldType = [.structure, .union, .optional][generator.pick(0...2)]
    var field = Field(name: name(), type: ModelFieldType(type, width: type == .structure ? 0 : 4))
    field.fields = fields(depth: depth + 1, ofUnion: type == .union)
    if generator.once(in: 4) { field.count = generator.once(in: 2) ? .fixed(.constant(2)) : .atMost(number()) }
    if type == .structure { field.rules = rules(field.fields) }
    field.description = prose()
    return field
  }

  /// An array of elements with keys, and the fields that are about it.
  private mutating func addTable(to fields: inout [Field], depth: Int) {
    var table = Field(name: name(), type: ModelFieldType(.structure, width: 0))
    table.count = .atMost(number())
    var key = Field(name: name(), type: ModelFieldType("u32")!)
    key.isUnique = true
    var parent = Field(name: name(), type: ModelFieldType("u32")!)
    parent.link = FieldLink(key: ModelPath([key.name]).text)
    parent.link?.none = generator.once(in: 2) ? 4_294_967_295 : nil
    parent.link?.isAcyclic = true
    table.fields = [key, parent] + (generator.once(in: 2) ? [field(depth: 7)] : [])
    var next = Field(name: name(), type: ModelFieldType("u32")!)
    next.above = ModelPath([table.name, key.name]).text
    var index = Field(name: name(), type: ModelFieldType("index16")!)
    index.reference = ModelPath([table.name]).text
    var count = Field(name: name(), type: ModelFieldType("count16")!)
    count.reference = ModelPath([table.name]).text
    var features = Field(name: name(), type: ModelFieldType("u64")!)
    features.fieldClass = .externalConfigured
    features.verify = [.equal, .superset, .atMost][generator.pick(0...2)]
    fields += [table, next, index, count]
    // Such a field stands once in the data of its piece.
    if depth == 0, document.layouts.isEmpty { fields.append(features) }
  }

  // MARK: - Rules

  mutating func rules(_ fields: [Field]) -> [ModelRule] {
    var rules: [ModelRule] = []
    for number in 0..<generator.pick(0...2) {
      let then = comparisons(of: fields)
      guard !then.isEmpty else { continue }
      var rule = ModelRule(
        name: "rule_\(number)", when: generator.once(in: 2) ? comparisons(of: fields) : [], then: then)
      rule.description = prose()
      rules.append(rule)
    }
    return rules
  }

  /// Of numbers that stand once in the group, itself or in structures of shape one.
  mutating func comparisons(of fields: [Field]) -> [Comparison] {
    var paths: [(names: [String], field: Field)] = []
    for field in fields where field.isAlwaysThere && field.count == .one {
      if field.isCompared { paths.append(([field.name], field)) }
      guard field.type.type == .structure else { continue }
      for child in field.fields where child.isAlwaysThere && child.count == .one && child.isCompared {
        paths.append(([field.name, child.name], child))
      }
    }
    return (0..<min(paths.count, generator.pick(1...2))).map { _ in
      let place = paths[generator.pick(0...(paths.count - 1))]
      let isMask = !place.field.type.type.isSigned && place.field.type.type != .bool
      let relations = isMask ? Comparison.Relation.allCases : [.equals, .notEquals, .atLeast, .atMost]
      return Comparison(ModelPath(place.names).text, relations[generator.pick(0...(relations.count - 1))], 1)
    }
  }
}

extension ModelField {
  /// Whether paths may name it: it exists with all parameters and in all definitions.
  var isAlwaysThere: Bool { enabledBy.isEmpty && until == nil && since == nil }

  fileprivate var isCompared: Bool {
    let type = type.type
    return (type.isInteger || type == .bool) && self.type.width <= 8
  }
}
