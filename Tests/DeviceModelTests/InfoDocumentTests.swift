import MigrationStream
import Testing

@testable import DeviceModel

/// Information documents are read as strictly as models.
@Suite struct InfoDocumentTests {
  struct Malformed: CustomTestStringConvertible, Sendable {
    var text: String
    var pointer: String
    var testDescription: String { text }

    init(_ text: String, _ pointer: String) {
      self.text = text
      self.pointer = pointer
    }

    static func model(_ text: String, _ pointer: String) -> Malformed {
      Malformed("{\"models\":{\"example.org/x\":\(text)}}", "/models/example.org~1x" + pointer)
    }

    static func parameter(_ text: String, _ pointer: String) -> Malformed {
      model("{\"params\":{\"p\":\(text)}}", "/params/p" + pointer)
    }

    static func device(_ text: String, _ pointer: String) -> Malformed {
      Malformed("{\"devices\":[{\"path\":\"/d\",\(text)}]}", "/devices/0" + pointer)
    }

    static func identifier(_ text: String) -> Malformed {
      let step = text.replacing("~", with: "~0").replacing("/", with: "~1")
      return Malformed("{\"models\":{\"\(text)\":{}}}", "/models/" + step)
    }
  }

  /// M88: what is no document at all.
  static let json: [Malformed] = [
    Malformed("", ""), Malformed("[]", ""), Malformed("{}", ""), Malformed("null", ""),
    Malformed("\u{feff}{\"models\":{}}", ""), Malformed("{\"models\":{},}", ""), Malformed("{\"models\":{}} {}", ""),
    Malformed("{\"models\":{},\"models\":{}}", "/models"), Malformed("{\"models\":[]}", "/models"),
    Malformed("{\"devices\":{}}", "/devices"), Malformed("{\"models\":{},\"host\":7}", "/host"),
    Malformed("{\"models\":{},\"host\":\"\"}", "/host"), Malformed("{\"models\":{},\"host\":\"a\\u001b[2J\"}", "/host"),
    Malformed("{\"models\":{},\"hosts\":\"a\"}", "/hosts"), Malformed("{'models':{}}", ""),
    Malformed("{\"devices\":[{\"path\":\"/d\",\"version\":1.0}]}", "/devices/0/version"),
    Malformed("{\"devices\":[{\"path\":\"/d\",\"version\":1e0}]}", "/devices/0/version"),
    Malformed("{\"devices\":[{\"path\":\"/d\",\"version\":18446744073709551616}]}", "/devices/0/version"),
    Malformed("{\"models\":\(String(repeating: "[", count: 100))", "/models\(String(repeating: "/0", count: 63))"),
  ]

  /// M68: identifiers.
  static let identifiers: [Malformed] =
    [
      "", "x", "example.org", "example.org/", "example.org/x/", "/x", "example/x", "Example.org/x", "example.org/X",
      "https://example.org/x", "example.org/a b", "example..org/x", "-a.org/x", ".org/x", "example.org/..", "example.org/./x",
      "ex\u{e4}mple.org/x", "ex\u{430}mple.org/x", "example.org/x\u{301}",
    ].map { Malformed.identifier($0) }
    + [
      Malformed("{\"models\":{\"example.org/x\\u0000\":{}}}", "/models/example.org~1x\0"),
      Malformed("{\"models\":{\"example.org/x\\n\":{}}}", "/models/example.org~1x\n"),
      .identifier("example.org/" + String(repeating: "x", count: 244)),
      .device("\"model\":\"example.org\"", "/model"), .device("\"model\":\"\"", "/model"),
    ]

  /// M69 to M74: parameters.
  static let parameters: [Malformed] = [
    .model("{\"params\":{\"a=b\":{\"type\":\"int\",\"init_value\":1}}}", "/params/a=b"),
    .model("{\"params\":{\"a/b\":{\"type\":\"int\",\"init_value\":1}}}", "/params/a~1b"),
    .model("{\"params\":{\"a b\":{\"type\":\"int\",\"init_value\":1}}}", "/params/a b"),
    .model("{\"params\":{\"\":{\"type\":\"int\",\"init_value\":1}}}", "/params/"),
    .parameter("{\"type\":\"int\"}", ""), .parameter("{\"init_value\":1}", ""),
    .parameter("{\"type\":\"uint\",\"init_value\":1}", "/type"), .parameter("{\"type\":\"int\",\"init_value\":\"1\"}", "/init_value"),
    .parameter("{\"type\":\"bool\",\"init_value\":1}", "/init_value"),
    .parameter("{\"type\":\"bool\",\"init_value\":\"on\"}", "/init_value"),
    .parameter("{\"type\":\"str\",\"init_value\":\"a\\nb\"}", "/init_value"),
    .parameter("{\"type\":\"int\",\"init_value\":9223372036854775808}", "/init_value"),
    .parameter("{\"type\":\"int\",\"init_value\":01}", "/init_value"), .parameter("{\"type\":\"int\",\"init_value\":-0}", "/init_value"),
    .parameter("{\"type\":\"int\",\"init_value\":+1}", "/init_value"), .parameter("{\"type\":\"int\",\"init_value\":0x10}", ""),
    .parameter("{\"type\":\"int\",\"init_value\":3,\"allowed_values\":[\"0-2\"]}", "/init_value"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"off_value\":3,\"allowed_values\":[\"0-2\"]}", "/off_value"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"allowed_values\":[\"5-1\"]}", "/allowed_values/0"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"allowed_values\":[\"1-\"]}", "/allowed_values/0"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"allowed_values\":[\"-1\"]}", "/allowed_values/0"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"allowed_values\":[1,\"0-18446744073709551616\"]}", "/allowed_values/1"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"allowed_values\":[]}", "/allowed_values"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"affects\":[\"guest\"]}", "/affects/0"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"default\":1}", "/default"),
    .parameter("{\"type\":\"int\",\"init_value\":1,\"requires\":[{\"param\":\"q\",\"allowed_values\":[1]}]}", "/requires/0/param"),
    .device("\"params\":{\"a=b\":1}", "/params/a=b"), .device("\"params\":{\"a\":null}", "/params/a"),
    .device("\"params\":{\"a\":9223372036854775808}", "/params/a"), .device("\"params\":{\"a\":[1]}", "/params/a"),
    .device("\"params\":{\"a\":1,\"a\":1}", "/params/a"), .device("\"params\":{\"a\":\"x\\u0007\"}", "/params/a"),
    .device("\"params\":[1]", "/params"),
  ]

  /// M62: versions; and what else a model and a device say.
  static let rest: [Malformed] = [
    .model("{\"stream\":{\"sections\":[],\"subsections\":[]}}", "/stream"),
    .model("{\"stream\":{\"version\":1,\"subsections\":[]}}", "/stream"), .model("{\"stream\":{\"version\":1,\"sections\":[]}}", "/stream"),
    .model("{\"stream\":{\"version\":0,\"sections\":[],\"subsections\":[]}}", "/stream/version"),
    .model("{\"stream\":{\"version\":4294967296,\"sections\":[],\"subsections\":[]}}", "/stream/version"),
    .model("{\"stream\":{\"version\":2,\"min_version\":3,\"sections\":[],\"subsections\":[]}}", "/stream/min_version"),
    .model("{\"stream\":{\"version\":2,\"sections\":[{\"name\":\"a\",\"since\":3}],\"subsections\":[]}}", "/stream/sections/0/since"),
    .model(
      "{\"stream\":{\"version\":2,\"sections\":[{\"name\":\"a\",\"version\":1,\"min_version\":2}],\"subsections\":[]}}",
      "/stream/sections/0/min_version"),
    .model("{\"stream\":{\"version\":2,\"sections\":[{\"name\":\"a\"},{\"name\":\"a\"}],\"subsections\":[]}}", "/stream/sections/1"),
    .model("{\"stream\":{\"version\":2,\"sections\":[],\"subsections\":[{\"name\":\"\"}]}}", "/stream/subsections/0/name"),
    .model(
      "{\"stream\":{\"version\":2,\"sections\":[],\"subsections\":[{\"name\":\"a\",\"cardinality\":\"one\"}]}}",
      "/stream/subsections/0/cardinality"),
    .model(
      "{\"stream\":{\"version\":2,\"sections\":[{\"name\":\"a\",\"enabled_by\":{\"param\":\"p\"}}],\"subsections\":[]}}",
      "/stream/sections/0/enabled_by/param"),
    .model(
      "{\"stream\":{\"version\":2,\"sections\":[{\"name\":\"a\",\"mark\":\"optional\"}],\"subsections\":[]}}",
      "/stream/sections/0/mark"),
    .model("{\"versions\":[]}", "/versions"), .model("{\"versions\":[\"a\",\"a\"]}", "/versions/1"),
    .model("{\"versions\":[\"a\\nb\"]}", "/versions/0"), .model("{\"versions\":[1]}", "/versions/0"),
    .model("{\"versions\":[{\"params\":{}}]}", "/versions/0"),
    .model("{\"params\":{},\"versions\":[{\"name\":\"1\",\"params\":{\"p\":1}}]}", "/versions/0/params/p"),
    Malformed("{\"devices\":[{\"model\":\"example.org/x\"}]}", "/devices/0"),
    Malformed("{\"devices\":[{\"path\":\"/d\"},{\"path\":\"/d\"}]}", "/devices/1"),
    .device("\"version\":0", "/version"), .device("\"version\":2,\"min_version\":3", "/min_version"),
    .device("\"min_version\":1", "/min_version"), .device("\"sections\":[]", "/sections"),
    .device("\"version\":1,\"sections\":[{\"name\":\"a\",\"version\":1,\"min_version\":2}]", "/sections/0/min_version"),
    .device("\"mark\":\"both\"", "/mark"), .device("\"version_name\":\"\"", "/version_name"),
  ]

  @Test(arguments: json + identifiers + parameters + rest)
  func malformed(_ malformed: Malformed) {
    do throws(DocumentFault) {
      _ = try InfoDocument(json: JSONValue(parsing: Array(malformed.text.utf8)))
      Issue.record("was taken")
    } catch {
      #expect(error.pointer == malformed.pointer, "\(error)")
      #expect(error.line == 1)
      #expect(!error.message.isEmpty)
    }
  }

  /// A line of JSON lines has the number that it has there.
  @Test func lineNumber() {
    #expect { try InfoDocument(json: JSONValue(parsing: Array("{\"host\":1}".utf8), firstLine: 17)) } throws: {
      ($0 as? DocumentFault)?.line == 17
    }
  }

  /// What is written is read again as the same, in every form.
  @Test(arguments: try CheckCorpusTests.cases())
  func roundTrip(_ name: String) throws {
    let source = try CheckCorpusTests.document("\(name)/source.json")
    let json = source.json()
    #expect(try InfoDocument(json: json) == source)
    #expect(try InfoDocument(json: JSONValue(parsing: Array(json.lineText.utf8))) == source)
    #expect(!json.lineText.contains("\n"))
  }
}
