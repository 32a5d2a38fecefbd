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

  /// Splits the eight words of a header; nothing is checked.
  init(_ words: InlineArray<8, UInt64>) {
    kind = UInt16(truncatingIfNeeded: words[0] >> 32)
    flags = UInt16(truncatingIfNeeded: words[0] >> 48)
    channel = UInt16(truncatingIfNeeded: words[1])
    frontPadding = UInt8(truncatingIfNeeded: words[1] >> 16)
    backPadding = UInt8(truncatingIfNeeded: words[1] >> 24)
    device = UInt32(truncatingIfNeeded: words[1] >> 32)
    sequence = words[2]
    bodyByteCount = words[3]
    bodyDigest = words[4]
    payloadByteCount = words[5]
    payloadDigest = words[6]
    headerDigest = words[7]
  }

  /// A header to be written; padding follows from where it goes.
  init(
    kind: UInt16, flags: UInt16, channel: UInt16 = 0, device: UInt32, sequence: UInt64, at offset: UInt64,
    bodyByteCount: Int, bodyDigest: UInt64, payloadByteCount: UInt64, payloadDigest: UInt64
  ) {
    self.kind = kind
    self.flags = flags
    self.channel = channel
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
  mutating func encode(seed: UInt64, into target: inout OwnedBytes, at position: Int) {
    var words: InlineArray<8, UInt64> = [
      UInt64(Format.sync) | UInt64(kind) << 32 | UInt64(flags) << 48,
      UInt64(channel) | UInt64(frontPadding) << 16 | UInt64(backPadding) << 24 | UInt64(device) << 32,
      sequence, bodyByteCount, bodyDigest, payloadByteCount, payloadDigest, 0,
    ]
    headerDigest = Digest.xxh3(header: words, seed: seed)
    words[7] = headerDigest
    for index in 0..<8 { target.set(words[index], at: position + 8 * index) }
  }
}
