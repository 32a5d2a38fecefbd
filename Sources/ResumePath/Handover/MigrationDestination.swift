public import MigrationStream

/// A machine that takes a guest: its session, what it tells the source, and who may run the guest.
///
/// ```
///  init ─► write ... write ─► finish ─► run
///            │ refused          │         │
///            ▼                  ▼         ▼
///         reply: compatible, initialLoaded, resumed, or refused
/// ```
///
/// No call waits or does input or output: the owner sends what ``reply`` holds, whatever a call said. It lets the
/// machine's processors run after ``run(_:)``, not before.
///
/// Source: Specs/resume-path.md section 10.
public struct MigrationDestination: ~Copyable {
  public private(set) var handover: DestinationHandover
  /// Of its session in the machine.
  package let handle: SessionHandle
  private let allocator: StreamAllocator
  /// Once the preamble was right.
  private var encoder: ReverseEncoder?
  private var outgoing: OwnedBytes
  private var sentByteCount = 0

  /// Octets that the shortest answer takes: hello, COMPATIBLE, and REFUSED or RESUMED.
  private static var answerByteCount: Int { 64 + 64 + 112 }

  /// Opens a session.
  ///
  /// - Parameter handover: That of the machine's session before this one: what it refused, it refuses for good.
  /// - Throws: `stateRefused` when this machine has a guest that came with a stream; what ``MigrationControl/open()``
  ///   throws.
  public init<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, after handover: DestinationHandover = DestinationHandover(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    guard handover.state == .idle || handover.state == .refused else {
      throw StandingState.destination(handover.state).refusal(at: 0)
    }
    var outgoing = OwnedBytes(allocator: allocator)
    try outgoing.reserve(Self.answerByteCount)
    handle = try control.open()
    self.handover = handover
    self.allocator = allocator
    self.outgoing = outgoing
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Whether the guest may be let run here, or was.
  public var mayRun: Bool { handover.mayRun && handover.stream == encoder?.uuid }

  /// Whether a terminal record was written: nothing follows it in ``reply``.
  public var hasAnswered: Bool { encoder?.hasEnded ?? false }

  // MARK: The reverse path

  /// Octets to be sent to the source.
  public var reply: RawSpan {
    @_lifetime(borrow self)
    get { outgoing.bytes.extracting(droppingFirst: sentByteCount) }
  }

  /// The first octets of ``reply`` were sent.
  public mutating func sent(_ byteCount: Int) {
    sentByteCount += byteCount
    precondition(sentByteCount <= outgoing.count, "more than there was")
    if sentByteCount == outgoing.count {
      outgoing.removeAll()
      sentByteCount = 0
    }
  }

  // MARK: The stream

  /// Takes a segment of the stream: ``MigrationControl/write(_:_:)``.
  ///
  /// - Returns: Octets consumed: all, unless the stream ended before the segment did.
  public mutating func write<Devices: MigratingDevices & ~Copyable>(
    _ octets: RawSpan, _ control: inout MigrationControl<Devices>
  ) throws(StreamError) -> Int {
    let count: Int
    do throws(StreamError) {
      count = try control.write(octets, handle)
    } catch {
      // What comes after the commit changes nothing.
      if mayRun { throw error }
      throw refuse(error, &control)
    }
    try note(&control)
    return count
  }

  /// Lets the caller read payload octets straight to where they belong: ``MigrationControl/writeInPlace(byteCount:_:_:)``.
  public mutating func writeInPlace<Devices: MigratingDevices & ~Copyable>(
    byteCount: Int, _ control: inout MigrationControl<Devices>, _ fill: (inout MutableRawSpan) -> Int
  ) throws(StreamError) -> Int? {
    let count: Int?
    do throws(StreamError) {
      count = try control.writeInPlace(byteCount: byteCount, handle, fill)
    } catch {
      // Too late, or the caller's own mistake.
      if mayRun || (error.code == .wrongCall && error.stage == .use) { throw error }
      throw refuse(error, &control)
    }
    try note(&control)
    return count
  }

  /// Prepares and commits all devices; they are then in ``MigrationState/stop``, and the guest may be let run.
  ///
  /// - Parameter exclusive: Octets that were written after END are refused.
  public mutating func finish<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, exclusive: Bool = true
  ) throws(StreamError) {
    if mayRun { return }
    do throws(StreamError) {
      try control.finish(handle, exclusive: exclusive)
    } catch {
      throw refuse(error, &control)
    }
    _ = handover.take(.prepared)
    _ = handover.take(.committed)
  }

