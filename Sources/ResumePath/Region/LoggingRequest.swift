public import MigrationStream

/// A range of addresses that a device writes to, whose pages are to be logged.
@frozen
public struct LoggingRange: Equatable, Sendable, BitwiseCopyable {
  public var start: UInt64
  /// Octets.
  public var byteCount: UInt64

  @inlinable
  public init(start: UInt64, byteCount: UInt64) { (self.start, self.byteCount) = (start, byteCount) }
}

/// What a caller may ask for when a device is to log which pages it writes to.
///
///     octet  0           page size, a power of two
///            8           number of ranges
///           12           reserved
///           16 + 16 i    start of range i, counted from 0
///           24 + 16 i    its length
///
/// Errors name the octet of the field at fault in this picture, whatever the caller's own form is.
///
/// Source: Specs/resume-path.md section 12.
public enum LoggingRequest {
  /// As many ranges as fill a page of 4096 octets.
  public static var rangesMax: Int { 256 }

  /// Judges a request: each range by itself, in their order, then all together.
  ///
  /// Takes n log n steps and 24 octets of memory for each of at most `rangesMax` ranges.
  ///
  /// - Throws: `badRange`, `rangeOverflow`, `tooManyRanges`; of ranges that overlap, the one that begins first inside of
  ///   another, expected: where that one ends.
  public static func check(
    pageByteCount: UInt64, _ ranges: Span<LoggingRange>, rangesMax: Int = LoggingRequest.rangesMax,
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    guard pageByteCount.nonzeroBitCount == 1 else { throw refusal(.badRange, at: 0, found: pageByteCount) }
    guard ranges.count > 0 else { throw refusal(.badRange, at: 8, expected: 1) }
    guard ranges.count <= rangesMax else {
      throw refusal(.tooManyRanges, at: 8, expected: UInt64(clamping: rangesMax), found: UInt64(ranges.count))
    }
    for index in ranges.indices { try check(ranges[index], pageByteCount, at: place(index)) }
    try checkOverlaps(ranges, allocator)
  }

  private static func check(
    _ range: LoggingRange, _ pageByteCount: UInt64, at place: UInt64
  ) throws(StreamError) {
    guard range.start & (pageByteCount - 1) == 0 else {
      throw refusal(.badRange, at: place, expected: pageByteCount, found: range.start)
    }
    guard range.byteCount > 0, range.byteCount & (pageByteCount - 1) == 0 else {
      throw refusal(.badRange, at: place + 8, expected: pageByteCount, found: range.byteCount)
    }
    guard !range.start.addingReportingOverflow(range.byteCount).overflow else {
      throw refusal(.rangeOverflow, at: place + 8, expected: 0 &- range.start - 1, found: range.byteCount)
    }
  }

  private struct Placed: BitwiseCopyable {
    var range: LoggingRange
    var index: Int
  }

  private static func checkOverlaps(
    _ ranges: Span<LoggingRange>, _ allocator: StreamAllocator
  ) throws(StreamError) {
    var sorted = OwnedBuffer<Placed>(allocator: allocator)
    try sorted.reserve(ranges.count)
    for index in ranges.indices { try sorted.append(Placed(range: ranges[index], index: index)) }
    sorted.sort { first, second in
      first.range.start != second.range.start ? first.range.start < second.range.start : first.index < second.index
    }
    var end: UInt64 = 0
    for position in 0..<sorted.count {
      let placed = sorted[position]
      guard placed.range.start >= end else {
        throw refusal(.badRange, at: place(placed.index), expected: end, found: placed.range.start)
      }
      end = placed.range.start + placed.range.byteCount
    }
  }

  private static func place(_ index: Int) -> UInt64 { 16 + 16 * UInt64(index) }

  private static func refusal(
    _ code: StreamError.Code, at offset: UInt64, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    StreamError(code, .resume, at: offset, expected: expected, found: found)
  }
}
