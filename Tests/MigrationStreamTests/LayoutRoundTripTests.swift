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
    func note(_ fields: [LayoutField]) {
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
      func compare(_ fields: [LayoutField]) {
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
    for seed in UInt64(0)..<12 {
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
        for type in FieldType.allCases where type.isInteger {
          found += integers(reader, path, as: type)
        }
        #expect(found.contains(leaf.value), "seed \(seed) \(leaf)")
      }
    }
  }

  /// The value as an integer of every width that it has.
  private func integers(_ reader: SectionReader, _ path: [UInt8], as type: FieldType) -> [String] {
    func signed<Value: FixedWidthInteger & SignedInteger & BitwiseCopyable>(_: Value.Type) -> String? {
      guard let value = try? reader.signed(path.span.octets, as: type, Value.self) else { return nil }
      return "\(value)"
    }
    func unsigned<Value: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(_: Value.Type) -> String? {
      guard let value = try? reader.unsigned(path.span.octets, as: type, Value.self) else { return nil }
      return "\(value)"
    }
    if type.isSigned {
      return [
        signed(Int8.self), signed(Int16.self), signed(Int32.self), signed(Int64.self), signed(Int128.self),
      ].compactMap { $0 }
    }
    return [
      unsigned(UInt8.self), unsigned(UInt16.self), unsigned(UInt32.self), unsigned(UInt64.self),
      unsigned(UInt128.self),
    ].compactMap { $0 }
  }
}
