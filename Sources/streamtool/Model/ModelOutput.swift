import DeviceModel
import StreamIO
import StreamReport

/// Standard output of commands on device models.
enum ModelOutput {
  /// Writes JSON in the form that documents have; what a terminal would act on is an escape in it.
  static func write(json: JSONValue) throws(IOFailure) { try write(text: json.text) }

  /// Writes text that was made for people.
  static func write(text: String) throws(IOFailure) {
    var output = ToolOutput()
    output.write(text)
    output.flush()
    if let failure = output.failure { throw failure }
  }

  /// A row of a table: columns are padded to their widths, the last is not.
  static func row(_ columns: [(text: String, width: Int)]) -> String {
    var row = ""
    for column in columns {
      let text = column.text.visible(keeping: "\"\\")
      row += text
      row += String(repeating: " ", count: max(column.width - text.unicodeScalars.count, 0) + 1)
    }
    while row.utf8.last == 0x20 { row.removeLast() }
    return row + "\n"
  }
}

extension JSONValue {
  static func text(_ text: String) -> JSONValue { JSONValue(.string(text)) }
  static func number<Value: BinaryInteger>(_ value: Value) -> JSONValue { JSONValue(.integer(Int128(value))) }
  static func flag(_ value: Bool) -> JSONValue { JSONValue(.bool(value)) }
  static func list(_ elements: [JSONValue]) -> JSONValue { JSONValue(.array(elements)) }

  /// An object of the members that have a value.
  static func record(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    JSONValue(.object(members.compactMap { member in member.value.map { JSONMember(member.key, $0) } }))
  }

  /// A number that may exceed 53 bits, as a string.
  static func wide<Value: BinaryInteger>(_ value: Value) -> JSONValue { text(String(value)) }
}
