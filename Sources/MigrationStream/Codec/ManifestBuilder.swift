/// Puts a MANIFEST body together, region by region and device by device.
///
/// It lays out octets and counts; what they say is checked by the encoder that takes the body, as a reader would.
///
/// Source: Specs/10-stream-format.md section 4.
public struct ManifestBuilder: ~Copyable {
  private let addressOnly = AddressOnly()
  private var head: OwnedBytes
  private var regions: OwnedBytes
  private var devices: OwnedBytes
  /// Announced subsections of the current device: they stand after its sections.
  private var subsections: OwnedBytes
  private var regionCount: UInt32 = 0
  private var deviceCount: UInt32 = 0
  private var deviceStart = -1
  private var parameterCount: UInt16 = 0
  private var sectionCount: UInt16 = 0
  private var subsectionCount: UInt16 = 0
  /// Whether the stream needs the mandatory flag ``MandatoryFlags/opaqueMemory``.
  public private(set) var hasOpaqueRegions = false

  /// - Parameters:
  ///   - architecture: Empty in the single-device form, as `guestEndianness` and `pageByteCount` are 0 there.
  public init(
    producer: RawSpan, producerVersion: RawSpan, architecture: RawSpan, guestEndianness: UInt8,
    pageByteCount: UInt32, allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var head = OwnedBytes(allocator: allocator)
    try head.append(integer: Self.count(producer))
    try head.append(integer: Self.count(producerVersion))
    try head.append(integer: Self.count(architecture))
    try head.append(guestEndianness)
    try head.append(0)
    try head.append(integer: pageByteCount)
    // Counts follow when they are known.
    try head.append(repeating: 0, count: 12)
    try head.append(producer)
    try head.append(producerVersion)
    try head.append(architecture)
    try head.pad(to: 8)
    self.head = head
    regions = OwnedBytes(allocator: allocator)
    devices = OwnedBytes(allocator: allocator)
    subsections = OwnedBytes(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Adds a region; the first one has number 0.
  public mutating func region(
    name: RawSpan, owner: UInt32 = Format.none32, guestAddress: UInt64 = Format.none64,
    byteCount: UInt64, pageByteCount: UInt64, flags: UInt16 = 0
  ) throws(StreamError) {
    try regions.append(integer: Self.count(name))
    try regions.append(integer: flags)
    try regions.append(integer: owner)
    try regions.append(integer: guestAddress)
    try regions.append(integer: byteCount)
    try regions.append(integer: pageByteCount)
    try regions.append(name)
    try regions.pad(to: 8)
    regionCount += 1
    if flags & RegionEntry.opaque != 0 { hasOpaqueRegions = true }
  }

  /// Begins a device; the first one has number 0. Parameters, sections and subsections follow, then ``endDevice()``.
  public mutating func beginDevice(
    path: RawSpan, address: RawSpan, model: RawSpan, parent: UInt32 = Format.none32,
    mark: Mark = .required, apply: ApplyKind = .staged, clock: ClockDomain = .none, version: UInt32,
    versionMin: UInt32, initialByteCount: UInt64 = 0, totalByteCount: UInt64 = 0
  ) throws(StreamError) {
    guard deviceStart < 0 else { throw Self.wrongCall }
    deviceStart = devices.count
    (parameterCount, sectionCount, subsectionCount) = (0, 0, 0)
    subsections.removeAll()
    try devices.append(integer: UInt32(0))
    try devices.append(integer: parent)
    try devices.append(integer: mark.rawValue)
    try devices.append(apply.rawValue)
    try devices.append(clock.rawValue)
    try devices.append(integer: Self.count(path))
    try devices.append(integer: Self.count(address))
    try devices.append(integer: Self.count(model))
    try devices.append(repeating: 0, count: 6)
    try devices.append(integer: version)
    try devices.append(integer: versionMin)
    try devices.append(integer: initialByteCount)
    try devices.append(integer: totalByteCount)
    try devices.append(path)
    try devices.append(address)
    try devices.append(model)
    try devices.pad(to: 8)
  }

  /// Adds a parameter, in ascending order of names and before any section.
  ///
  /// - Parameters:
  ///   - value: bool 0 or 1; int as two's complement; str 0.
  ///   - text: The value of a str; empty otherwise.
  public mutating func parameter(
    name: RawSpan, kind: ParameterEntry.Kind, value: UInt64 = 0, text: RawSpan = RawSpan()
  ) throws(StreamError) {
    guard deviceStart >= 0, sectionCount == 0, parameterCount < UInt16.max else { throw Self.wrongCall }
    try devices.append(integer: Self.count(name))
    try devices.append(kind.rawValue)
    try devices.append(0)
    try devices.append(integer: UInt32(clamping: text.byteCount))
    try devices.append(integer: value)
    try devices.append(name)
    try devices.append(text)
    try devices.pad(to: 8)
    parameterCount += 1
  }

  /// Announces a section that will come; they are numbered from 0 in each device.
  public mutating func section(
    name: RawSpan, mark: Mark = .required, version: UInt32, versionMin: UInt32
  ) throws(StreamError) {
    guard deviceStart >= 0, sectionCount < UInt16.max else { throw Self.wrongCall }
    try Self.announce(name, mark, version, versionMin, in: &devices)
    sectionCount += 1
  }

  /// Announces a subsection that may come; they are numbered from 0 in each device.
  public mutating func subsection(
    name: RawSpan, mark: Mark = .required, version: UInt32, versionMin: UInt32
  ) throws(StreamError) {
    guard deviceStart >= 0, subsectionCount < UInt16.max else { throw Self.wrongCall }
    try Self.announce(name, mark, version, versionMin, in: &subsections)
    subsectionCount += 1
  }

  public mutating func endDevice() throws(StreamError) {
    guard deviceStart >= 0 else { throw Self.wrongCall }
    try devices.append(contentsOf: subsections)
    devices.set(UInt32(clamping: devices.count - deviceStart), at: deviceStart)
    devices.set(parameterCount, at: deviceStart + 18)
    devices.set(sectionCount, at: deviceStart + 20)
    devices.set(subsectionCount, at: deviceStart + 22)
    deviceStart = -1
    deviceCount += 1
  }

  /// The same topology once more, for an owner of its own.
  ///
  /// - Throws: `wrongCall` while a device is open, `outOfMemory`.
  public borrowing func copy(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    guard deviceStart < 0 else { throw Self.wrongCall }
    let nothing = RawSpan()
    var copy = try ManifestBuilder(
      producer: nothing, producerVersion: nothing, architecture: nothing, guestEndianness: 0, pageByteCount: 0,
      allocator: allocator)
    copy.head.removeAll()
    try copy.head.append(contentsOf: head)
    try copy.regions.append(contentsOf: regions)
    try copy.devices.append(contentsOf: devices)
    (copy.regionCount, copy.deviceCount, copy.hasOpaqueRegions) = (regionCount, deviceCount, hasOpaqueRegions)
    return copy
  }

  /// Octets of the body, without those of a device that is open.
  public var bodyByteCount: Int { head.count + regions.count + devices.count }

  /// Appends the body.
  func encode(into target: inout OwnedBytes) throws(StreamError) {
    guard deviceStart < 0 else { throw Self.wrongCall }
    let start = target.count
    try target.append(head.bytes)
    target.set(regionCount, at: start + 12)
    target.set(deviceCount, at: start + 16)
    try target.append(regions.bytes)
    try target.append(devices.bytes)
  }

  private static func announce(
    _ name: RawSpan, _ mark: Mark, _ version: UInt32, _ versionMin: UInt32, in target: inout OwnedBytes
  ) throws(StreamError) {
    try target.append(integer: count(name))
    try target.append(integer: mark.rawValue)
    try target.append(integer: version)
    try target.append(integer: versionMin)
    try target.append(integer: UInt32(0))
    try target.append(name)
    try target.pad(to: 8)
  }

  private static func count(_ text: RawSpan) throws(StreamError) -> UInt16 {
    guard let count = UInt16(exactly: text.byteCount) else {
      throw StreamError(
        .limitExceeded, .use, at: 0, expected: UInt64(UInt16.max), found: UInt64(text.byteCount))
    }
    return count
  }

  private static var wrongCall: StreamError { StreamError(.wrongCall, .use, at: 0) }
}
