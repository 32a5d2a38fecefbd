/// A way to a field: names with dots between them, an element in brackets after the name of an array or a list,
/// as in `queue[3].size`. Names that hold a dot or a bracket have no path.
struct FieldPath: ~Escapable {
  private let octets: RawSpan
  private var position = 0

  @_lifetime(copy octets)
  init(_ octets: RawSpan) { self.octets = octets }

  var isAtEnd: Bool { position == octets.byteCount }

  /// The name of the next step.
  ///
  /// - Throws: `wrongCall` at the octet of the path that is wrong.
  @_lifetime(copy self)
  mutating func name() throws(StreamError) -> RawSpan {
    if position > 0 { try expect(0x2e) }
    let start = position
    while position < octets.byteCount, octets.octet(at: position) != 0x2e, octets.octet(at: position) != 0x5b {
      position += 1
    }
    guard position > start else { throw misuse }
    return octets.extracting(start..<position)
  }

  /// The element in brackets, if there is one.
  mutating func element() throws(StreamError) -> Int? {
    guard position < octets.byteCount, octets.octet(at: position) == 0x5b else { return nil }
    position += 1
    let start = position
    var value = 0
    while position < octets.byteCount, (0x30...0x39).contains(octets.octet(at: position)) {
      value = value * 10 + Int(octets.octet(at: position) - 0x30)
      guard value <= Int(UInt32.max) else { throw misuse }
      position += 1
    }
    guard position > start else { throw misuse }
    try expect(0x5d)
    return value
  }

  private mutating func expect(_ octet: UInt8) throws(StreamError) {
    guard position < octets.byteCount, octets.octet(at: position) == octet else { throw misuse }
    position += 1
  }

  private var misuse: StreamError { StreamError(.wrongCall, .use, at: UInt64(position)) }
}
