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
    siblings.sort { left, right in
      let order = compareNames(left, right, entries)
      return order < 0 || (order == 0 && left < right)
    }
    var duplicate: UInt32?
    for index in 1..<siblings.count where compareNames(siblings[index - 1], siblings[index], entries) == 0 {
      duplicate = min(duplicate ?? UInt32.max, siblings[index])
    }
    guard let duplicate else { return }
    throw StreamError(
      .duplicateName, .layout, at: base &+ UInt64(LayoutOctets.entryStart(Int(duplicate))),
      found: UInt64(duplicate))
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
