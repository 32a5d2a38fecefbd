import MigrationStream
import StreamTestKit
import Testing

/// What the builder and the writer make, the store and the walker find again.
@Suite struct LayoutRoundTripTests {
  @Test func randomLayoutsAndData() throws {
    for seed in UInt64(0)..<500 {
      let section = RandomSection(seed: seed)
      let store = try section.store()
      let octets = section.octets
      var writer = try SectionDataWriter(layout: 0, layouts: store.table)
      try section.write(with: &writer)
      let written = array(try writer.finish())
      #expect(written == octets, "seed \(seed)")

      var collector = LeafCollector()
      let walker = SectionWalker(
        octets.span.octets, at: 4096, layouts: store.table, limits: StreamLimits())
      try walker.walk(layout: 0, visitor: &collector)
      #expect(collector.leaves == section.leaves, "seed \(seed)")
      try walker.check(layout: 0)
    }
  }

  @Test func everyTypeAndShapeTurnsUp() {
    var seen: Set<String> = []
    func note(_ fields: [ModelField]) {
      for field in fields {
        seen.insert("\(field.attributes.type) \(field.attributes.shape)")
        note(field.children)
      }
    }
    for seed in UInt64(0)..<500 {
      for layout in RandomSection(seed: seed).layouts { note(layout.fields) }
    }
    #expect(seen.count == FieldType.allCases.count * FieldShape.allCases.count)
  }

  @Test func attributesAndTextsComeBack() throws {
    for seed in UInt64(0)..<100 {
      let section = RandomSection(seed: seed)
      let store = try section.store()
      let layout = store.table.layout(0)
      var number = 0
      func compare(_ fields: [ModelField]) {
        for field in fields {
          let attributes = layout.attributes(of: number)
          #expect(attributes == field.attributes, "seed \(seed)")
          let name = array(layout.name(of: number))
          let unit = array(layout.unit(of: number))
          #expect(name == Array(field.name.utf8) && unit == Array(field.unit.utf8), "seed \(seed)")
          var symbols: [String] = []
          layout.forEachSymbol(of: number) { value, name in
            symbols.append("\(value) \(String(decoding: array(name), as: UTF8.self))")
            return true
          }
          #expect(symbols == field.symbols.map { "\($0.value) \($0.name)" }, "seed \(seed)")
          number += 1
          compare(field.children)
        }
      }
      compare(section.layouts[0].fields)
      let count = layout.entries.count
      #expect(number == count)
    }
  }

  @Test func fieldsAreFoundByPath() throws {
    for seed in UInt64(0)..<40 {
      let section = RandomSection(seed: seed)
      let store = try section.store()
      let octets = section.octets
      let reader = try SectionReader(
        octets.span.octets, at: 0, layout: 0, layouts: store.table, limits: StreamLimits())
      for leaf in section.leaves {
        let path = Array(leaf.path.utf8)
        var found: [String] = []
        for type in FieldType.allCases where type == .bool || !type.isInteger {
          if let value = try? array(reader.bytes(path.span.octets, as: type)) {
            found.append(ModelLeaf.text(value, as: type))
          }
        }
        for type in FieldType.allCases where type.isInteger && type != .bool {
          if type.isSigned {
            if let value = try? reader.signed(path.span.octets, as: type, Int64.self) {
              found.append("\(value)")
            }
          } else if let value = try? reader.unsigned(path.span.octets, as: type, UInt64.self) {
            found.append("\(value)")
          }
        }
        let isWide = leaf.value.count > 18
        #expect(isWide || found.contains(leaf.value) || narrow(reader, path, leaf), "seed \(seed) \(leaf)")
      }
    }
  }

  /// A guest address of 4 octets is only taken as one of 4 octets.
  private func narrow(_ reader: SectionReader, _ path: [UInt8], _ leaf: ModelLeaf) -> Bool {
    guard let value = try? reader.unsigned(path.span.octets, as: .guestAddress, UInt32.self) else {
      return false
    }
    return "\(value)" == leaf.value
  }
}
