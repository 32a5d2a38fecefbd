/// Names from a group of fields to one below it, as documents write them: `queues/ring`, `/registers/a~1b`.
///
/// Source: Specs/device-models.md section 3.
public struct ModelPath: Equatable, Sendable {
  /// Whether it starts at the top of the layout, wherever it stands.
  public var isAbsolute: Bool
  public var names: [String]

  public init(_ names: [String], isAbsolute: Bool = false) {
    self.names = names
    self.isAbsolute = isAbsolute
  }

  /// nil when `text` has an empty step, or a `~` that is neither `~0` nor `~1`.
  public init?(_ text: String) {
    isAbsolute = text.utf8.first == 0x2f
    guard let steps = JSONPointer.steps(of: isAbsolute ? text : "/" + text), steps.allSatisfy({ !$0.isEmpty }) else {
      return nil
    }
    names = steps
  }

  public var text: String {
    var pointer = ""
    for name in names { JSONPointer.append(name, to: &pointer) }
    return isAbsolute ? pointer : String(pointer.unicodeScalars.dropFirst())
  }
}
