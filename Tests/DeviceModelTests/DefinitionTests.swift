import DeviceModel
import MigrationStream
import Testing

/// Older definitions of a document by the undo operations of its history.
@Suite struct DefinitionTests {
  /// A document of two definitions whose way back is `operations`.
  private static func text(_ operations: String, newest: Int = 2) -> String {
    """
    {
      "format_version": 1,
      "model": "example.org/a",
      "version": \(newest),
      "params": { "p": { "type": "bool", "init_value": false, "off_value": false }, "a~b": { "type": "int", "init_value": 1 } },
      "sections": [
        { "name": "one", "fields": [
          { "name": "x", "type": "u8", "range": [1, 9] },
          { "name": "y", "type": "u8", "aliases": ["older"], "mark": "required" },
          { "name": "g", "type": "structure", "fields": [{ "name": "inner", "type": "u16" }] }
        ] },
        { "name": "two", "fields": [{ "name": "z", "type": "u32" }] }
      ],
      "history": [{ "version": \(newest - 1), "description": "Before.", "undo": [\(operations)] }]
    }
    """
  }

  /// Names of fields, in order, of the sections.
  private static func names(_ document: ModelDocument) -> String {
    func names(_ fields: [ModelField]) -> String {
      fields.map { $0.fields.isEmpty ? $0.name : "\($0.name)(\(names($0.fields)))" }.joined(separator: " ")
    }
    return document.sections.map { "\($0.piece.name): \(names($0.piece.fields))" }.joined(separator: "; ")
  }

