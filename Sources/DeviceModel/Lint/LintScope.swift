internal import MigrationStream

/// The fields of one group, found by name in constant time.
final class LintScope {
  let fields: [ModelField]
  /// The group around it.
  let around: LintScope?
  private lazy var numbers = Dictionary(
    fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
  private var inside: [Int: LintScope] = [:]

  init(_ fields: [ModelField], in around: LintScope? = nil) {
    self.fields = fields
    self.around = around
  }

  /// The group that one of the fields is.
  func group(_ number: Int) -> LintScope {
    if let group = inside[number] { return group }
    let group = LintScope(fields[number].fields, in: self)
    inside[number] = group
    return group
  }

  /// The group at a path of names below this one.
  func group(at path: String) -> LintScope? {
    path.isEmpty ? self : ModelPath(path).flatMap { group(at: $0.names[...]) }
  }

  private func group(at steps: ArraySlice<String>) -> LintScope? {
    var group = self
    for step in steps {
      guard let number = group.numbers[step] else { return nil }
      group = group.group(number)
    }
    return group
  }

  /// The field that a comparison names: in the group at hand, else in the groups around it.
  ///
  /// Source: Specs/device-models.md section 5.3.
  func field(_ path: String) -> ModelField? {
    guard let path = ModelPath(path), let last = path.names.last else { return nil }
    var group: LintScope? = self
    while let scope = group {
      let isStart = !path.isAbsolute || scope.around == nil
      if isStart, let holder = scope.group(at: path.names.dropLast()), let number = holder.numbers[last] {
        return holder.fields[number]
      }
      group = scope.around
    }
    return nil
  }
}
