import MigrationStream
import ResumePath

/// What goes wrong between two machines, once.
enum CoupleFault: Equatable {
  /// Who notices that it is over.
  enum Kind: CaseIterable { case linkBreaks, sourceDies, destinationDies }

  case none
  /// After so many octets of the stream have arrived.
  case stream(Int, Kind)
  /// After so many octets of the reverse direction have arrived.
  case reverse(Int, Kind)
  /// The destination's process ends between two of its calls.
  case destinationDiesBefore(Stage)
  case sourceCancels(Stage)
  case destinationCancels(Stage)

  enum Stage: CaseIterable { case stop, end, finish, run, tell }
}

/// A source and a destination in one process, with a link that may break, and what became of them.
///
/// The rule that at most one runs is looked at after every call.
struct Couple: ~Copyable {
  typealias Control = MigrationControl<SaveFakeDevices>

  let fault: CoupleFault
  /// Octets that are delivered at a time.
  let segment: Int
  private let log: SinkLog
  private var sourceControl: Control
  private var destinationControl: Control
  private var source: MigrationSource<LogSink>
  private var destination: MigrationDestination
  /// Whether the processes live.
  private(set) var isSourceThere = true
  private(set) var isDestinationThere = true
  private(set) var replies: [UInt8] = []
  private(set) var streamCount = 0
  private(set) var replyCount = 0
  private var isBroken = false
  /// Whether the guest has run at the destination.
  private(set) var hasRun = false
  /// Devices whose initial data the source knew to be loaded when it stopped.
  private(set) var initialLoadedCountAtStop: UInt64 = 0
  /// What was found wrong.
  private(set) var faults: [String] = []

  init(_ fault: CoupleFault, preCopy: Bool, segment: Int = .max, initialData: Bool = false) throws {
    let log = SinkLog()
    var giver = try Control(Self.devices(7, initialData: initialData))
    var taker = try Control(Self.devices(0, initialData: false))
    var options = SaveOptions(uuid: StreamUUID(low: 3, high: 4))
    options.usesPreCopy = preCopy
    let source = try MigrationSource(&giver, LogSink(log), options, hasReversePath: true)
    let destination = try MigrationDestination(&taker)
    (self.fault, self.segment, self.log) = (fault, segment, log)
    sourceControl = giver
    destinationControl = taker
    self.source = source
    self.destination = destination
  }

  private static func devices(_ value: UInt64, initialData: Bool) throws -> SaveFakeDevices {
    var device = SaveFakeDevices.Device(capabilities: [.stopCopy, .p2p, .preCopy], reachesPeers: true)
    (device.value, device.count, device.byteString) = (value, value + 1, [1, 2, 3, 4])
    (device.sendsSectionEarly, device.hasInitialData) = (true, initialData)
    var other = device
    other.value = value + 10
    return try SaveFakeDevices([device, other])
  }

  // MARK: A migration

  /// As it is meant to go; what a fault makes impossible is left out.
  mutating func migrate() {
    pump()
    attempt(isSourceThere) { (couple) throws(StreamError) in
      guard couple.source.phase == .preCopy else { return }
      for _ in 0..<20 {
        guard try couple.source.step(&couple.sourceControl) == .more else { return }
      }
    }
    pump()
    initialLoadedCountAtStop = source.initialLoadedCount
    act(.stop)
    attempt(isSourceThere) { (couple) throws(StreamError) in
      guard couple.source.handover.state == .saving else { return }
      try couple.source.stop(&couple.sourceControl)
      while try couple.source.step(&couple.sourceControl) == .more {}
    }
    pump()
    act(.end)
    attempt(isSourceThere) { (couple) throws(StreamError) in
      guard couple.source.mayFinish else { return }
      try couple.source.finish(&couple.sourceControl)
    }
    pump()
    act(.finish)
    attempt(isDestinationThere) { (couple) throws(StreamError) in
      guard couple.destinationControl.status == .complete else { return }
      try couple.destination.finish(&couple.destinationControl)
    }
    act(.run)
    attempt(isDestinationThere) { (couple) throws(StreamError) in
      guard couple.destination.mayRun else { return }
      try couple.destination.run(&couple.destinationControl)
    }
    act(.tell)
    pump()
  }

