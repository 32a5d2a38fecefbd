import MigrationStream
import StreamTestKit
import Testing

/// Rows E, W, N, S and T of the mapping table, for one field.
@Suite struct LayoutMappingTests {
  private func read<Value>(
    _ type: FieldType, _ octets: [UInt8],
    _ body: (borrowing SectionReader) throws(StreamError) -> Value
  ) throws -> Result<Value, StreamError> {
    let field = ModelField("f", FieldAttributes(type, width: UInt32(octets.count)))
    let store = try store(ModelLayout("l", [field]))
    let data = octets + Array(repeating: 0, count: (8 - octets.count % 8) % 8)
    let reader = try SectionReader(
      data.span.octets, at: 64, layout: 0, layouts: store.table, limits: StreamLimits())
    do throws(StreamError) { return .success(try body(reader)) } catch let refusal { return .failure(refusal) }
  }

  private func unsigned(
    _ stored: FieldType, _ octets: [UInt8], as type: FieldType = .unsigned, width: Int
  ) throws -> Result<UInt64, StreamError> {
    try read(stored, octets) { (reader) throws(StreamError) in
      let path = StaticString("f").octets
      switch width {
      case 1: return UInt64(try reader.unsigned(path, as: type, UInt8.self))
      case 2: return UInt64(try reader.unsigned(path, as: type, UInt16.self))
      case 4: return UInt64(try reader.unsigned(path, as: type, UInt32.self))
      default: return try reader.unsigned(path, as: type, UInt64.self)
      }
    }
  }

  private func code<Value>(_ result: Result<Value, StreamError>) -> StreamError.Code? {
    if case .failure(let refusal) = result { return refusal.code }
    return nil
  }

  @Test func integersOfOneType() throws {
    #expect(try unsigned(.unsigned, [7, 1], width: 2).get() == 263)
    #expect(try unsigned(.unsigned, [255], width: 8).get() == 255)
    #expect(try unsigned(.size, [255, 0, 0, 0], as: .size, width: 1).get() == 255)
    let narrowed = try unsigned(.size, [0, 1, 0, 0], as: .size, width: 1)
    #expect(narrowed == .failure(StreamError(.valueTooLarge, .mapping, at: 64, expected: 1, found: 4)))
    let wide = [UInt8](repeating: 0, count: 15)
    #expect(try unsigned(.unsigned, [9] + wide, width: 4).get() == 9)
    #expect(code(try unsigned(.unsigned, wide + [9], width: 8)) == .valueTooLarge)
    let signed = try read(.signed, [254]) { (reader) throws(StreamError) in
      try reader.signed(StaticString("f").octets, Int32.self)
    }
    #expect(signed == .success(-2))
    let low = try read(.signed, [0, 0, 255, 255]) { (reader) throws(StreamError) in
      try reader.signed(StaticString("f").octets, Int16.self)
    }
    #expect(code(low) == .valueTooLarge)
  }

  @Test func typesThatDiffer() throws {
    for type in [FieldType.size, .count, .index] {
      #expect(try unsigned(type, [5, 0], width: 2).get() == 5)
      #expect(try unsigned(.unsigned, [5, 0], as: type, width: 2).get() == 5)
      #expect(code(try unsigned(type, [5, 0], width: 4)) == .typeChanged)
    }
    #expect(try unsigned(.guestAddress, [5, 0, 0, 0], width: 4).get() == 5)
    #expect(code(try unsigned(.signed, [5, 0], width: 2)) == .signChanged)
    #expect(code(try unsigned(.bool, [1], width: 1)) == .typeChanged)
    #expect(code(try unsigned(.size, [1], as: .count, width: 1)) == .typeChanged)
    let signed = try read(.unsigned, [1]) { (reader) throws(StreamError) in
      try reader.signed(StaticString("f").octets, Int8.self)
    }
    #expect(code(signed) == .signChanged)
    let missing = try read(.unsigned, [1]) { (reader) throws(StreamError) in
      try reader.unsigned(StaticString("g").octets, UInt8.self)
    }
    #expect(missing == .failure(StreamError(.missingField, .mapping, at: 64)))
    let path = try read(.unsigned, [1]) { (reader) throws(StreamError) in
      try reader.unsigned(StaticString("f[").octets, UInt8.self)
    }
    #expect(code(path) == .wrongCall)
  }

  @Test func floats() throws {
    func bits(_ octets: [UInt8]) throws -> UInt64 {
      try read(.float, octets) { (reader) throws(StreamError) in
        try reader.float64Bits(StaticString("f").octets)
      }.get()
    }
    #expect(try bits([0, 0, 0x80, 0x3f]) == Double(1).bitPattern)
    #expect(try bits([1, 0, 0, 0]) == Double(Float.leastNonzeroMagnitude).bitPattern)
    // A signalling NaN stays one, payload in the high bits.
    #expect(try bits([1, 0, 0x80, 0xff]) == 0xfff0_0000_2000_0000)
    #expect(try bits([1, 2, 3, 4, 5, 6, 7, 8]) == 0x0807_0605_0403_0201)
    let narrowed = try read(.float, [0, 0, 0, 0, 0, 0, 0, 0]) { (reader) throws(StreamError) in
      try reader.float32Bits(StaticString("f").octets)
    }
    #expect(code(narrowed) == .typeChanged)
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
