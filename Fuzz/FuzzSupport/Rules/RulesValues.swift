import MigrationStream
import StreamTestKit

/// A place that a target names.
struct RulesPlace {
  var steps: [(field: UInt32, element: UInt32)] = []
  /// Name of the last step's entry.
  var name: String?

  /// In the order of the stream, each once.
  static func sorted(_ heads: [RawSubsection]) -> [RawSubsection] {
    let keyed = heads.map { head in
      (key: head.target.flatMap { [UInt64($0.field), UInt64($0.element)] }, head: head)
    }
    let sorted = keyed.sorted { one, other in
      one.key == other.key
        ? one.head.position < other.head.position : one.key.lexicographicallyPrecedes(other.key)
    }
    var kept: [(key: [UInt64], head: RawSubsection)] = []
    for item in sorted where kept.last.map({ $0.key != item.key || $0.head.position != item.head.position }) ?? true {
      kept.append(item)
    }
    return kept.map(\.head)
  }
}

/// Section data whose values are small, so that they meet: equal keys, numbers of elements, terms that just hold.
struct RulesValues {
  var random: SeededGenerator
  private let writer: RandomSection
  private var elementsLeft = 8

  init(_ layouts: [ModelLayout], _ random: SeededGenerator) {
    writer = RandomSection(of: layouts, values: [])
    self.random = random
  }

  mutating func values(of layout: Int) -> [ModelValue] { values(writer.layouts[layout].fields, depth: 0) }

  func octets(_ values: [ModelValue], of layout: Int) -> [UInt8] { writer.octets(values, of: layout) }

  private mutating func values(_ fields: [LayoutField], depth: Int) -> [ModelValue] {
    fields.map { value($0, depth) }
  }

  private mutating func value(_ field: LayoutField, _ depth: Int) -> ModelValue {
    let count = Int(field.attributes.count)
    switch field.attributes.shape {
    case .one: return one(field, depth)
    case .fixedArray: return .array((0..<count).map { _ in one(field, depth) })
    case .countedArray: return .array((0..<random.pick(0...count)).map { _ in one(field, depth) })
    }
  }

  private mutating func one(_ field: LayoutField, _ depth: Int) -> ModelValue {
    let (type, width) = (field.attributes.type, Int(field.attributes.width))
    switch type {
    case .bool: return .octets([UInt8(random.pick(0...1))])
    case .padding: return .octets(.zeros(width))
    case .string: return .octets(.text(["", "eth0", "state 1"][random.pick(0...2)]))
    case .structure: return .structure(values(field.children, depth: depth + 1))
    case .union:
      let child = random.pick(0...3) % field.children.count
      return .union(child, value(field.children[child], depth + 1))
    case .optional: return .optional(random.pick(0...2) == 0 ? nil : values(field.children, depth: depth + 1))
    case .list: return list(depth)
    default: return .octets(number(width))
    }
  }

  /// Elements whose groups are not too deep.
  private mutating func list(_ depth: Int) -> ModelValue {
    var elements: [(layout: Int, fields: [ModelValue])] = []
    for _ in 0..<random.pick(0...3) where elementsLeft > 0 {
      let layout = random.pick(0...2)
      let levels = writer.layouts[layout].fields.map(\.groupLevels).max() ?? 0
      guard depth + 1 + levels <= 7 else { continue }
      elementsLeft -= 1
      elements.append((layout, values(writer.layouts[layout].fields, depth: depth + 1)))
    }
    return .list(elements)
  }

  /// Small, or at an end of what the width holds.
  private mutating func number(_ width: Int) -> [UInt8] {
    let choice = random.pick(0...255)
    switch choice {
    case 208...223: return [UInt8](repeating: 255, count: width)
    case 224...239: return .zeros(width - 1) + [128]
    case 240...255: return [UInt8](repeating: 255, count: width - 1) + [127]
    default: return [UInt8(choice % 7)] + .zeros(width - 1)
    }
  }

  // MARK: Targets

  /// Every place that a target may name, in the order of a walk.
  func places(in values: [ModelValue], of layout: Int) -> [RulesPlace] {
    places(in: values, writer.layouts[layout].fields, from: 0, RulesPlace())
  }

  private func places(
    in values: [ModelValue], _ fields: [LayoutField], from first: Int, _ around: RulesPlace
  ) -> [RulesPlace] {
    guard around.steps.count < 8 else { return [] }
    var (found, number) = ([RulesPlace](), first)
    for (value, field) in zip(values, fields) {
      if case .array(let elements) = value {
        guard field.attributes.type.isGroup else { number += field.entries; continue }
        for (element, value) in elements.enumerated() {
          found += place(value, field, number, UInt32(element), around)
        }
      } else {
        found += place(value, field, number, 0, around)
      }
      number += field.entries
    }
    return found
  }

  private func place(
    _ value: ModelValue, _ field: LayoutField, _ number: Int, _ element: UInt32, _ around: RulesPlace
  ) -> [RulesPlace] {
    func step(_ element: UInt32) -> RulesPlace {
      RulesPlace(steps: around.steps + [(UInt32(number), element)], name: field.name)
    }
    let here = step(element)
    switch value {
    case .structure(let inner), .optional(let inner?):
      return [here] + places(in: inner, field.children, from: number + 1, here)
    case .union(let child, let inner):
      let before = field.children[..<child].reduce(0) { $0 + $1.entries }
      return [here] + places(in: [inner], [field.children[child]], from: number + 1 + before, here)
    case .list(let elements):
      return elements.enumerated().flatMap { element, inner in
        let here = step(UInt32(element))
        return [here] + places(in: inner.fields, writer.layouts[inner.layout].fields, from: 0, here)
      }
    default: return []
    }
  }
}

extension LayoutField {
  /// Itself and what is inside, in all levels.
  fileprivate var entries: Int { children.reduce(1) { $0 + $1.entries } }
}
