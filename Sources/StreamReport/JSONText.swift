/// Pieces of JSON. Keys are fixed; what comes from data is always a value.
///
/// Source: Specs/50-inspection.md section 2.
public enum JSONText {
  /// A string with quotes. Besides what JSON demands, everything that a terminal acts on is escaped.
  public static func string(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c && $0 != 0x22 }) {
      return "\"" + text + "\""
    }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\\" || scalar == "\"" {
        quoted += "\\"
        quoted.unicodeScalars.append(scalar)
      } else if scalar.isControl {
        for unit in String(scalar).utf16 { quoted += "\\u" + fourDigits(unit) }
      } else {
        quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func fourDigits(_ unit: UInt16) -> String {
    hexadecimal(UInt8(unit >> 8)) + hexadecimal(UInt8(unit & 255))
  }

  /// An integer as a string, so that readers with 53-bit numbers lose nothing.
  static func integer(_ value: UInt64) -> String { "\"\(value)\"" }

  static func value(_ value: ReportValue) -> String {
    switch value {
    case .none: "null"
    case .bool(let value): value ? "true" : "false"
    case .text(let text), .name(let text): string(text)
    case .octets(let head, let count):
      "{\"octets\":\"\(head.map { hexadecimal($0) }.joined())\",\"count\":\(integer(count))}"
    case .list(let head, let count):
      "{\"elements\":[\(head.map { JSONText.value($0) }.joined(separator: ","))],\"count\":\(integer(count))}"
    case .redacted: "{\"secret\":true}"
    case .unsigned, .signed, .wide, .wideSigned, .float: "\"\(value.text)\""
    }
  }

  /// The members of a node, without braces and children.
  static func members(_ node: ReportNode, path: String) -> String {
    var members = "\"path\":\(string(path)),\"name\":\(string(node.name))"
    if let offset = node.offset {
      members += ",\"offset\":\(integer(offset)),\"length\":\(integer(node.length))"
    }
    if !node.type.isEmpty { members += ",\"type\":\(string(node.type))" }
    if node.value != .none { members += ",\"value\":\(value(node.value))" }
    if !node.meaning.isEmpty { members += ",\"meaning\":\(string(node.meaning))" }
    if node.isSkippable { members += ",\"mark\":\"skippable\"" }
    return members
  }

  /// The members of a fault, without braces.
  static func members(_ fault: ReportFault) -> String {
    var members = "\"code\":\(string(fault.code)),\"number\":\(fault.number)"
    members += ",\"stage\":\(string(fault.stage)),\"path\":\(string(fault.path))"
    if let channel = fault.channel { members += ",\"channel\":\(channel)" }
    members += ",\"offset\":\(integer(fault.offset))"
    members += ",\"expected\":\(integer(fault.expected)),\"found\":\(integer(fault.found))"
    if let record = fault.record { members += ",\"record\":\(integer(record))" }
    if let device = fault.device { members += ",\"device\":\(device)" }
    members += ",\"message\":\(string(fault.message)),\"next\":\(string(fault.advice))"
    let window = fault.window
    let octets = window.octets.map { hexadecimal($0) }.joined()
    members += ",\"window\":{\"offset\":\(integer(window.offset)),\"octets\":\"\(octets)\"}"
    return members
  }
}
