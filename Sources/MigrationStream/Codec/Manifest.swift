/// When a device's state becomes effective.
@frozen
public enum ApplyKind: UInt8, Sendable, BitwiseCopyable {
  /// Checked whole before it is applied.
  case staged = 1
  /// Bulk is read straight into quiescent memory.
  case inPlace = 2
  /// Octets are forwarded to a driver.
  case external = 3
}

/// Which clock an instant belongs to.
@frozen
public enum ClockDomain: UInt8, Sendable, BitwiseCopyable {
  case none = 0
  /// Stands still with the guest.
  case virtual = 1
  case monotonic = 2
  case realtime = 3
}

/// A memory region of the manifest; its name is ``Manifest/name(of:)``.
///
/// Source: Specs/10-stream-format.md section 4.1.
@frozen
public struct RegionEntry: Equatable, Sendable, BitwiseCopyable {
  public static var shared: UInt16 { 1 }
  public static var readOnly: UInt16 { 2 }
  public static var opaque: UInt16 { 4 }

  public var flags: UInt16
  /// Device number, or ``Format/none32`` for memory of the machine.
  public var owner: UInt32
  /// ``Format/none64`` when it has no fixed address.
  public var guestAddress: UInt64
  /// Octets.
  public var byteCount: UInt64
  public var pageByteCount: UInt64
  var name: TextRange

  public var isOpaque: Bool { flags & Self.opaque != 0 }

  /// Octets from the start of the body of MANIFEST to the entry: the name follows 32 octets.
  public var start: UInt64 { UInt64(name.start) &- 32 }
}

/// A device of the manifest; its texts are asked from ``Manifest``.
///
/// Source: Specs/10-stream-format.md section 4.2.
@frozen
public struct DeviceEntry: Equatable, Sendable, BitwiseCopyable {
  /// A smaller device number, or ``Format/none32``.
  public var parent: UInt32
  public var mark: Mark
  public var apply: ApplyKind
  public var clock: ClockDomain
  public var version: UInt32
  public var versionMin: UInt32
  /// Advisory octets; 0: not known.
  public var initialByteCount: UInt64
  public var totalByteCount: UInt64
  public var parameterCount: Int
  public var sectionCount: Int
  public var subsectionCount: Int
  /// Position of the device's first section among all announced sections of the stream.
  public var firstSection: Int
  var path: TextRange
  var address: TextRange
  var model: TextRange
  /// Positions in the manifest's tables.
  var firstParameter: Int
  var firstAnnouncement: Int

  /// Octets from the start of the body of MANIFEST to the entry: the path follows 48 octets.
  public var start: UInt64 { UInt64(path.start) &- 48 }
  /// Octets from the start of the body of MANIFEST to the model identifier.
  public var modelStart: UInt64 { UInt64(model.start) }
}

/// A value of the guest-visible configuration.
///
/// Source: Specs/10-stream-format.md section 4.3.
@frozen
public struct ParameterEntry: Equatable, Sendable, BitwiseCopyable {
  @frozen
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    case bool = 1
    case int = 2
    case str = 3
  }

  public var kind: Kind
  /// bool: 0 or 1; int: two's complement; str: 0.
  public var value: UInt64
  var name: TextRange
  var text: TextRange

  /// Octets from the start of the body of MANIFEST to the entry: the name follows 16 octets.
  public var start: UInt64 { UInt64(name.start) &- 16 }
}

/// A section that will come, or a subsection that may come.
@frozen
public struct Announcement: Equatable, Sendable, BitwiseCopyable {
  public var mark: Mark
  public var version: UInt32
  public var versionMin: UInt32
  var name: TextRange
}

/// Where a text lies in the manifest's octets.
@frozen
@usableFromInline
struct TextRange: Equatable, Sendable, BitwiseCopyable {
  var start: UInt32
  var count: UInt32
}

