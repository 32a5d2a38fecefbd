/// A JSON value with the line it stands on; objects keep the order of their members.
public struct JSONValue: Equatable, Sendable {
  public enum Content: Equatable, Sendable {
    case null
    case bool(Bool)
    /// -2^63 to 2^64 - 1; documents have no other numbers.
    case integer(Int128)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
  }

  public var content: Content
  /// Of 32 bits, so that a value takes 32 octets.
  private var lineNumber: UInt32

  /// From 1; 0 for a value that was made.
  public var line: Int {
    get { Int(lineNumber) }
    set { lineNumber = UInt32(clamping: newValue) }
  }

  public init(_ content: Content, line: Int = 0) {
    self.content = content
    lineNumber = UInt32(clamping: line)
  }

  /// Compared without lines.
  public static func == (left: JSONValue, right: JSONValue) -> Bool { left.content == right.content }

  /// The value of a member of an object.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }
}

public struct JSONMember: Equatable, Sendable {
  public var key: String
  public var value: JSONValue

  public init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }
}

/// What is wrong with a document, and where.
///
/// Source: Specs/device-models.md section 2.
public struct DocumentFault: Error, Equatable, Sendable {
  /// JSON pointer (RFC 6901) to the value at fault; empty for the whole document.
  public var pointer: String
  /// From 1.
  public var line: Int
  /// One sentence: what is wrong, what was expected and found.
  public var message: String

  public init(_ message: String, pointer: String, line: Int) {
    self.message = message
    self.pointer = pointer
    self.line = line
  }

  /// For people: `line 12, /sections/0/name: ...`; what comes from the document shows its control characters.
  public var text: String {
    let place = pointer.isEmpty ? "line \(line)" : "line \(line), \(VisibleName(pointer, scalarsMax: 1024))"
    return line == 0 && pointer.isEmpty ? message : "\(place): \(message)"
  }
}
