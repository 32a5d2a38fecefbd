import MigrationStream
import StreamTestKit

/// Layouts as another version of the same program has them.
struct ChangedLayouts {
  private(set) var layouts: [ModelLayout]
  /// New names of fields, and the old ones.
  private var renamed: [(layout: Int, new: String, old: String)] = []

  init(_ layouts: [ModelLayout]) { self.layouts = layouts }

  mutating func change(_ random: inout SeededGenerator) {
    for _ in 0..<random.pick(0...6) {
      let number = random.pick(0...(layouts.count - 1))
      var fields = layouts[number].fields
      change(&fields, of: number, &random)
      layouts[number].fields = fields
    }
  }

  /// For each renamed field that is still there its old name, in the order of layouts and entries.
  var aliases: [MappingScenario.Alias] {
    let found = renamed.compactMap { change in
      var entry = 0
      return Self.find(change.new, layouts[change.layout].fields, &entry).map {
        MappingScenario.Alias(UInt32(change.layout), UInt32($0), change.old)
      }
    }
    return found.sorted { ($0.layout, $0.entry) < ($1.layout, $1.entry) }
  }

  /// Names of the stream's fields for any fields of the reader: one field then is two, or two are one.
  func strangeAliases(_ stream: [ModelLayout], _ random: inout SeededGenerator) -> [MappingScenario.Alias] {
    var made: [MappingScenario.Alias] = []
    while made.count < 3, random.hasChoices, random.once(in: 2) {
      let number = random.pick(0...(layouts.count - 1))
      let names = Self.names(stream[number].fields)
      let count = Self.names(layouts[number].fields).count
      made.append(MappingScenario.Alias(
        UInt32(number), UInt32(random.pick(0...(count - 1))), names[random.pick(0...(names.count - 1))]))
    }
    return made
  }

  private static func names(_ fields: [LayoutField]) -> [String] { fields.flatMap { [$0.name] + names($0.children) } }

  private static func find(_ name: String, _ fields: [LayoutField], _ entry: inout Int) -> Int? {
    for field in fields {
      if field.name == name { return entry }
      entry += 1
      if let found = find(name, field.children, &entry) { return found }
    }
    return nil
  }

  private mutating func change(_ fields: inout [LayoutField], of layout: Int, _ random: inout SeededGenerator) {
    let place = random.pick(0...(fields.count - 1))
    if !fields[place].children.isEmpty, random.once(in: 2) {
      change(&fields[place].children, of: layout, &random)
      return widen(&fields)
    }
    switch random.pick(0...8) {
    case 0:
      let new = "renamed \(renamed.count)"
      renamed.append((layout, new, fields[place].name))
      fields[place].name = new
    case 1 where fields.count > 1: fields.remove(at: place)
    case 2: fields.insert(added(&random), at: place)
    case 3: fields.swapAt(place, random.pick(0...(fields.count - 1)))
    case 4: fields[place].unit = fields[place].unit.isEmpty ? "ns" : ""
    case 5: fields[place].symbols = Array(fields[place].symbols.dropLast())
    default: change(&fields[place].attributes, &random)
    }
    widen(&fields)
  }

  /// Structures are as wide as what is in them.
  private func widen(_ fields: inout [LayoutField]) {
    for place in fields.indices where fields[place].attributes.type == .structure {
      fields[place].attributes.width = UInt32(fields[place].children.reduce(0) { $0 + $1.blockByteCount })
    }
  }

  /// A field that the stream lacks.
  private func added(_ random: inout SeededGenerator) -> LayoutField {
    let bits = random.pick(0...255)
    var attributes = FieldAttributes(.unsigned, width: 4)
    if bits & 1 == 1 {
      attributes.flags = .hasDefault
      attributes.defaultValue = 7
    }
    attributes.since = UInt32(bits >> 1 & 7)
    if bits & 16 == 16 { attributes.until = attributes.since + UInt32(bits >> 5 & 3) }
    return LayoutField("added \(bits)", attributes)
  }

  private func change(_ attributes: inout FieldAttributes, _ random: inout SeededGenerator) {
    let bits = random.pick(0...255)
    switch bits & 7 {
    case 0: attributes.width *= 2
    case 1: attributes.width = max(1, attributes.width / 2)
    case 2: attributes.flags = attributes.flags | .verify
    case 3:
      attributes.flags = attributes.flags | .range
      (attributes.minimum, attributes.maximum) = (UInt64(bits >> 3 & 3), UInt64(bits >> 3))
    case 4 where attributes.shape == .one: (attributes.shape, attributes.count) = (bits & 8 == 0 ? .fixedArray : .countedArray, 2)
    case 4: attributes.count = bits & 8 == 0 ? attributes.count + 1 : max(1, attributes.count) - 1
    case 5: attributes.type = [.unsigned, .signed, .size, .count, .index][bits >> 3 % 5]
    case 6: (attributes.since, attributes.until) = (UInt32(bits >> 3 & 7), UInt32(bits >> 3))
    default: attributes.clock = UInt8(bits >> 3 & 3)
    }
  }
}
