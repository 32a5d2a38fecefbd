import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath
import StreamTestKit

/// Plays a program on a machine that saves, beside one that does the same work and is never saved: a guest sees the same
/// on both, whatever became of the save.
struct SaveRun: ~Copyable {
  private let program: SaveProgram
  private let machine: TraceMachine
  private var control: MigrationControl<ReferenceMachine>
  private var mirror: ReferenceMachine
  private var session: SaveSession<SaveSink>?
  /// The machine belongs to the save: no reset came, and it is not over.
  private var isHeld = false
  /// The states of the devices before it.
  private var home: [MigrationState] = []
  private var log = SaveLog(failsAt: 0)
  private let memory: CountingAllocator
  /// Octets that the machine holds without a session.
  private let baseline: Int
  private var violation: FuzzViolation?
  private var operation = SaveProgram.Operation(.begin)
  /// Octets of bulk that the devices said were left when they were stopped, and what had been given by then.
  private var announced: (left: UInt64, given: Int)?
  /// The stream, once END was given.
  private(set) var whole: [UInt8] = []
  /// What the guest saw last when it was given.
  private(set) var wholeDigest: UInt64 = 0
  /// Operations that the guest had done then.
  private(set) var wholeCount: UInt64 = 0

  init(_ program: SaveProgram, filling: UInt8) throws {
    let machine = ReferenceMachine.machines[Int(program.machine) % ReferenceMachine.machines.count]
    let memory = CountingAllocator.ofProgram(filling: filling)
    let mirror = try ReferenceMachine.make(machine)
    var made = try ReferenceMachine.make(machine)
    let failsAt = Int(program.deviceFailsAt)
    if program.options.contains(.failsMoving) { made.faults.moveAt = failsAt } else { made.faults.saveAt = failsAt }
    made.faults.isBroken = program.options.contains(.breaks)
    control = try MigrationControl(made, allocator: memory.allocator)
    self.mirror = mirror
    (self.program, self.machine, self.memory) = (program, machine, memory)
    baseline = memory.live
  }

  var heldByteCount: Int { memory.live - baseline }

  mutating func play() -> FuzzViolation? {
    run(UInt64(program.steps & 31))
    if program.options.contains(.stopped) { _ = try? control.request(MigrationState.stop.rawValue) }
    begin()
    for operation in program.operations {
      self.operation = operation
      perform(operation)
      look()
      if violation != nil { break }
    }
    return violation
  }

  /// Gives everything back but what was counted.
  mutating func close() {
    session = nil
    control.reset()
  }

  private mutating func report(_ oracle: String, _ detail: String) {
    if violation == nil { violation = FuzzViolation(oracle, "\(detail), after \(operation.kind) \(operation.argument)") }
  }

  // MARK: Operations

  private mutating func perform(_ operation: SaveProgram.Operation) {
    switch operation.kind {
    case .begin: begin()
    case .step: step(operation.argument == 0 ? 64 : Int(operation.argument & 63))
    case .stop: stop()
    case .finish: finish()
    case .cancel: cancel()
    case .handOver: try? with { (session, control) throws(StreamError) in try session.handOver(&control) }
    case .resumeHere: resumeHere(operation.argument & 1 == 0 ? .refusedByDestination : .saidByOperator)
    case .run: run((UInt64(operation.argument & 15) + 1) << UInt64(operation.argument >> 6))
    case .estimate: _ = estimate()
    case .request: request(UInt32(operation.argument % 9))
    case .reset: reset()
    case .log:
      let request = UInt64(program.seed) << 8 | UInt64(operation.argument)
      if let wrong = LoggingOracle.violation(seed: request) { report(wrong.oracle, wrong.detail) }
    }
  }

