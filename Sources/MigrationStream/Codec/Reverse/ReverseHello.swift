/// The first octets of the reverse direction: which stream is answered.
///
///       0    1    2    3    4    5    6    7    8    9   10   11   12   13   14   15   octet
///     +-------------------------------------+---------+---------+---------+---------+
///     | 89  4d  47  56  0d  0a  1a  0a      | major   | minor   | min_rdr | reserved|
///     +-------------------------------------+---------+---------+---------+---------+
///     | uuid, 16 octets                                                             |
///     +-------------------------------------------------------+---------------------+
///     | reserved, 24 octets                  ...              | digest_hello        |
///     +-------------------------------------------------------+---------------------+
///
/// Source: Specs/resume-path.md section 9.1.
enum ReverseHello {
  static var byteCount: Int { 64 }

  /// Checks a hello of 64 octets against the stream that was sent.
  static func check(_ octets: RawSpan, of uuid: StreamUUID) throws(StreamError) {
    try Preamble.check(magic: ReverseFormat.magic, octets)
    try Preamble.checkDigestAndMajor(octets)
    let minorReaderMin = octets.integer(at: 12, as: UInt16.self)
    guard minorReaderMin <= Format.minor else {
      throw Preamble.refusal(.unsupportedMinor, 12, UInt64(Format.minor), UInt64(minorReaderMin))
    }
    let answered = StreamUUID(
      low: octets.integer(at: 16, as: UInt64.self), high: octets.integer(at: 24, as: UInt64.self))
    guard answered == uuid else { throw Preamble.refusal(.foreignChannel, 16, uuid.low, answered.low) }
    let reserved = octets.integer(at: 14, as: UInt16.self)
    guard reserved == 0 else { throw Preamble.refusal(.reservedNotZero, 14, 0, UInt64(reserved)) }
    guard octets.extracting(32..<56).isZero else { throw Preamble.refusal(.reservedNotZero, 32, 0, 1) }
  }

  /// Appends the 64 octets.
  static func encode(_ uuid: StreamUUID, into target: inout OwnedBytes) throws(StreamError) {
    let start = target.count
    try target.append(integer: ReverseFormat.magic)
    try target.append(integer: Format.major)
    try target.append(integer: Format.minor)
    try target.append(integer: UInt16(0))
    try target.append(integer: UInt16(0))
    try target.append(integer: uuid.low)
    try target.append(integer: uuid.high)
    try target.append(repeating: 0, count: 24)
    let digest = Digest.xxh3(target.bytes.extracting(droppingFirst: start))
    try target.append(integer: digest)
  }
}
