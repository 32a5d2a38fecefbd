/// The fixed first octets of a channel other than 0.
///
///       0    1    2    3    4    5    6    7    8    9   10   11   12   13   14   15   octet
///     +-------------------------------------+---------+---------+---------+---------+
///     | magic                               | major   | channel | channels| reserved|
///     +-------------------------------------+---------+---------+---------+---------+
///     | uuid, 16 octets                                                             |
///     +-------------------------------------------------------+---------------------+
///     | reserved, 24 octets                  ...              | digest_hello        |
///     +-------------------------------------------------------+---------------------+
///
/// Source: Specs/30-channels-passes-images.md section 1.
enum Hello {
  /// Checks a hello against the preamble of channel 0.
  ///
  /// - Parameter octets: 64 octets.
  /// - Returns: The number of the channel.
  static func channel(_ octets: RawSpan, of preamble: Preamble) throws(StreamError) -> UInt16 {
    try Preamble.check(magic: Format.helloMagic, octets)
    try Preamble.checkDigestAndMajor(octets)
    let uuid = StreamUUID(
      low: octets.integer(at: 16, as: UInt64.self), high: octets.integer(at: 24, as: UInt64.self))
    guard uuid == preamble.uuid else {
      throw Preamble.refusal(.foreignChannel, 16, preamble.uuid.low, uuid.low)
    }
    let channelCount = octets.integer(at: 12, as: UInt16.self)
    guard channelCount == preamble.channelCount else {
      throw Preamble.refusal(.badValue, 12, UInt64(preamble.channelCount), UInt64(channelCount))
    }
    let channel = octets.integer(at: 10, as: UInt16.self)
    guard channel >= 1, channel < channelCount else {
      throw Preamble.refusal(.badValue, 10, UInt64(channelCount) - 1, UInt64(channel))
    }
    guard octets.integer(at: 14, as: UInt16.self) == 0 else {
      throw Preamble.refusal(.reservedNotZero, 14, 0, UInt64(octets.integer(at: 14, as: UInt16.self)))
    }
    guard octets.extracting(32..<56).isZero else { throw Preamble.refusal(.reservedNotZero, 32, 0, 1) }
    return channel
  }

  /// Appends the 64 octets.
  static func encode(
    channel: UInt16, of preamble: Preamble, into target: inout OwnedBytes
  ) throws(StreamError) {
    let start = target.count
    try target.append(integer: Format.helloMagic)
    try target.append(integer: Format.major)
    try target.append(integer: channel)
    try target.append(integer: preamble.channelCount)
    try target.append(integer: UInt16(0))
    try target.append(integer: preamble.uuid.low)
    try target.append(integer: preamble.uuid.high)
    try target.append(repeating: 0, count: 24)
    let digest = Digest.xxh3(target.bytes.extracting(droppingFirst: start))
    try target.append(integer: digest)
  }
}
