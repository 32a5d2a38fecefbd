import MigrationStream
import ReferenceReader
import StreamTestKit

/// Layouts whose fields rules can be about, small and nested, and those of a stream of another version.
struct RulesLayouts {
  var reader: [ModelLayout] = []
  var stream: [ModelLayout] = []
  private(set) var aliases: [MappingScenario.Alias] = []
  private var fields = 0
  private var changes = 0
  /// Whether every field of the layout has a default, if it can.
  private var hasPresets = false

  init(_ program: RulesProgram) {
    for number in 0..<3 {
      var random = program.choices(.layouts, number)
      (fields, hasPresets) = (0, random.pick(0...3) == 3)
      var made: [LayoutField] = []
      repeat { made.append(field(&random, depth: 0)) } while made.count < 7 && random.pick(0...4) != 0
      reader.append(ModelLayout("layout \(number)", made))
    }
    stream = reader
    for number in 0..<4 {
      var random = program.choices(.changes, number)
      change(&random)
    }
    aliases.sort { ($0.layout, $0.entry) < ($1.layout, $1.entry) }
  }

  /// Rules want numbers and what has elements; everything else is there a little.
  private static let kinds: [(type: FieldType, width: UInt32)] = [
    (.unsigned, 1), (.structure, 0), (.list, 4), (.unsigned, 2), (.optional, 4), (.unsigned, 4), (.structure, 0),
    (.index, 1), (.count, 2), (.signed, 1), (.union, 4), (.enumeration, 1), (.flags, 2), (.signed, 4), (.bool, 1),
    (.bitmap, 8), (.mac, 6), (.pciAddress, 4), (.unsigned, 8), (.list, 4), (.unsigned, 16), (.string, 4),
    (.padding, 3), (.duration, 8), (.bitmap, 16), (.bytes, 5), (.optional, 4), (.size, 4), (.float, 4), (.signed, 8),
  ]

  private mutating func field(_ random: inout SeededGenerator, depth: Int) -> LayoutField {
    var (type, width) = Self.kinds[random.pick(0...255) % Self.kinds.count]
    if type.isGroup, depth > 2 { (type, width) = (.unsigned, 1) }
    var attributes = FieldAttributes(type, width: width)
    let shape = random.pick(0...15)
    if shape > 8 {
      (attributes.shape, attributes.count) = (shape > 12 ? .fixedArray : .countedArray, UInt32(1 + shape % 3))
    }
    fields += 1
    let name = "field \(fields)"
    decorate(&attributes, random.pick(0...255))
    var children: [LayoutField] = []
    if type.isGroup {
      repeat { children.append(field(&random, depth: depth + 1)) } while children.count < 4 && random.pick(0...3) != 0
    }
    var field = LayoutField(name, attributes, children: children)
    if type.takesSymbols { field.symbols = [1, 2, 8].map { LayoutField.Symbol($0, "symbol \($0)") } }
    return field
  }

  private func decorate(_ attributes: inout FieldAttributes, _ bits: Int) {
    if bits & 3 == 1 || hasPresets, attributes.type.takesDefault, attributes.width <= 8, attributes.shape != .countedArray {
      attributes.flags = .hasDefault
      attributes.defaultValue = UInt64(bits >> 2 & 1)
    }
    attributes.since = UInt32(bits >> 2 & 3)
    if bits >> 4 & 3 == 3 { attributes.until = max(attributes.since, 1) }
    if bits >> 6 == 1 { attributes.mark = .skippable }
    if bits >> 6 == 3, bits & 3 == 3 { attributes.flags = attributes.flags | .verify }
  }

  // MARK: The stream's

  private mutating func change(_ random: inout SeededGenerator) {
    let kind = random.pick(0...7)
    guard kind > 0 else { return }
    changes += 1
    let number = random.pick(0...2)
    var fields = stream[number].fields
    change(&fields, kind, of: number, &random)
    stream[number].fields = fields
  }

  private mutating func change(
    _ fields: inout [LayoutField], _ kind: Int, of number: Int, _ random: inout SeededGenerator
  ) {
    var place = random.pick(0...15) % fields.count
    if kind < 3 {
      // One that the mapping leaves alone, or has a default for.
      place = fields.indices.first {
        kind == 1 ? fields[$0].attributes.until != 0 : fields[$0].attributes.flags.contains(.hasDefault)
      } ?? place
    }
    if !fields[place].children.isEmpty, random.pick(0...1) == 1 {
      return change(&fields[place].children, kind, of: number, &random)
    }
    switch kind {
    case 1...3 where fields.count > 1: fields.remove(at: place)
    case 4: fields.swapAt(place, random.pick(0...15) % fields.count)
    case 5:
      let old = "older \(aliases.count)"
      if let entry = reader[number].entry(named: fields[place].name) {
        aliases.append(MappingScenario.Alias(UInt32(number), UInt32(entry), old))
        fields[place].name = old
      }
    case 6:
      var attributes = FieldAttributes(.structure)
      attributes.mark = .skippable
      (attributes.shape, attributes.count) = (.countedArray, 2)
      let inner = LayoutField("inner \(changes)", FieldAttributes(.unsigned, width: 1))
      fields.insert(LayoutField("added \(changes)", attributes, children: [inner]), at: place)
    default:
      let type = fields[place].attributes.type
      if type.isInteger, !type.takesSymbols, !type.takesClock, fields[place].attributes.width.isMultiple(of: 2) {
        fields[place].attributes.width = max(type == .guestAddress ? 4 : 1, fields[place].attributes.width / 2)
      }
    }
  }
}

extension ModelLayout {
  /// Entries of all levels.
  var entryCount: Int {
    func count(_ fields: [LayoutField]) -> Int { fields.reduce(0) { $0 + 1 + count($1.children) } }
    return count(fields)
  }

  /// The number of the entry of that name; names differ at all levels.
  func entry(named name: String) -> Int? {
    func names(_ fields: [LayoutField]) -> [String] { fields.flatMap { [$0.name] + names($0.children) } }
    return names(fields).firstIndex(of: name)
  }
}
