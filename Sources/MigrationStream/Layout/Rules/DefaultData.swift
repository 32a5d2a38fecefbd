/// Data that is made of defaults alone: what a reader takes for a section that came after the stream's device version.
///
/// Source: Specs/60-section-rules.md section 3, Specs/20-layouts.md section 6, rows D1, D5 and D6.
extension LayoutView {
  /// Whether every entry has a default.
  public var hasDefaults: Bool {
    var number = 0
    while number < entries.count {
      let entry = entries[number]
      if entry.type == .structure, entry.shape != .countedArray {
        number += 1
      } else {
        guard entry.type == .padding || hasDefault(number) else { return false }
        number = sibling(after: number)
      }
    }
    return true
  }

  /// Whether an entry that is no structure has a default: that of its flag, or emptiness.
  func hasDefault(_ number: Int) -> Bool {
    let entry = entries[number]
    if entry.flags.contains(.hasDefault) || entry.shape == .countedArray { return true }
    switch entry.type {
    case .optional: return true
    case .countedBytes, .string, .list:
      return !entry.flags.contains(.range) || attributes(of: number).minimum == 0
    default: return false
    }
  }

  /// Replaces what is in `place` by section data in which every entry has its default.
  ///
  /// - Throws: `missingField` without ``hasDefaults``, `outOfMemory`.
  public func defaults(in place: inout OwnedBytes) throws(StreamError) {
    guard hasDefaults else { throw StreamError(.missingField, .use, at: 0) }
    place.removeAll()
    try place.append(repeating: 0, count: LayoutOctets.padded(blockByteCount))
    _ = fill(subtree(of: nil), at: 0, &place)
  }

  /// What has no default of its own is empty, and its octets in the block are zero.
  private func fill(_ range: Range<Int>, at start: Int, _ place: inout OwnedBytes) -> Int {
    var position = start
    var number = range.lowerBound
    while number < range.upperBound {
      let entry = entries[number]
      if entry.type == .structure, entry.shape != .countedArray {
        for _ in 0..<max(entry.count, 1) { position = fill(subtree(of: number), at: position, &place) }
      } else {
        if entry.flags.contains(.hasDefault), entry.shape != .countedArray {
          let value = attributes(of: number).defaultValue
          for index in 0..<entry.blockByteCount where index % Int(entry.width) < 8 {
            place[position + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (index % Int(entry.width))))
          }
        }
        position += entry.blockByteCount
      }
      number = sibling(after: number)
    }
    return position
  }
}
