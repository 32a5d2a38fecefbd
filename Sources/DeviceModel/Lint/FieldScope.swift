internal import MigrationStream

/// The fields of one group, found by name in constant time.
final class FieldScope {
  let fields: [ModelField]
  /// The group around it.
  let around: FieldScope?
  private lazy var numbers = Dictionary(
    fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
  private var inside: [Int: FieldScope] = [:]

  init(_ fields: [ModelField], in around: FieldScope? = nil) {
    self.fields = fields
    self.around = around
  }

  /// The group that one of the fields is.
  func group(_ number: Int) -> FieldScope {
    if let group = inside[number] { return group }
    let group = FieldScope(fields[number].fields, in: self)
    inside[number] = group
    return group
  }

  /// The group at a path of names below this one.
  func group(at path: String) -> FieldScope? {
    var group = self
    for step in path.split(separator: "/") {
      guard let number = group.numbers[String(step)] else { return nil }
      group = group.group(number)
    }
    return group
  }

  /// The field that a comparison names: in the group at hand, else in the groups around it.
  ///
  /// Source: Specs/device-models.md section 5.3.
  func field(_ path: String) -> ModelField? {
    let steps = path.split(separator: "/").map(String.init)
    guard let last = steps.last else { return nil }
    var group: FieldScope? = self
    while let scope = group {
      if let holder = scope.group(at: steps.dropLast().joined(separator: "/")), let number = holder.numbers[last] {
        return holder.fields[number]
      }
      group = scope.around
    }
    return nil
  }
}
