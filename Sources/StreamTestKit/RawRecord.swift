/// Record kinds by their number on the wire.
///
/// Source: Specs/10-stream-format.md section 3.1.
public enum RawKind {
  public static let manifest: UInt16 = 0x0001
  public static let layout: UInt16 = 0x0002
  public static let section: UInt16 = 0x0003
  public static let memory: UInt16 = 0x0004
  public static let bytes: UInt16 = 0x0005
  public static let barrier: UInt16 = 0x0006
  public static let placement: UInt16 = 0x0007
  public static let placedMemory: UInt16 = 0x0008
  public static let indexPage: UInt16 = 0x0009
  public static let index: UInt16 = 0x000a
  public static let abort: UInt16 = 0x000b
  public static let channelEnd: UInt16 = 0x000c
  public static let end: UInt16 = 0x000d

  // The reverse direction: Specs/resume-path.md section 9.2.
  public static let compatible: UInt16 = 0x0040
  public static let refused: UInt16 = 0x0041
  public static let initialLoaded: UInt16 = 0x0042
  public static let resumed: UInt16 = 0x0043

  static func name(_ kind: UInt16) -> String {
    let reverse = ["COMPATIBLE", "REFUSED", "INITIAL_LOADED", "RESUMED"]
    if (compatible...resumed).contains(kind) { return reverse[Int(kind - compatible)] }
    let names = [
      "MANIFEST", "LAYOUT", "SECTION", "MEMORY", "BYTES", "BARRIER", "PLACEMENT", "PLACED_MEMORY",
      "INDEX_PAGE", "INDEX", "ABORT", "CHANNEL_END", "END",
    ]
    return (1...13).contains(kind) ? names[Int(kind) - 1] : "kind " + String(kind, radix: 16)
  }
}

/// Bits of a record's flags.
///
/// Source: Specs/10-stream-format.md section 3.2.
public enum RawFlag {
  public static let required: UInt16 = 1 << 0
  public static let skippable: UInt16 = 1 << 1
  public static let replaces: UInt16 = 1 << 2
  public static let initialDataEnd: UInt16 = 1 << 8
  public static let last: UInt16 = 1 << 9
  public static let unitFirst: UInt16 = 1 << 10
  public static let unitLast: UInt16 = 1 << 11
  /// A byte string of one write unit in one record.
  public static let whole: UInt16 = required | last | unitFirst | unitLast
}

/// One record: what its writer chooses. Pads, sequence, lengths and digests come from ``RawStream``.
public struct RawRecord: Sendable {
  public var kind: UInt16
  public var flags: UInt16
  public var device: UInt32
  /// Channel number in place of the one it is sent on.
  public var channel: UInt16?
  /// Sequence number in place of the next one.
  public var sequence: UInt64?
  public var body: [UInt8]
  public var payload: [UInt8]
  /// Octets behind the record that belong to none: hole and areas of an image.
  public var gap: [UInt8] = []

  public init(
    _ kind: UInt16, flags: UInt16 = RawFlag.required, device: UInt32 = none32, body: [UInt8],
    payload: [UInt8] = []
  ) {
    self.kind = kind
    self.flags = flags
    self.device = device
    self.body = body
    self.payload = payload
  }

  /// CHANNEL_END; its body of 32 octets is filled in when the stream is assembled.
  public static var channelEnd: RawRecord { RawRecord(RawKind.channelEnd, body: .zeros(32)) }

  /// END; its body of 416 octets is filled in when the stream is assembled.
  public static var end: RawRecord { RawRecord(RawKind.end, body: .zeros(416)) }
}