  /// What both sides do when nothing comes any more, then what an operator finds out and says.
  mutating func settle() {
    attempt(isDestinationThere) { (couple) throws(StreamError) in couple.destination.lose(&couple.destinationControl) }
    pump()
    attempt(isSourceThere) { (couple) throws(StreamError) in try couple.source.lose(&couple.sourceControl) }
    guard source.handover.state == .limbo else { return }
    attempt(isSourceThere) { (couple) throws(StreamError) in
      guard !couple.hasRun else { return try couple.source.destinationRuns(&couple.sourceControl) }
      // What may run at any time is ended first.
      if couple.isDestinationThere { try couple.destination.cancel(&couple.destinationControl) }
      try couple.source.destinationNeverRuns(&couple.sourceControl)
    }
  }

  private mutating func act(_ stage: CoupleFault.Stage) {
    switch fault {
    case .destinationDiesBefore(stage): isDestinationThere = false
    case .sourceCancels(stage):
      attempt(isSourceThere) { (couple) throws(StreamError) in try couple.source.cancel(&couple.sourceControl) }
    case .destinationCancels(stage):
      attempt(isDestinationThere) { (couple) throws(StreamError) in
        try couple.destination.cancel(&couple.destinationControl)
      }
    default: break
    }
    look()
  }

  /// Refusals are part of the game.
  private mutating func attempt(_ isThere: Bool, _ call: (inout Couple) throws(StreamError) -> Void) {
    guard isThere else { return }
    do throws(StreamError) { try call(&self) } catch {}
    look()
  }

  // MARK: Links

  /// Delivers what there is, in both directions.
  private mutating func pump() {
    var isMoving = true
    while isMoving, !isBroken { isMoving = pumpStream() || pumpReplies() }
  }

  private mutating func pumpStream() -> Bool {
    let octets = log.octets
    var end = min(octets.count, segment == .max ? .max : streamCount + segment)
    if case .stream(let limit, _) = fault { end = min(end, limit) }
    let start = streamCount
    streamCount = end
    attempt(isDestinationThere) { (couple) throws(StreamError) in
      _ = try couple.destination.write(octets.span.octets.extracting(start..<end), &couple.destinationControl)
    }
    if case .stream(end, let kind) = fault { breaks(kind) }
    return end > start
  }

  private mutating func pumpReplies() -> Bool {
    if isDestinationThere {
      let octets = Self.octets(of: destination)
      replies += octets
      destination.sent(octets.count)
    }
    var end = min(replies.count, segment == .max ? .max : replyCount + segment)
    if case .reverse(let limit, _) = fault { end = min(end, limit) }
    let (start, octets) = (replyCount, replies)
    replyCount = end
    attempt(isSourceThere) { (couple) throws(StreamError) in
      try couple.source.hear(octets.span.octets.extracting(start..<end), &couple.sourceControl)
    }
    if case .reverse(end, let kind) = fault { breaks(kind) }
    return end > start
  }

  private static func octets(of destination: borrowing MigrationDestination) -> [UInt8] {
    let reply = destination.reply
    return (0..<reply.byteCount).map { reply.octet(at: $0) }
  }

  private mutating func breaks(_ kind: CoupleFault.Kind) {
    isBroken = true
    switch kind {
    case .linkBreaks: break
    case .sourceDies: isSourceThere = false
    case .destinationDies: isDestinationThere = false
    }
  }

  // MARK: What is so

  var sourceState: SourceHandover.State { source.handover.state }
  var destinationState: DestinationHandover.State { destination.handover.state }
  var sourceRuns: Bool { isSourceThere && source.mayRun }
  var destinationRuns: Bool { isDestinationThere && destination.handover.state == .running }
  var sourceMachine: MigrationState { sourceControl.state(of: 0) }
  var destinationMachine: MigrationState { destinationControl.state(of: 0) }
  var arrived: [UInt64?] { destinationControl.devices.devices.map(\.value) }
  var arrivedStrings: [[UInt8]?] { destinationControl.devices.devices.map(\.byteString) }

  private mutating func look() {
    if destinationRuns { hasRun = true }
    if sourceRuns, destinationRuns { faults.append("two run") }
    if sourceRuns, hasRun { faults.append("the past runs") }
    // What the machines' devices do is what was decided.
    if !source.mayRun, sourceMachine != .stopCopy { faults.append("the source's devices are \(sourceMachine)") }
    let isStill = [.resuming, .stop, .error].contains(destinationMachine)
    if destinationState != .running, !isStill { faults.append("the destination's devices run") }
  }
}
