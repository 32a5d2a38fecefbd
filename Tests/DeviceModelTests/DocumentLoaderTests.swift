import DeviceModel
import MigrationStream
import Testing

@Suite struct DocumentLoaderTests {
  @Test func sampleLoads() throws {
    let document = try document(SampleDocument.text())
    #expect(document.model == "example.org/net/sample")
    #expect(document.parameters.map(\.name) == ["queues", "offload", "backend"])
    #expect(document.parameters[0].allowedValues == [.range(1...16), .value(.int(32))])
    #expect(document.parameters[1].requires.first?.allowedValues == [.range(2...32)])
    #expect(document.sections[0].piece.fields.count == 12)
    #expect(document.sections[0].piece.fields[1].verify == .superset)
    #expect(document.sections[1].cardinality == .many(count: .constant(16), key: "number"))
    #expect(document.history.map(\.version) == [2, 1])
  }

  /// Closed on both ends; the sign of the end is the second `-`.
  @Test(arguments: [
    ("\"-3--1\"", [AllowedValue.range(-3 ... -1)]), ("\"-3-4\"", [.range(-3...4)]), ("\"5-5\"", [.range(5...5)]),
    ("\"-9223372036854775808-9223372036854775807\"", [.range(Int64.min...Int64.max)]),
    ("-9223372036854775808, \"0-0\"", [.value(.int(Int64.min)), .range(0...0)]),
  ])
  func ranges(_ text: String, _ values: [AllowedValue]) throws {
    let whole = try SampleDocument.text().replacing("[\"1-16\", 32]", with: "[\"1-16\", 32, \(text)]")
    #expect(try document(whole).parameters[0].allowedValues == [.range(1...16), .value(.int(32))] + values)
  }

  /// What is in the folder of published documents is right, in canonical form, and where its identifier says.
  @Test(arguments: RepositoryFile.documents(below: "Specs/devices"))
  func published(_ path: String) throws {
    let text = try RepositoryFile.text(path)
    let document = try document(text)
    #expect(document.json.text == text)
    #expect(path == "Specs/devices/\(document.model).json")
  }
}
