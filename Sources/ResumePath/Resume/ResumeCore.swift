internal import MigrationStream

/// The devices of a machine with what a session knows of the stream: what a decoder tells its news to.
struct ResumeCore<Devices: MigratingDevices & ~Copyable>: ~Copyable {
  /// Where the payload of the record at hand goes.
  enum PayloadTarget: UInt8 { case nowhere, memory, staged, inPlace, external }

  let options: ResumeOptions
  var session: ResumeSession
  /// Of the stream; kept until the next one.
  var stream: StreamUUID?
  /// Devices of the stream whose initial data was loaded, and that nobody has asked about.
  var initialLoaded: OwnedBuffer<UInt32>
  /// The preamble's; whether the stream has the single-device form.
  private var mandatoryFlags: UInt32 = 0
  private var manifestOffset: UInt64 = 0

  // The payload that is arriving.
  var target = PayloadTarget.nowhere
  /// Own number of the region or device, and the device's position in the session.
  var targetNumber = 0
  var targetPosition = 0
  /// Octets from the start of the stream to the payload as it was stored.
  var payloadOffset: UInt64 = 0
  /// Octets of the byte string before this record's.
  var stringOffset: UInt64 = 0
  /// Extents with data, which one the next octets belong to, and the octets of payload before it.
  var extents: OwnedBuffer<Extent>
  var extent = 0
  var extentStart: UInt64 = 0

  /// Write units that are open, of all devices, and transactions that are whole.
  var openUnitCount = 0
  private(set) var transactionCount: UInt64 = 0
  /// Whether MANIFEST came, and the devices fit.
  private(set) var isJudged = false
  /// Last, so that all other members lie at places that are known when this is compiled.
  var devices: Devices

  init(_ devices: consuming Devices, _ options: ResumeOptions, _ allocator: StreamAllocator) {
    self.devices = devices
    self.options = options
    session = ResumeSession(allocator: allocator)
    extents = OwnedBuffer(allocator: allocator)
    initialLoaded = OwnedBuffer(allocator: allocator)
  }

  /// Forgets the stream, and leaves no octet of it.
  mutating func scrub() {
    session.scrub()
    extents.release()
    initialLoaded.release()
    target = .nowhere
    openUnitCount = 0
    isJudged = false
  }

  /// - Parameter device: Own number; a decoder fills in the record's where there is one.
  static func refusal(_ failure: DeviceFailure, at offset: UInt64, device: UInt32 = .max) -> StreamError {
    StreamError(
      .deviceFailed, .resume, at: offset, expected: failure.isBroken ? 1 : 0, found: UInt64(failure.reason),
      device: device)
  }
}

extension ResumeCore: StreamHandler where Devices: ~Copyable {
  mutating func preamble(_ preamble: Preamble) throws(StreamError) {
    stream = preamble.uuid
    guard preamble.profile == .stream else {
      throw StreamError(
        .notImplemented, .resume, at: 14, expected: UInt64(Profile.stream.rawValue),
        found: UInt64(preamble.profile.rawValue))
    }
    mandatoryFlags = preamble.mandatoryFlags
    transactionCount &+= 1
  }

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    target = .nowhere
    switch record.header.knownKind {
    case .manifest: try takeManifest(state.manifest, at: record.bodyOffset, state.limits)
    case .section: try session.take(section: record, state, of: devices, options)
    case .memory: try beginMemory(record)
    case .bytes: try beginBytes(record)
    case .end: try session.settle(state, of: devices, manifestAt: manifestOffset, options)
    case nil:
      let header = record.header
      devices.skipped(
        SkippedPiece(.record, UInt32(header.kind), of: header.device, record: header.sequence, at: record.offset),
        RawSpan())
    default: break
    }
  }

  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError) {
    try close(header)
  }

  /// A record is whole and right.
  mutating func close(_ header: RecordHeader) throws(StreamError) {
    if header.kind == RecordKind.bytes.rawValue {
      try endBytes(header)
      if header.flags & RecordFlags.initialDataEnd != 0 { try initialLoaded.append(header.device) }
    }
    target = .nowhere
    if openUnitCount == 0 { transactionCount &+= 1 }
  }

  private mutating func takeManifest(
    _ manifest: borrowing Manifest, at offset: UInt64, _ limits: StreamLimits
  ) throws(StreamError) {
    let own = try Manifest(
      devices.manifest(allocator: session.allocator), limits: limits, allocator: session.allocator)
    guard own.devices.count == devices.deviceCount else { throw StreamError(.wrongCall, .resume, at: offset) }
    manifestOffset = offset
    var judge = try ManifestJudge(
      own, at: offset, isSingle: mandatoryFlags & MandatoryFlags.singleDevice != 0, allocator: session.allocator)
    try judge.judge(manifest, own, of: devices, options, into: &session)
    isJudged = true
    for device in 0..<UInt32(manifest.devices.count) where session.position(of: device) == nil {
      let entry = manifest.devices[Int(device)]
      devices.skipped(
        SkippedPiece(.device, device, of: device, record: 0, at: offset &+ entry.start), manifest.path(of: entry))
    }
  }
}

/// Remembers that a record ended, whose payload the caller has read to where it belongs.
struct RecordEndKeeper: StreamHandler {
  private(set) var header: RecordHeader?

  mutating func preamble(_ preamble: Preamble) {}
  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {}
  mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {
    self.header = header
  }
}
