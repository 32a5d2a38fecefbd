import MigrationStream
import StreamTestKit
import Testing

/// A store of one or more model layouts.
func store(_ layouts: ModelLayout...) throws -> LayoutStore {
  var store = LayoutStore()
  for layout in layouts {
    let canonical = try layout.canonical()
    try store.add(canonical: canonical.span.octets, at: 0, limits: StreamLimits())
  }
  return store
}

/// What checking `data` at offset 1000 by layout 0 gives.
func check(_ data: [UInt8], _ store: borrowing LayoutStore) -> StreamError? {
  let walker = SectionWalker(data.span.octets, at: 1000, layouts: store.table, limits: StreamLimits())
  do throws(StreamError) {
    try walker.check(layout: 0)
    return nil
  } catch let refusal {
    return refusal
  }
}

/// Section data that does not hold what its layout says is refused at the octets at fault.
@Suite struct LayoutDataTests {
  /// Every one of short data, an even choice of long data.
  @Test func prefixesAndBitFlipsAreSafe() throws {
    for seed in UInt64(0)..<60 {
      let section = RandomSection(seed: seed)
      let store = try section.store()
      let octets = section.octets
      for count in stride(from: 0, to: octets.count, by: 1 + octets.count / 200) {
        let error = check(Array(octets[..<count]), store)
        #expect(error != nil && error!.offset <= 1000 + UInt64(count), "seed \(seed) prefix \(count)")
      }
      for bit in stride(from: 0, to: octets.count * 8, by: 1 + octets.count / 20) {
        var flipped = octets
        flipped[bit / 8] ^= 1 << (bit % 8)
        var collector = LeafCollector()
        let walker = SectionWalker(flipped.span.octets, at: 0, layouts: store.table, limits: StreamLimits())
        let seen = refusal { () throws(StreamError) in try walker.walk(layout: 0, visitor: &collector) }
        let checked = refusal { () throws(StreamError) in try walker.check(layout: 0) }
        #expect(seen == checked, "seed \(seed) bit \(bit)")
        #expect(seen != nil || collector.leaves != section.leaves, "seed \(seed) bit \(bit)")
      }
    }
  }

  private static func layout(_ fields: LayoutField...) -> ModelLayout { ModelLayout("l", fields) }
  private static func field(_ type: FieldType, _ width: UInt32 = 4) -> LayoutField {
    LayoutField("\(type)", FieldAttributes(type, width: width))
  }

  @Test func theWriterTellsWhereValuesGo() throws {
    let store = try store(
      LayoutDataTests.layout(
        LayoutDataTests.field(.unsigned), LayoutDataTests.field(.string), LayoutDataTests.field(.signed, 8)))
    var writer = try SectionDataWriter(layout: 0, layouts: store.table)
    try writer.integer(7 as UInt32)
    #expect(writer.blockPosition == 4)
    #expect(writer.variablePosition == 16)
    try writer.bytes(StaticString("hi").octets)
    #expect(writer.blockPosition == 8)
    #expect(writer.variablePosition == 24)
    try writer.integer(-1 as Int64)
    #expect(try writer.finish().byteCount == 24)
  }

