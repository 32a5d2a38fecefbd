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
    var steps = text.utf8.split(separator: 0x2f, omittingEmptySubsequences: false)
    isAbsolute = steps.count > 1 && steps[0].isEmpty
    if isAbsolute { steps.removeFirst() }
    names = []
    for step in steps {
      guard !step.isEmpty, let name = Self.name(step) else { return nil }
      names.append(name)
    }
  }

  public var text: String {
    (isAbsolute ? "/" : "") + names.map(Self.step).joined(separator: "/")
  }

  private static func name(_ step: Substring.UTF8View) -> String? {
    var octets: [UInt8] = []
    var rest = step[...]
    while let octet = rest.popFirst() {
      guard octet == 0x7e else {
        octets.append(octet)
        continue
      }
      switch rest.popFirst() {
      case 0x30: octets.append(0x7e)
      case 0x31: octets.append(0x2f)
      default: return nil
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }

  private static func step(_ name: String) -> String {
    var octets: [UInt8] = []
    for octet in name.utf8 {
      switch octet {
      case 0x7e: octets += [0x7e, 0x30]
      case 0x2f: octets += [0x7e, 0x31]
      default: octets.append(octet)
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }
}
