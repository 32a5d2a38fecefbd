import DeviceModel
import Testing

/// One thing of the sample document broken at a time: the fault has its pointer, its line, and says what was expected.
///
/// `.ci/check-models` shows the same documents to the JSON Schema.
@Suite struct DocumentFaultTests {
  struct Broken: CustomTestStringConvertible, Sendable {
    let part: String
    let instead: String
    let pointer: String
    let line: Int
    /// Part of the message.
    let says: String

    var testDescription: String { "\(pointer): \(says)" }
  }

  static func cases() throws -> [Broken] {
    let table = try JSONValue(parsing: Array(try RepositoryFile.text("Corpus/models/refused/cases.json").utf8))
    guard case .array(let rows) = table.content else { return [] }
    return rows.map { row in
      Broken(
        part: row.string("part"), instead: row.string("instead"), pointer: row.string("pointer"),
        line: row.integer("line"), says: row.string("says"))
    }
  }

  @Test(arguments: try cases())
  func refused(_ broken: Broken) throws {
    let parts = try SampleDocument.text().split(separator: broken.part, omittingEmptySubsequences: false)
    try #require(parts.count == 2, "`\(broken.part)` stands \(parts.count - 1) times in the sample")
    let fault = try #require(documentFault(Array(parts.joined(separator: broken.instead).utf8)))
    #expect(fault.pointer == broken.pointer, "\(fault.text)")
    #expect(fault.message.contains(broken.says), "\(fault.text)")
    #expect(fault.line == broken.line, "\(fault.text)")
  }
}

extension JSONValue {
  fileprivate func string(_ key: String) -> String {
    if case .string(let text)? = self[key]?.content { text } else { "" }
  }

  fileprivate func integer(_ key: String) -> Int {
    if case .integer(let value)? = self[key]?.content { Int(value) } else { 0 }
  }
}
