public import MigrationStream

/// The devices of a machine and everything that migration may do with them: states, a session, reset.
///
/// ```
///  request(resuming) ─► handle ─► write ... write ─► finish or request(stop) ─► request(running)
///        │                          │ refused
///        └──────────── reset ◄──────┴─ error
/// ```
///
/// Calls come from one thread at a time; ``SoleAccess`` refuses others.
///
/// Source: Specs/resume-path.md.
public struct MigrationControl<Devices: MigratingDevices & ~Copyable>: ~Copyable {
  var states: MachineStates
  var saving = SavingClaim()
  /// Made when the first octet comes: a state request asks for no memory.
  var decoder: PushDecoder?
  private let limits: StreamLimits
  private let allocator: StreamAllocator

  /// Number of the latest session, of either direction; 0: none was opened yet.
  var number: UInt64 = 0
  public internal(set) var status = SessionStatus.none
  /// What is known of the latest session's stream.
  public internal(set) var compatibility = Compatibility.unknown
  /// Of the latest session's stream, once its preamble was right.
  public var stream: StreamUUID? { core.stream }
  /// Octets of the latest session's stream that were taken.
  public internal(set) var offset: UInt64 = 0
  /// The latest session, until a reset; it may have ended.
  private var session: SessionHandle?
  /// Whether an octet of it was delivered, taken or not.
  private var hasOctets = false
  /// Last: members behind one whose size depends on the devices are found by asking the runtime for its type.
  var core: ResumeCore<Devices>

