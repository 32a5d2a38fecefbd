public import MigrationStream

/// Where a source's octets go: a socket, a file, a region's data window.
public protocol OctetSink: ~Copyable {
  /// Takes all octets, in order; they are valid only during the call.
  mutating func write(_ octets: borrowing GatherList) throws(StreamError)
}

/// What part of a save is under way.
@frozen
public enum SavePhase: UInt8, Sendable, BitwiseCopyable {
  /// The device runs: what it gives may be given again.
  case preCopy = 1
  /// The device stands still: everything that is left.
  case stopCopy = 2
}

/// What a device says after it gave a piece of state.
@frozen
public enum SaveAnswer: UInt8, Sendable, BitwiseCopyable {
  /// There is more at once.
  case more = 1
  /// Nothing at present; the device runs, so there may be later. Not the end.
  case noDataNow = 2
  /// Everything of this phase was given.
  case done = 3
}

/// What a device expects to give; advisory.
@frozen
public struct SaveEstimate: Equatable, Sendable, BitwiseCopyable {
  /// Octets that the destination should have before the devices stop; only falls.
  public var initialByteCount: UInt64
  /// Octets that changed since they were given; rises and falls.
  public var dirtyByteCount: UInt64
  /// Octets that are left when the device stops now.
  public var stopCopyByteCount: UInt64

  @inlinable
  public init(initialByteCount: UInt64 = 0, dirtyByteCount: UInt64 = 0, stopCopyByteCount: UInt64 = 0) {
    self.initialByteCount = initialByteCount
    self.dirtyByteCount = dirtyByteCount
    self.stopCopyByteCount = stopCopyByteCount
  }
}

/// What a device writes its state to: it knows the device at hand, and how its numbers are called in the stream.
public struct SaveEmitter<Sink: OctetSink & ~Copyable>: ~Copyable {
  public var sink: Sink
  var encoder: StreamEncoder
  /// The device at hand.
  var device: UInt32 = 0
  /// What is added to the device's layout numbers.
  public internal(set) var layoutBase: UInt32 = 0

  init(_ encoder: consuming StreamEncoder, _ sink: consuming Sink) {
    self.encoder = encoder
    self.sink = sink
  }

  /// - Parameters:
  ///   - section: Position in the device's announced sections.
  ///   - layout: Number among the device's ``MigratingDevices/writerLayouts(of:)``.
  ///   - subsections: Encoded, one after the other, with the device's layout numbers plus ``layoutBase``.
  public mutating func section(
    _ section: UInt16, layout: UInt32, data: RawSpan, subsections: RawSpan = RawSpan(), subsectionCount: UInt16 = 0,
    replaces: Bool = false
  ) throws(StreamError) {
    try sink.write(
      encoder.section(
        device: device, section: section, layout: layoutBase &+ layout, data: data, subsections: subsections,
        subsectionCount: subsectionCount, replaces: replaces))
  }

  /// - Parameter region: Number in the machine's manifest.
  public mutating func memory(
    region: UInt32, offset: UInt64, octets: RawSpan, source: PayloadSource
  ) throws(StreamError) {
    try sink.write(encoder.memory(region: region, offset: offset, octets: octets, source: source))
  }

  /// A run of memory that reads as zero.
  public mutating func memory(region: UInt32, offset: UInt64, length: UInt64, kind: ExtentKind) throws(StreamError) {
    try sink.write(encoder.memory(region: region, offset: offset, length: length, kind: kind))
  }

  /// The next octets of the device's byte string.
  public mutating func bytes(_ octets: RawSpan, flags: UInt16, source: PayloadSource) throws(StreamError) {
    try sink.write(encoder.bytes(device: device, octets: octets, flags: flags, source: source))
  }
}
