/// Data that is used where it lies.
///
/// Source: Specs/20-layouts.md section 5.
extension ReferenceMapping {
  func isUsedWhereItLies(_ number: Int) -> Bool {
    stream[number].octets == reader[wanted].octets && !reader[wanted].fields.contains { $0.type == .list }
  }

  func asTheyAre(_ part: SectionPart) -> [MappedValue] { part.values.map { asItIs($0, part.layout) } }

  private func asItIs(_ value: SectionValue, _ layout: Int) -> MappedValue {
    let width = stream[layout].fields[value.field].width
    return MappedValue(
      field: value.field, source: value.field, at: value.at, places: value.elements.indices.map { value.first + $0 * width },
      elements: value.elements.map(asItIs))
  }

  private func asItIs(_ element: SectionElement) -> MappedElement {
    switch element {
    case .octets(let octets): .octets(octets)
    case .group(let part): .group(asTheyAre(part))
    case .absent: .absent
    case .union(let child, let part): .union(child, asItIs(part.values[0], part.layout))
    case .list(let parts): .list(parts.map { (layout: $0.layout, fields: asTheyAre($0), head: $0.head) })
    }
  }
}
