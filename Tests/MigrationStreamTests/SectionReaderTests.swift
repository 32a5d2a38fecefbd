import MigrationStream
import StreamTestKit
import Testing

/// Single fields by their path, as they are.
@Suite struct SectionReaderTests {
  private func read<Value>(
    _ type: FieldType, _ octets: [UInt8],
    _ body: (borrowing SectionReader) throws(StreamError) -> Value
  ) throws -> Result<Value, StreamError> {
    let field = LayoutField("f", FieldAttributes(type, width: UInt32(octets.count)))
    let store = try store(ModelLayout("l", [field]))
    let data = octets + Array(repeating: 0, count: (8 - octets.count % 8) % 8)
    let reader = try SectionReader(
      data.span.octets, at: 64, layout: 0, layouts: store.table, limits: StreamLimits())
    do throws(StreamError) { return .success(try body(reader)) } catch let refusal { return .failure(refusal) }
  }

  @Test func integers() throws {
    let path = StaticString("f")
    func unsigned(_ type: FieldType, _ octets: [UInt8], as own: FieldType = .unsigned) throws -> Result<UInt16, StreamError> {
      try read(type, octets) { (reader) throws(StreamError) in
        try reader.unsigned(path.octets, as: own, UInt16.self)
      }
    }
    #expect(try unsigned(.unsigned, [7, 1]).get() == 263)
    #expect(try unsigned(.flags, [7, 1], as: .flags).get() == 263)
    #expect(try unsigned(.unsigned, [7]) == .failure(StreamError(.typeChanged, .mapping, at: 64, expected: 2, found: 1)))
    #expect(
      try unsigned(.size, [7, 1]) == .failure(StreamError(.typeChanged, .mapping, at: 64, expected: 1, found: 14)))
    let signed = try read(.signed, [254, 255]) { (reader) throws(StreamError) in
      try reader.signed(path.octets, Int16.self)
    }
    #expect(signed == .success(-2))
  }

  @Test func pathsThatAreWrong() throws {
    let missing = try read(.unsigned, [1]) { (reader) throws(StreamError) in
      try reader.unsigned(StaticString("g").octets, UInt8.self)
    }
    #expect(missing == .failure(StreamError(.missingField, .mapping, at: 64)))
    let path = try read(.unsigned, [1]) { (reader) throws(StreamError) in
      try reader.unsigned(StaticString("f[").octets, UInt8.self)
    }
    guard case .failure(let refusal) = path else { return #expect(Bool(false)) }
    #expect(refusal.code == .wrongCall)
  }

  @Test func equalLayouts() throws {
    let section = RandomSection(seed: 4)
    let one = try section.store()
    let other = try section.store()
    let octets = section.octets
    let reader = try SectionReader(
      octets.span.octets, at: 0, layout: 0, layouts: one.table, limits: StreamLimits())
    let isSame = reader.isSameLayout(as: other.table.layout(0))
    let isOther = reader.isSameLayout(as: other.table.layout(1))
    #expect(isSame && !isOther)
    let block = array(reader.block)
    #expect(block == Array(octets[..<block.count]))
  }
}
