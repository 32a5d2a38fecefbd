import MigrationStream
import StreamTestKit
import Testing

/// What a call was refused with; nil when it was not.
func refusal(_ body: () throws(StreamError) -> Void) -> StreamError? {
  do throws(StreamError) {
    try body()
    return nil
  } catch let refusal {
    return refusal
  }
}

func add(_ canonical: [UInt8], limits: StreamLimits = StreamLimits()) -> StreamError? {
  var store = LayoutStore()
  return refusal { () throws(StreamError) in
    try store.add(canonical: canonical.span.octets, at: 1000, limits: limits)
  }
}

/// Damaged and hostile layouts are refused at the field at fault.
@Suite struct LayoutFaultTests {
  @Test func everyPrefixIsRefused() throws {
    for seed in UInt64(0)..<20 {
      let canonical = try RandomSection(seed: seed).layouts[0].canonical()
      for count in 0..<canonical.count {
        let error = add(Array(canonical[..<count]))
        #expect(error != nil && error!.offset <= 1000 + UInt64(count), "seed \(seed) prefix \(count)")
      }
      #expect(add(canonical + Array(repeating: 0, count: 8))?.code == .unexpectedData)
    }
  }

  /// A flipped bit is refused, or gives another layout that is whole: it can be viewed, and walked as long as data lasts.
  @Test func everyBitFlipIsSafe() throws {
    let data = [UInt8](repeating: 0, count: 256)
    for seed in UInt64(0)..<12 {
      var canonical = try RandomSection(seed: seed).layouts[0].canonical()
      for bit in 0..<(canonical.count * 8) {
        canonical[bit / 8] ^= 1 << (bit % 8)
        defer { canonical[bit / 8] ^= 1 << (bit % 8) }
        var store = LayoutStore()
        let error = refusal { () throws(StreamError) in
          try store.add(canonical: canonical.span.octets, at: 0, limits: StreamLimits())
        }
        #expect((error == nil) == (store.count == 1), "seed \(seed) bit \(bit)")
        guard error == nil else { continue }
        let layout = store.table.layout(0)
        for number in 0..<layout.entries.count {
          let symbolCount = layout.symbolCount(of: number)
          var seen = 0
          layout.forEachSymbol(of: number) { _, _ in
            seen += 1
            return true
          }
          #expect(seen == symbolCount)
        }
        let walker = SectionWalker(data.span.octets, at: 0, layouts: store.table, limits: StreamLimits())
        _ = refusal { () throws(StreamError) in try walker.check(layout: 0) }
      }
    }
  }

  private static let number = LayoutField("value", FieldAttributes(.unsigned))
  private static let plain = ModelLayout("layout", [number, LayoutField("other", FieldAttributes(.size))])

  struct Damage: Sendable {
    let position: Int
    let octets: [UInt8]
    let code: StreamError.Code
    var offset: UInt64?
  }

  /// Header 24, entries at 24 and 88, text `layoutvalueother` at 152.
  @Test(arguments: [
    Damage(position: 0, octets: [0, 0, 0, 0], code: .badLayout),
    Damage(position: 0, octets: [255, 255, 255, 255], code: .limitExceeded),
    Damage(position: 0, octets: [0, 0, 1, 0], code: .truncatedData, offset: 168),
    Damage(position: 0, octets: [1], code: .unexpectedData, offset: 104),
    Damage(position: 4, octets: [255, 255, 255, 255], code: .truncatedData, offset: 168),
    Damage(position: 8, octets: [15], code: .badLayout, offset: 104),
    Damage(position: 12, octets: [9], code: .badLayout),
    Damage(position: 16, octets: [0, 0], code: .badLayout),
    Damage(position: 18, octets: [1], code: .reservedNotZero),
    Damage(position: 24, octets: [20], code: .badLayout),
    Damage(position: 25, octets: [3], code: .badLayout),
    Damage(position: 26, octets: [3], code: .badMark),
    Damage(position: 27, octets: [16], code: .reservedNotZero),
    Damage(position: 28, octets: [3], code: .badLayout),
    Damage(position: 32, octets: [1], code: .badLayout),
    Damage(position: 36, octets: [1], code: .badLayout),
    Damage(position: 40, octets: [0], code: .badLayout),
    Damage(position: 40, octets: [17], code: .badLayout),
    Damage(position: 44, octets: [3], code: .badLayout),
    Damage(position: 45, octets: [1], code: .badLayout),
    Damage(position: 46, octets: [1], code: .badLayout),
    Damage(position: 47, octets: [1], code: .reservedNotZero),
    Damage(position: 48, octets: [1], code: .badLayout),
    Damage(position: 52, octets: [1], code: .badLayout),
    Damage(position: 56, octets: [1], code: .badLayout),
    Damage(position: 64, octets: [1], code: .badLayout),
    Damage(position: 72, octets: [1], code: .badLayout),
    Damage(position: 80, octets: [5, 0, 0, 0, 4], code: .badLayout, offset: 84),
    Damage(position: 88 + 22, octets: [64], code: .badLayout),
    Damage(position: 152, octets: [0x1f], code: .badText),
    Damage(position: 158, octets: [0xff], code: .badText),
    Damage(position: 163, octets: Array("value".utf8), code: .duplicateName, offset: 88),
  ]) func damagedField(_ damage: Damage) throws {
    var canonical = try LayoutFaultTests.plain.canonical()
    #expect(canonical.count == 168)
    if damage.code == .duplicateName { canonical[88 + 16] = 5 }
    let error = add(canonical.replacing(damage))
    #expect(error?.code == damage.code)
    #expect(error?.stage == .layout)
    #expect(error?.offset == 1000 + (damage.offset ?? UInt64(damage.position)))
  }

