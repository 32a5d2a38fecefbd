/// A cursor over the octets of one body that knows its offset from the start of the stream.
///
/// The body is there as a whole, so running out of it is `truncatedData`, not `truncated`.
@frozen
public struct ByteReader: ~Escapable {
  @usableFromInline let bytes: RawSpan
  @usableFromInline let base: UInt64
  public let stage: StreamError.Stage
  public private(set) var position: Int = 0

  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, at base: UInt64, stage: StreamError.Stage) {
    self.bytes = bytes
    self.base = base
    self.stage = stage
  }

  /// Octets from the start of the stream to the next unread octet.
  public var offset: UInt64 { base &+ UInt64(truncatingIfNeeded: position) }

  public var remaining: Int { bytes.byteCount &- position }

  /// An error at the octet `back` octets before the next unread one.
  public func refusal(
    _ code: StreamError.Code, back: Int = 0, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    StreamError(
      code, stage, at: offset &- UInt64(truncatingIfNeeded: back), expected: expected, found: found)
  }

  public func need(_ count: Int) throws(StreamError) {
    guard count <= remaining else {
      throw refusal(.truncatedData, expected: UInt64(count), found: UInt64(remaining))
    }
  }

  public mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    as type: Value.Type
  ) throws(StreamError) -> Value {
    try need(MemoryLayout<Value>.size)
    defer { position &+= MemoryLayout<Value>.size }
    return bytes.integer(at: position, as: Value.self)
  }

  // Calls, so that a reader stays where it is: its code would be at some two hundred places.
  @inline(never)
  public mutating func u8() throws(StreamError) -> UInt8 { try integer(as: UInt8.self) }

  @inline(never)
  public mutating func u16() throws(StreamError) -> UInt16 { try integer(as: UInt16.self) }
  @inline(never)
  public mutating func u32() throws(StreamError) -> UInt32 { try integer(as: UInt32.self) }
  @inline(never)
  public mutating func u64() throws(StreamError) -> UInt64 { try integer(as: UInt64.self) }

  /// Splits off the next `count` octets without copying them.
  @inline(never)
  @_lifetime(copy self)
  public mutating func take(_ count: Int) throws(StreamError) -> RawSpan {
    try need(count)
    let start = position
    position &+= count
    return bytes.extracting(start..<(start &+ count))
  }

  /// Reserved octets: zero, or `reservedNotZero` at the first of them.
  @inline(never)
  public mutating func reserved(_ count: Int) throws(StreamError) {
    let octets = try take(count)
    guard octets.isZero else { throw refusal(.reservedNotZero, back: count) }
  }

  /// The zero octets that bring the position to the next multiple of 8.
  @inline(never)
  public mutating func padding() throws(StreamError) {
    let count = -position & 7
    let octets = try take(count)
    if octets.isZero { return }
    let index = octets.firstNonZero
    throw refusal(.badPadding, back: count - index, found: UInt64(octets.octet(at: index)))
  }

  /// One text of a text group: bounded, UTF-8, no control characters.
  @inline(never)
  @_lifetime(copy self)
  public mutating func text(_ count: Int, max: UInt32) throws(StreamError) -> RawSpan {
    guard count <= Int(clamping: max) else {
      throw refusal(.limitExceeded, expected: UInt64(max), found: UInt64(count))
    }
    let octets = try take(count)
    guard octets.isText else { throw refusal(.badText, back: count) }
    return octets
  }

  /// Nothing may be left: what was declared against what was consumed.
  public func finish() throws(StreamError) {
    guard remaining == 0 else {
      throw refusal(
        .unexpectedData, expected: UInt64(bytes.byteCount), found: UInt64(position))
    }
  }
}
