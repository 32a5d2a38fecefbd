import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Layouts made to be slow or large: names that only differ at their end, in the worst orders, with as many aliases.
@Suite struct MappingHostileTests {
  enum Order: String, CaseIterable { case sorted, reversed, shuffled, anagrams }

  private static let isLong = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil
  private static let sizes = isLong ? [4_096, 16_384, 65_536] : [128, 512, 2_048]

  private func names(_ count: Int, _ order: Order) -> [String] {
    let plain = (0..<count).map { number in
      let digits = String(number + 100_000)
      return order == .anagrams
        ? String(repeating: "ab", count: 12) + digits + digits.reversed()
        : String(repeating: "q", count: 40) + digits
    }
    switch order {
    case .sorted, .anagrams: return plain
    case .reversed: return plain.reversed()
    case .shuffled:
      var random = SeededGenerator(seed: 7)
      return plain.shuffled(using: &random)
    }
  }

  private func layout(_ names: [String], width: UInt32) -> [UInt8] {
    RawLayout("l", names.map { RawField($0, .unsigned, width: width) }).canonical
  }

  /// Octets for the mapping alone, at most: the plan and its making, and the result.
  private func peak(_ count: Int, _ order: Order, aliased: Bool) throws -> (peak: Int, result: [UInt8]) {
    let theirs = names(count, order)
    let ours = aliased ? theirs.map { "x" + $0.dropFirst() } : Array(theirs.reversed())
    let stream = try HeldLayouts([layout(theirs, width: 1)])
    let reader = try HeldLayouts([layout(ours, width: 2)])
    var aliases = LayoutAliases()
    if aliased {
      for (entry, name) in theirs.enumerated() {
        let name = Array(name.utf8)
        try aliases.add(layout: 0, entry: UInt32(entry), name: name.span.octets)
      }
    }
    let data = [UInt8].ramp(count).padded()
    let allocator = CountingAllocator()
    let layouts = MappingLayouts(
      stream: stream.store.table, reader: reader.store.table, aliases: aliases.table)
    var mapping = try LayoutMapping(from: 0, to: 0, of: layouts, version: 1, allocator: allocator.allocator)
    var place = OwnedBytes(allocator: allocator.allocator)
    var report = NoMappingHandler()
    let result = array(
      try mapping.apply(data.span.octets, at: 0, of: layouts, in: &place, report: &report))
    return (allocator.peak, result)
  }

  /// The formula of Specs/40-reader-rules.md section 3, at three sizes; the stores are not counted.
  @Test(arguments: Order.allCases)
  func memoryIsLinear(_ order: Order) throws {
    for count in Self.sizes {
      for aliased in [false, true] {
        let (peak, result) = try peak(count, order, aliased: aliased)
        let steps = 72 * count
        let making = 24 * count
        // Steps grow by doubling: twice what they take, three times while they move.
        // Then the result of 2 octets a field.
        #expect(peak <= 3 * steps + making + 2 * 2 * count + 4_096, "\(order) \(count): \(peak)")
        #expect(result.count == 2 * count)
        let first = result[0..<2]
        let expected = aliased ? 0 : UInt8((count - 1) % 251)
        #expect(Array(first) == [expected, 0])
      }
    }
  }

  /// The sort that pairing leans on: at most 2 n log n questions, whatever the order.
  @Test(arguments: Order.allCases)
  func sortingTakesNLogN(_ order: Order) throws {
    for exponent in Self.isLong ? [10, 13, 16] : [6, 8, 10] {
      let names = names(1 << exponent, order).map { Array($0.utf8) }
      var list = OwnedBuffer<UInt32>()
      for number in 0..<UInt32(names.count) { try list.append(number) }
      var questions = 0
      list.sort { left, right in
        questions += 1
        return names[Int(left)].lexicographicallyPrecedes(names[Int(right)])
      }
      #expect(questions <= 2 * exponent << exponent, "\(order) \(exponent): \(questions)")
      let isSorted = (1..<names.count).allSatisfy {
        names[Int(list[$0 - 1])].lexicographicallyPrecedes(names[Int(list[$0])])
      }
      #expect(isSorted)
    }
  }

  /// Equal runs are one step, however many fields they are: nothing is kept for each field once the plan is made.
  @Test func runsOfEqualFieldsAreOneStep() throws {
    let names = names(1_000, .sorted)
    let theirs = try HeldLayouts([layout(names, width: 1)])
    let ours = try HeldLayouts([
      RawLayout("l", names.map { RawField($0, .unsigned, width: 1) { $0.radix = 16 } }).canonical
    ])
    let none = LayoutAliases()
    let layouts = MappingLayouts(stream: theirs.store.table, reader: ours.store.table, aliases: none.table)
    let allocator = CountingAllocator()
    let mapping = try LayoutMapping(from: 0, to: 0, of: layouts, version: 1, allocator: allocator.allocator)
    let isInPlace = mapping.isInPlace
    #expect(!isInPlace)
    #expect(allocator.live < 1_024)
  }

  /// Elements whose layouts alternate cost as many steps as there are layouts.
  @Test func alternatingElementLayouts() throws {
    let list = RawLayout("l", [RawField("a", .list)]).canonical
    let elements = (0..<64).map { RawLayout("e\($0)", [RawField("n", .unsigned, width: 1)]).canonical }
    let wider = (0..<64).map { RawLayout("e\($0)", [RawField("n", .unsigned, width: 2)]).canonical }
    var data: [UInt8] = .u64(1_280)
    for index in 0..<1_280 { data.put(.u32(UInt32(1 + index % 64)), .u32(8), .u64(9)) }
    let mapping = MappingCase(stream: [list] + elements, data: data, reader: [list] + wider)
    let allocator = CountingAllocator()
    var reports = MappingReports()
    #expect(try mapping.map(&reports, allocator: allocator.allocator) == data)
    #expect(allocator.calls < 600)
  }
}

struct HeldLayouts: ~Copyable {
  let store: LayoutStore
  init(_ layouts: [[UInt8]]) throws { store = try MappingCase.store(layouts) }
}