  @Test(arguments: [
    (#""#, "one: x y g(inner); two: z"),
    (#"{ "op": "remove", "path": "/sections/two" }"#, "one: x y g(inner)"),
    (#"{ "op": "remove", "path": "/sections/one/fields/y" }"#, "one: x g(inner); two: z"),
    (
      #"{ "op": "add", "path": "/sections/one/fields/w", "value": { "name": "w", "type": "u8" } }"#,
      "one: x y g(inner) w; two: z"
    ),
    (
      #"{ "op": "add", "path": "/sections/one/fields/w", "value": { "name": "w", "type": "u8" }, "before": "x" }"#,
      "one: w x y g(inner); two: z"
    ),
    (
      #"{ "op": "add", "path": "/sections/one/fields/g/fields/i~1j~0", "value": { "name": "i/j~", "type": "u8" }, "before": "inner" }"#,
      "one: x y g(i/j~ inner); two: z"
    ),
    (
      #"{ "op": "replace", "path": "/sections/two/fields/z", "value": { "name": "q", "type": "u8" } }"#,
      "one: x y g(inner); two: q"
    ),
    (#"{ "op": "replace", "path": "/sections/two/name", "value": "zwei" }"#, "one: x y g(inner); zwei: z"),
    (
      #"{ "op": "remove", "path": "/sections/two" }, { "op": "add", "path": "/sections/two", "value": { "name": "two", "fields": [{ "name": "v", "type": "i8" }] }, "before": "one" }"#,
      "two: v; one: x y g(inner)"
    ),
  ])
  func applied(_ operations: String, _ expected: String) throws {
    let newest = try document(Self.text(operations))
    let older = try newest.definition(1)
    #expect(Self.names(older) == expected)
    #expect(older.version == 1 && older.history.isEmpty)
    #expect(try newest.definitions == [newest, older])
  }

  @Test func membersOfObjects() throws {
    let older = try document(
      Self.text(
        #"""
        { "op": "remove", "path": "/sections/one/fields/x/range" }, { "op": "add", "path": "/sections/one/fields/x/default", "value": 3 },
        { "op": "replace", "path": "/params/a~0b/init_value", "value": 7 }, { "op": "add", "path": "/apply", "value": "inPlace" }
        """#)
    ).definition(1)
    #expect(older.sections[0].piece.fields[0].range == nil)
    #expect(older.sections[0].piece.fields[0].defaultValue == 3)
    #expect(older.parameters[1].initValue == .int(7))
    #expect(older.apply == .inPlace)
  }

  /// What is wrong with an operation is said at the operation, what is wrong with its result at the element of the history.
  @Test(arguments: [
    (#"{ "op": "remove", "path": "/sections/three" }"#, "/history/0/undo/0", "there is no /sections/three"),
    (#"{ "op": "replace", "path": "/sections/one/fields/x/unit", "value": "ns" }"#, "/history/0/undo/0", "default"),
    (#"{ "op": "remove", "path": "/sections/one/fields/y/mark" }"#, "/history/0/undo/0", "default"),
    (#"{ "op": "add", "path": "/sections/two", "value": { "name": "two" } }"#, "/history/0/undo/0", "there already"),
    (#"{ "op": "add", "path": "/sections/one/fields/x/range", "value": [1, 2] }"#, "/history/0/undo/0", "there already"),
    (#"{ "op": "add", "path": "/sections/three", "value": { "name": "drei" } }"#, "/history/0/undo/0", "another name"),
    (
      #"{ "op": "add", "path": "/sections/three", "value": { "name": "three" }, "before": "four" }"#,
      "/history/0/undo/0", "no four"
    ),
    (#"{ "op": "add", "path": "/clock", "value": "none", "before": "apply" }"#, "/history/0/undo/0", "no order"),
    (#"{ "op": "remove", "path": "/sections/one/name/x" }"#, "/history/0/undo/0", "has no parts"),
    (#"{ "op": "remove", "path": "/sections/0" }"#, "/history/0/undo/0", "there is no /sections/0"),
    (#"{ "op": "remove", "path": "/sections/one/fields/y/aliases/older" }"#, "/history/0/undo/0", "there is no"),
    (#"{ "op": "replace", "path": "/version", "value": 3 }"#, "/history/0/undo/0", "not changed by operations"),
    (#"{ "op": "replace", "path": "/model", "value": "a.b/c" }"#, "/history/0/undo/0", "not changed by operations"),
    (#"{ "op": "remove", "path": "/history" }"#, "/history/0/undo/0", "not changed by operations"),
    (
      #"{ "op": "remove", "path": "/sections/two" }, { "op": "remove", "path": "/sections/two" }"#,
      "/history/0/undo/1", "there is no /sections/two"
    ),
    (#"{ "op": "remove", "path": "/sections" }"#, "/history/0", "definition 1"),
    (#"{ "op": "replace", "path": "/sections/two/name", "value": "one" }"#, "/history/0", "/sections/1/name"),
    (#"{ "op": "add", "path": "/since", "value": 1 }"#, "/history/0", "/since"),
  ])
  func refused(_ operations: String, _ pointer: String, _ part: String) throws {
    let newest = try document(Self.text(operations))
    let fault = try #require(throws: DocumentFault.self) { try newest.definition(1) }
    #expect(fault.pointer == pointer)
    #expect(fault.message.contains(part), "\(fault.message)")
  }

  @Test func definitionsThatAreNot() throws {
    let newest = try document(Self.text("", newest: 7))
    #expect(try newest.definition(6).version == 6)
    #expect(try newest.definition(7) == newest)
    for version in [0, 1, 5, 8, .max] as [UInt32] {
      let fault = try #require(throws: DocumentFault.self) { try newest.definition(version) }
      #expect(fault.pointer == "/history" && fault.message.contains("expected 6 to 7"))
    }
  }

  /// A history that takes too long is refused before any of it is done.
  @Test func endlessHistory() throws {
    let fields = (0..<6000).map { #"{ "name": "f\#($0)", "type": "u8" }"# }.joined(separator: ",")
    let remove = #"{ "op": "remove", "path": "/sections/one/fields/f5999" }"#
    let text = Self.text(Array(repeating: remove, count: 6000).joined(separator: ","))
      .replacing(#"{ "name": "x", "#, with: fields + #", { "name": "x", "#)
    let newest = try document(text)
    let fault = try #require(throws: DocumentFault.self) { try newest.definition(1) }
    #expect(fault.pointer == "/history" && fault.message.contains("too long"))
  }

  /// Values nested one in the other by many operations do not get deeper than a document may be.
  @Test func deepValues() throws {
    var value = #"{ "name": "g", "type": "structure", "fields": [] }"#
    for _ in 0..<20 { value = #"{ "name": "g", "type": "structure", "fields": [\#(value)] }"# }
    let operations = (1...3).map { number in
      let path = String(repeating: "/fields/g", count: 21 * (number - 1))
      return #"{ "op": "add", "path": "/sections/two\#(path)/fields/g", "value": \#(value) }"#
    }
    let newest = try document(Self.text(operations.joined(separator: ",")))
    let fault = try #require(throws: DocumentFault.self) { try newest.definition(1) }
    #expect(fault.pointer.hasPrefix("/history/0/undo/"), "\(fault)")
    #expect(fault.message.contains("nested above 64") || fault.message.contains("steps"), "\(fault.message)")
  }
}
