import DeviceModel

/// A text is taken and says what the reference reader says, and what is printed is read again as the same.
enum JSONOracle {
  /// R1.
  static func reference(_ side: ModelSide) -> FuzzViolation? {
    let (wanted, found) = (ReferenceJSON.form(of: side.octets), side.json.map { ReferenceJSON.form(of: $0) })
    if wanted == found { return nil }
    let answer = { (form: [UInt8]?) in form == nil ? "refused" : "taken" }
    return FuzzViolation("R1", "a JSON text is \(answer(found)), by the reference \(answer(wanted))")
  }

  static func violation(_ value: JSONValue?) -> FuzzViolation? {
    guard let value else { return nil }
    for text in [value.text, value.lineText] {
      guard let again = try? JSONValue(parsing: Array(text.utf8)) else {
        return FuzzViolation("R3", "the printed text of a JSON value is refused")
      }
      if again != value { return FuzzViolation("R3", "the printed text of a JSON value is another value") }
    }
    return nil
  }

  /// The same value as other octets: members in reverse order, and a line feed wherever space may stand.
  static func respelled(_ value: JSONValue) -> [UInt8] {
    var text: [UInt8] = []
    append(value, to: &text)
    return text
  }

  private static func append(_ value: JSONValue, to text: inout [UInt8]) {
    text.append(0x0a)
    switch value.content {
    case .array(let elements):
      text.append(UInt8(ascii: "["))
      for (number, element) in elements.enumerated() {
        if number > 0 { text.append(UInt8(ascii: ",")) }
        append(element, to: &text)
      }
      text += [0x0a, UInt8(ascii: "]")]
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      for (number, member) in members.reversed().enumerated() {
        if number > 0 { text.append(UInt8(ascii: ",")) }
        append(JSONValue(.string(member.key)), to: &text)
        text += [0x09, UInt8(ascii: ":")]
        append(member.value, to: &text)
      }
      text += [0x0a, UInt8(ascii: "}")]
    default: text += Array(value.lineText.utf8)
    }
    text.append(0x0a)
  }
}
