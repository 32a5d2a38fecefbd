import MigrationStream
import ResumePath
import StreamMutation

/// R1 of requests to log which pages a device writes to: the product's verdict against a slow one, each range beside each
/// other.
///
/// Source: Specs/resume-path.md section 12.
enum LoggingOracle {
  /// - Parameter seed: What request it is: few ranges in few pages, so that they meet in every way.
  static func violation(seed: UInt64) -> FuzzViolation? {
    var chance = Chance(seed)
    let page = chance.isOne(in: 16) ? UInt64(chance.below(3)) * 3 : 1 << UInt64(chance.below(64))
    let most = chance.isOne(in: 8) ? 2 : 4
    let ranges = (0..<chance.below(6)).map { _ in
      LoggingRange(start: number(page, &chance), byteCount: number(page, &chance))
    }
    let wanted = verdict(page, ranges, most)
    var found: StreamError?
    do throws(StreamError) {
      try LoggingRequest.check(pageByteCount: page, ranges.span, rangesMax: most)
    } catch { found = error }
    if found == wanted { return nil }
    return FuzzViolation(
      "R1", "pages of \(page), \(ranges): \(DecodeOracle.describe(found)), expected \(DecodeOracle.describe(wanted))")
  }

  /// Some pages from either end of all addresses; seldom no whole ones.
  private static func number(_ page: UInt64, _ chance: inout Chance) -> UInt64 {
    let pages = UInt64(chance.below(6)) &* page
    let place = chance.isOne(in: 6) ? 0 &- pages : pages
    return chance.isOne(in: 12) ? place &+ UInt64(chance.below(3)) &- 1 : place
  }

  private static func verdict(_ page: UInt64, _ ranges: [LoggingRange], _ most: Int) -> StreamError? {
    func refusal(_ code: StreamError.Code, _ offset: Int, _ expected: UInt64, _ found: UInt64) -> StreamError {
      StreamError(code, .resume, at: UInt64(offset), expected: expected, found: found)
    }
    guard (0..<64).contains(where: { page == 1 << UInt64($0) }) else { return refusal(.badRange, 0, 0, page) }
    if ranges.isEmpty { return refusal(.badRange, 8, 1, 0) }
    if ranges.count > most { return refusal(.tooManyRanges, 8, UInt64(most), UInt64(ranges.count)) }
    for (index, range) in ranges.enumerated() {
      let place = 16 + 16 * index
      if range.start % page != 0 { return refusal(.badRange, place, page, range.start) }
      if range.byteCount == 0 || range.byteCount % page != 0 { return refusal(.badRange, place + 8, page, range.byteCount) }
      // What is left from the start to the last address.
      let left = UInt64.max - range.start
      if range.byteCount > left { return refusal(.rangeOverflow, place + 8, left, range.byteCount) }
    }
    // Of those that begin inside of another, the first by address; of two that begin alike, the later one does.
    var first: (start: UInt64, index: Int, end: UInt64)?
    for (index, range) in ranges.enumerated() {
      for (other, around) in ranges.enumerated() where other != index {
        let isInside = range.start >= around.start && range.start - around.start < around.byteCount
        guard isInside, range.start > around.start || index > other else { continue }
        if let known = first, (known.start, known.index) <= (range.start, index) { continue }
        first = (range.start, index, around.start + around.byteCount)
      }
    }
    return first.map { refusal(.badRange, 16 + 16 * $0.index, $0.end, $0.start) }
  }
}
