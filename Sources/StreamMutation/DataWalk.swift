import MigrationStream

/// Walks section data by a layout, both of which may be wrong, and collects the fields on the way.
struct DataWalk {
  /// Elements of one array whose fields are collected.
  static let elementsMax = 16
  /// Steps of one walk: claims cost no more than that.
  static let stepsMax = 8192

  let tree: RecordTree
  let end: Int
  var found: BodyFields
  private var steps = 0

  init(tree: RecordTree, end: Int, found: BodyFields) {
    self.tree = tree
    self.end = end
    self.found = found
  }

  private var octets: [UInt8] { tree.octets }

  private mutating func goesOn() -> Bool {
    steps += 1
    return steps <= Self.stepsMax && !found.isFull
  }

  /// - Returns: The end of the part; nil when it does not lie inside.
  mutating func part(_ layout: LayoutSource, _ numbers: Range<Int>, _ start: Int, _ scope: Int, depth: Int) -> Int? {
    guard depth <= 16 else { return nil }
    guard let block = blocks(layout, numbers, start, depth) else { return nil }
    var cursor = start + (block - start).padded
    guard cursor <= end else { return nil }
    guard variables(layout, numbers, start, &cursor, scope, depth) else { return nil }
    return cursor
  }

  /// Collects what lies in the block, and gives its end.
  private mutating func blocks(_ layout: LayoutSource, _ numbers: Range<Int>, _ start: Int, _ depth: Int) -> Int? {
    var position = start
    var number = numbers.lowerBound
    while number < numbers.upperBound {
      guard goesOn(), let shape = layout.shape(number) else { return nil }
      let count = layout.blockCount(number)
      guard count >= 0, count <= end - position else { return nil }
      switch shape {
      case .one: element(layout, number, position, nil, depth)
      case .fixedArray:
        for index in 0..<min(layout.elementCount(number), Self.elementsMax) {
          element(layout, number, position + index * layout.width(number), index, depth)
        }
      case .countedArray: break
      }
      position += count
      number = layout.next(number)
    }
    return position
  }

  private mutating func element(_ layout: LayoutSource, _ number: Int, _ position: Int, _ index: Int?, _ depth: Int) {
    guard let type = layout.type(number) else { return }
    if type == .structure {
      if depth <= 16 { _ = blocks(layout, layout.below(number), position, depth + 1) }
      return
    }
    guard type.isLeaf else { return }
    add(layout, number, position, layout.width(number), type.mutationKind, index)
  }

  private mutating func add(
    _ layout: LayoutSource, _ number: Int, _ position: Int, _ width: Int, _ kind: FieldKind, _ index: Int?,
    limit: UInt64? = nil, tail: Range<Int>? = nil, unit: Int = 1, scope: Int = -1
  ) {
    guard position + width <= end else { return }
    var label = FieldLabel("data", index)
    label.entry = number
    label.layoutRecord = layout.record
    found.fields.append(
      FieldSpot(
        position: position, width: width, kind: kind, label: label, limit: limit ?? layout.limit(number),
        least: limit == nil ? layout.least(number) : nil, tail: tail, unit: unit, scope: scope))
  }

  // MARK: Variable parts

  private mutating func variables(
    _ layout: LayoutSource, _ numbers: Range<Int>, _ start: Int, _ cursor: inout Int, _ scope: Int, _ depth: Int
  ) -> Bool {
    var position = start
    var number = numbers.lowerBound
    while number < numbers.upperBound {
      guard goesOn(), variable(layout, number, position, &cursor, scope, depth) else { return false }
      position += layout.blockCount(number)
      number = layout.next(number)
    }
    return true
  }

  private mutating func variable(
    _ layout: LayoutSource, _ number: Int, _ position: Int, _ cursor: inout Int, _ scope: Int, _ depth: Int
  ) -> Bool {
    let width = layout.width(number)
    let hasVariablePart = layout.hasVariablePart(number)
    switch layout.shape(number) {
    case .countedArray:
      guard position <= end - 4 else { return false }
      let count = Int(octets.word32(position))
      guard width > 0, count <= (end - cursor) / width else {
        add(layout, number, position, 4, .count, nil, limit: UInt64(layout.elementCount(number)))
        return false
      }
      let tail = cursor..<(cursor + count * width)
      add(
        layout, number, position, 4, .count, nil, limit: UInt64(layout.elementCount(number)),
        tail: hasVariablePart ? nil : tail, unit: width, scope: scope)
      var array = ArraySpot(count: found.fields[found.fields.count - 1], tail: tail, scope: scope)
      for index in 0..<min(count, Self.elementsMax) {
        element(layout, number, tail.lowerBound + index * width, index, depth)
      }
      cursor += tail.count.padded
      guard cursor <= end else { return false }
      if hasVariablePart {
        guard let ends = elements(layout, number, tail.lowerBound, count, &cursor, scope, depth) else { return false }
        array.ends = ends
      }
      if count > 0 { found.arrays.append(array) }
      return true
    case .fixedArray:
      return !hasVariablePart
        || elements(layout, number, position, layout.elementCount(number), &cursor, scope, depth) != nil
    case .one: return !hasVariablePart || elements(layout, number, position, 1, &cursor, scope, depth) != nil
    case nil: return false
    }
  }

