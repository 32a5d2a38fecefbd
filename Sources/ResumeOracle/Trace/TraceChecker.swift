import MigrationStream
public import ResumePath

extension WatchedDevices: TraceDevices where Base: TraceDevices & ~Copyable {
  public static func make(_ machine: TraceMachine) throws(TraceMachineFault) -> WatchedDevices<Base> {
    WatchedDevices(try Base.make(machine))
  }

  public mutating func run(steps: UInt64) {
    base.run(steps: steps)
    lookAgain()
  }

  public borrowing func visibleDigest() -> UInt64 { base.visibleDigest() }

  public mutating func fail(_ failure: TraceFailure) { base.fail(failure) }
}

/// Holds every invariant that is looked at after each operation against a trace while it runs.
///
/// ```swift
/// let checker = TraceChecker<ReferenceMachine>()
/// var run = TraceRun(checker.observer)
/// ```
///
/// Saves, steps of the workload and accesses to the first protocol's region go by rules of their own: of them touches,
/// what a guest sees of devices that stand still, and the region's bits are looked at.
///
/// Source: Specs/resume-path.md section 13.
public final class TraceChecker<Base: ObservableDevices & TraceDevices & ~Copyable> {
  /// The first that was found; the run means nothing after it.
  public private(set) var violation: Violation?
  /// How often a session passed its manifest, and how often one was committed.
  public private(set) var compatibleCount = 0
  public private(set) var commitCount = 0
  /// The latest session that was opened by request; nil before there was one.
  public private(set) var session: SessionRecord?
  /// Sessions of the machine that were opened by request.
  public var openedCount: Int { sessionCount }
  private var wasUsed = false
  private var checker: InvariantChecker?
  private var sessionCount = 0
  private var isLatestReset = false
  private let meter: (() -> MemoryCount)?

  /// - Parameter meter: Octets held from the allocator of the machine's sessions.
  public init(meter: (() -> MemoryCount)? = nil) { self.meter = meter }

  /// What a ``TraceRun`` is to be told of.
  public var observer: TraceObserver<WatchedDevices<Base>> {
    var observer = TraceObserver<WatchedDevices<Base>>()
    observer.made = { self.begin(&$0) }
    observer.called = { self.check($0, $1, $2, &$3) }
    return observer
  }

  /// What was seen last; nil before there was a machine.
  public var latest: Observation? { checker?.before }

  /// The machine did something before it was looked at: it is not as a reset leaves it.
  public func noteUsed() { wasUsed = true }

  private func begin(_ control: inout MigrationControl<WatchedDevices<Base>>) {
    var capabilities: [MigrationCapabilities] = []
    for device in 0..<control.devices.deviceCount {
      capabilities.append(control.devices.traits(of: device).capabilities)
    }
    control.devices.forgetTouches()
    checker = InvariantChecker(look(&control), capabilities, RunSetup())
    (sessionCount, isLatestReset, wasUsed) = (0, false, false)
    session = nil
  }

  private func look(_ control: inout MigrationControl<WatchedDevices<Base>>) -> Observation {
    let count = control.devices.deviceCount
    var states: [UInt32] = []
    states.reserveCapacity(count)
    for device in 0..<count { states.append(control.state(of: device).rawValue) }
    var seen = Observation(
      states: states, ownStates: control.devices.ownStates, status: control.status,
      compatibility: control.compatibility, offset: control.offset, effect: control.devices.base.effectDigest(),
      touches: control.devices.touches)
    if let meter { seen.memory = meter() }
    return seen
  }

  private func check(
    _ call: TraceCall, _ session: Int?, _ result: Result<UInt64, StreamError>,
    _ control: inout MigrationControl<WatchedDevices<Base>>
  ) -> String? {
    guard violation == nil, let before = checker?.before else { return nil }
    var seen = look(&control)
    control.devices.forgetTouches()
    var value: UInt64 = 0
    do throws(StreamError) { value = try result.get() } catch { seen.error = error }
    note(call, value, before, seen, &control)
    let operation = operation(of: call, value, &seen)
    let standing: HandleStanding =
      session.map { $0 == sessionCount && !isLatestReset ? .latest : .ended } ?? .none
    if seen.openedSession { (sessionCount, isLatestReset) = (sessionCount + 1, false) }
    if call.isReset || seen.didReset { isLatestReset = true }
    // The region has the handle of a session that it opens.
    if call.opensInRegion(before, seen) { isLatestReset = true }
    let found =
      if let operation { checker?.check(operation, standing, seen).first } else { checker?.pass(call, seen) }
    if let found { violation = found }
    return found?.description
  }

  /// What the call is for the checker; nil for one that goes by rules of its own.
  private func operation(of call: TraceCall, _ value: UInt64, _ seen: inout Observation) -> ResumeOperation? {
    switch call {
    case .request(let goal):
      seen.openedSession = seen.error == nil && value == 1
      return .request(goal)
    case .reset: return .reset
    case .recover(let goal):
      seen.didReset = value == 1
      return .recover(goal)
    case .write(let octets):
      seen.consumed = Int(value)
      return .write(octets)
    case .writeInPlace(let octets):
      seen.consumed = Int(value)
      return seen.error == nil ? value == 0 ? .query : .write(octets.prefix(Int(value))) : .write(octets)
    case .finish(let exclusive): return .finish(exclusive: exclusive)
    case .abort: return .abort()
    case .run, .save, .region, .promise: return nil
    }
  }