  /// Calls the session, which goes out of its place and back.
  @discardableResult
  private mutating func with<Result>(
    _ body: (inout SaveSession<SaveSink>, inout MigrationControl<ReferenceMachine>) throws(StreamError) -> Result
  ) throws(StreamError) -> Result? {
    guard var taken = session.take() else { return nil }
    let (first, before) = (taken.failure, taken.phase)
    var result: Result?
    var refusal: StreamError?
    do throws(StreamError) { result = try body(&taken, &control) } catch { refusal = error }
    check(taken.phase, from: before)
    if let first, taken.failure != first { report("I12", "the reason of a failed save changed") }
    session = consume taken
    if phase == .failed || phase == .cancelled {
      if isHeld { checkHome() }
      isHeld = false
    }
    if let refusal { throw refusal }
    return result
  }

  private var phase: SaveSessionPhase? {
    switch session {
    case .some(let session): session.phase
    case nil: nil
    }
  }

  /// Source: Specs/resume-path.md section 8, the picture.
  private mutating func check(_ after: SaveSessionPhase, from before: SaveSessionPhase) {
    let isArc =
      switch (before, after) {
      case (let same, let now) where same == now: true
      case (.preCopy, .stopCopy), (.preCopy, .failed), (.preCopy, .cancelled): true
      case (.stopCopy, .limbo), (.stopCopy, .failed), (.stopCopy, .cancelled): true
      case (.limbo, .handedOver), (.limbo, .failed), (.limbo, .cancelled): true
      default: false
      }
    if !isArc { report("I2", "the save went from \(before) to \(after)") }
  }

  private mutating func begin() {
    let made = SaveLog(failsAt: Int(program.sinkFailsAt))
    let before = states
    do throws(StreamError) {
      session = try SaveSession(&control, SaveSink(made), program.saveOptions, allocator: memory.allocator)
      if isHeld { report("I14", "a second save began") }
      (isHeld, home, log, announced, whole) = (true, before, made, nil, [])
    } catch {
      if program.deviceFailsAt == 0, states != before { report("R13", "a save that did not begin left the devices in \(states)") }
      if error.code == .sessionBusy, !isHeld, !states.contains(.resuming) { report("I14", "a machine without a save is busy") }
    }
  }

  private mutating func step(_ count: Int) {
    for _ in 0..<count {
      let answer = try? with { (session, control) throws(StreamError) in try session.step(&control) }
      guard let answer, answer == .more else { return }
    }
  }

  private mutating func stop() {
    let outcome: Void? = try? with { (session, control) throws(StreamError) in try session.stop(&control) }
    guard outcome != nil, phase == .stopCopy else { return }
    announced = (estimate(), bulkByteCount)
  }

  /// What the save says when it is asked, twice: asking changes nothing.
  ///
  /// - Returns: Octets of bulk that are left when the devices stop now.
  private mutating func estimate() -> UInt64 {
    var said: [SaveEstimate] = []
    for _ in 0..<2 {
      let asked = try? with { (session, control) throws(StreamError) in session.estimate(control) }
      if let asked { said.append(asked) }
    }
    guard said.count == 2 else { return 0 }
    if said[0] != said[1] { report("R14", "asked twice the save says \(said[0]), then \(said[1])") }
    return said[0].stopCopyByteCount
  }

  /// Payload octets that were given so far.
  private var bulkByteCount: Int {
    let octets = log.octets
    return TraceStream(octets).records.reduce(0) { sum, record in
      sum + Int(clamping: octets.span.octets.integer(at: record.lowerBound + 40, as: UInt64.self))
    }
  }

  private mutating func finish() {
    let outcome: Void? = try? with { (session, control) throws(StreamError) in try session.finish(&control) }
    guard outcome != nil, phase == .limbo else { return }
    (whole, wholeDigest, wholeCount) = (log.octets, control.devices.digest, control.devices.operationCount)
    if let announced, bulkByteCount - announced.given > Int(clamping: announced.left) {
      report("R14", "\(bulkByteCount - announced.given) octets were given after the stop, and \(announced.left) announced")
    }
  }

  private mutating func cancel() {
    try? with { (session, control) throws(StreamError) in try session.cancel(&control) }
  }

  private mutating func resumeHere(_ reason: ResumeHereReason) {
    try? with { (session, control) throws(StreamError) in try session.resumeHere(&control, because: reason) }
  }

