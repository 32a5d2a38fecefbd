/// Numbers of the format that stand alone.
///
/// Source: Specs/10-stream-format.md sections 1 to 3 and 11.
public enum Format {
  public static var major: UInt16 { @inlinable get { 1 } }
  public static var minor: UInt16 { @inlinable get { 0 } }
  /// The octets `89 4d 47 53 0d 0a 1a 0a`.
  public static var magic: UInt64 { @inlinable get { 0x0a1a_0a0d_5347_4d89 } }
  /// The octets `89 4d 47 43 0d 0a 1a 0a`.
  public static var helloMagic: UInt64 { @inlinable get { 0x0a1a_0a0d_4347_4d89 } }
  /// The octets `d6 4d 47 52`.
  public static var sync: UInt32 { @inlinable get { 0x5247_4dd6 } }
  public static var digestXXH3: UInt16 { @inlinable get { 1 } }
  public static var channelsMax: UInt16 { @inlinable get { 16 } }
  /// No device, no region owner, no parent.
  public static var none32: UInt32 { @inlinable get { UInt32.max } }
  public static var none64: UInt64 { @inlinable get { UInt64.max } }
  /// Where payloads start.
  public static var payloadAlignment: UInt64 { @inlinable get { 64 } }
  /// Payload of one bulk record unless the caller says otherwise.
  public static var chunkByteCount: Int { @inlinable get { 1 << 20 } }
}

/// What a record is.
///
/// Source: Specs/10-stream-format.md section 3.1.
@frozen
public enum RecordKind: UInt16, Sendable, BitwiseCopyable, CaseIterable {
  case manifest = 0x0001
  case layout = 0x0002
  case section = 0x0003
  case memory = 0x0004
  case bytes = 0x0005
  case barrier = 0x0006
  case placement = 0x0007
  case placedMemory = 0x0008
  case indexPage = 0x0009
  case index = 0x000a
  case abort = 0x000b
  case channelEnd = 0x000c
  case end = 0x000d

  /// Flags beside the mark that records of this kind may carry.
  var flagsAllowed: UInt16 {
    switch self {
    case .section: RecordFlags.replaces
    case .bytes:
      RecordFlags.initialDataEnd | RecordFlags.last | RecordFlags.unitFirst | RecordFlags.unitLast
    default: 0
    }
  }

  /// Whether the records name a device, or the owner of a region.
  var namesDevice: Bool {
    self == .section || self == .memory || self == .bytes || self == .placedMemory
  }

  var hasPayload: Bool { self == .memory || self == .bytes }

  /// The mark of records that belong to the machine.
  var mark: Mark { self == .index || self == .indexPage ? .skippable : .required }

  /// The stage that errors in a body of this kind belong to.
  public var stage: StreamError.Stage {
    switch self {
    case .manifest: .manifest
    case .layout: .layout
    case .section: .section
    case .memory, .bytes, .barrier, .placement, .placedMemory: .bulk
    case .indexPage, .index: .index
    case .abort, .channelEnd, .end: .end
    }
  }
}

/// Bits of a record header's flags.
///
/// Source: Specs/10-stream-format.md section 3.2.
public enum RecordFlags {
  public static var required: UInt16 { @inlinable get { 1 << 0 } }
  public static var skippable: UInt16 { @inlinable get { 1 << 1 } }
  public static var replaces: UInt16 { @inlinable get { 1 << 2 } }
  public static var initialDataEnd: UInt16 { @inlinable get { 1 << 8 } }
  public static var last: UInt16 { @inlinable get { 1 << 9 } }
  public static var unitFirst: UInt16 { @inlinable get { 1 << 10 } }
  public static var unitLast: UInt16 { @inlinable get { 1 << 11 } }
}

/// What a reader that does not know an item does with it.
@frozen
public enum Mark: UInt16, Sendable, BitwiseCopyable {
  /// Refuses the stream.
  case required = 1
  /// Steps over it, and says so.
  case skippable = 2

  /// The mark in the low two bits; nil unless exactly one is set.
  @inlinable
  public init?(flags: UInt16) { self.init(rawValue: flags & 3) }
}

/// Bits of the preamble's mandatory flags.
///
/// Source: Specs/10-stream-format.md section 2.
public enum MandatoryFlags {
  public static var singleDevice: UInt32 { @inlinable get { 1 << 0 } }
  public static var channels: UInt32 { @inlinable get { 1 << 1 } }
  public static var passes: UInt32 { @inlinable get { 1 << 2 } }
  public static var zstd: UInt32 { @inlinable get { 1 << 3 } }
  public static var externalLayouts: UInt32 { @inlinable get { 1 << 4 } }
  public static var opaqueMemory: UInt32 { @inlinable get { 1 << 5 } }
  /// Reserved: a reader of minor 0 refuses it.
  public static var postCopy: UInt32 { @inlinable get { 1 << 6 } }
  /// What this reader knows.
  public static var known: UInt32 {
    @inlinable get { singleDevice | channels | passes | zstd | externalLayouts | opaqueMemory }
  }
}

/// Bits of the preamble's optional flags.
public enum OptionalFlags {
  public static var indexed: UInt32 { @inlinable get { 1 << 0 } }
  public static var canonical: UInt32 { @inlinable get { 1 << 1 } }
}

/// How a stream arranges its octets.
@frozen
public enum Profile: UInt16, Sendable, BitwiseCopyable {
  /// Inline records, append only.
  case stream = 1
  /// Regions in place, seekable.
  case image = 2
}

/// 16 octets that name one save.
@frozen
public struct StreamUUID: Equatable, Sendable, BitwiseCopyable {
  /// The first and the last eight octets, as little-endian integers.
  public var low: UInt64
  public var high: UInt64

  @inlinable
  public init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// The seed of the stream's header digests.
  public var seed: UInt64 { Digest.chain(low, high) }
}
