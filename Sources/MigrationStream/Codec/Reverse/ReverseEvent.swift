/// What a destination tells the source.
///
/// Source: Specs/resume-path.md section 9.2.
@frozen
public enum ReverseEvent: Equatable, Sendable, BitwiseCopyable {
  case compatible
  case refused(ReverseRefusal)
  case initialLoaded(device: UInt32)
  case resumed
  /// A record of a kind that this reader does not know, and may step over.
  case skipped(kind: UInt16)

  /// nil for what is not ours to write.
  var kind: ReverseKind? {
    switch self {
    case .compatible: .compatible
    case .refused: .refused
    case .initialLoaded: .initialLoaded
    case .resumed: .resumed
    case .skipped: nil
    }
  }
}

/// Why a destination refused a stream, in its own numbers: it may be newer than this reader.
///
///       0    1    2    3    4    5    6    7    8    9   10   11   12   13   14   15   octet
///     +-------------------+----+----+---------+---------------------------------------+
///     | code              |stag| 0  | channel | offset                                |
///     +-------------------+----+----+---------+---------------------------------------+
///     | expected                              | found                                 |
///     +---------------------------------------+-------------------+-------------------+
///     | sequence                              | device            | reserved          |
///     +---------------------------------------+-------------------+-------------------+
@frozen
public struct ReverseRefusal: Equatable, Sendable, BitwiseCopyable {
  static var byteCount: Int { 48 }

  /// Of ``StreamError/Code``, where it is known.
  public var code: UInt32
  /// Of ``StreamError/Stage``, where it is known.
  public var stage: UInt8
  public var channel: UInt16
  public var offset: UInt64
  public var expected: UInt64
  public var found: UInt64
  public var sequence: UInt64
  public var device: UInt32

  public init(_ error: StreamError) {
    code = UInt32(bitPattern: error.code.rawValue)
    stage = error.stage.rawValue
    channel = error.channel
    offset = error.offset
    expected = error.expected
    found = error.found
    sequence = error.sequence
    device = error.device
  }

  /// The destination's error; nil when its code or its stage is not known here.
  public var error: StreamError? {
    guard let code = StreamError.Code(rawValue: Int32(bitPattern: code)),
      let stage = StreamError.Stage(rawValue: stage)
    else { return nil }
    return StreamError(code, stage, at: offset, expected: expected, found: found, sequence: sequence, device: device)
      .on(channel: channel)
  }

  /// Reads the body of REFUSED.
  init(_ reader: inout ByteReader) throws(StreamError) {
    try reader.need(Self.byteCount)
    code = try reader.u32()
    stage = try reader.u8()
    try reader.reserved(1)
    channel = try reader.u16()
    offset = try reader.u64()
    expected = try reader.u64()
    found = try reader.u64()
    sequence = try reader.u64()
    device = try reader.u32()
    try reader.reserved(4)
  }

  /// Appends the 48 octets.
  func encode(into target: inout OwnedBytes) throws(StreamError) {
    try target.append(integer: code)
    try target.append(integer: stage)
    try target.append(integer: UInt8(0))
    try target.append(integer: channel)
    try target.append(integer: offset)
    try target.append(integer: expected)
    try target.append(integer: found)
    try target.append(integer: sequence)
    try target.append(integer: device)
    try target.append(integer: UInt32(0))
  }
}