  /// R13: all devices are back where they were, but for one that fails on the way, and those that would reach a peer that stands
  /// still for it.
  ///
  /// Source: Specs/resume-path.md section 8.6.
  private mutating func checkHome() {
    let states = states
    var strayed = states.indices.filter { states[$0] != home[$0] }
    if strayed.isEmpty { return }
    if program.deviceFailsAt > 0 {
      let areAnyStill = states.contains { !$0.isWorking }
      strayed.removeAll { areAnyStill && states[$0] == .runningP2P && mayReachPeers($0, in: home[$0]) }
      if strayed.count <= 1 { return }
    }
    report("R13", "after the save was given up the devices are in \(states), before it in \(home)")
  }

  private func mayReachPeers(_ device: Int, in state: MigrationState) -> Bool {
    ReferenceStates.mayReachPeers(state, control.devices.traits(of: device).capabilities)
  }

  private mutating func run(_ steps: UInt64) {
    // Who must not reach its peers for a while is seen not to: the mirror's devices may at all times.
    let states = states
    let areHeldBack = states.contains { $0 == .runningP2P || $0 == .preCopyP2P }
      && states.indices.contains { control.devices.traits(of: $0).reachesPeers }
    if areHeldBack { return }
    let start = control.devices.operationCount
    control.devices.run(steps: steps)
    let done = control.devices.operationCount - start
    if done > 0, isHeld, let phase, phase != .preCopy { report("I45", "the guest ran in \(phase)") }
    mirror.run(steps: Int(done))
  }

  private mutating func request(_ goal: UInt32) {
    let before = states
    do throws(StreamError) {
      _ = try control.request(goal)
      if isHeld { report("I14", "a request was taken while the machine saves") }
    } catch {
      if isHeld, states != before { report("I16", "a request that was refused moved a device") }
    }
  }

  private var states: [MigrationState] { (0..<control.devices.deviceCount).map { control.state(of: $0) } }

  private mutating func reset() {
    control.reset()
    if let made = try? ReferenceMachine.make(machine) { mirror = made }
    (isHeld, announced, whole) = (false, nil, [])
    if states.contains(where: { $0 != .running }) { report("I5", "after a reset the devices are \(states)") }
  }

  // MARK: After each operation

  private mutating func look() {
    for device in 0..<control.devices.deviceCount where control.state(of: device) != .error {
      let (said, own) = (control.state(of: device), control.devices.state(of: device))
      if said != own { report("I1", "device \(device) is said to be in \(said), and was moved to \(own)") }
    }
    checkPeers()
    if control.devices.digest != mirror.digest { report("R13", "the guest sees what it would not see without the save") }
    if let fault = control.devices.malformation() { report("A7", fault) }
    if log.hasLateWrites { report("I16", "a sink that failed was written to again") }
    if isHeld, let phase, phase != .preCopy, states.contains(where: { $0 == .running || $0 == .preCopy }) {
      report("I45", "a device runs in \(phase)")
    }
  }

  /// I9: none stands still beside a peer that may begin an access to it.
  private mutating func checkPeers() {
    let states = states
    let mayReach = states.indices.contains { mayReachPeers($0, in: states[$0]) }
    if mayReach, states.contains(where: { $0 == .stop || $0 == .stopCopy || $0 == .resuming }) {
      report("I9", "devices stand still beside peers that do not: \(states)")
    }
  }

  /// R11: `loaded` took what was given, and goes on as the guest that was never saved.
  mutating func continues(as loaded: inout ProgramRun<ReferenceMachine>) -> FuzzViolation? {
    guard mirror.operationCount == wholeCount, loaded.startGuest() else { return nil }
    for number in 0..<16 where mirror.operate() != loaded.operate() {
      return FuzzViolation("R11", "operation \(number) of the guest is another one than on a machine that was never saved")
    }
    guard mirror.digest == loaded.digest else { return FuzzViolation("R11", "the guest sees something else after 16 operations") }
    return nil
  }
}
