/// Finds siblings of the same name by sorting them, so that 65,536 equal names cost n log n.
///
/// Source: Specs/20-layouts.md section 3.
struct SiblingNames: ~Escapable {
  private let octets: RawSpan
  private let base: UInt64

  @_lifetime(copy octets)
  init(octets: RawSpan, base: UInt64) {
    self.octets = octets
    self.base = base
  }

  /// - Throws: `duplicateName` at the later of two entries, the first such one of its parent; `outOfMemory`.
  func check(_ entries: Span<FieldEntry>, allocator: StreamAllocator) throws(StreamError) {
    var siblings = OwnedBuffer<UInt32>(allocator: allocator)
    try siblings.reserve(entries.count)
    try check(0..<entries.count, entries, &siblings)
    for number in 0..<entries.count where entries[number].numDescendants > 1 {
      try check((number + 1)..<(number + 1 + Int(entries[number].numDescendants)), entries, &siblings)
    }
  }

  private func check(
    _ range: Range<Int>, _ entries: Span<FieldEntry>, _ siblings: inout OwnedBuffer<UInt32>
  ) throws(StreamError) {
    siblings.removeAll()
    var number = range.lowerBound
    while number < range.upperBound {
      try siblings.append(UInt32(number))
      number += 1 + Int(entries[number].numDescendants)
    }
    guard siblings.count > 1 else { return }
    var list = siblings.mutableSpan
    sort(&list, entries)
    var duplicate: UInt32?
    for index in 1..<list.count where compareNames(list[index - 1], list[index], entries) == 0 {
      duplicate = min(duplicate ?? UInt32.max, list[index])
    }
    guard let duplicate else { return }
    throw StreamError(
      .duplicateName, .layout, at: base &+ UInt64(LayoutOctets.entryStart(Int(duplicate))),
      found: UInt64(duplicate))
  }

  /// Heap sort by name, then by number.
  private func sort(_ list: inout MutableSpan<UInt32>, _ entries: Span<FieldEntry>) {
    var start = list.count / 2
    while start > 0 {
      start -= 1
      sift(&list, from: start, end: list.count, entries)
    }
    var end = list.count
    while end > 1 {
      end -= 1
      list.swapAt(0, end)
      sift(&list, from: 0, end: end, entries)
    }
  }

  private func sift(
    _ list: inout MutableSpan<UInt32>, from start: Int, end: Int, _ entries: Span<FieldEntry>
  ) {
    var root = start
    while 2 * root + 1 < end {
      var child = 2 * root + 1
      if child + 1 < end, isBefore(list[child], list[child + 1], entries) { child += 1 }
      guard isBefore(list[root], list[child], entries) else { return }
      list.swapAt(root, child)
      root = child
    }
  }

  private func isBefore(_ left: UInt32, _ right: UInt32, _ entries: Span<FieldEntry>) -> Bool {
    let order = compareNames(left, right, entries)
    return order < 0 || (order == 0 && left < right)
  }

  private func compareNames(_ left: UInt32, _ right: UInt32, _ entries: Span<FieldEntry>) -> Int {
    name(entries[Int(left)]).compare(to: name(entries[Int(right)]))
  }

  @_lifetime(copy self)
  private func name(_ entry: FieldEntry) -> RawSpan {
    let start = Int(entry.textStart)
    return octets.extracting(start..<(start + Int(entry.nameByteCount)))
  }
}
