import MigrationStream

/// Versions of layouts with those of the layouts that elements of their lists have.
///
/// Source: Specs/device-models.md section 5.2.
struct LayoutVersions {
  private(set) var version: [UInt32] = []
  private(set) var versionMin: [UInt32] = []

  /// - Parameter elements: Number of a layout of elements.
  init(_ layouts: [ResolvedLayout], _ deriver: LayoutDeriver, elements: [ExactName: Int]) {
    var users: [[Int]] = Array(repeating: [], count: layouts.count)
    var requiredUsers = users
    for (number, layout) in layouts.enumerated() {
      let own = Self.own(layout, deriver) { list, isRequired in
        for name in list.elements {
          guard let element = elements[ExactName(name)] else { continue }
          users[element].append(number)
          if isRequired { requiredUsers[element].append(number) }
        }
      }
      version.append(own.version)
      versionMin.append(own.versionMin)
    }
    version = Self.spread(version, to: users)
    versionMin = Self.spread(versionMin, to: requiredUsers)
  }

  private static func own(
    _ layout: ResolvedLayout, _ deriver: LayoutDeriver, list: (ModelField, _ isRequired: Bool) -> Void
  ) -> (version: UInt32, versionMin: UInt32) {
    var own = (version: UInt32(1), versionMin: UInt32(1))
    /// Whether an entry and all groups around it are written, and required.
    var kinds: [(isWritten: Bool, isRequired: Bool)] = []
    for entry in layout.fields {
      let field = entry.field
      let around = entry.parent.map { kinds[$0] } ?? (isWritten: true, isRequired: true)
      let isWritten = around.isWritten && !deriver.hasGone(field)
      let isRequired = around.isRequired && isWritten && field.mark == .required
      kinds.append((isWritten, isRequired))
      own.version = max(own.version, field.since ?? 1)
      if !isWritten, let until = field.until, deriver.hasGone(field) { own.version = max(own.version, until + 1) }
      for symbol in entry.symbols { own.version = max(own.version, symbol.since ?? 1) }
      if isRequired { own.versionMin = max(own.versionMin, field.since ?? 1) }
      if isWritten, field.type.type == .list { list(field, isRequired) }
    }
    return own
  }

  /// The largest of what each layout has and what the layouts have that it uses, and these use.
  ///
  /// Each layout is reached once, from the largest number that reaches it: linear but for the sorting.
  private static func spread(_ own: [UInt32], to users: [[Int]]) -> [UInt32] {
    var result = own
    var isReached = Array(repeating: false, count: own.count)
    for start in own.indices.sorted(by: { own[$0] > own[$1] }) where !isReached[start] {
      var open = [start]
      isReached[start] = true
      while let layout = open.popLast() {
        result[layout] = own[start]
        for user in users[layout] where !isReached[user] {
          isReached[user] = true
          open.append(user)
        }
      }
    }
    return result
  }
}