  /// The variable parts of the elements of one field.
  ///
  /// - Returns: Where each of them ends; nil when they do not lie inside.
  private mutating func elements(
    _ layout: LayoutSource, _ number: Int, _ start: Int, _ count: Int, _ cursor: inout Int, _ scope: Int, _ depth: Int
  ) -> [Int]? {
    var ends: [Int] = []
    for index in 0..<count {
      let position = start + index * layout.width(number)
      // What a layout says of widths need not go together.
      guard goesOn(), depth <= 16, position <= end - 4 || layout.type(number) == .structure else { return nil }
      switch layout.type(number) {
      case .structure:
        guard variables(layout, layout.below(number), position, &cursor, scope, depth + 1) else { return nil }
      case .countedBytes, .string:
        let length = Int(octets.word32(position))
        guard length <= end - cursor else { return nil }
        let tail = cursor..<(cursor + length)
        add(layout, number, position, 4, .length, index, tail: tail, scope: scope)
        if length > 0 { add(layout, number, cursor, length, .octets, index) }
        cursor += length.padded
        guard cursor <= end else { return nil }
      case .list: guard list(layout, number, position, &cursor, scope, depth) else { return nil }
      case .union:
        let children = layout.below(number)
        add(layout, number, position, 4, .enumeration, index, limit: UInt64(max(children.count, 1) - 1))
        guard let child = child(layout, children, octets.word32(position)),
          let next = part(layout, child, cursor, scope, depth: depth + 1)
        else { return nil }
        cursor = next
      case .optional:
        let isThere = octets.word32(position)
        add(layout, number, position, 4, .boolean, index)
        guard isThere <= 1 else { return nil }
        if isThere == 1 {
          guard let next = part(layout, layout.below(number), cursor, scope, depth: depth + 1) else { return nil }
          cursor = next
        }
      default: return nil
      }
      ends.append(cursor)
    }
    return ends
  }

  private func child(_ layout: LayoutSource, _ children: Range<Int>, _ wanted: UInt32) -> Range<Int>? {
    var number = children.lowerBound
    for _ in 0..<min(wanted, 256) where number < children.upperBound { number = layout.next(number) }
    return number < children.upperBound && wanted < 256 ? number..<layout.next(number) : nil
  }

  private mutating func list(
    _ layout: LayoutSource, _ number: Int, _ position: Int, _ cursor: inout Int, _ scope: Int, _ depth: Int
  ) -> Bool {
    let count = Int(octets.word32(position))
    add(layout, number, position, 4, .count, nil)
    let field = found.fields[found.fields.count - 1]
    for index in 0..<count {
      guard goesOn(), end - cursor >= 8 else { return false }
      let length = Int(octets.word32(cursor + 4))
      guard length <= end - cursor - 8 else { return false }
      found.add(cursor, 4, .index, "element.layout", index, limit: UInt64(tree.layoutCount))
      found.add(cursor + 4, 4, .length, "element.len_element", index)
      found.items.append(
        ItemSpot(
          list: .elements, range: cursor..<(cursor + 8 + length), count: field,
          label: FieldLabel("elements", index), scope: scope))
      let inner = found.scope(cursor + 4, 4, in: scope)
      if let element = tree.layout(octets.word32(cursor)) {
        _ = part(element, 0..<element.entries.count, cursor + 8, inner, depth: depth + 1)
      }
      cursor += 8 + length
    }
    return true
  }
}

extension FieldType {
  /// How a mutator treats values of the type.
  var mutationKind: FieldKind {
    switch self {
    case .unsigned: .number
    case .signed, .duration, .instant: .signed
    case .float: .float
    case .bool: .boolean
    case .enumeration: .enumeration
    case .flags, .bitmap: .flags
    case .guestAddress, .pciAddress: .address
    case .size: .size
    case .count: .count
    case .index: .index
    case .padding: .fixed
    default: .octets
    }
  }
}
