public import MigrationStream
public import ResumePath

/// A control that breaks one rule and no other.
public enum ControlFault: UInt8, Sendable, CaseIterable {
  /// Reports the state that it was asked for last, reached or not.
  case reportsGoal = 1
  /// Reports the goal of a request that was refused.
  case reportsRefusedGoal
  /// Reports stop after a write.
  case stopsOnWrite
  /// Reports running when asked to leave error.
  case leavesError
  /// Keeps its session over a reset.
  case keepsSession
  /// Leaves RESUMING for RUNNING, and drops what came.
  case runsWithoutCommit
  /// Takes requests for ERROR and for numbers that are no states.
  case takesAnyGoal
  /// Reports PRE_COPY_P2P on the way of a device without it.
  case showsHiddenState
  /// Asks a stopped device for memory.
  case touchesStoppedDevice
  /// Takes octets after it refused some.
  case takesAfterRefusal
  /// Moves the offset of the first refusal.
  case movesReason
  /// Takes octets with the handle of a session that ended.
  case takesOldHandle
  /// Hands out a second session.
  case opensTwice
  /// Wants more octets behind END.
  case neverComplete
  /// Gives the session up when a request is refused.
  case losesSession
  /// Takes fewer octets than it got, and says nothing.
  case takesLess
  /// Counts more octets than it got.
  case countsMore
  /// A second finish commits again.
  case commitsTwice
  /// Refuses what is right.
  case refusesValid
  /// A second finish after a failure succeeds.
  case retriesCommit
  /// Finds a stream compatible after it was refused.
  case changesVerdict
  /// A write of no octets counts.
  case countsEmptyWrites
  /// Commits without END.
  case commitsPrefix
  /// Commits what is followed by more.
  case ignoresTail
  /// Holds memory for what is only claimed.
  case holdsClaims
  /// Asks devices for each octet many times.
  case asksAgain
  /// Does not give memory back.
  case leaks
  /// Lets bulk pass before the manifest is judged.
  case placesEarly
  /// Tells the offset of a refusal from the start of the segment.
  case offsetOfSegment
  /// Leaves a device out in strict mode.
  case forgetsWhenStrict
}

/// The product behind a fault.
public struct BrokenControl<Base: ObservableDevices & ~Copyable>: ResumeSubject, ~Copyable {
  private var inner: ObservedControl<Base>
  private let fault: ControlFault
  private let isStrict: Bool
  private let allocator: StreamAllocator
  private var held: OwnedBytes
  private var goal: UInt32?
  private var reported: UInt32?
  private var isLost = false
  private var isCommitted = false
  private var keptStatus: SessionStatus?
  private var keptVerdict: Compatibility?
  private var extra: UInt64 = 0