  /// Takes the devices to ``MigrationState/running`` and tells the source.
  ///
  /// - Throws: `stateRefused` before ``finish(_:exclusive:)``; `deviceFailed`: refused when no device has left
  ///   ``MigrationState/stop``; otherwise the guest counts as run, and the call may be made again.
  public mutating func run<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    // A machine that was reset behind the session's back has lost the guest.
    guard mayRun, control.status == .committed else {
      throw StandingState.destination(handover.state).refusal(at: control.offset)
    }
    do throws(StreamError) {
      _ = try control.request(MigrationState.running.rawValue)
    } catch {
      if handover.state == .committed, control.isStopped { throw refuse(error, &control) }
      _ = handover.take(.run)
      throw error
    }
    _ = handover.take(.run)
    if !hasAnswered { try tell(.resumed) }
  }

  /// Gives the session up: the guest never runs here.
  ///
  /// - Throws: `stateRefused` once it was let run, without effect.
  public mutating func cancel<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    guard handover.state != .running else {
      throw StandingState.destination(handover.state).refusal(at: control.offset)
    }
    giveUp(StreamError(.sessionClosed, .resume, at: control.offset), &control)
  }

  /// The path of the stream broke, or nothing came for too long. After END it changes nothing.
  public mutating func lose<Devices: MigratingDevices & ~Copyable>(_ control: inout MigrationControl<Devices>) {
    if control.status == .complete || handover.mayRun { return }
    giveUp(StreamError(.truncated, .resume, at: control.offset), &control)
  }

  // MARK: Parts

  /// Takes in what the session learned from the last octets.
  private mutating func note<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    if encoder == nil, let uuid = control.stream {
      encoder = ReverseEncoder(uuid: uuid)
      guard handover.take(.open(uuid)) == .taken else {
        // Its octets are those of a stream that was refused before.
        let refusal = StreamError(.foreignChannel, .resume, at: 40, found: uuid.low)
        giveUp(refusal, &control)
        throw refusal
      }
    }
    if control.compatibility == .compatible, handover.take(.compatible) == .taken { try tell(.compatible) }
    while let device = control.takeInitialLoaded() { inform(of: device) }
  }

  /// Ends the session by the owner's wish.
  private mutating func giveUp<Devices: MigratingDevices & ~Copyable>(
    _ reason: StreamError, _ control: inout MigrationControl<Devices>
  ) {
    // One that has ended already is as good.
    try? control.abort(handle)
    _ = refuse(reason, &control)
  }

  /// Promises that the guest never runs here, and tells the source why.
  private mutating func refuse<Devices: MigratingDevices & ~Copyable>(
    _ error: StreamError, _ control: inout MigrationControl<Devices>
  ) -> StreamError {
    if encoder == nil, let uuid = control.stream {
      encoder = ReverseEncoder(uuid: uuid)
      _ = handover.take(.open(uuid))
    }
    // One that was refused before stays so; the source is told again.
    if handover.take(.refuse) == .refused || hasAnswered { return error }
    // A source that does not hear stays in limbo, which is safe.
    try? tell(.refused(ReverseRefusal(error)))
    return error
  }

  /// Room for the records that a source waits for is kept at all times.
  private mutating func tell(_ event: ReverseEvent) throws(StreamError) {
    try encoder?.encode(event, into: &outgoing)
  }

  /// For what the source can do without: where there is no memory, it is not told.
  private mutating func inform(of device: UInt32) {
    do throws(StreamError) {
      try outgoing.reserve(RecordHeader.byteCount + Self.answerByteCount)
      try tell(.initialLoaded(device: device))
    } catch {}
  }
}
