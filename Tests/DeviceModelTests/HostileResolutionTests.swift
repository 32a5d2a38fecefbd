import DeviceModel
import MigrationStream
import Testing

/// Documents that load and that some parameters lead to what no stream can have.
@Suite struct HostileResolutionTests {
  private static func text(_ fields: String, more: String = "", layouts: String = "") -> String {
    """
    {
      "format_version": 1, "model": "example.org/a", "version": 1,
      "params": {
        "n": { "type": "int", "init_value": 1 },
        "gate": { "type": "bool", "init_value": false, "off_value": false },
        "word": { "type": "str", "init_value": "a" }
      },
      "sections": [{ "name": "one", "fields": [{ "name": "x", "type": "u8" }\(fields)] \(more) }]
      \(layouts)
    }
    """
  }

  private static func resolve(_ text: String, _ settings: [String]) throws -> Int {
    let model = try document(text)
    let set = try ParameterSet(initialOf: model, but: ParameterSet.settings(settings, of: model))
    return try ResolvedModel(model, set).layouts.count
  }

  @Test(arguments: [
    (#", { "name": "a", "type": "u8", "count": { "param": "n" } }"#, "n=0", "/sections/0/fields/1/count", "is 0 (n)"),
    (#", { "name": "a", "type": "u8", "count": { "param": "n" } }"#, "n=-1", "/sections/0/fields/1/count", "is -1"),
    (
      #", { "name": "a", "type": "u8", "max_count": { "param": "n" } }"#, "n=4294967296", "/sections/0/fields/1/max_count",
      "expected 1 to 4294967295"
    ),
    (
      #", { "name": "a", "type": "u8", "count": { "param": "n", "times": 9223372036854775807, "plus": 9223372036854775807 } }"#,
      "n=9223372036854775807", "/sections/0/fields/1/count", "85070591730234615856620279821087277056"
    ),
    (
      #", { "name": "a", "type": "u8", "count": { "param": "n", "times": -9223372036854775808, "plus": -9223372036854775808 } }"#,
      "n=-9223372036854775808", "/sections/0/fields/1/count", "expected 1 to"
    ),
    (
      #", { "name": "a", "type": "u64", "count": { "param": "n" } }"#, "n=2097153", "/sections/0/fields/1",
      "at most 16777216"
    ),
    (
      #", { "name": "s", "type": "structure", "fields": [{ "name": "a", "type": "bytes4096", "count": { "param": "n" } }, { "name": "b", "type": "u8" }] }"#,
      "n=4096", "/sections/0/fields/1", "at most 16777216"
    ),
    (
      #", { "name": "a", "type": "u8", "range": [1, { "param": "n" }] }"#, "n=0", "/sections/0/fields/1/range/1",
      "expected 1 to 255"
    ),
    (
      #", { "name": "a", "type": "u8", "range": [0, { "param": "n" }] }"#, "n=256", "/sections/0/fields/1/range/1",
      "expected 0 to 255"
    ),
    (
      #", { "name": "a", "type": "i8", "range": [{ "param": "n" }, 5] }"#, "n=-129", "/sections/0/fields/1/range/0",
      "expected -128 to 127"
    ),
    (
      #", { "name": "g", "type": "structure", "fields": [{ "name": "a", "type": "u8", "enabled_by": { "param": "gate" } }] }"#,
      "gate=off", "/sections/0/fields/1/fields", "none of these fields"
    ),
    (
      #", { "name": "i", "type": "index8", "ref": "a" }, { "name": "a", "type": "u8", "count": 4, "enabled_by": { "param": "gate" } }"#,
      "gate=off", "/sections/0/fields/1/ref", "does not exist"
    ),
    (
      #", { "name": "k", "type": "u8", "unique": true, "enabled_by": { "param": "gate" } }, { "name": "r", "type": "u8", "in": "k" }"#,
      "gate=off", "/sections/0/fields/2/in", "does not exist"
    ),
  ])
  func refused(_ fields: String, _ setting: String, _ pointer: String, _ part: String) throws {
    let fault = try #require(throws: DocumentFault.self) { try Self.resolve(Self.text(fields), [setting]) }
    #expect(fault.pointer == pointer && fault.message.contains(part), "\(fault)")
  }

  @Test func refusedBesideFields() throws {
    let condition = Self.text(
      #", { "name": "a", "type": "u8", "enabled_by": { "param": "gate" } }"#,
      more: #", "subsections": [{ "name": "two", "when": [{ "field": "a", "equals": 1 }], "fields": [{ "name": "y", "type": "u8" }] }]"#)
    var fault = try #require(throws: DocumentFault.self) { try Self.resolve(condition, []) }
    #expect(fault.pointer == "/sections/0/subsections/0/when/0")
    #expect(try Self.resolve(condition, ["gate=on"]) == 2)
    let target = Self.text(
      #", { "name": "a", "type": "structure", "count": 2, "fields": [{ "name": "b", "type": "u8" }], "enabled_by": { "param": "gate" } }"#,
      more: #", "subsections": [{ "name": "two", "target": "a", "fields": [{ "name": "y", "type": "u8" }] }]"#)
    fault = try #require(throws: DocumentFault.self) { try Self.resolve(target, []) }
    #expect(fault.pointer == "/sections/0/subsections/0/target")
    let region = Self.text("", layouts: #", "regions": [{ "name": "r", "size": { "param": "n", "times": 4096 }, "page_size": 4096 }]"#)
    #expect(try Self.resolve(region, []) == 1)
    for value in ["0", "-1", "17592186044416"] {
      fault = try #require(throws: DocumentFault.self) { try Self.resolve(region, ["n=\(value)"]) }
      #expect(fault.pointer == "/regions/0/size")
    }
    let section = Self.text("").replacing(#""name": "one","#, with: #""name": "one", "enabled_by": { "param": "gate" },"#)
    fault = try #require(throws: DocumentFault.self) { try Self.resolve(section, []) }
    #expect(fault.pointer == "/sections")
  }

  /// A rule that names a field that is not enabled is left out.
  @Test func rulesOfDisabledFields() throws {
    let text = Self.text(
      #", { "name": "a", "type": "u8", "enabled_by": { "param": "gate" } }"#,
      more: #", "rules": [{ "name": "r", "then": [{ "field": "a", "equals": 1 }, { "field": "x", "equals": 1 }] }]"#)
    #expect(try Self.resolve(text, []) == 1)
    #expect(try Self.resolve(text, ["gate=on"]) == 1)
  }

  /// Layouts that have each other, and only those that are named.
  @Test func cyclicLayouts() throws {
    let layouts = #"""
      , "layouts": {
        "a": { "fields": [{ "name": "l", "type": "list", "elements": ["b"] }] },
        "unused": { "fields": [{ "name": "x", "type": "u8" }] },
        "b": { "fields": [{ "name": "l", "type": "list", "elements": ["a", "b"], "since": 1 }] }
      }
      """#
    let text = Self.text(
      #", { "name": "l", "type": "list", "elements": ["a"], "enabled_by": { "param": "gate" } }"#, layouts: layouts)
    #expect(try Self.resolve(text, []) == 1)
    #expect(try Self.resolve(text, ["gate=on"]) == 3)
  }

  /// Many sections whose lists all lead to many layouts: refused, or done, in no time.
  @Test func manyLayoutsOfManySections() throws {
    let chain = (0..<1500).map { number in
      #""l\#(number)": { "fields": [{ "name": "l", "type": "list", "elements": ["l\#(number + 1)"] }, { "name": "k", "type": "u8", "unique": true }] }"#
    }
    let sections = (0..<1500).map { #"{ "name": "s\#($0)", "fields": [{ "name": "l", "type": "list", "elements": ["l0"] }] }"# }
    let text = """
      { "format_version": 1, "model": "example.org/a", "version": 1,
        "sections": [\(sections.joined(separator: ","))],
        "layouts": { \(chain.joined(separator: ",")), "l1500": { "fields": [{ "name": "x", "type": "u8" }] } } }
      """
    let clock = ContinuousClock()
    let start = clock.now
    let fault = try #require(throws: DocumentFault.self) { try Self.resolve(text, []) }
    #expect(fault.message.contains("65536"), "\(fault)")
    #expect(clock.now - start < .seconds(20))
  }

  /// References to fields beside many others are found without looking through these.
  @Test func manyReferences() throws {
    let references = (0..<8000).map { #", { "name": "i\#($0)", "type": "index8", "ref": "last" }"# }.joined()
    let text = Self.text(references + #", { "name": "last", "type": "u8", "count": 4 }"#)
    #expect(try Self.resolve(text, []) == 1)
  }
}
