/// Finds the fields of the stream's layout by parent and name.
///
/// All entries are sorted once by parent and name, so that 65,536 hostile names cost n log n; 24 octets an entry, given
/// back when the plan is made.
///
/// Source: Specs/20-layouts.md section 5.
struct FieldPairing: ~Copyable {
  private let addressOnly = AddressOnly()
  /// Where a field of the stream lies, and who took it.
  struct Place: BitwiseCopyable {
    /// 1 + number of the parent; 0 at the top.
    var parent: UInt32 = 0
    /// Octets from the block that the field is in, which is that of the nearest array, optional, union or part.
    var offset: UInt32 = 0
    /// Position among those fields of that block that have a variable part.
    var slot = MappingStep.none
    /// The reader's field, and whether that has another of the stream, or another has this one.
    var takenBy = MappingStep.none
    var isDoubled = false
  }

  private var order: OwnedBuffer<UInt32>
  private(set) var places: OwnedBuffer<Place>

  init(_ layout: LayoutView, allocator: StreamAllocator) throws(StreamError) {
    order = OwnedBuffer(allocator: allocator)
    places = OwnedBuffer(allocator: allocator)
    let count = layout.entries.count
    try places.append(repeating: Place(), count: count)
    try order.reserve(count)
    for number in 0..<count { try order.append(UInt32(number)) }
    var slots: UInt32 = 0
    _ = place(layout.subtree(of: nil), parent: 0, at: 0, &slots, layout)
    FieldPairing.sort(&order, places, layout)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  private static func sort(
    _ order: inout OwnedBuffer<UInt32>, _ places: borrowing OwnedBuffer<Place>, _ layout: LayoutView
  ) {
    let places = places.span
    order.sort { left, right in
      let parents = (places[Int(left)].parent, places[Int(right)].parent)
      if parents.0 != parents.1 { return parents.0 < parents.1 }
      return layout.name(of: Int(left)).compare(to: layout.name(of: Int(right))) < 0
    }
  }

  /// Says where the fields of `range` lie, and gives the offset after them.
  private mutating func place(
    _ range: Range<Int>, parent: UInt32, at start: UInt32, _ slots: inout UInt32, _ layout: LayoutView
  ) -> UInt32 {
    var offset = start
    var number = range.lowerBound
    while number < range.upperBound {
      let entry = layout.entries[number]
      places[number].parent = parent
      places[number].offset = offset
      if entry.takesSlot {
        places[number].slot = slots
        slots += 1
      }
      let children = layout.subtree(of: number)
      if entry.isFlat {
        _ = place(children, parent: UInt32(number) + 1, at: offset, &slots, layout)
      } else if entry.type == .union {
        placeChoices(children, parent: UInt32(number) + 1, layout)
      } else if entry.type.isGroup {
        var inner: UInt32 = 0
        _ = place(children, parent: UInt32(number) + 1, at: 0, &inner, layout)
      }
      offset &+= UInt32(truncatingIfNeeded: entry.blockByteCount)
      number = layout.sibling(after: number)
    }
    return offset
  }

  /// Each child of a union has a part of its own.
  private mutating func placeChoices(_ range: Range<Int>, parent: UInt32, _ layout: LayoutView) {
    var number = range.lowerBound
    while number < range.upperBound {
      let next = layout.sibling(after: number)
      var inner: UInt32 = 0
      _ = place(number..<next, parent: parent, at: 0, &inner, layout)
      number = next
    }
  }

  /// The field of that name below a parent (none: at the top).
  func find(_ name: RawSpan, below parent: Int?, in layout: LayoutView) -> Int? {
    let parent = parent.map { UInt32($0) + 1 } ?? 0
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      let number = Int(order[middle])
      let own = places[number].parent
      let difference = own == parent ? layout.name(of: number).compare(to: name) : own < parent ? -1 : 1
      if difference == 0 { return number }
      if difference < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  mutating func take(_ number: Int, for field: Int, isDoubled: Bool) {
    places[number].takenBy = UInt32(field)
    places[number].isDoubled = isDoubled
  }
}

extension FieldEntry {
  /// Whether the fields inside lie in the same block as this one, and stand for it there.
  var isFlat: Bool { type == .structure && shape == .one }

  /// Whether octets of it lie in the variable part.
  var takesSlot: Bool { shape == .countedArray || (!type.isLeaf && !isPlain && !isFlat) }
}
