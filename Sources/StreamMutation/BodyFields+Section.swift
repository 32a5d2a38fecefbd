import MigrationStream

/// The fields of SECTION: its head, its data by the stream's own layout, its subsections.
///
/// Source: Specs/10-stream-format.md section 6, Specs/20-layouts.md section 4.
extension BodyFields {
  mutating func addSection(_ spot: RecordSpot, _ tree: RecordTree) {
    let body = spot.body
    let start = body.lowerBound
    let number = FieldSpot(
      position: start + 2, width: 2, kind: .count, label: FieldLabel("num_subsections"),
      limit: UInt64(tree.octets.word16(start + 2)))
    add(start, 2, .index, "section")
    fields.append(number)
    add(start + 4, 4, .index, "layout", limit: UInt64(tree.layoutCount))
    add(start + 8, 4, .index, "pass")
    add(start + 12, 4, .fixed, "reserved")
    add(start + 16, 8, .length, "len_data", limit: UInt64(body.count - SectionHead.byteCount))
    let first = start + SectionHead.byteCount
    let end = first + tree.octets.clamped(start + 16, body.upperBound - first)
    addData(tree.octets.word32(start + 4), first..<end, tree, scope(start + 16, 8))
    addSubsections(end..<body.upperBound, number, tree, -1, level: 1)
  }

  private mutating func addSubsections(
    _ range: Range<Int>, _ number: FieldSpot, _ tree: RecordTree, _ parent: Int, level: Int
  ) {
    var position = range.lowerBound
    let octets = tree.octets
    for index in 0..<Int(octets.number(at: number.position, width: 2)) {
      let rest = range.upperBound - position
      guard !isFull, level <= 16, rest >= 24 else { return }
      let length = Int(octets.word32(position))
      guard length >= 24, length <= rest else { return }
      items.append(
        ItemSpot(
          list: .subsections, range: position..<(position + length), count: number,
          label: FieldLabel("subsections", index), scope: parent))
      let outer = scope(position, 4, in: parent)
      add(position, 4, .length, "subsections.len_subsection", index, limit: UInt64(rest))
      add(position + 4, 2, .index, "subsections.subsection", index)
      let nested = FieldSpot(
        position: position + 6, width: 2, kind: .count, label: FieldLabel("subsections.num_subsections", index))
      fields.append(nested)
      add(position + 8, 4, .index, "subsections.layout", index, limit: UInt64(tree.layoutCount))
      add(position + 12, 2, .count, "subsections.num_target", index, limit: 8)
      add(position + 14, 2, .fixed, "subsections.reserved", index)
      let targets = Int(octets.word16(position + 12))
      add(position + 16, 8, .length, "subsections.len_data", index, limit: UInt64(max(length - 24 - 8 * targets, 0)))
      let first = position + 24 + 8 * targets
      let end = position + length
      guard first <= end else { return }
      for step in 0..<targets {
        add(position + 24 + 8 * step, 4, .index, "subsections.target.field", step)
        add(position + 28 + 8 * step, 4, .index, "subsections.target.element", step)
      }
      let data = first + octets.clamped(position + 16, end - first)
      addData(octets.word32(position + 8), first..<data, tree, scope(position + 16, 8, in: outer))
      addSubsections(data..<end, nested, tree, outer, level: level + 1)
      position = end
    }
  }

  /// The fields of section data; the octets as a whole, and words of them, where the layout is not there.
  private mutating func addData(_ layout: UInt32, _ range: Range<Int>, _ tree: RecordTree, _ scope: Int) {
    guard let layout = tree.layout(layout) else {
      if !range.isEmpty { add(range.lowerBound, range.count, .octets, "data") }
      for position in stride(from: range.lowerBound, to: min(range.upperBound - 7, range.lowerBound + 128), by: 8) {
        add(position, 8, .number, "data", (position - range.lowerBound) / 8)
      }
      return
    }
    var walk = DataWalk(tree: tree, end: range.upperBound, found: self)
    self = BodyFields()
    _ = walk.part(layout, 0..<layout.entries.count, range.lowerBound, scope, depth: 0)
    self = walk.found
  }
}

extension RecordTree {
  var layoutCount: Int { records.count { $0.knownKind == .layout } }
}