  public init(
    _ devices: consuming Devices, options: ResumeOptions = ResumeOptions(), limits: StreamLimits = StreamLimits(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    let states = try MachineStates(count: devices.deviceCount, allocator: allocator)
    self.states = states
    core = ResumeCore(devices, options, allocator)
    self.limits = limits
    self.allocator = allocator
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  public var devices: Devices {
    _read { yield core.devices }
    _modify { yield &core.devices }
  }

  // MARK: States

  /// The truth: the state before a refused request, the last step that was completed, or error.
  public func state(of device: Int) -> MigrationState { states.state(of: device) }

  /// Asks all devices for a state, over as many steps as it takes.
  ///
  /// - Parameter goal: Any number that a caller may send.
  /// - Returns: The session that was opened on entering ``MigrationState/resuming``; nil when none was: one that is open
  ///   already goes on.
  /// - Throws: `stateRefused`, `deviceFailed`; on leaving ``MigrationState/resuming`` what
  ///   ``finish(_:exclusive:)`` throws.
  public mutating func request(_ goal: UInt32) throws(StreamError) -> SessionHandle? {
    try walk(to: goal)
    return goal == MigrationState.resuming.rawValue && !isOpen ? begin() : nil
  }

  /// A request that opens no session.
  private mutating func walk(to goal: UInt32) throws(StreamError) {
    _ = try states.check(goal, of: core.devices)
    guard saving.handle == nil else { throw StreamError(.sessionBusy, .resume, at: 0, found: number) }
    if goal == MigrationState.resuming.rawValue {
      if isOpen { return }
    } else if isOpen || states.isAny(in: .resuming) {
      // A machine without devices leaves `resuming` too.
      try complete(exclusive: true)
    }
    try states.walk(to: goal, of: &core.devices)
  }

  /// Opens a session: what ``request(_:)`` does for ``MigrationState/resuming``.
  ///
  /// - Throws: `sessionBusy` when there is one, which goes on; `stateRefused`, `deviceFailed`.
  public mutating func open() throws(StreamError) -> SessionHandle {
    guard let handle = try request(MigrationState.resuming.rawValue) else {
      throw StreamError(.sessionBusy, .resume, at: 0, found: number)
    }
    return handle
  }

  /// Brings all devices to ``MigrationState/running``, ends the session, and leaves nothing of what it brought.
  public mutating func reset() {
    scrub()
    saving.handle = nil
    for device in 0..<states.count { core.devices.reset(device) }
    states.reset()
    status = .none
    compatibility = .unknown
    offset = 0
    session = nil
    core.stream = nil
  }

  /// Tries `goal`, else resets; the error that made it necessary stays the first one in ``status``. Opens no session:
  /// nobody would have its handle.
  ///
  /// - Returns: Whether it was reset.
  public mutating func recover(to goal: UInt32) -> Bool {
    let first = poison
    do throws(StreamError) {
      try walk(to: goal)
      return false
    } catch {
      reset()
      status = .poisoned(first ?? error)
      return true
    }
  }

  // MARK: Session

  /// The session takes octets, or can be committed.
  var isOpen: Bool { status == .open || status == .complete }

  private var poison: StreamError? {
    guard case .poisoned(let error) = status else { return nil }
    return error
  }

  private mutating func begin() -> SessionHandle {
    number += 1
    let handle = SessionHandle(number: number)
    session = handle
    status = .open
    compatibility = .unknown
    (offset, hasOctets) = (0, false)
    core.stream = nil
    return handle
  }

  /// - Throws: `sessionClosed` for the handle of a session that ended; what the session was refused with.
  private func demand(_ handle: SessionHandle) throws(StreamError) {
    if session == handle, let poison { throw poison }
    guard session == handle, isOpen else {
      throw StreamError(.sessionClosed, .resume, at: 0, expected: number, found: handle.number)
    }
  }

  /// Ends the session for good: the devices are in error until they are reset.
  private mutating func poisoned(_ refusal: StreamError) -> StreamError {
    // Recovered to `resuming` there is a first error, and no session.
    if poison == nil { status = .poisoned(refusal) }
    if compatibility == .unknown { compatibility = .refused(refusal) }
    states.failAll()
    scrub()
    return refusal
  }

  private mutating func scrub() {
    core.scrub()
    decoder?.scrub()
    decoder = nil
  }
}

// MARK: - Octets

extension MigrationControl where Devices: ~Copyable {
  /// Takes a segment of the stream.
  ///
  /// - Returns: Octets consumed: all, unless the stream ended before the segment did.
  /// - Throws: `sessionClosed` for a handle of another session, without effect; else what the stream is refused with,
  ///   the same again each time: Specs/resume-path.md section 7.
  public mutating func write(_ octets: RawSpan, _ handle: SessionHandle) throws(StreamError) -> Int {
    try demand(handle)
    guard octets.byteCount > 0 else { return 0 }
    hasOctets = true
    do throws(StreamError) {
      if decoder == nil { try makeDecoder() }
      let count = try core.options.isStrict ? pushTransaction(octets) : decoder?.push(octets, to: &core) ?? 0
      note()
      return count
    } catch {
      note()
      throw poisoned(error)
    }
  }

  private mutating func makeDecoder() throws(StreamError) {
    var options = DecoderOptions()
    options.leavesSectionsToHandler = true
    decoder = try PushDecoder(limits: limits, options: options, allocator: allocator)
  }

  /// Takes octets that are all of one transaction, and no more.
  ///
  /// No octet behind the transaction is looked at.
  private mutating func pushTransaction(_ octets: RawSpan) throws(StreamError) -> Int {
    let start = core.transactionCount
    var rest = octets
    while rest.byteCount > 0 {
      guard core.transactionCount == start else {
        throw StreamError(
          .badUnit, .resume, at: decoder?.offset ?? 0, expected: UInt64(octets.byteCount - rest.byteCount),
          found: UInt64(octets.byteCount))
      }
      let piece = rest.extracting(first: wantedByteCount(of: rest.byteCount))
      let count = try decoder?.push(piece, to: &core) ?? 0
      // After END.
      guard count > 0 else { return 0 }
      rest = rest.extracting(droppingFirst: count)
    }
    guard core.transactionCount > start else {
      throw StreamError(.badUnit, .resume, at: decoder?.offset ?? 0, found: UInt64(octets.byteCount))
    }
    return octets.byteCount
  }

  /// Octets, at least one, that are certain to belong to the record at hand.
  private mutating func wantedByteCount(of available: Int) -> Int {
    let wanted = decoder?.place?.byteCount ?? UInt64(decoder?.wantedByteCount ?? 0)
    return max(1, Int(min(wanted, UInt64(available))))
  }

  /// Remembers how far the decoder is, and what it knows by now.
  private mutating func note() {
    offset = decoder?.offset ?? offset
    if compatibility == .unknown, core.isJudged { compatibility = .compatible }
    if decoder?.state.hasEnded ?? false { status = .complete }
  }

  /// Lets the caller read the next payload octets straight to where they belong.
  ///
  /// - Parameter fill: Gets the memory, at most `byteCount` octets, and returns how many from its start it has filled.
  /// - Returns: What `fill` returned; nil, without calling it, when the next octets must go through ``write(_:_:)``: always
  ///   in strict mode.
  /// - Throws: as ``write(_:_:)``; `wrongCall`, without effect, when `fill` says that it filled more than there was.
  public mutating func writeInPlace(
    byteCount: Int, _ handle: SessionHandle, _ fill: (inout MutableRawSpan) -> Int
  ) throws(StreamError) -> Int? {
    try demand(handle)
    guard byteCount > 0, let place = decoder?.place, core.lendsMemory else { return nil }
    do throws(StreamError) {
      let count = try Self.place(
        min(UInt64(byteCount), place.byteCount), at: place.offset, &decoder, &core, fill)
      guard let count else { throw StreamError(.wrongCall, .use, at: offset) }
      if count > 0 { hasOctets = true }
      note()
      return count
    } catch {
      if error.code == .wrongCall, error.stage == .use { throw error }
      hasOctets = true
      note()
      throw poisoned(error)
    }
  }

  /// Memory of the devices is borrowed while the decoder takes what came there: as parameters the two are apart.
  ///
  /// - Returns: Octets that were filled; nil when there are not so many.
  private static func place(
    _ byteCount: UInt64, at offset: UInt64, _ decoder: inout PushDecoder?, _ core: inout ResumeCore<Devices>,
    _ fill: (inout MutableRawSpan) -> Int
  ) throws(StreamError) -> Int? {
    var end = RecordEndKeeper()
    let count: Int
    do {
      var memory = try core.lend(offset: offset, byteCount: Int(clamping: byteCount), at: decoder?.offset ?? 0)
      count = fill(&memory)
      guard count >= 0, count <= memory.byteCount else { return nil }
      if count == 0 { return 0 }
      try decoder?.placed(memory.bytes.extracting(first: count), to: &end)
    }
    if let header = end.header { try core.close(header) }
    return count
  }

  /// Prepares all devices, commits all, and leaves them in ``MigrationState/stop``: the only thing that says success.
  ///
  /// - Parameter exclusive: Octets that were written after END are refused.
  /// - Throws: the same again when it is called again; a second success has no second effect.
  public mutating func finish(_ handle: SessionHandle, exclusive: Bool = true) throws(StreamError) {
    if status == .committed, session == handle { return }
    try demand(handle)
    try complete(exclusive: exclusive)
  }

  /// Leaves ``MigrationState/resuming`` for ``MigrationState/stop``, with effect or in error.
  private mutating func complete(exclusive: Bool) throws(StreamError) {
    do throws(StreamError) {
      guard isOpen, decoder != nil else {
        throw StreamError(.truncated, .resume, at: 0, expected: UInt64(Preamble.byteCount))
      }
      try decoder?.finish(exclusive: exclusive)
      try core.apply(at: offset)
      try states.walk(to: MigrationState.stop.rawValue, of: &core.devices)
    } catch {
      throw poisoned(error)
    }
    status = .committed
    scrub()
  }

  /// Gives the session up. Its devices are in error until they are reset, once an octet was written.
  public mutating func abort(_ handle: SessionHandle) throws(StreamError) {
    try demand(handle)
    if hasOctets { states.failAll() }
    scrub()
    status = .aborted
  }
}