  @Test func leftOverAndMissing() throws {
    let store = try store(LayoutDataTests.layout(LayoutDataTests.field(.unsigned), LayoutDataTests.field(.string)))
    let whole: [UInt8] = [1, 0, 0, 0, 2, 0, 0, 0, 0x68, 0x69, 0, 0, 0, 0, 0, 0]
    #expect(check(whole, store) == nil)
    let over = check(whole + Array(repeating: 0, count: 8), store)
    #expect(over == StreamError(.unexpectedData, .section, at: 1016, expected: 24, found: 16))
    let missing = check(Array(whole[..<8]), store)
    #expect(missing == StreamError(.truncatedData, .section, at: 1008, expected: 2, found: 0))
    let noBlock = check([1, 0, 0, 0], store)
    #expect(noBlock == StreamError(.truncatedData, .section, at: 1000, expected: 8, found: 4))
    var padded = whole
    padded[12] = 7
    #expect(check(padded, store) == StreamError(.badPadding, .section, at: 1012, found: 7))
    var text = whole
    text[9] = 0xff
    #expect(check(text, store)?.code == .badText)
    var huge = whole
    huge.replaceSubrange(4..<8, with: [255, 255, 255, 255])
    #expect(
      check(huge, store) == StreamError(.truncatedData, .section, at: 1008, expected: 0xffff_ffff, found: 8))
  }

  @Test func valuesOutsideTheirDomain() throws {
    var counted = FieldAttributes(.unsigned, width: 16, shape: .countedArray, count: UInt32.max)
    let many = try store(LayoutDataTests.layout(LayoutField("a", counted)))
    #expect(check([255, 255, 255, 255, 0, 0, 0, 0], many)?.expected == 0xffff_ffff * 16)
    counted.count = 3
    let few = try store(LayoutDataTests.layout(LayoutField("a", counted)))
    #expect(
      check([4, 0, 0, 0, 0, 0, 0, 0], few)
        == StreamError(.badValue, .section, at: 1000, expected: 3, found: 4))
    let bool = try store(LayoutDataTests.layout(LayoutDataTests.field(.bool, 1)))
    #expect(check([2, 0, 0, 0, 0, 0, 0, 0], bool)?.code == .badValue)
    let padding = try store(LayoutDataTests.layout(LayoutDataTests.field(.padding, 3)))
    #expect(
      check([0, 0, 9, 0, 0, 0, 0, 0], padding) == StreamError(.badPadding, .section, at: 1002, found: 9))
    let child = LayoutDataTests.field(.unsigned)
    let union = try store(
      LayoutDataTests.layout(LayoutField("u", FieldAttributes(.union), children: [child])))
    #expect(check([1, 0, 0, 0, 0, 0, 0, 0], union)?.code == .badValue)
    let optional = try store(
      LayoutDataTests.layout(LayoutField("o", FieldAttributes(.optional), children: [child])))
    #expect(check([2, 0, 0, 0, 0, 0, 0, 0], optional)?.code == .badValue)
    var ranged = FieldAttributes(.countedBytes)
    (ranged.flags, ranged.minimum, ranged.maximum) = (.range, 2, 4)
    let bytes = try store(LayoutDataTests.layout(LayoutField("b", ranged)))
    #expect(
      check([5, 0, 0, 0, 0, 0, 0, 0], bytes)
        == StreamError(.badValue, .section, at: 1000, expected: 4, found: 5))
    #expect(check([1, 0, 0, 0, 0, 0, 0, 0], bytes)?.expected == 2)
  }

  @Test func listsAreBounded() throws {
    let store = try store(LayoutDataTests.layout(LayoutDataTests.field(.list)))
    // Eight levels of lists, each one element of the same layout, the last one empty.
    func nested(_ levels: Int) -> [UInt8] {
      if levels == 0 { return [0, 0, 0, 0, 0, 0, 0, 0] }
      let inner = nested(levels - 1)
      return [1, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, UInt8(inner.count), 0, 0, 0] + inner
    }
    #expect(check(nested(8), store) == nil)
    let deep = check(nested(9), store)
    #expect(deep == StreamError(.limitExceeded, .section, at: 1000 + 8 * 16 + 8, expected: 8, found: 9))
    let unknown = check([1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0], store)
    #expect(unknown == StreamError(.unknownLayout, .section, at: 1008, expected: 1, found: 7))
    let odd = check([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0], store)
    #expect(odd?.code == .badValue && odd?.offset == 1012)
    let zero = [UInt8](repeating: 0, count: 8)
    let over = check([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0] + zero + zero, store)
    #expect(over == StreamError(.unexpectedData, .section, at: 1024, expected: 16, found: 8))
    let claim = check([255, 255, 255, 255, 0, 0, 0, 0], store)
    #expect(claim?.code == .truncatedData && claim?.offset == 1008)
  }

  @Test func misuseOfTheWriter() throws {
    let child = LayoutDataTests.field(.unsigned, 1)
    let store = try store(
      LayoutDataTests.layout(child, LayoutField("s", FieldAttributes(.structure), children: [child])))
    func error(_ body: (inout SectionDataWriter) throws(StreamError) -> Void) throws -> StreamError? {
      var writer = try SectionDataWriter(layout: 0, layouts: store.table)
      do throws(StreamError) {
        try body(&writer)
        return nil
      } catch let refusal {
        return refusal
      }
    }
    #expect(try error { (w) throws(StreamError) in try w.integer(256) }?.code == .valueTooLarge)
    #expect(try error { (w) throws(StreamError) in try w.integer(-1) }?.code == .valueTooLarge)
    #expect(try error { (w) throws(StreamError) in try w.beginStructure() }?.code == .wrongCall)
    #expect(try error { (w) throws(StreamError) in try w.end() }?.code == .wrongCall)
    #expect(try error { (w) throws(StreamError) in try w.float(bits: 0) }?.code == .wrongCall)
    #expect(try error { (w) throws(StreamError) in try w.beginArray(1) }?.code == .wrongCall)
    #expect(try error { (w) throws(StreamError) in try w.beginElement(layout: 0) }?.code == .wrongCall)
    #expect(try error { (w) throws(StreamError) in _ = try w.finish() }?.code == .wrongCall)
    let open = try error { (w) throws(StreamError) in
      try w.integer(1)
      try w.beginStructure()
      try w.end()
    }
    #expect(open?.code == .wrongCall)
    let done = try error { (w) throws(StreamError) in
      try w.integer(1)
      try w.beginStructure()
      try w.integer(2)
      try w.end()
      _ = try w.finish()
      try w.integer(3)
    }
    #expect(done?.code == .wrongCall)
  }
}
