/// A field of the reader, made from the stream or from what the reader knows.
struct MappedValue {
  /// Number of the entry.
  var field: Int
  /// Number of the stream's entry that it was made from.
  var source: Int?
  /// Where it, and each element, came from.
  var at: Int
  var places: [Int]
  var elements: [MappedElement]
  /// Row D4 and padding: its rules are not judged.
  var isLeft = false
}

indirect enum MappedElement {
  case octets([UInt8])
  case group([MappedValue])
  case absent
  case union(Int, MappedValue)
  /// Each with the place of its head in the stream.
  case list([(layout: Int, fields: [MappedValue], head: Int)])
}

/// Writes section data: chapter 20 section 4.
struct PartWriter {
  let layouts: [ReferenceLayout]

  func part(_ values: [MappedValue], _ layout: Int) -> [UInt8] {
    padded(values.flatMap { block($0, layout) }) + values.flatMap { variable($0, layout) }
  }

  private func padded(_ octets: [UInt8]) -> [UInt8] {
    octets + [UInt8](repeating: 0, count: padding(octets.count, 8))
  }

  private func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

  private func block(_ value: MappedValue, _ layout: Int) -> [UInt8] {
    if layouts[layout].fields[value.field].isCountedArray { return number(value.elements.count) }
    return value.elements.flatMap { block($0, value.field, layout) }
  }

  private func block(_ element: MappedElement, _ field: Int, _ layout: Int) -> [UInt8] {
    let type = layouts[layout].fields[field].type
    switch element {
    case .octets(let octets): return type.isCounted ? number(octets.count) : octets
    case .group(let values):
      return type == .optional ? number(1) : values.flatMap { block($0, layout) }
    case .absent: return number(0)
    case .union(let child, _): return number(child)
    case .list(let elements): return number(elements.count)
    }
  }

  private func variable(_ value: MappedValue, _ layout: Int) -> [UInt8] {
    let field = layouts[layout].fields[value.field]
    let own = field.isCountedArray ? padded(value.elements.flatMap { block($0, value.field, layout) }) : []
    return own + value.elements.flatMap { variable($0, field.type, layout) }
  }

  private func variable(_ element: MappedElement, _ type: FieldKind, _ layout: Int) -> [UInt8] {
    switch element {
    case .octets(let octets): return type.isCounted ? padded(octets) : []
    case .group(let values):
      return type == .optional ? part(values, layout) : values.flatMap { variable($0, layout) }
    case .absent: return []
    case .union(_, let value): return part([value], layout)
    case .list(let elements):
      return elements.flatMap { element in
        let octets = part(element.fields, element.layout)
        return number(element.layout) + number(octets.count) + octets
      }
    }
  }
}
