import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// Ranges of addresses to log: the table of the chapter, and random requests against a naive judge.
@Suite struct LoggingRequestTests {
  private func check(
    _ pageByteCount: UInt64, _ ranges: [(UInt64, UInt64)], max: Int = LoggingRequest.rangesMax
  ) -> StreamError? {
    let list = ranges.map { LoggingRange(start: $0.0, byteCount: $0.1) }
    do throws(StreamError) {
      try LoggingRequest.check(pageByteCount: pageByteCount, list.span, rangesMax: max)
    } catch { return error }
    return nil
  }

  private static let cases: [(page: UInt64, ranges: [(UInt64, UInt64)], StreamError.Code?, at: UInt64, UInt64, UInt64)] = [
    (4096, [(0, 4096)], nil, 0, 0, 0),
    (1, [(0, 1), (1, 1), (3, 1)], nil, 0, 0, 0),
    (1 << 63, [(0, 1 << 63)], nil, 0, 0, 0),
    (4096, [(0x3000, 0x1000), (0, 0x3000)], nil, 0, 0, 0),
    (4096, [(0xffff_ffff_ffff_e000, 0x1000)], nil, 0, 0, 0),
    (0, [(0, 4096)], .badRange, 0, 0, 0),
    (4097, [(0, 4096)], .badRange, 0, 0, 4097),
    (UInt64.max, [(0, 4096)], .badRange, 0, 0, UInt64.max),
    (4096, [], .badRange, 8, 1, 0),
    (4096, [(0, 4096), (4097, 4096)], .badRange, 32, 4096, 4097),
    (4096, [(0, 4095)], .badRange, 24, 4096, 4095),
    (4096, [(0, 0)], .badRange, 24, 4096, 0),
    (4096, [(0xffff_ffff_ffff_f000, 0x1000)], .rangeOverflow, 24, 0xfff, 0x1000),
    (4096, [(0x1000, 0xffff_ffff_ffff_f000)], .rangeOverflow, 24, 0xffff_ffff_ffff_efff, 0xffff_ffff_ffff_f000),
    (4096, [(0, 0x2000), (0x1000, 0x1000)], .badRange, 32, 0x2000, 0x1000),
    (4096, [(0x1000, 0x1000), (0, 0x2000)], .badRange, 16, 0x2000, 0x1000),
    (4096, [(0, 0x1000), (0, 0x1000)], .badRange, 32, 0x1000, 0),
  ]

  @Test func table() {
    for (page, ranges, code, offset, expected, found) in Self.cases {
      let wanted = code.map { StreamError($0, .resume, at: offset, expected: expected, found: found) }
      #expect(check(page, ranges) == wanted, "\(page) \(ranges)")
    }
  }

  @Test func limit() {
    let ranges = (0..<257).map { (UInt64($0) << 13, UInt64(4096)) }
    #expect(check(4096, Array(ranges.prefix(256))) == nil)
    #expect(check(4096, ranges) == StreamError(.tooManyRanges, .resume, at: 8, expected: 256, found: 257))
    #expect(check(4096, ranges, max: 257) == nil)
    #expect(check(4096, [(0, 4096)], max: 0)?.code == .tooManyRanges)
  }

  /// By the words of the chapter, each pair compared.
  private func naive(_ page: UInt64, _ ranges: [(UInt64, UInt64)]) -> StreamError? {
    func refusal(_ code: StreamError.Code, _ offset: Int, _ expected: UInt64, _ found: UInt64) -> StreamError {
      StreamError(code, .resume, at: UInt64(offset), expected: expected, found: found)
    }
    for (index, range) in ranges.enumerated() {
      if range.0 % page != 0 { return refusal(.badRange, 16 + 16 * index, page, range.0) }
      if range.1 % page != 0 || range.1 == 0 { return refusal(.badRange, 24 + 16 * index, page, range.1) }
      if range.1 > UInt64.max - range.0 {
        return refusal(.rangeOverflow, 24 + 16 * index, UInt64.max - range.0, range.1)
      }
    }
    let order = ranges.indices.sorted { (ranges[$0].0, $0) < (ranges[$1].0, $1) }
    for (position, index) in order.enumerated() {
      let inside = order[..<position].filter { ranges[$0].0 + ranges[$0].1 > ranges[index].0 }
      if let other = inside.first {
        return refusal(.badRange, 16 + 16 * index, ranges[other].0 + ranges[other].1, ranges[index].0)
      }
    }
    return nil
  }

  @Test func randomRequests() {
    for seed in 1...400 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      let page = UInt64(1) << UInt64(random.pick(0...15))
      let ranges = (0..<random.pick(1...12)).map { _ -> (UInt64, UInt64) in
        let start = UInt64(random.pick(0...63)) * page + (random.once(in: 40) ? 1 : 0)
        let far = random.once(in: 30) ? UInt64.max - 8 * page + 1 : 0
        return (start &+ far, random.once(in: 40) ? 0 : UInt64(random.pick(1...6)) * page)
      }
      #expect(check(page, ranges) == naive(page, ranges), "seed \(seed)")
    }
  }
}
