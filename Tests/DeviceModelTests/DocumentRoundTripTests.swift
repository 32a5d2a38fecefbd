import DeviceModel
import StreamTestKit
import Testing

/// Documents, their canonical form, their text, and back.
@Suite struct DocumentRoundTripTests {
  @Test(arguments: 0..<300 as Range<UInt64>)
  func randomDocumentsComeBack(_ seed: UInt64) throws {
    let document = RandomModel.document(seed: seed)
    let text = document.json.text
    let again = try ModelDocument(json: JSONValue(parsing: Array(text.utf8)))
    #expect(again == document, "seed \(seed)")
    #expect(again.json.text == text, "seed \(seed)")
    #expect(
      text.split(separator: "\n").allSatisfy {
        $0.unicodeScalars.count <= 120 || $0.contains("on and on") || $0.contains("long_")
      })
  }

  /// Older definitions and the sections of every random document can be derived.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func randomDocumentsResolve(_ seed: UInt64) throws {
    let document = RandomModel.document(seed: seed)
    for definition in try document.definitions {
      let parameters = try ParameterSet(initialOf: definition)
      _ = try ResolvedModel(definition, parameters)
      #expect(try ModelDocument(json: definition.json) == definition, "seed \(seed)")
    }
  }

  /// The random documents use every key that the JSON Schema knows.
  @Test func everyKeyIsUsed() throws {
    let schema = try JSONValue(parsing: Array(try RepositoryFile.text("Specs/device-model.schema.json").utf8))
    var used: Set<String> = []
    for seed in 0..<300 as Range<UInt64> { RandomModel.document(seed: seed).json.forEachMember { used.insert($0.key) } }
    var unused: Set<String> = []
    schema.forEachMember { member in
      guard member.key == "properties", case .object(let properties) = member.value.content else { return }
      unused.formUnion(properties.map(\.key).filter { !used.contains($0) })
    }
    #expect(unused == ["$schema"])
  }

  @Test func sampleIsItsOwnCanonicalForm() throws {
    let document = try document(SampleDocument.text())
    let again = try ModelDocument(json: JSONValue(parsing: Array(document.json.text.utf8)))
    #expect(again == document)
  }

  /// Lines break where 120 columns are not enough, and nowhere else.
  @Test func columns() throws {
    let long = JSONValue(.string(String(repeating: "x", count: 104)))
    let fits = JSONValue(.object([JSONMember("a", JSONValue(.array([long, JSONValue(.integer(1))])))]))
    #expect(fits.text == "{\n  \"a\": [\"\(String(repeating: "x", count: 104))\", 1]\n}\n")
    let tooLong = JSONValue(.object([JSONMember("a", JSONValue(.array([long, JSONValue(.integer(12345))])))]))
    #expect(tooLong.text == "{\n  \"a\": [\n    \"\(String(repeating: "x", count: 104))\",\n    12345\n  ]\n}\n")
    #expect(JSONValue(.object([])).text == "{}\n")
    #expect(JSONValue(.array([])).text == "[]\n")
  }
}

extension JSONValue {
  /// Members of this object and of all that is in it.
  fileprivate func forEachMember(_ body: (JSONMember) -> Void) {
    switch content {
    case .array(let elements): for element in elements { element.forEachMember(body) }
    case .object(let members):
      for member in members {
        body(member)
        member.value.forEachMember(body)
      }
    default: break
    }
  }
}
