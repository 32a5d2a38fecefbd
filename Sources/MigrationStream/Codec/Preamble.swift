/// The fixed first octets of a stream.
///
///       0    1    2    3    4    5    6    7    8    9   10   11   12   13   14   15   octet
///     +-------------------------------------+---------+---------+---------+---------+
///     | magic                               | major   | minor   |min_rdr  | profile |
///     +-------------------+-----------------+---------+---------+---------+---------+
///     | flags_mandatory   | flags_optional  | digest  | channels| reserved          |
///     +-------------------+-----------------+---------+---------+-------------------+
///     | len_record_max                      | uuid, 16 octets ...
///     +-------------------------------------+---------------------------------------+
///                                           | digest_preamble                       |
///     +-------------------------------------+---------------------------------------+
///
/// Source: Specs/10-stream-format.md section 2.
@frozen
public struct Preamble: Equatable, Sendable, BitwiseCopyable {
  public static var byteCount: Int { @inlinable get { 64 } }

  /// The minor the writer implements; information only.
  public var minor: UInt16 = Format.minor
  /// Least minor a reader must implement.
  public var minorReaderMin: UInt16 = 0
  public var profile: Profile = .stream
  /// ``MandatoryFlags``.
  public var mandatoryFlags: UInt32 = 0
  /// ``OptionalFlags``; unknown bits are kept.
  public var optionalFlags: UInt32 = 0
  public var channelCount: UInt16 = 1
  /// Octets of the largest record; 0: no promise.
  public var recordByteCountMax: UInt64 = 0
  public var uuid: StreamUUID

  @inlinable
  public init(uuid: StreamUUID) { self.uuid = uuid }

  /// Reads and checks a preamble.
  ///
  /// - Parameter octets: 64 octets, or all there are when the input is shorter.
  /// - Throws: ``StreamError`` at the field at fault, in the order of checks that the specification gives.
  public init(_ octets: RawSpan) throws(StreamError) {
    try Self.check(magic: Format.magic, octets)
    guard octets.byteCount >= Self.byteCount else {
      throw StreamError(
        .truncated, .preamble, at: UInt64(octets.byteCount), expected: UInt64(Self.byteCount),
        found: UInt64(octets.byteCount))
    }
    try Self.checkDigestAndMajor(octets)
    minor = octets.integer(at: 10, as: UInt16.self)
    minorReaderMin = octets.integer(at: 12, as: UInt16.self)
    guard minorReaderMin <= Format.minor else {
      throw Self.refusal(.unsupportedMinor, 12, UInt64(Format.minor), UInt64(minorReaderMin))
    }
    let profileValue = octets.integer(at: 14, as: UInt16.self)
    guard let profile = Profile(rawValue: profileValue) else {
      throw Self.refusal(.badValue, 14, 1, UInt64(profileValue))
    }
    self.profile = profile
    mandatoryFlags = octets.integer(at: 16, as: UInt32.self)
    guard mandatoryFlags & ~MandatoryFlags.known == 0 else {
      throw Self.refusal(.unknownMandatoryFlag, 16, 0, UInt64(mandatoryFlags & ~MandatoryFlags.known))
    }
    optionalFlags = octets.integer(at: 20, as: UInt32.self)
    let digestKind = octets.integer(at: 24, as: UInt16.self)
    guard digestKind == Format.digestXXH3 else {
      throw Self.refusal(.unsupportedDigest, 24, 1, UInt64(digestKind))
    }
    channelCount = octets.integer(at: 26, as: UInt16.self)
    guard channelCount >= 1, channelCount <= Format.channelsMax else {
      throw Self.refusal(.badValue, 26, UInt64(Format.channelsMax), UInt64(channelCount))
    }
    guard profile == .stream || channelCount == 1 else { throw Self.refusal(.badValue, 26, 1, UInt64(channelCount)) }
    guard (channelCount > 1) == (mandatoryFlags & MandatoryFlags.channels != 0) else {
      throw Self.refusal(.badValue, 16, UInt64(channelCount), UInt64(mandatoryFlags))
    }
    let reserved = octets.integer(at: 28, as: UInt32.self)
    guard reserved == 0 else { throw Self.refusal(.reservedNotZero, 28, 0, UInt64(reserved)) }
    recordByteCountMax = octets.integer(at: 32, as: UInt64.self)
    uuid = StreamUUID(
      low: octets.integer(at: 40, as: UInt64.self), high: octets.integer(at: 48, as: UInt64.self))
  }

  /// Says at once whether the octets can be one of our streams, however few there are.
  static func check(magic: UInt64, _ octets: RawSpan) throws(StreamError) {
    for index in 0..<min(8, octets.byteCount) {
      let wanted = UInt8(truncatingIfNeeded: magic >> UInt64(8 * index))
      guard octets.octet(at: index) == wanted else {
        throw refusal(.badMagic, UInt64(index), UInt64(wanted), UInt64(octets.octet(at: index)))
      }
    }
  }

  /// What the first 64 octets of streams, channels and answers have in common behind the magic: their own digest, and
  /// the major of the format.
  static func checkDigestAndMajor(_ octets: RawSpan) throws(StreamError) {
    let digest = octets.integer(at: 56, as: UInt64.self)
    let actual = Digest.xxh3(octets.extracting(first: 56))
    guard digest == actual else { throw refusal(.digestMismatch, 56, digest, actual) }
    let major = octets.integer(at: 8, as: UInt16.self)
    guard major == Format.major else { throw refusal(.unsupportedMajor, 8, UInt64(Format.major), UInt64(major)) }
  }

  static func refusal(
    _ code: StreamError.Code, _ offset: UInt64, _ expected: UInt64, _ found: UInt64
  ) -> StreamError {
    StreamError(code, .preamble, at: offset, expected: expected, found: found)
  }

  /// Appends the 64 octets.
  public func encode(into target: inout OwnedBytes) throws(StreamError) {
    let start = target.count
    try target.reserve(Self.byteCount)
    try target.append(integer: Format.magic)
    try target.append(integer: Format.major)
    try target.append(integer: minor)
    try target.append(integer: minorReaderMin)
    try target.append(integer: profile.rawValue)
    try target.append(integer: mandatoryFlags)
    try target.append(integer: optionalFlags)
    try target.append(integer: Format.digestXXH3)
    try target.append(integer: channelCount)
    try target.append(integer: UInt32(0))
    try target.append(integer: recordByteCountMax)
    try target.append(integer: uuid.low)
    try target.append(integer: uuid.high)
    let digest = Digest.xxh3(target.bytes.extracting(droppingFirst: start))
    try target.append(integer: digest)
  }
}