  public init(
    _ devices: consuming Base, _ fault: ControlFault, options: ResumeOptions = ResumeOptions(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    inner = try ObservedControl(devices, options: options, allocator: allocator)
    self.fault = fault
    self.allocator = allocator
    isStrict = options.isStrict
    held = OwnedBytes(allocator: allocator)
  }

  // MARK: States

  public mutating func request(_ goal: UInt32) throws(StreamError) -> SessionHandle? {
    self.goal = goal
    reported = nil
    let before = inner.reportedState(of: 0)
    switch fault {
    case .takesAnyGoal where goal == 0 || goal > 7: return nil
    case .leavesError where before == 0: reported = MigrationState.running.rawValue
    case .runsWithoutCommit where goal == 2 && inner.reportedState(of: 0) == 4:
      keptVerdict = inner.compatibility
      inner.reset()
      _ = inner.takeTouches()
      return nil
    case .opensTwice where goal == 4 && inner.status == .open:
      inner.reset()
      _ = inner.takeTouches()
    default: break
    }
    do throws(StreamError) {
      let handle = try inner.request(goal)
      if fault == .showsHiddenState, goal == 6 { reported = 7 }
      if fault == .reportsGoal, goal == 6 { reported = 1 }
      return handle
    } catch {
      if fault == .reportsRefusedGoal, goal == 0 { reported = goal }
      if fault == .losesSession, inner.status == .open { isLost = true }
      if fault == .leavesError, before == 0 { return nil }
      throw error
    }
  }

  public mutating func reset() {
    keptStatus = fault == .keepsSession ? inner.status : nil
    keptVerdict = nil
    inner.reset()
    if fault != .leaks { held.release() }
    (reported, isCommitted, isLost, extra) = (nil, false, false, 0)
  }

  public mutating func recover(to goal: UInt32) -> Bool {
    let didReset = inner.recover(to: goal)
    if didReset { held.release() }
    return didReset
  }

  // MARK: Session

  public mutating func write(_ octets: RawSpan, _ handle: SessionHandle) throws(StreamError) -> Int {
    let before = inner.offset
    let wasPoisoned = inner.status.poison != nil
    switch fault {
    case .countsEmptyWrites where octets.byteCount == 0: extra += 1
    case .holdsClaims where held.count == 0: try? held.append(repeating: 0, count: 4 << 20)
    case .leaks: try? held.append(repeating: 0, count: 64)
    case .asksAgain where octets.byteCount > 0 && inner.compatibility == .compatible: for _ in 0..<4096 { _ = try? touchMemory() }
    case .placesEarly where inner.status == .open && inner.compatibility == .unknown && octets.byteCount > 0: _ = try? touchMemory()
    case .takesLess where octets.byteCount > 64:
      return try inner.write(octets.extracting(first: octets.byteCount / 2), handle)
    default: break
    }
    do throws(StreamError) {
      let count = try inner.write(octets, handle)
      if fault == .stopsOnWrite, count > 0 { reported = MigrationState.stop.rawValue }
      return fault == .countsMore && count > 0 ? count + 1 : count
    } catch {
      if fault == .takesAfterRefusal, before == inner.offset, wasPoisoned, inner.reportedState(of: 0) == 0 { return octets.byteCount }
      if fault == .takesOldHandle, error.code == .sessionClosed { return octets.byteCount }
      if fault == .offsetOfSegment {
        var told = error
        told.offset &-= before
        keptStatus = .poisoned(told)
        throw told
      }
      throw error
    }
  }

  private mutating func touchMemory() throws(DeviceFailure) {
    _ = try inner.control.devices.memory(region: 0, offset: 0, byteCount: 1)
  }

  public mutating func finish(_ handle: SessionHandle, exclusive: Bool) throws(StreamError) {
    let wasCommitted = inner.status == .committed
    let wasPoisoned = inner.status.poison != nil
    if fault == .refusesValid, inner.status == .complete {
      try inner.abort(handle)
      let refusal = StreamError(.truncated, .record, at: inner.offset)
      keptStatus = .poisoned(refusal)
      throw refusal
    }
    if fault == .forgetsWhenStrict, isStrict, inner.status == .complete { extra = 1 }
    do throws(StreamError) {
      try inner.finish(handle, exclusive: fault == .ignoresTail ? false : exclusive)
    } catch {
      if fault == .retriesCommit, wasPoisoned { return }
      guard fault == .commitsPrefix, error.code == .truncated, !wasPoisoned else { throw error }
      isCommitted = true
    }
    if fault == .commitsTwice, wasCommitted { _ = try? inner.control.devices.commit(0) }
    if fault == .touchesStoppedDevice, !wasCommitted { _ = try? touchMemory() }
  }

  public mutating func abort(_ handle: SessionHandle) throws(StreamError) { try inner.abort(handle) }

  // MARK: What is seen

  public var deviceCount: Int { inner.deviceCount }
  public borrowing func capabilities(of device: Int) -> MigrationCapabilities { inner.capabilities(of: device) }

  public borrowing func reportedState(of device: Int) -> UInt32 {
    if isCommitted { return MigrationState.stop.rawValue }
    if fault == .showsHiddenState, device != 1 { return inner.reportedState(of: device) }
    return reported ?? inner.reportedState(of: device)
  }

  public borrowing func ownState(of device: Int) -> MigrationState {
    isCommitted ? .stop : inner.ownState(of: device)
  }

  public var status: SessionStatus {
    if isCommitted { return .committed }
    if isLost { return .aborted }
    if let keptStatus { return keptStatus }
    switch (fault, inner.status) {
    case (.neverComplete, .complete): return .open
    case (.movesReason, .poisoned(var error)) where goal == MigrationState.stop.rawValue:
      error.offset &+= 1
      return .poisoned(error)
    default: return inner.status
    }
  }

  public var compatibility: Compatibility {
    if fault == .changesVerdict, goal == MigrationState.stop.rawValue, inner.status.poison != nil { return .compatible }
    return keptVerdict ?? inner.compatibility
  }

  public var offset: UInt64 { inner.offset + (fault == .countsEmptyWrites ? extra : 0) }

  public borrowing func effectDigest() -> UInt64 {
    inner.effectDigest() &+ (fault == .forgetsWhenStrict && inner.status == .committed ? extra : 0)
  }

  public borrowing func holds(_ octets: [UInt8]) -> Bool { inner.holds(octets) }
  public mutating func takeTouches() -> [DeviceCall] { inner.takeTouches() }
}
