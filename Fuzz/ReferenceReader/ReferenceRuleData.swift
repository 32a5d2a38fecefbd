/// Section data in the reader's layout, as rules see it: elements that lie in each other, and values in them, all in one
/// list each.
///
/// Source: Specs/60-section-rules.md section 2.
struct ReferenceRuleData {
  typealias Field = ReferenceRuleTable.Field

  /// An element of a structure, list, union or optional; the first one is all data.
  struct Element {
    var around: Int?
    var field: Field?
    /// That of what lies in it.
    var layout: Int
    /// The entry of the stream that it was made from, and its number there.
    var source: Int?
    var number = 0
    /// Whether neither an array nor a list lies between it and what is around it.
    var isAlone = true
    /// Its first octet in the reader's data.
    var place = 0
  }

  struct Leaf {
    var around: Int
    var field: Field
    var number: Int
    var isAlone: Bool
    var place: Int
    var octets: [UInt8]
    var isSigned: Bool

    /// The value, without a sign and with that of its type.
    var bits: UInt64 { integer(octets, 0, octets.count) }

    var value: Int128 {
      let isNegative = isSigned && octets.last.map { $0 >= 128 } == true
      return Int128(bits) - (isNegative ? Int128(1) << Int128(8 * octets.count) : 0)
    }

    /// As a refusal names it.
    var named: UInt64 { UInt64(truncatingIfNeeded: value) }

    /// A number with the sign that the values of this field have.
    func signed(_ number: UInt64) -> Int128 { isSigned ? Int128(Int64(bitPattern: number)) : Int128(number) }
  }

  private struct Counted {
    var around: Int
    var field: Field
    var count: Int
  }

  private(set) var elements: [Element] = []
  private(set) var leaves: [Leaf] = []
  private var arrays: [Counted] = []
  /// Where in the stream the octet of each place came from at which an entry or an element begins.
  private var origins: [Int: Int] = [:]
  /// What the mapping leaves alone.
  private let left: Set<Field>
  private let layouts: [ReferenceLayout]

  /// - Parameters:
  ///   - values: What a mapping made.
  ///   - from: Where the data stands in the stream.
  init(_ values: [MappedValue], _ layout: Int, _ layouts: [ReferenceLayout], from: Int, left: Set<Field> = []) {
    (self.layouts, self.left) = (layouts, left)
    let octets = PartWriter(layouts: layouts).part(values, layout)
    var taker = PartTaker(octets, layouts)
    let part = taker.take(layout: layout, at: 0)
    (elements, origins) = ([Element(layout: layout)], [0: from])
    add(values, part, in: 0, from)
  }

  private mutating func add(_ values: [MappedValue], _ part: SectionPart, in around: Int, _ base: Int) {
    for (value, there) in zip(values, part.values) {
      let name = Field(part.layout, value.field)
      let field = layouts[name.layout].fields[name.entry]
      origins[there.at] = base + value.at
      if field.shape != 0 { arrays.append(Counted(around: around, field: name, count: value.elements.count)) }
      for (number, element) in value.elements.enumerated() {
        let place = there.first + number * field.width
        let inner = Element(
          around: around, field: name, layout: name.layout, source: value.source, number: number, isAlone: field.shape == 0, place: place)
        origins[place] = base + value.places[number]
        add(element, there.elements[number], inner, field, base)
      }
    }
  }

  private mutating func add(
    _ element: MappedElement, _ there: SectionElement, _ inner: Element, _ field: ReferenceLayout.Field, _ base: Int
  ) {
    guard let around = inner.around, let name = inner.field else { return }
    switch (element, there) {
    case (.octets(let octets), _):
      leaves.append(
        Leaf(
          around: around, field: name, number: inner.number, isAlone: inner.isAlone, place: inner.place,
          octets: octets, isSigned: field.type.isSigned))
    case (.group(let values), .group(let part)):
      elements.append(inner)
      add(values, part, in: elements.count - 1, base)
    case (.union(_, let value), .union(_, let part)):
      elements.append(inner)
      add([value], part, in: elements.count - 1, base)
    case (.list(let members), .list(let parts)):
      if field.shape == 0 { arrays.append(Counted(around: around, field: name, count: members.count)) }
      for (number, (member, part)) in zip(members, parts).enumerated() {
        elements.append(
          Element(
            around: around, field: name, layout: member.layout, source: inner.source, number: number, isAlone: false,
            place: part.head))
        origins[part.head] = base + member.head
        add(member.fields, part, in: elements.count - 1, base)
      }
    default: break  // An absent optional.
    }
  }

