/// Identifiers and names.
///
/// Source: Specs/device-models.md section 3.
extension DocumentNode {
  func modelIdentifier() throws(DocumentFault) -> String {
    let text = try string()
    if let why = ModelIdentifier.fault(of: text) {
      throw fault("`\(VisibleName(text))` is no model identifier: \(why)")
    }
    return text
  }

  /// A name of anything but a parameter.
  func name(_ what: String) throws(DocumentFault) -> String {
    let text = try string()
    try checkName(text, what)
    return text
  }

  /// Like ``name(_:)``, of a text that is a key or the value at hand.
  func checkName(_ text: String, _ what: String) throws(DocumentFault) {
    guard (1...255).contains(text.utf8.count) else {
      throw fault("the name of \(what) has \(text.utf8.count) octets; expected 1 to 255")
    }
    guard !text.unicodeScalars.contains(where: \.isControl) else {
      throw fault("the name of \(what), `\(VisibleName(text))`, has a control character")
    }
  }

  func checkParameterName(_ text: String) throws(DocumentFault) {
    try checkName(text, "a parameter")
    // Of ASCII only the space is left: looking up properties takes long.
    let isBarred = { (scalar: Unicode.Scalar) in
      scalar == "=" || scalar == "/" || scalar == " " || (scalar.value > 0x7f && scalar.properties.isWhitespace)
    }
    guard !text.unicodeScalars.contains(where: isBarred) else {
      throw fault("the name of a parameter, `\(VisibleName(text))`, has white space, `=` or `/`")
    }
  }
}

/// `DOMAIN/PATH`.
public enum ModelIdentifier {
  /// What is wrong with `text`; nil when nothing is.
  public static func fault(of text: String) -> String? {
    guard (3...255).contains(text.utf8.count) else { return "it has \(text.utf8.count) octets, expected 3 to 255" }
    let parts = text.utf8.split(separator: 0x2f, omittingEmptySubsequences: false)
    guard parts.count > 1 else { return "it has no `/` between domain and path" }
    let labels = parts[0].split(separator: 0x2e, omittingEmptySubsequences: false)
    guard labels.count > 1 else { return "its domain has one label, expected two or more joined by dots" }
    for label in labels {
      guard let first = label.first, let last = label.last else { return "its domain has an empty label" }
      guard first != 0x2d, last != 0x2d else { return "a label of its domain begins or ends with `-`" }
      guard label.allSatisfy({ isLowerOrDigit($0) || $0 == 0x2d }) else {
        return "its domain has something other than `a-z`, `0-9`, `-` and dots"
      }
    }
    for step in parts.dropFirst() {
      guard !step.isEmpty else { return "its path has an empty step" }
      guard step.allSatisfy({ isLowerOrDigit($0) || $0 == 0x2e || $0 == 0x5f || $0 == 0x2d }) else {
        return "its path has something other than `a-z`, `0-9`, `.`, `_`, `-` and `/`"
      }
      guard step.contains(where: { $0 != 0x2e }) || step.count > 2 else { return "its path has the step `.` or `..`" }
    }
    return nil
  }

  private static func isLowerOrDigit(_ octet: UInt8) -> Bool {
    (0x61...0x7a).contains(octet) || (0x30...0x39).contains(octet)
  }
}

/// Names that have to differ, each seen once.
struct NameRegister {
  private var names: Set<String> = []

  mutating func add(_ name: String, _ what: String, at node: DocumentNode) throws(DocumentFault) {
    guard names.insert(name).inserted else {
      throw node.fault("\(what) `\(VisibleName(name))` comes a second time")
    }
  }
}