/// The topology of a stream, frozen from MANIFEST to END.
///
/// Memory: the octets received, and a fixed entry for each region, device, parameter and announcement in them.
///
/// Source: Specs/10-stream-format.md section 4.
public struct Manifest: ~Copyable {
  private let addressOnly = AddressOnly()
  var octets: OwnedBytes
  var producerRange = TextRange(start: 0, count: 0)
  var producerVersionRange = TextRange(start: 0, count: 0)
  var architectureRange = TextRange(start: 0, count: 0)
  /// 0 not stated, 1 little, 2 big.
  public internal(set) var guestEndianness: UInt8 = 0
  /// Octets; 0: not stated.
  public internal(set) var pageByteCount: UInt32 = 0
  var regionTable: OwnedBuffer<RegionEntry>
  var deviceTable: OwnedBuffer<DeviceEntry>
  var parameters: OwnedBuffer<ParameterEntry>
  var announcements: OwnedBuffer<Announcement>
  /// Announced sections of all devices.
  public internal(set) var sectionTotal = 0

  init(allocator: StreamAllocator) {
    octets = OwnedBytes(allocator: allocator)
    regionTable = OwnedBuffer(allocator: allocator)
    deviceTable = OwnedBuffer(allocator: allocator)
    parameters = OwnedBuffer(allocator: allocator)
    announcements = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// What a machine would send, to compare a stream's with.
  ///
  /// - Parameter builder: The path of an only device may be empty, as in the single-device form.
  /// - Throws: as a reader of the body would.
  public init(
    _ builder: borrowing ManifestBuilder, limits: StreamLimits = StreamLimits(), allocator: StreamAllocator = .system
  ) throws(StreamError) {
    self.init(allocator: allocator)
    var body = OwnedBytes(allocator: allocator)
    try builder.encode(into: &body)
    try parse(body.bytes, at: 0, mandatoryFlags: MandatoryFlags.opaqueMemory, isOwn: true, limits: limits)
  }

  /// By region number.
  public var regions: Span<RegionEntry> {
    @_lifetime(borrow self)
    get { regionTable.span }
  }

  /// By device number.
  public var devices: Span<DeviceEntry> {
    @_lifetime(borrow self)
    get { deviceTable.span }
  }

  public var producer: RawSpan {
    @_lifetime(borrow self)
    get { text(producerRange) }
  }

  public var producerVersion: RawSpan {
    @_lifetime(borrow self)
    get { text(producerVersionRange) }
  }

  public var architecture: RawSpan {
    @_lifetime(borrow self)
    get { text(architectureRange) }
  }

  /// Octets from the start of the body of MANIFEST to the architecture.
  public var architectureStart: UInt64 { UInt64(architectureRange.start) }

  @_lifetime(borrow self)
  public func name(of region: RegionEntry) -> RawSpan { text(region.name) }

  @_lifetime(borrow self)
  public func path(of device: DeviceEntry) -> RawSpan { text(device.path) }

  @_lifetime(borrow self)
  public func address(of device: DeviceEntry) -> RawSpan { text(device.address) }

  @_lifetime(borrow self)
  public func model(of device: DeviceEntry) -> RawSpan { text(device.model) }

  @_lifetime(borrow self)
  public func name(of parameter: ParameterEntry) -> RawSpan { text(parameter.name) }

  /// The value of a str.
  @_lifetime(borrow self)
  public func text(of parameter: ParameterEntry) -> RawSpan { text(parameter.text) }

  @_lifetime(borrow self)
  public func name(of announcement: Announcement) -> RawSpan { text(announcement.name) }

  public func parameter(_ index: Int, of device: DeviceEntry) -> ParameterEntry {
    parameters[device.firstParameter + index]
  }

  /// An announced section; `index` is its position in the device's list.
  public func section(_ index: Int, of device: DeviceEntry) -> Announcement {
    announcements[device.firstAnnouncement + index]
  }

  public func subsection(_ index: Int, of device: DeviceEntry) -> Announcement {
    announcements[device.firstAnnouncement + device.sectionCount + index]
  }

  /// The whole body as it came, for a rewrite.
  public var body: RawSpan {
    @_lifetime(borrow self)
    get { octets.bytes }
  }

  @_lifetime(borrow self)
  func text(_ range: TextRange) -> RawSpan {
    octets.bytes.extracting(Int(range.start)..<Int(range.start &+ range.count))
  }
}