  /// Where the octet of a place came from.
  func origin(_ place: Int) -> Int { origins[place] ?? 0 }

  // MARK: Scopes

  func isLeft(_ field: Field) -> Bool { left.contains(field) }

  /// The elements of a scope, in the order of their first octets.
  func scopes(_ field: Field?) -> [Int] {
    elements.indices.filter { elements[$0].field == field }.sorted { elements[$0].place < elements[$1].place }
  }

  /// All values of a field in an element, in their order in the data; those in another element of the same scope inside
  /// of it are that one's.
  func values(_ field: Field, in scope: Int = 0) -> [Leaf] {
    leaves.filter { $0.field == field && isInside($0.around, scope) }.sorted { $0.place < $1.place }
  }

  /// *The* field of an element, if it is there; several when it is itself an array.
  func all(_ field: Field, of scope: Int) -> [Leaf] {
    leaves.filter { $0.field == field && isDirect($0.around, scope) }
  }

  func the(_ field: Field, of scope: Int) -> Leaf? { all(field, of: scope).first { $0.isAlone } }

  /// How many elements *the* array of an element has; none when it is not there.
  func count(_ field: Field, of scope: Int) -> Int {
    arrays.first { $0.field == field && isDirect($0.around, scope) }?.count ?? 0
  }

  private func isInside(_ element: Int, _ scope: Int) -> Bool {
    guard element != scope else { return true }
    guard elements[element].field != elements[scope].field, let around = elements[element].around else { return false }
    return isInside(around, scope)
  }

  /// Whether an element does not lie in one of a list.
  func isOwn(_ element: Int) -> Bool {
    guard let around = elements[element].around, let field = elements[around].field else { return true }
    return layouts[field.layout].fields[field.entry].type != .list && isOwn(around)
  }

  /// Whether no array or list lies between.
  private func isDirect(_ element: Int, _ scope: Int) -> Bool {
    guard element != scope else { return true }
    guard elements[element].isAlone, let around = elements[element].around else { return false }
    return isDirect(around, scope)
  }

  /// What the steps of a target in the stream lead to.
  func element(at target: [(field: UInt64, element: UInt64)]) -> Int? {
    var here = 0
    for step in target {
      let next = elements.firstIndex {
        $0.around == here && $0.source.map(UInt64.init) == step.field && UInt64($0.number) == step.element
      }
      guard let next else { return nil }
      here = next
    }
    return here
  }

  // MARK: Terms

  /// *The* field that a term is about: of the scope, if its layout has it there, or else of the piece.
  func leaf(_ term: ReferenceRuleTable.Term, _ scope: Int) -> Leaf? {
    guard let around = elements[scope].field else { return the(term.field, of: 0) }
    let entry = layouts[around.layout].fields[around.entry]
    let isInside = (around.entry...(around.entry + entry.descendants)).contains(term.field.entry)
    let isOwn = elements[scope].layout == term.field.layout && (entry.type == .list || isInside)
    return the(term.field, of: isOwn ? scope : 0)
  }

  /// A term about a field that is not there does not hold.
  func holds(_ term: ReferenceRuleTable.Term, _ leaf: Leaf?) -> Bool {
    guard let leaf else { return false }
    let (value, number) = (leaf.value, leaf.signed(term.number))
    return switch term.relation {
    case .equals: value == number
    case .notEquals: value != number
    case .atLeast: value >= number
    case .atMost: value <= number
    case .anyBits: leaf.named & term.number != 0
    case .noBits: leaf.named & term.number == 0
    }
  }
}
