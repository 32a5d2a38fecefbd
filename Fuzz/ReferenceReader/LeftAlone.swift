/// What row D4 holds for, by the layouts alone.
///
/// Source: Specs/20-layouts.md section 6.
extension ReferenceMapping {
  /// The entries that the last mapping leaves alone, in the layouts of the section and of the elements that came.
  func left(from number: Int) -> Set<ReferenceRuleTable.Field> {
    guard !isUsedWhereItLies(number) else { return [] }
    var found: Set<ReferenceRuleTable.Field> = []
    for (layout, theirs) in [(wanted, number)] + seen.map({ ($0.layout, $0.number) }) {
      let entries = left(
        reader[layout].children(of: nil), layout, stream[theirs].children(of: nil), theirs)
      found.formUnion(entries.map { ReferenceRuleTable.Field(layout, $0) })
    }
    return found
  }

  private func left(_ ours: [Int], _ layout: Int, _ theirs: [Int], _ number: Int) -> [Int] {
    ours.filter { reader[layout].fields[$0].type != .padding }.flatMap { entry in
      let twin = theirs.first { isNamed(stream[number].fields[$0].name, of: number, like: entry, layout) }
      guard let twin else { return missing(entry, layout) }
      return left(reader[layout].children(of: entry), layout, stream[number].children(of: twin), number)
    }
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
