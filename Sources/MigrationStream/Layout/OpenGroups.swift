/// The groups that a pass over a field table is inside of, with what their children take in the block.
struct OpenGroups {
  /// The nesting the format allows.
  static var levels: Int { 8 }
  /// The children a union may have, so that finding the one that is present is quick.
  static var unionChildrenMax: UInt64 { 256 }

  struct Group: BitwiseCopyable {
    var number = 0
    var end = 0
    var isUnion = false
    /// Children that a check must look into.
    var unplain = 0
    var isPlain: Bool { unplain == 0 }
    /// Levels of plain structures inside; at most 7.
    var plainLevels: UInt8 = 0
    var sum: UInt64 = 0
    var children: UInt64 = 0
  }

  private(set) var depth = 0
  private(set) var topSum: UInt64 = 0
  private var open = InlineArray<8, Group>(repeating: Group())

  /// The number after the last entry of the innermost group.
  var end: Int? { depth > 0 ? open[depth - 1].end : nil }

  mutating func open(_ entry: FieldEntry, number: Int) {
    open[depth] = Group(
      number: number, end: number + 1 + Int(entry.numDescendants), isUnion: entry.type == .union)
    depth += 1
  }

  mutating func close() -> Group {
    depth -= 1
    return open[depth]
  }

  /// Counts an entry in its parent. Structures count as not plain until ``notePlain()`` says so.
  ///
  /// - Throws: `limitExceeded` when the parent's block grows past `limit`, `badLayout` for a union's 257th child.
  mutating func add(_ entry: FieldEntry, limit: UInt64, sumOffset: UInt64) throws(StreamError) {
    let bytes = UInt64(entry.blockByteCount)
    guard depth > 0 else {
      topSum += bytes
      return try OpenGroups.demand(topSum, atMost: limit, at: sumOffset)
    }
    open[depth - 1].children += 1
    if !entry.isPlain { open[depth - 1].unplain += 1 }
    if open[depth - 1].isUnion {
      guard open[depth - 1].children <= OpenGroups.unionChildrenMax else {
        throw StreamError(
          .badLayout, .layout, at: sumOffset &- UInt64(LayoutOctets.Entry.width),
          expected: OpenGroups.unionChildrenMax,
          found: open[depth - 1].children)
      }
      return
    }
    open[depth - 1].sum += bytes
    try OpenGroups.demand(open[depth - 1].sum, atMost: limit, at: sumOffset)
  }

  /// The structure that was just closed turned out to be plain.
  ///
  /// - Parameter levels: It and the structures inside.
  mutating func notePlain(levels: UInt8) {
    guard depth > 0 else { return }
    open[depth - 1].unplain -= 1
    open[depth - 1].plainLevels = max(open[depth - 1].plainLevels, levels)
  }

  private static func demand(_ sum: UInt64, atMost limit: UInt64, at offset: UInt64) throws(StreamError) {
    guard sum <= limit else {
      throw StreamError(.limitExceeded, .layout, at: offset, expected: limit, found: sum)
    }
  }
}
