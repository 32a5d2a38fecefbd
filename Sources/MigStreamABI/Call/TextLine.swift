internal import CMigStream
internal import MigrationStream

/// A line of text about an error, in memory of its own: no allocator is asked when one has just refused.
///
/// Shorter than 256 octets. ASCII, as every number and name of this library is, but for texts of a stream.
struct TextLine: ~Copyable {
  private var octets = InlineArray<256, UInt8>(repeating: 0)
  private(set) var count = 0

  mutating func append(_ text: StaticString) {
    let span = text.octets
    for index in 0..<span.byteCount { append(span.octet(at: index)) }
  }

  /// A text of a stream, or nothing where there is no room for all of it.
  mutating func append(_ text: RawSpan) {
    guard text.byteCount < 256 - count else { return }
    for index in 0..<text.byteCount { append(text.octet(at: index)) }
  }

  /// The last octet stays 0.
  private mutating func append(_ octet: UInt8) {
    guard count < 255 else { return }
    octets[count] = octet
    count += 1
  }

  mutating func append(_ number: UInt64) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var rest = number
    var first = 20
    repeat {
      first -= 1
      digits[first] = UInt8(truncatingIfNeeded: rest % 10) + 48
      rest /= 10
    } while rest > 0
    for index in first..<20 { append(digits[index]) }
  }

  private mutating func append(_ label: StaticString, _ number: UInt64) {
    append(label)
    append(number)
  }

  /// `digestMismatch (40) in bulk at offset 4096: expected 1, found 2, record 7, device 0`
  ///
  /// Of an event: `deviceLoaded in resume at offset 4096: found 0, device 3`
  mutating func describe(_ error: mgs_error) {
    let event = error.code == Int32(bitPattern: MGS_OK.rawValue) ? eventName(error.expected) : nil
    append(event ?? codeName(error.code))
    if event == nil {
      append(" (", UInt64(error.code.magnitude))
      append(")")
    }
    append(" in ")
    append(stageName(error.stage))
    append(" at offset ", error.offset)
    append(": ")
    if event == nil {
      append("expected ", error.expected)
      append(", ")
    }
    append("found ", error.found)
    if error.record != UInt64.max { append(", record ", error.record) }
    if error.device != UInt32.max { append(", device ", UInt64(error.device)) }
    if error.channel != 0 { append(", channel ", UInt64(error.channel)) }
  }

  /// The line with a zero at its end.
  func withCString(_ body: (UnsafePointer<CChar>) -> Void) {
    let span = octets.span
    unsafe span.withUnsafeBytes { octets in
      // Safe: 256 octets, the last one 0.
      unsafe body(octets.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self))
    }
  }

  /// Copies what fits, with a zero at its end.
  func copy(to target: UnsafeMutableRawBufferPointer) {
    guard target.count > 0 else { return }
    let copied = min(count, target.count - 1)
    for index in 0..<copied { unsafe target[index] = octets[index] }
    unsafe target[copied] = 0
  }
}