  @Test func widthsThatOverflow() throws {
    let array = LayoutField("a", FieldAttributes(.bytes, width: 4096, shape: .fixedArray, count: 4096))
    let whole = try ModelLayout("l", [array]).canonical()
    #expect(add(whole) == nil)
    let second = LayoutField("b", FieldAttributes(.bytes, width: 1))
    #expect(refusal { () throws(StreamError) in _ = try ModelLayout("l", [array, second]).canonical() }?.code == .limitExceeded)
    for (position, octets) in [(28, [255, 255, 255, 255]), (32, [255, 255, 255, 255])] as [(Int, [UInt8])] {
      let error = add(whole.replacing(Damage(position: position, octets: octets, code: .limitExceeded)))
      #expect(error?.code == .limitExceeded && error?.offset == UInt64(1000 + position))
    }
  }

  @Test func nestingEndsAtEight() throws {
    var field = LayoutFaultTests.number
    for _ in 0..<8 { field = LayoutField("s", FieldAttributes(.structure), children: [field]) }
    let canonical = try ModelLayout("l", [field]).canonical()
    #expect(add(canonical) == nil)
    var limits = StreamLimits()
    limits.nestingMax = 7
    #expect(add(canonical, limits: limits)?.offset == 1000 + 24 + 7 * 64)
    let deep = ModelLayout("l", [LayoutField("s", FieldAttributes(.structure), children: [field])])
    let error = refusal { () throws(StreamError) in _ = try deep.canonical() }
    #expect(error?.code == .limitExceeded && error?.offset == 24 + 8 * 64)
  }

  @Test func unionsHaveAtMost256Children() throws {
    let children = (0..<257).map { LayoutField("c\($0)", FieldAttributes(.unsigned)) }
    let legal = LayoutField("u", FieldAttributes(.union), children: Array(children.dropLast()))
    #expect(try add(ModelLayout("l", [legal]).canonical()) == nil)
    let over = ModelLayout("l", [LayoutField("u", FieldAttributes(.union), children: children)])
    #expect(refusal { () throws(StreamError) in _ = try over.canonical() }?.code == .badLayout)
  }

  @Test(.timeLimit(.minutes(1))) func manyEqualNames() throws {
    let count = 65_000
    let distinct = (0..<count).map { LayoutField("n\($0)", FieldAttributes(.unsigned, width: 1)) }
    let clock = ContinuousClock()
    var canonical = try ModelLayout("l", distinct).canonical()
    let header = Array(canonical[..<(24 + 64 * count)])
    // The same names for all: five octets each, so the text has another length.
    canonical = header
    for number in 0..<count { canonical[24 + 64 * number + 16] = 5 }
    let text = 1 + 5 * count
    for octet in 0..<4 { canonical[8 + octet] = UInt8(truncatingIfNeeded: text >> (8 * octet)) }
    canonical += Array("l".utf8) + Array(repeating: 0x61, count: 5 * count)
    canonical += Array(repeating: 0, count: (8 - canonical.count % 8) % 8)
    var error: StreamError?
    let time = clock.measure { error = add(canonical) }
    #expect(error?.code == .duplicateName && error?.offset == 1000 + 24 + 64)
    #expect(time < .seconds(10))
  }

  @Test func symbolsAscend() throws {
    var field = LayoutField("e", FieldAttributes(.enumeration, width: 1))
    field.symbols = [.init(1, "one"), .init(2, "two")]
    let canonical = try ModelLayout("l", [field]).canonical()
    #expect(add(canonical) == nil)
    let same = add(canonical.replacing(Damage(position: 104, octets: [1], code: .badOrder)))
    #expect(same?.code == .badOrder && same?.offset == 1104)
    let wide = add(canonical.replacing(Damage(position: 105, octets: [1], code: .badLayout)))
    #expect(wide?.code == .badLayout && wide?.offset == 1104)
  }

  @Test func limitsOfTheStore() throws {
    let canonical = try LayoutFaultTests.plain.canonical()
    var limits = StreamLimits()
    limits.layoutBytesMax = 168
    #expect(add(canonical, limits: limits) == nil)
    limits.layoutBytesMax = 167
    #expect(add(canonical, limits: limits)?.code == .limitExceeded)
    limits = StreamLimits()
    limits.layoutsMax = 1
    limits.layoutBytesTotalMax = 200
    var store = LayoutStore()
    try store.add(canonical: canonical.span.octets, at: 0, limits: limits)
    let identity = Array("virtio/net@3/state".utf8)
    let full = refusal { () throws(StreamError) in
      try store.addExternal(identity: identity.span.octets, at: 9, limits: limits)
    }
    #expect(full?.code == .limitExceeded && full?.expected == 1 && full?.offset == 9)
    limits.layoutsMax = 2
    try store.addExternal(identity: identity.span.octets, at: 9, limits: limits)
    let isExternal = store.table.isExternal(1)
    #expect(isExternal)
    let kept = array(store.table.identity(of: 1))
    #expect(kept == identity)
    limits.layoutsMax = 3
    let total = refusal { () throws(StreamError) in
      try store.add(canonical: canonical.span.octets, at: 0, limits: limits)
    }
    #expect(total?.code == .limitExceeded && total?.expected == 200)
  }
}

extension [UInt8] {
  fileprivate func replacing(_ damage: LayoutFaultTests.Damage) -> [UInt8] {
    var octets = self
    octets.replaceSubrange(damage.position..<(damage.position + damage.octets.count), with: damage.octets)
    return octets
  }
}
