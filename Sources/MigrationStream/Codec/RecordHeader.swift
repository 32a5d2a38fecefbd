/// The 64 octets in front of every record.
///
///       0    1    2    3    4    5    6    7    8    9   10   11   12   13   14   15   octet
///     +-------------------+---------+---------+---------+----+----+-------------------+
///     | sync d6 4d 47 52  | kind    | flags   | channel |padF|padB| device            |
///     +-------------------+---------+---------+---------+----+----+-------------------+
///     | sequence                              | len_body                              |
///     +---------------------------------------+---------------------------------------+
///     | digest_body                           | len_payload                           |
///     +---------------------------------------+---------------------------------------+
///     | digest_payload                        | digest_header                         |
///     +---------------------------------------+---------------------------------------+
///
/// Source: Specs/10-stream-format.md section 3.
@frozen
public struct RecordHeader: Equatable, Sendable, BitwiseCopyable {
  public static var byteCount: Int { @inlinable get { 64 } }

  /// ``RecordKind``, or a number this reader does not know.
  public var kind: UInt16
  /// ``RecordFlags``.
  public var flags: UInt16
  public var channel: UInt16
  /// Zero octets between body and payload.
  public var frontPadding: UInt8
  /// Zero octets after the payload.
  public var backPadding: UInt8
  /// Device number, or ``Format/none32``.
  public var device: UInt32
  public var sequence: UInt64
  public var bodyByteCount: UInt64
  public var bodyDigest: UInt64
  public var payloadByteCount: UInt64
  public var payloadDigest: UInt64
  public var headerDigest: UInt64

  /// Octets of the whole record.
  @inlinable
  public var recordByteCount: UInt64 {
    UInt64(Self.byteCount) &+ bodyByteCount &+ UInt64(frontPadding) &+ payloadByteCount
      &+ UInt64(backPadding)
  }

  @inlinable
  public var knownKind: RecordKind? { RecordKind(rawValue: kind) }

  /// The zero octets that bring the payload of a record at `offset` to a multiple of 64.
  @inlinable
  public static func frontPadding(bodyEndingAt offset: UInt64, payloadByteCount: UInt64) -> UInt8 {
    payloadByteCount == 0 ? 0 : UInt8(truncatingIfNeeded: (0 &- offset) & (Format.payloadAlignment - 1))
  }

  @inlinable
  public static func backPadding(payloadByteCount: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: (0 &- payloadByteCount) & 7)
  }

  /// Loads the fields; nothing is checked.
  ///
  /// - Parameter octets: At least 64 octets.
  init(loading octets: RawSpan) {
    let word1 = octets.integer(at: 8, as: UInt64.self)
    kind = octets.integer(at: 4, as: UInt16.self)
    flags = octets.integer(at: 6, as: UInt16.self)
    channel = UInt16(truncatingIfNeeded: word1)
    frontPadding = UInt8(truncatingIfNeeded: word1 >> 16)
    backPadding = UInt8(truncatingIfNeeded: word1 >> 24)
    device = UInt32(truncatingIfNeeded: word1 >> 32)
    sequence = octets.integer(at: 16, as: UInt64.self)
    bodyByteCount = octets.integer(at: 24, as: UInt64.self)
    bodyDigest = octets.integer(at: 32, as: UInt64.self)
    payloadByteCount = octets.integer(at: 40, as: UInt64.self)
    payloadDigest = octets.integer(at: 48, as: UInt64.self)
    headerDigest = octets.integer(at: 56, as: UInt64.self)
  }

  /// A header to be written; padding follows from where it goes.
  init(
    kind: UInt16, flags: UInt16, device: UInt32, sequence: UInt64, at offset: UInt64,
    bodyByteCount: Int, bodyDigest: UInt64, payloadByteCount: UInt64, payloadDigest: UInt64
  ) {
    self.kind = kind
    self.flags = flags
    channel = 0
    let bodyEnd = offset &+ UInt64(Self.byteCount + bodyByteCount)
    frontPadding = Self.frontPadding(bodyEndingAt: bodyEnd, payloadByteCount: payloadByteCount)
    backPadding = Self.backPadding(payloadByteCount: payloadByteCount)
    self.device = device
    self.sequence = sequence
    self.bodyByteCount = UInt64(bodyByteCount)
    self.bodyDigest = bodyDigest
    self.payloadByteCount = payloadByteCount
    self.payloadDigest = payloadDigest
    headerDigest = 0
  }

  /// Writes the 64 octets over those at `position`, and fills in ``headerDigest``.
  ///
  /// Whole words: the digest reads words, and narrower stores would not be forwarded to it.
  mutating func encode(seed: UInt64, into target: inout OwnedBytes, at position: Int) {
    target.set(UInt64(Format.sync) | UInt64(kind) << 32 | UInt64(flags) << 48, at: position)
    target.set(
      UInt64(channel) | UInt64(frontPadding) << 16 | UInt64(backPadding) << 24 | UInt64(device) << 32,
      at: position + 8)
    target.set(sequence, at: position + 16)
    target.set(bodyByteCount, at: position + 24)
    target.set(bodyDigest, at: position + 32)
    target.set(payloadByteCount, at: position + 40)
    target.set(payloadDigest, at: position + 48)
    headerDigest = Digest.xxh3(target.bytes.extracting(position..<(position + 56)), seed: seed)
    target.set(headerDigest, at: position + 56)
  }
}
