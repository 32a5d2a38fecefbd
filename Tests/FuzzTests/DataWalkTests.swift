import MigrationStream
import Testing

@testable import StreamMutation

/// The mutator's walk over section data.
@Suite struct DataWalkTests {
  @Test("Whatever one octet of a layout says, the fields that are found lie in the stream")
  func wrongLayouts() throws {
    var (walks, layouts) = (0, 0)
    for (name, octets) in try MutationCorpus.seeds where octets.count <= 4096 {
      let records = RecordTree(octets).records
      guard records.contains(where: { $0.knownKind == .section }) else { continue }
      for layout in records where layout.knownKind == .layout {
        layouts += 1
        for position in layout.body {
          for value: UInt8 in [0, 1, 0xff] where octets[position] != value {
            var wrong = octets
            wrong[position] = value
            let tree = RecordTree(wrong)
            for section in tree.records where section.knownKind == .section {
              let fields = BodyFields(bodyOf: section, in: tree).fields
              #expect(
                fields.allSatisfy { $0.position >= 0 && $0.position + $0.width <= wrong.count }, "\(name), octet \(position)")
              walks += 1
            }
          }
        }
      }
    }
    #expect(layouts > 20 && walks > 10_000, "\(layouts) layouts, \(walks) walks")
  }
}
