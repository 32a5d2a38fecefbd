/// What row D4 holds for, by the layouts alone.
///
/// Source: Specs/20-layouts.md section 6.
extension ReferenceMapping {
  /// The entries that the last mapping leaves alone, in the layouts of the section and of the elements that came.
  func left(from number: Int) -> Set<ReferenceRuleTable.Field> {
    guard !isUsedWhereItLies(number) else { return [] }
    var found: Set<ReferenceRuleTable.Field> = []
    for (layout, theirs) in [(wanted, number)] + seen.map({ ($0.layout, $0.number) }) {
      let entries = left(nil, layout, stream[theirs].children(of: nil), theirs)
      found.formUnion(entries.map { ReferenceRuleTable.Field(layout, $0) })
    }
    return found
  }

  /// Directly in a group of the reader; nothing is in what would be refused.
  private func left(_ group: Int?, _ layout: Int, _ theirs: [Int], _ number: Int) -> [Int] {
    let (fields, others) = (reader[layout].fields, stream[number].fields)
    let isUnion = group.map { fields[$0].type == .union } ?? false
    let ours = reader[layout].children(of: group).filter { isUnion || fields[$0].type != .padding }
    let twins = ours.map { entry in
      theirs.filter { (isUnion || others[$0].type != .padding) && isNamed(others[$0].name, of: number, like: entry, layout) }
    }
    if isUnion, twins.contains(where: { $0.count > 1 }) { return [] }
    return ours.indices.flatMap { position in
      let entry = ours[position]
      // A child that a union of the stream has not is not made of anything.
      guard let twin = twins[position].first else { return isUnion ? [] : missing(entry, layout) }
      let others = twins.indices.filter { $0 != position && (isUnion || $0 < position) }
      let isDoubled = twins[position].count > 1 || others.contains { twins[$0].contains(twin) }
      guard !isDoubled, isPair(entry, layout, twin, number) else { return [] }
      return left(entry, layout, stream[number].children(of: twin), number)
    }
  }

  private func isPair(_ entry: Int, _ layout: Int, _ twin: Int, _ number: Int) -> Bool {
    do {
      try judge(reader[layout].fields[entry], layout, stream[number].fields[twin], number, at: 0)
      return true
    } catch { return false }
  }

  /// Of an entry that the stream has not.
  private func missing(_ entry: Int, _ layout: Int) -> [Int] {
    let field = reader[layout].fields[entry]
    if field.type == .padding { return [] }
    if field.until != 0, field.until < version { return Array(entry...(entry + field.descendants)) }
    guard field.type == .structure, !field.isCountedArray else { return [] }
    return reader[layout].children(of: entry).flatMap { missing($0, layout) }
  }
}
