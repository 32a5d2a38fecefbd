import DeviceModel
import MigrationStream
import Testing

@Suite struct DocumentLoaderTests {
  @Test func sampleLoads() throws {
    let document = try ModelDocument(json: JSONValue(parsing: Array(SampleDocument.text.utf8)))
    #expect(document.model == "example.org/net/sample")
    #expect(document.parameters.map(\.name) == ["queues", "offload", "backend"])
    #expect(document.parameters[0].allowedValues == [.range(1...16), .value(.int(32))])
    #expect(document.sections[0].piece.fields.count == 12)
    #expect(document.sections[0].piece.fields[1].verify == .superset)
    #expect(document.sections[1].cardinality == .many(count: .constant(16), key: "number"))
    #expect(document.history.map(\.version) == [2, 1])
  }
}
