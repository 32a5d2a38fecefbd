import DeviceModel
import MigrationStream
import Testing

/// What a writer's layout leaves out.
///
/// Source: Specs/device-models.md section 5.5.
@Suite struct WriterLayoutTests {
  private static func resolve(_ fields: String, layouts: String = "") throws -> ResolvedModel {
    let model = try document(
      """
      {
        "format_version": 1, "model": "example.org/a", "version": 2,
        "sections": [{ "name": "one", "fields": [\(fields)] }],
        "layouts": { \(layouts) }
      }
      """)
    return try ResolvedModel(model, ParameterSet(initialOf: model))
  }

  /// The array that a path means has gone: the reference does not go over to another one of that name.
  @Test func referenceToWhatHasGone() throws {
    let model = try Self.resolve(
      """
      { "name": "x", "type": "u8", "max_count": 4 },
      { "name": "g", "type": "structure", "fields": [
        { "name": "x", "type": "u8", "max_count": 4, "until": 1 }, { "name": "i", "type": "index8", "ref": "x" } ] }
      """)
    let reader = model.layouts.table.layout(0).attributes(of: 3).reference
    let writer = model.writerLayouts.table.layout(0).attributes(of: 2).reference
    #expect(reader == 3 && writer == 0)
  }

  /// Also the layout of elements of a list that has gone itself.
  @Test(arguments: ["", #"{ "name": "x", "type": "u8" }, "#])
  func elementsOfWhatHasGone(first: String) throws {
    let model = try Self.resolve(
      first + #"{ "name": "l", "type": "list", "elements": ["outer"], "until": 1 }"#,
      layouts: """
        "outer": { "fields": [{ "name": "l", "type": "list", "elements": ["inner"], "until": 1 }] },
        "inner": { "fields": [{ "name": "a", "type": "u8", "until": 1 }, { "name": "b", "type": "u8" }] }
        """)
    #expect(model.readerFields[2].fields.map(\.field.name) == ["a", "b"])
    #expect(model.writerFields.map { $0.fields.map(\.field.name) } == [[first.isEmpty ? "l" : "x"], ["l"], ["b"]])
  }

  /// A group of which nothing is left is left out with all around it that has nothing else; what stands behind moves up.
  @Test func groupsOfWhichNothingIsLeft() throws {
    let model = try Self.resolve(
      """
      { "name": "g", "type": "structure", "fields": [
        { "name": "h", "type": "optional", "fields": [{ "name": "a", "type": "u8", "until": 1 }] } ] },
      { "name": "k", "type": "structure", "until": 1, "fields": [{ "name": "b", "type": "u8" }] },
      { "name": "m", "type": "structure", "fields": [
        { "name": "c", "type": "u8", "until": 1 }, { "name": "d", "type": "u8" } ] }
      """)
    #expect(model.writerFields[0].fields.map(\.field.name) == ["m", "d"])
    #expect(model.writerFields[0].fields.map(\.parent) == [nil, 0])
  }
}
