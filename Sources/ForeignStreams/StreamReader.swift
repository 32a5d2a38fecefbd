/// A cursor over random access octets that keeps one small window of them.
///
/// The window grows while reading is sequential and shrinks to a few octets after a jump, so that stepping over full
/// pages of guest memory costs one short read a page, and dense records cost one long read for thousands.
struct StreamReader: Sendable {
  /// Octets fetched after a jump: enough for the header in front of the next page.
  private static let shortFetch = 64

  let source: any RandomAccessOctets
  /// All octets of the source, as an index.
  let octetCount: Int
  /// The fetched octets.
  private(set) var window: [UInt8] = []
  private var windowStart = 0
  private var fetchSize = 4_096

  /// Octets from the start of the source to the next unread one.
  var position = 0
  /// Where reading has to stop: the end of the source, or of a package.
  var limit: Int
  /// What errors say this reader was doing.
  var stage = ForeignError.Stage.opening

  /// - Throws: ``ForeignError`` `.limitExceeded` for sources longer than 2^62 octets, so that sums cannot overflow.
  init(_ source: any RandomAccessOctets) throws(ForeignError) {
    self.source = source
    let most = UInt64(1) << 62
    guard source.octetCount <= most else {
      throw ForeignError(.limitExceeded, .opening, at: 0, expected: most, found: source.octetCount)
    }
    octetCount = Int(source.octetCount)
    limit = octetCount
  }

  var remaining: Int { limit - position }

  /// An error about the field at `offset`, or at the cursor.
  func failure(
    _ code: ForeignError.Code, at offset: Int? = nil, expected: UInt64 = 0, found: UInt64 = 0
  ) -> ForeignError {
    ForeignError(code, stage, at: UInt64(offset ?? position), expected: expected, found: found)
  }

  /// Makes the next `count` octets present and says where in ``window`` they begin. The cursor stays.
  @inline(__always)
  mutating func peek(_ count: Int) throws(ForeignError) -> Int {
    let index = position - windowStart
    if index >= 0, count <= window.count - index, count <= limit - position { return index }
    try fetch(count)
    return position - windowStart
  }

  /// As ``peek(_:)``, and steps over them.
  @inline(__always)
  mutating func take(_ count: Int) throws(ForeignError) -> Int {
    let index = try peek(count)
    position += count
    return index
  }

  private mutating func fetch(_ count: Int) throws(ForeignError) {
    guard count <= remaining else {
      throw failure(.truncated, expected: UInt64(count), found: UInt64(max(0, remaining)))
    }
    precondition(count <= ForeignLimits.windowOctets, "a fetch is never longer than the window")
    let windowEnd = windowStart + window.count
    let isSequential = position >= windowStart && position <= windowEnd + Self.shortFetch
    fetchSize = isSequential ? min(fetchSize * 4, ForeignLimits.windowOctets) : Self.shortFetch
    let size = min(max(fetchSize, count), octetCount - position)
    window = try source.read(at: UInt64(position), count: size)
    windowStart = position
    guard window.count >= count else {
      throw failure(.sourceUnreadable, expected: UInt64(count), found: UInt64(window.count))
    }
  }

  /// Steps over `count` octets without reading them.
  mutating func skip(_ count: Int) throws(ForeignError) {
    guard count >= 0, count <= remaining else {
      throw failure(.truncated, expected: UInt64(clamping: count), found: UInt64(max(0, remaining)))
    }
    position += count
  }

  /// A length from the stream as an index, refused when it reaches beyond the limit.
  func checkedCount(_ count: UInt64, at offset: Int) throws(ForeignError) -> Int {
    guard let value = Int(exactly: count), value <= remaining else {
      throw failure(.truncated, at: offset, expected: count, found: UInt64(max(0, remaining)))
    }
    return value
  }
}

extension StreamReader {
  mutating func u8() throws(ForeignError) -> UInt8 {
    let index = try take(1)
    return window[index]
  }

  mutating func u16() throws(ForeignError) -> UInt16 {
    let index = try take(2)
    return UInt16(window[index]) << 8 | UInt16(window[index + 1])
  }

  mutating func u32() throws(ForeignError) -> UInt32 {
    UInt32(truncatingIfNeeded: try unsigned(4))
  }

  mutating func u64() throws(ForeignError) -> UInt64 {
    try unsigned(8)
  }

  /// A big-endian number of `size` octets, at most 8.
  @inline(__always)
  mutating func unsigned(_ size: Int) throws(ForeignError) -> UInt64 {
    let index = try take(size)
    var value: UInt64 = 0
    for offset in 0..<size { value = value << 8 | UInt64(window[index + offset]) }
    return value
  }

  /// One length octet and that many octets.
  mutating func string8() throws(ForeignError) -> [UInt8] {
    let count = Int(try u8())
    return try octets(count)
  }

  /// The next `count` octets; at most a window of them.
  mutating func octets(_ count: Int) throws(ForeignError) -> [UInt8] {
    let index = try take(count)
    return Array(window[index..<(index + count)])
  }

  /// The octet `distance` behind the cursor, or nil at the limit.
  mutating func octet(ahead distance: Int) throws(ForeignError) -> UInt8? {
    guard distance < remaining else { return nil }
    let index = try peek(distance + 1)
    return window[index + distance]
  }
}
