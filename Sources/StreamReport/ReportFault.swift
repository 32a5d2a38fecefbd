public import ForeignStreams
public import MigrationStream

/// Where and why reading stopped, with the octets around the place.
public struct ReportFault: Equatable, Sendable {
  /// The rule that was broken, by name and by number, and what was being read.
  public var code: String
  public var number: Int32
  public var stage: String
  /// The channel at fault, ``StreamError/noChannel`` for one whose hello is; nil where it is channel 0.
  public var channel: UInt16?
  /// Octets from the start of the stream, or of the channel, to the field at fault.
  public var offset: UInt64
  public var expected: UInt64
  public var found: UInt64
  /// Path of the innermost item that was being read.
  public var path: String
  /// Sequence number and device number of the record, where there are such.
  public var record: UInt64?
  public var device: UInt32?
  /// What is wrong, and what to do next.
  public var message: String
  public var advice: String
  /// Octets around the place; empty when they are no longer at hand.
  public var window: HexWindow

  public init(_ error: StreamError, path: String, window: HexWindow = HexWindow()) {
    code = "\(error.code)"
    number = error.code.rawValue
    stage = "\(error.stage)"
    channel = error.channel == 0 ? nil : error.channel
    offset = error.offset
    expected = error.expected
    found = error.found
    self.path = path
    record = error.sequence == StreamError.noRecord ? nil : error.sequence
    device = error.device == UInt32.max ? nil : error.device
    message = ReportText.sentence(error)
    advice = ReportText.advice(error)
    self.window = window
  }

  public init(_ error: ForeignError, window: HexWindow = HexWindow()) {
    code = "\(error.code)"
    number = error.code.rawValue
    stage = error.stage.rawValue
    offset = error.offset
    expected = error.expected
    found = error.found
    path = error.path.isEmpty ? "" : "/devices/" + error.path
    message = ReportText.sentence(error)
    advice = ReportText.advice(error)
    self.window = window
  }
}

/// A few octets and where they stand.
public struct HexWindow: Equatable, Sendable {
  /// Octets from the start of the stream to the first one.
  public var offset: UInt64
  public var octets: [UInt8]

  /// Octets in front of the place at fault, and in all.
  public static let before: UInt64 = 16
  public static let byteCount = 48

  public init(offset: UInt64 = 0, octets: [UInt8] = []) {
    self.offset = offset
    self.octets = octets
  }

  /// Cuts the window around `offset` out of octets that start at `start`; nil when the place is not among them.
  public init?(around offset: UInt64, in octets: RawSpan, at start: UInt64) {
    let end = start + UInt64(octets.byteCount)
    guard offset >= start, offset <= end, octets.byteCount > 0 else { return nil }
    let first = max(start, Self.start(around: offset))
    let from = Int(first - start)
    self.init(
      offset: first, octets: Array(octets.extracting(droppingFirst: from), max: Self.byteCount))
  }

  /// Where a window around `offset` starts: a multiple of 16.
  public static func start(around offset: UInt64) -> UInt64 {
    let aligned = offset & ~15
    return aligned >= before ? aligned - before : 0
  }

  /// Lines of 16 octets with offsets; the octet at fault stands in brackets.
  public func lines(marking place: UInt64) -> [String] {
    stride(from: 0, to: octets.count, by: 16).map { start in
      var line = ReportText.offset(offset + UInt64(start)) + " "
      var characters = ""
      for index in start..<(start + 16) {
        guard index < octets.count else {
          line += "    "
          continue
        }
        let octet = octets[index]
        let isPlace = offset + UInt64(index) == place
        line += isPlace ? "[\(hexadecimal(octet))]" : " \(hexadecimal(octet)) "
        characters += octet >= 0x20 && octet < 0x7f ? String(UnicodeScalar(octet)) : "."
      }
      return line + " " + characters
    }
  }
}
