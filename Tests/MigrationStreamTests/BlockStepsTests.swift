import MigrationStream
import StreamTestKit
import Testing

/// Data that steps settle gets the verdict that a walk gives it.
@Suite struct BlockStepsTests {
  /// Layouts of what steps know, and now and then something they do not; data near to right.
  @Test func checkSaysWhatAWalkSays() throws {
    for seed in UInt64(0)..<400 {
      var random = SeededGenerator(seed: seed)
      let layout = ModelLayout("block", Self.fields(&random, levels: 2))
      let store = try store(layout)
      let block = layout.fields.reduce(0) { $0 + $1.blockByteCount }
      for _ in 0..<60 {
        var data = [UInt8](repeating: 0, count: (block + 7) / 8 * 8 + 8 * random.pick(0...2))
        for _ in 0..<random.pick(0...2) { data[random.pick(0...(data.count - 1))] = [1, 2, 0x80][random.pick(0...2)] }
        let walker = SectionWalker(data.span.octets, at: 0, layouts: store.table, limits: StreamLimits())
        var collector = LeafCollector()
        let walked = refusal { () throws(StreamError) in try walker.walk(layout: 0, visitor: &collector) }
        let checked = refusal { () throws(StreamError) in try walker.check(layout: 0) }
        #expect(walked == checked, "seed \(seed) data \(data)")
      }
    }
  }

  /// Every octet of an array of structures, where windows recur and the last one is cut by the end of an element.
  @Test func eachOctetOfQueuesIsLookedAt() throws {
    let queue = LayoutField(
      "queues", FieldAttributes(.structure, shape: .fixedArray, count: 5),
      children: [
        LayoutField("ring", FieldAttributes(.guestAddress, width: 8)), LayoutField("on", FieldAttributes(.bool, width: 1)),
        LayoutField("index", FieldAttributes(.unsigned, width: 2)), LayoutField("wraps", FieldAttributes(.bool, width: 1)),
        LayoutField("reserved", FieldAttributes(.padding, width: 7)), LayoutField("off", FieldAttributes(.bool, width: 1)),
      ])
    let store = try store(ModelLayout("device", [queue, LayoutField("macs", FieldAttributes(.mac, width: 6, shape: .countedArray, count: 3))]))
    let right = [UInt8](repeating: 0, count: 104)
    #expect(check(right, store) == nil)
    for position in 0..<100 {
      var data = right
      data[position] = 2
      let inside = position % 20
      let code: StreamError.Code? = [8, 11, 19].contains(inside) ? .badValue : (12..<19).contains(inside) ? .badPadding : nil
      let refusal = check(data, store)
      #expect(refusal?.code == code, "octet \(position)")
      #expect(refusal == nil || refusal?.offset == 1000 + UInt64(position), "octet \(position)")
    }
    for elements in UInt8(0)...4 {
      for words in 0...4 {
        var data = right + [UInt8](repeating: 0, count: 8 * words)
        data[100] = elements
        let isRight = elements <= 3 && words == (6 * Int(elements) + 7) / 8
        #expect((check(data, store) == nil) == isRight, "\(elements) elements, \(words) words")
      }
    }
  }

  private static func fields(_ random: inout SeededGenerator, levels: Int) -> [LayoutField] {
    (0..<random.pick(1...6)).map { number in
      let name = "f\(number)"
      var attributes: FieldAttributes
      switch random.pick(0...7) {
      case 0: attributes = FieldAttributes(.bool, width: 1)
      case 1: attributes = FieldAttributes(.padding, width: UInt32(random.pick(1...9)))
      case 2: attributes = FieldAttributes(.mac, width: 6)
      case 3: attributes = FieldAttributes(.string)
      case 4 where levels > 0, 5 where levels > 0:
        attributes = FieldAttributes(.structure)
        if random.once(in: 2) { (attributes.shape, attributes.count) = (.fixedArray, UInt32(random.pick(1...3))) }
        return LayoutField(name, attributes, children: fields(&random, levels: levels - 1))
      default: attributes = FieldAttributes(.unsigned, width: [1, 2, 4, 8][random.pick(0...3)])
      }
      switch random.pick(0...7) {
      case 0: (attributes.shape, attributes.count) = (.fixedArray, UInt32(random.pick(1...9)))
      case 1: (attributes.shape, attributes.count) = (.countedArray, UInt32(random.pick(1...3)))
      default: break
      }
      if attributes.type == .string, !random.once(in: 4) { attributes = FieldAttributes(.size, width: 8) }
      return LayoutField(name, attributes)
    }
  }
}
