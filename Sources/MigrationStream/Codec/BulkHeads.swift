/// What an extent of memory holds.
@frozen
public enum ExtentKind: UInt8, Sendable, BitwiseCopyable {
  case data = 1
  case zero = 2
  /// The guest has given the memory back; it reads as zero.
  case discard = 3
}

/// A run of octets of a memory region.
@frozen
public struct Extent: Equatable, Sendable, BitwiseCopyable {
  public static var byteCount: Int { @inlinable get { 16 } }

  /// Octets from the start of the region.
  public var offset: UInt64
  public var length: UInt64
  public var kind: ExtentKind

  @inlinable
  public init(offset: UInt64, length: UInt64, kind: ExtentKind) {
    self.offset = offset
    self.length = length
    self.kind = kind
  }

  /// The second word on the wire: length in bits 0 to 55, kind above.
  @inlinable
  var kindAndLength: UInt64 { length | UInt64(kind.rawValue) << 56 }
}

/// The fixed part of a MEMORY body; its extents follow.
///
/// Source: Specs/10-stream-format.md section 7.
@frozen
public struct MemoryHead: Equatable, Sendable, BitwiseCopyable {
  public static var byteCount: Int { @inlinable get { 32 } }

  public var region: UInt32
  public var pass: UInt32
  public var extentCount: UInt32
  /// 0 plain, 1 zstd.
  public var encoding: UInt8
  /// Octets of all data extents.
  public var plainByteCount: UInt64
  /// zstd only.
  public var plainDigest: UInt64

  /// The head of a body that a decoder has checked, or that has at least 32 octets.
  public init(_ body: RawSpan) {
    region = body.integer(at: 0, as: UInt32.self)
    pass = body.integer(at: 4, as: UInt32.self)
    extentCount = body.integer(at: 8, as: UInt32.self)
    encoding = body.octet(at: 12)
    plainByteCount = body.integer(at: 16, as: UInt64.self)
    plainDigest = body.integer(at: 24, as: UInt64.self)
  }

  /// Extent `index` of a checked body.
  public static func extent(_ index: Int, in body: RawSpan) -> Extent {
    Extent(body, at: byteCount + index * Extent.byteCount)
  }
}

/// The body of a BYTES record.
///
/// Source: Specs/10-stream-format.md section 8.
@frozen
public struct BytesHead: Equatable, Sendable, BitwiseCopyable {
  public static var byteCount: Int { @inlinable get { 32 } }

  /// Octets of the device's byte string before this record.
  public var offset: UInt64
  public var pass: UInt32
  /// 0 plain, 1 zstd.
  public var encoding: UInt8
  public var plainByteCount: UInt64
  /// zstd only.
  public var plainDigest: UInt64

  /// The head of a body that a decoder has checked, or that has at least 32 octets.
  public init(_ body: RawSpan) {
    offset = body.integer(at: 0, as: UInt64.self)
    pass = body.integer(at: 8, as: UInt32.self)
    encoding = body.octet(at: 12)
    plainByteCount = body.integer(at: 16, as: UInt64.self)
    plainDigest = body.integer(at: 24, as: UInt64.self)
  }
}

/// The fixed part of a SECTION body; data and subsections follow.
///
/// Source: Specs/10-stream-format.md section 6.
@frozen
public struct SectionHead: Equatable, Sendable, BitwiseCopyable {
  public static var byteCount: Int { @inlinable get { 24 } }

  /// Position in the device's announced sections.
  public var section: UInt16
  public var subsectionCount: UInt16
  public var layout: UInt32
  public var pass: UInt32
  public var dataByteCount: UInt64

  /// The head of a body that a decoder has checked, or that has at least 24 octets.
  public init(_ body: RawSpan) {
    section = body.integer(at: 0, as: UInt16.self)
    subsectionCount = body.integer(at: 2, as: UInt16.self)
    layout = body.integer(at: 4, as: UInt32.self)
    pass = body.integer(at: 8, as: UInt32.self)
    dataByteCount = body.integer(at: 16, as: UInt64.self)
  }

  /// The data of a checked body.
  @_lifetime(copy body)
  public func data(in body: RawSpan) -> RawSpan {
    body.extracting(Self.byteCount..<(Self.byteCount + Int(dataByteCount)))
  }

  /// The subsections of a checked body.
  @_lifetime(copy body)
  public func subsections(in body: RawSpan) -> RawSpan {
    body.extracting(droppingFirst: Self.byteCount + Int(dataByteCount))
  }
}

/// What a section consists of: octets of data, and how many subsections lie directly in it.
@frozen
public struct SectionShape: BitwiseCopyable {
  public var dataByteCount: Int
  public var subsectionCount: UInt16

  @inlinable
  public init(dataByteCount: Int, subsectionCount: UInt16) {
    self.dataByteCount = dataByteCount
    self.subsectionCount = subsectionCount
  }
}

/// The totals of one channel, as END repeats them.
@frozen
public struct ChannelTotals: Equatable, Sendable, BitwiseCopyable {
  /// Records before END or CHANNEL_END.
  public var recordCount: UInt64 = 0
  /// Octets before it.
  public var byteCount: UInt64 = 0
  /// Chain over the header digests.
  public var chain: UInt64 = 0

  @inlinable
  public init() {}
}

/// The bodies of END and CHANNEL_END.
///
/// Source: Specs/10-stream-format.md section 11, Specs/30-channels-passes-images.md section 1.
enum EndBody {
  static var byteCount: Int { 416 }
  static var channelByteCount: Int { 32 }
  static var totalsPosition: Int { 32 }
  static var totalsByteCount: Int { 24 }

  /// What a reader needs that goes straight to the end.
  struct Fields: BitwiseCopyable {
    var indexOffset: UInt64
    var passCount: UInt32
    var recordCount: UInt64
    var byteCount: UInt64
  }

  static func fields(in body: borrowing OwnedBytes) -> Fields {
    Fields(
      indexOffset: body.bytes.integer(at: 0, as: UInt64.self), passCount: body.bytes.integer(at: 12, as: UInt32.self),
      recordCount: body.bytes.integer(at: totalsPosition, as: UInt64.self),
      byteCount: body.bytes.integer(at: totalsPosition + 8, as: UInt64.self))
  }
}
