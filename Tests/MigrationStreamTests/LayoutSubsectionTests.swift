import MigrationStream
import StreamTestKit
import Testing

/// Subsections are read in order, and their targets are parts of the data.
@Suite struct LayoutSubsectionTests {
  private func subsection(
    _ number: UInt16, target: [(UInt32, UInt32)] = [], data: [UInt8] = [], nested: [[UInt8]] = []
  ) -> [UInt8] {
    let inside = nested.flatMap { $0 }
    var octets = OwnedBytes()
    do throws(StreamError) {
      try octets.append(integer: UInt32(24 + 8 * target.count + data.count + inside.count))
      try octets.append(integer: number)
      try octets.append(integer: UInt16(nested.count))
      try octets.append(integer: UInt32(0))
      try octets.append(integer: UInt16(target.count))
      try octets.append(integer: UInt16(0))
      try octets.append(integer: UInt64(data.count))
      for step in target {
        try octets.append(integer: step.0)
        try octets.append(integer: step.1)
      }
    } catch { Issue.record("\(error)") }
    return array(octets.bytes) + data + inside
  }

  /// Visits all subsections and gives their numbers, nested ones after their parent.
  private func numbers(_ reader: SubsectionReader) throws(StreamError) -> [UInt16] {
    var reader = reader
    var numbers: [UInt16] = []
    while let subsection = try reader.next() {
      numbers.append(subsection.number)
      numbers += try self.numbers(reader.inside(subsection))
    }
    return numbers
  }

  private func read(_ octets: [UInt8], count: UInt16) -> Result<[UInt16], StreamError> {
    let reader = SubsectionReader(
      octets.span.octets, at: 500, leading: 0, count: count, numAnnounced: 9, limits: StreamLimits())
    do throws(StreamError) { return .success(try numbers(reader)) } catch let refusal {
      return .failure(refusal)
    }
  }

  private func error(_ octets: [UInt8], count: UInt16) -> StreamError? {
    if case .failure(let error) = read(octets, count: count) { return error }
    return nil
  }

  @Test func headsOrderAndNesting() {
    let inner = subsection(7, data: Array(repeating: 0, count: 8))
    let first = subsection(1, nested: [inner])
    #expect(read(first + subsection(2), count: 2) == .success([1, 7, 2]))
    #expect(error(first + first, count: 2)?.code == .badOrder)
    #expect(error(subsection(1, target: [(0, 1)]) + subsection(5, target: [(0, 0)]), count: 2)?.code == .badOrder)
    #expect(error(subsection(5, target: [(0, 0)]) + subsection(1, target: [(0, 1)]), count: 2) == nil)
    #expect(error(subsection(5) + subsection(1, target: [(0, 0)]), count: 2) == nil)
    let over = error(subsection(1) + subsection(2), count: 1)
    #expect(over == StreamError(.unexpectedData, .section, at: 524, expected: 48, found: 24))
    #expect(error(subsection(1), count: 2)?.code == .truncatedData)
    #expect(error(subsection(9), count: 1)?.code == .unknownSection)
    var long = subsection(1)
    long[16] = 8
    #expect(error(long, count: 1) == StreamError(.truncatedData, .section, at: 516, expected: 8, found: 0))
    long = subsection(1)
    long[0] = 32
    #expect(error(long, count: 1)?.code == .truncatedData)
    long[0] = 16
    #expect(error(long, count: 1)?.code == .badValue)
    var deep = subsection(1)
    for _ in 0..<7 { deep = subsection(1, nested: [deep]) }
    #expect(error(deep, count: 1) == nil)
    #expect(error(subsection(1, nested: [deep]), count: 1)?.code == .limitExceeded)
  }

  @Test func everyPrefixAndBitFlipIsSafe() {
    let octets =
      subsection(1, target: [(1, 2)], nested: [subsection(7, data: Array(repeating: 0, count: 8))])
      + subsection(2, target: [(1, 2)])
    for count in 0..<octets.count { #expect(error(Array(octets[..<count]), count: 2) != nil) }
    for bit in 0..<(octets.count * 8) {
      var flipped = octets
      flipped[bit / 8] ^= 1 << (bit % 8)
      _ = read(flipped, count: 2)
    }
  }

  /// Layout: 0 a number, 1 `vq` counted array of structures with 2 an optional of 3 a number, 4 a list.
  private static let layout = ModelLayout(
    "device",
    [
      LayoutField("a", FieldAttributes(.unsigned)),
      LayoutField(
        "vq", FieldAttributes(.structure, shape: .countedArray, count: 4),
        children: [
          LayoutField("o", FieldAttributes(.optional), children: [LayoutField("n", FieldAttributes(.unsigned))])
        ]),
      LayoutField("l", FieldAttributes(.list)),
    ])

  /// `a` 1; two queues, the second with its optional; an empty list.
  private static let data: [UInt8] = [
    1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0,
  ]

  private func judge(_ targets: [(UInt32, UInt32)]...) throws -> StreamError? {
    let store = try store(LayoutSubsectionTests.layout)
    let octets = targets.flatMap { subsection(0, target: $0) }
    let data = LayoutSubsectionTests.data
    let reader = SubsectionReader(
      octets.span.octets, at: 500, leading: 0, count: UInt16(targets.count), numAnnounced: 1, limits: StreamLimits())
    let walker = SectionWalker(data.span.octets, at: 0, layouts: store.table, limits: StreamLimits())
    do throws(StreamError) {
      try walker.check(layout: 0, subsections: reader)
      return nil
    } catch let refusal {
      return refusal
    }
  }

  @Test func targets() throws {
    #expect(try judge([]) == nil)
    #expect(try judge([], [(1, 0)], [(1, 1)], [(1, 1), (2, 0)]) == nil)
    let beyond = try judge([(1, 0)], [(1, 2)])
    #expect(beyond?.code == .badTarget && beyond?.offset == 532 + 24)
    #expect(try judge([(1, 0), (2, 0)])?.code == .badTarget)
    #expect(try judge([(0, 0)])?.code == .badTarget)
    #expect(try judge([(2, 0)])?.code == .badTarget)
    #expect(try judge([(4, 0)])?.code == .badTarget)
    #expect(try judge([(99, 0)])?.code == .badTarget)
    #expect(try judge([(1, 1), (2, 1)])?.code == .badTarget)
    #expect(try judge([(1, 1), (2, 0), (3, 0)])?.code == .badTarget)
  }
}