  /// Remembers what a twin must be told to come to the same.
  private func note(
    _ call: TraceCall, _ value: UInt64, _ before: Observation, _ seen: Observation,
    _ control: inout MigrationControl<WatchedDevices<Base>>
  ) {
    if seen.compatibility == .compatible, before.compatibility != .compatible { compatibleCount += 1 }
    let commits = seen.status == .committed && before.status != .committed
    if commits { commitCount += 1 }
    if case .request = call, value == 1, seen.error == nil {
      session = SessionRecord(isFresh: !wasUsed)
      wasUsed = true
      return
    }
    switch call {
    case .run(0): return
    case .run, .save, .region:
      wasUsed = true
      session?.hasMovedOn = true
    case .reset:
      wasUsed = false
      session?.hasMovedOn = true
    case .recover where value == 1:
      wasUsed = false
      session?.hasMovedOn = true
    default: break
    }
    if call.opensInRegion(before, seen) { session?.close() }
    guard before.status.isOpen, session?.isClosed == false else { return }
    session?.follow(call, value, seen)
    guard commits else { return }
    session?.digest = control.devices.visibleDigest()
    session?.effect = seen.effect
  }
}

/// What one session was told, and what it came to.
public struct SessionRecord: Sendable {
  /// Its machine was as new when it was opened, but for sessions that a reset undid.
  public let isFresh: Bool
  /// Octets that it was offered, in order, and where the writes ended.
  public private(set) var offered: [UInt8] = []
  public private(set) var cuts: [Int] = []
  /// How it was finished, when it was: whether octets behind END counted.
  public private(set) var finishedExclusively: Bool?
  /// As long as it was the machine's session.
  public private(set) var status = SessionStatus.open
  public private(set) var offset: UInt64 = 0
  /// It was given up, or its machine's region had a hand in it: its status is not what it was offered.
  public private(set) var isClosed = false
  /// The machine has done something else since.
  public fileprivate(set) var hasMovedOn = false
  /// What could be seen right after the commit.
  public fileprivate(set) var digest: UInt64 = 0
  public fileprivate(set) var effect: UInt64 = 0

  fileprivate init(isFresh: Bool) { self.isFresh = isFresh }

  fileprivate mutating func follow(_ call: TraceCall, _ value: UInt64, _ seen: Observation) {
    if seen.error?.code == .sessionClosed { return }
    switch call {
    case .write(let octets): take(octets)
    case .writeInPlace(let octets): take(seen.error == nil ? octets.prefix(Int(value)) : octets)
    case .finish(let exclusive): finishedExclusively = exclusive
    case .request: if !seen.status.isOpen { finishedExclusively = true }
    case .recover where value == 0: if !seen.status.isOpen { finishedExclusively = true }
    case .run: break
    case .reset, .recover, .abort, .save, .region, .promise:
      close()
      return
    }
    (status, offset) = (seen.status, seen.offset)
  }

  /// What comes is about another session.
  fileprivate mutating func close() { isClosed = true }

  private mutating func take(_ octets: ArraySlice<UInt8>) {
    offered += octets
    cuts.append(offered.count)
  }
}

extension TraceCall {
  fileprivate var isReset: Bool { if case .reset = self { true } else { false } }

  /// The first protocol's region opened a session by it.
  fileprivate func opensInRegion(_ before: Observation, _ after: Observation) -> Bool {
    guard case .region = self else { return false }
    return after.status == .open && before.status != .open
  }
}

/// I9, I10, I20, I22, I28 of calls that no request, write or finish is.
extension InvariantChecker {
  mutating func pass(_ call: TraceCall, _ after: Observation) -> Violation? {
    var findings = Findings()
    let operation = CheckedCall(operation: .query, standing: .none, before: before, after: after)
    checkTouches(operation, &findings)
    switch call {
    case .region(let shownBefore, let shown, let taken):
      witness.take(taken)
      // What the region refused is not seen here.
      let isRefused = after.status.poison != nil
      frameContentMax = max(frameContentMax, witness.frameContentMax, isRefused ? Int(StreamLimits().zstdPlainBytesMax) : 0)
      if operation.commits { checkCommitted(operation, &findings) }
      for violation in RegionRule.check(shown: shown, before: shownBefore) { findings.add(violation.invariant, violation.finding) }
    case .run:
      if after.effect != before.effect, !before.ownStates.contains(where: { $0.isWorking }) {
        findings.add(.noEarlyEffect, "devices that stand still did something that a guest sees")
      }
    default: break
    }
    if call.opensInRegion(before, after) { forget() }
    before = after
    return findings.violations.first
  }
}
