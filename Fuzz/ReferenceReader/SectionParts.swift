/// Section data that is right by its layout, taken apart.
///
/// Source: Specs/20-layouts.md section 4.
struct SectionPart {
  /// First octet: of the block, or of a structure's octets in it.
  var at: Int
  var layout: Int
  var values: [SectionValue] = []
  /// Of an element of a list: where its head stands.
  var head = 0
}

struct SectionValue {
  /// Number of the entry.
  var field: Int
  /// Where its octets in the block stand.
  var at: Int
  /// Where its elements stand, as many octets apart as one is wide.
  var first: Int
  var elements: [SectionElement] = []
}

indirect enum SectionElement {
  case octets([UInt8])
  case group(SectionPart)
  case absent
  /// The number of the child that is present, and the part that holds it alone.
  case union(Int, SectionPart)
  case list([SectionPart])
}

/// Takes data apart that was checked before.
struct PartTaker {
  let octets: [UInt8]
  let layouts: [ReferenceLayout]
  private var at = 0

  init(_ octets: [UInt8], _ layouts: [ReferenceLayout]) {
    self.octets = octets
    self.layouts = layouts
  }

  mutating func take(layout: Int, at start: Int) -> SectionPart {
    at = start
    return part(layout, layouts[layout].children(of: nil), at)
  }

  private mutating func part(_ layout: Int, _ fields: [Int], _ start: Int) -> SectionPart {
    let length = fields.reduce(0) { $0 + layouts[layout].fields[$1].byteCount }
    at = start + length + padding(length, 8)
    return group(layout, fields, start)
  }

  private mutating func group(_ layout: Int, _ fields: [Int], _ start: Int) -> SectionPart {
    var made = SectionPart(at: start, layout: layout)
    var block = start
    for number in fields {
      made.values.append(value(layout, number, block))
      block += layouts[layout].fields[number].byteCount
    }
    return made
  }

  private mutating func value(_ layout: Int, _ number: Int, _ block: Int) -> SectionValue {
    let field = layouts[layout].fields[number]
    var count = max(1, field.count)
    var value = SectionValue(field: number, at: block, first: block)
    if field.isCountedArray {
      count = Int(integer(octets, block, 4))
      value.first = at
      at += count * field.width + padding(count * field.width, 8)
    }
    for element in 0..<count {
      value.elements.append(self.element(layout, number, value.first + element * field.width))
    }
    return value
  }

  private mutating func element(_ layout: Int, _ number: Int, _ place: Int) -> SectionElement {
    let field = layouts[layout].fields[number]
    let children = layouts[layout].children(of: number)
    if field.type == .structure { return .group(group(layout, children, place)) }
    guard field.type.hasVariablePart else { return .octets(Array(octets[place..<(place + field.width)])) }
    let count = Int(integer(octets, place, 4))
    switch field.type {
    case .countedBytes, .string:
      let start = at
      at += count + padding(count, 8)
      return .octets(Array(octets[start..<(start + count)]))
    case .list: return .list((0..<count).map { _ in listElement() })
    case .union: return .union(count, part(layout, [children[count]], at))
    default: return count == 0 ? .absent : .group(part(layout, children, at))
    }
  }

  private mutating func listElement() -> SectionPart {
    let head = at
    let (layout, length) = (Int(integer(octets, head, 4)), Int(integer(octets, head + 4, 4)))
    defer { at = head + 8 + length }
    var element = SectionPart(at: head + 8, layout: layout)
    if !layouts[layout].isExternal { element = part(layout, layouts[layout].children(of: nil), head + 8) }
    element.head = head
    return element
  }
}

extension ReferenceLayout {
  /// Numbers of the entries directly inside a field; nil: of those at the top.
  func children(of number: Int?) -> [Int] {
    var found: [Int] = []
    var next = number.map { $0 + 1 } ?? 0
    let end = number.map { $0 + 1 + fields[$0].descendants } ?? fields.count
    while next < end {
      found.append(next)
      next += 1 + fields[next].descendants
    }
    return found
  }

  func isName(_ number: Int, _ octets: [UInt8], _ range: Range<Int>) -> Bool {
    areEqual(self.octets, fields[number].name, octets, range)
  }
}
