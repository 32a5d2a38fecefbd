import MigrationStream

/// Where one record lies in a stream: what its octets really are, whatever its header says of them.
///
/// ```
///  start      +64        body end      payload            end        next
///  | header   | body     | frontCount  | payloadCount | backCount | gap |
/// ```
public struct RecordSpot: Equatable, Sendable {
  /// Octets from the start of the stream.
  public internal(set) var start: Int
  public internal(set) var kind: UInt16
  public internal(set) var bodyCount: Int
  /// Padding in front of the payload.
  public internal(set) var frontCount = 0
  public internal(set) var payloadCount = 0
  /// Padding behind the payload.
  public internal(set) var backCount = 0
  /// Octets behind the record that belong to none: the areas of an image.
  public internal(set) var gapCount = 0
  /// Where the record behind such octets starts; it stays there. 0 without them.
  var gapEnd = 0

  public var body: Range<Int> { (start + RecordHeader.byteCount)..<(start + RecordHeader.byteCount + bodyCount) }
  public var payload: Range<Int> {
    let first = body.upperBound + frontCount
    return first..<(first + payloadCount)
  }
  public var end: Int { payload.upperBound + backCount }
  var next: Int { end + gapCount }
  var knownKind: RecordKind? { RecordKind(rawValue: kind) }
}

/// Places of a record header's fields.
///
/// Source: Specs/10-stream-format.md section 3.
enum HeaderPlace {
  static let kind = 4
  static let flags = 6
  static let channel = 8
  static let frontPadding = 10
  static let backPadding = 11
  static let device = 12
  static let sequence = 16
  static let bodyLength = 24
  static let bodyDigest = 32
  static let payloadLength = 40
  static let payloadDigest = 48
  static let headerDigest = 56
}
