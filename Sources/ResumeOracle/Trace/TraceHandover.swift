import MigrationStream
import ReferenceDevices
import ResumePath

/// A source, its stream on the way to the machine under test, and the verdicts on their way back.
final class TraceHandover<Devices: TraceDevices & ~Copyable> {
  var control: MigrationControl<ReferenceMachine>
  var session: SaveSession<TraceSink>
  var source = SourceHandover()
  var destination = DestinationHandover()
  let uuid: StreamUUID
  /// The machine under test's session, and its number among those of the machine.
  let handle: SessionHandle
  let number: Int
  /// Records that were made and have not arrived.
  var records: [[UInt8]] = []
  /// Verdicts that were sent and have not arrived.
  var verdicts: [ReverseEvent] = []
  var passesLeft: Int

  init(
    _ control: consuming MigrationControl<ReferenceMachine>, _ session: consuming SaveSession<TraceSink>, _ uuid: StreamUUID,
    _ handle: SessionHandle, _ number: Int, passes: Int
  ) {
    self.control = control
    self.session = session
    self.uuid = uuid
    self.handle = handle
    self.number = number
    passesLeft = passes
  }

  /// Whether the source's guest may execute.
  var sourceRuns: Bool { source.mayRun && control.state(of: 0) != .stop && control.state(of: 0) != .stopCopy }
  var destinationRuns: Bool { destination.state == .running }

  var note: String { "source \(source.state), destination \(destination.state), \(records.count) records and \(verdicts.count) verdicts on their way" }

  /// Takes what the session made.
  func collect() throws(StreamError) {
    records += try session.withSink { (sink) throws(StreamError) in sink.takeRecords() }
  }
}

/// Handing over.
extension TraceRun where Devices: ~Copyable {
  mutating func startHandover(_ machine: TraceMachine, precopy: Bool) throws(TraceStop) -> String {
    let target = try self.machine()
    let devices = try made(machine, ReferenceMachine.self)
    let uuid = nextUUID()
    var options = SaveOptions(uuid: uuid)
    options.usesPreCopy = precopy
    var opened: SessionHandle?
    _ = try call(.request(MigrationState.resuming.rawValue)) { (control) throws(StreamError) in
      opened = try control.open()
      return 1
    }
    guard let opened else { throw .void("no session was opened") }
    target.sessions.append(opened)
    target.used = nil
    do throws(StreamError) {
      var control = try MigrationControl(devices)
      let session = try SaveSession(&control, TraceSink(byteCountMax: TraceLimits.streamBytesMax), options)
      let made = TraceHandover<Devices>(
        control, session, uuid, opened, target.sessions.count, passes: precopy ? 2 : 0)
      _ = made.source.take(.begin(uuid, hasReversePath: true))
      try made.collect()
      handover = made
      return note(made.note)
    } catch { throw .refused(error) }
  }

  private func ends() throws(TraceStop) -> TraceHandover<Devices> {
    guard let handover else { throw .void("nothing is being handed over") }
    return handover
  }

  /// - Throws: `failed` when both sides run.
  private func noted(_ ends: TraceHandover<Devices>) throws(TraceStop) -> String {
    if ends.sourceRuns, ends.destinationRuns { throw .failed("source and destination run") }
    return note(ends.note)
  }

  mutating func runSource(_ count: UInt64) throws(TraceStop) -> String {
    let ends = try ends()
    var left = count
    while left > 0, ends.source.state == .saving {
      let start = ends.session.byteCount
      try budget.spend(1, each: TraceBudget.call)
      guard try step(ends) else { return try noted(ends) + "; END waits for the first verdict" }
      try budget.spend(ends.session.byteCount - start)
      left -= 1
    }
    return try noted(ends)
  }

  /// Makes about one record.
  ///
  /// - Returns: Whether there was anything to do.
  private mutating func step(_ ends: TraceHandover<Devices>) throws(TraceStop) -> Bool {
    do throws(StreamError) {
      switch (ends.session.phase, try ends.session.step(&ends.control)) {
      case (_, .more): break
      case (.preCopy, .passEnded) where ends.passesLeft > 0, (.preCopy, .noDataNow) where ends.passesLeft > 0:
        ends.passesLeft -= 1
        ends.control.devices.run(steps: 16)
      case (.preCopy, _): try ends.session.stop(&ends.control)
      default:
        guard ends.source.take(.end) == .taken else { return false }
        try ends.session.finish(&ends.control)
      }
      try ends.collect()
      return true
    } catch {
      _ = ends.source.take(.cancel)
      throw .refused(error)
    }
  }

  mutating func deliver(_ count: UInt64?) throws(TraceStop) -> String {
    let ends = try ends()
    var left = count ?? UInt64(ends.records.count)
    while left > 0, !ends.records.isEmpty {
      left -= 1
      let record = ends.records.removeFirst()
      try budget.spend(octets: record.count)
      if ends.destination.state == .idle { _ = ends.destination.take(.open(ends.uuid)) }
      guard ends.destination.state == .receiving else { continue }
      do throws(TraceStop) { try take(record, ends) } catch {
        guard case .refused(let refusal) = error else { throw error }
        if ends.destination.take(.refuse) == .taken { ends.verdicts.append(.refused(ReverseRefusal(refusal))) }
        throw error
      }
    }
    return try noted(ends)
  }

  private mutating func take(_ record: [UInt8], _ ends: TraceHandover<Devices>) throws(TraceStop) {
    let (handle, number) = (ends.handle, ends.number)
    _ = try call(.write(record[...]), session: number) { (control) throws(StreamError) in
      UInt64(try control.write(record.span.octets, handle))
    }
    let target = try machine()
    if target.control.compatibility == .compatible, ends.destination.take(.compatible) == .taken {
      ends.verdicts.append(.compatible)
    }
    guard target.control.status == .complete else { return }
    _ = try call(.finish(exclusive: true), session: number) { (control) throws(StreamError) in
      try control.finish(handle)
      return 0
    }
    _ = ends.destination.take(.prepared)
    _ = ends.destination.take(.committed)
    let isWhole = target.control.devices.deviceCount == ends.control.devices.deviceCount
    if isWhole, target.control.devices.visibleDigest() != ends.control.devices.visibleDigest() {
      throw .failed("the guest of the destination does not see what that of the source saw last")
    }
    guard ends.destination.take(.run) == .taken else { return }
    _ = try call(.request(MigrationState.running.rawValue)) { (control) throws(StreamError) in
      _ = try control.request(MigrationState.running.rawValue)
      return 0
    }
    ends.verdicts.append(.resumed)
  }

  mutating func deliverVerdict(_ fate: TraceVerdict) throws(TraceStop) -> String {
    let ends = try ends()
    guard !ends.verdicts.isEmpty else { throw .void("no verdict is on its way") }
    let verdict = ends.verdicts.removeFirst()
    let times = switch fate { case .lose: 0 case .arrives: 1 case .twice: 2 }
    for _ in 0..<times { try hear(verdict, ends) }
    return try noted(ends)
  }

  private func hear(_ verdict: ReverseEvent, _ ends: TraceHandover<Devices>) throws(TraceStop) {
    let before = ends.source.state
    guard ends.source.take(.heard(verdict, ends.uuid)) == .taken else { return }
    try refusing { () throws(StreamError) in
      switch (before, ends.source.state) {
      case (.limbo, .handedOver): try ends.session.handOver(&ends.control)
      case (.limbo, .running): try ends.session.resumeHere(&ends.control, because: .refusedByDestination)
      case (.saving, .running): try ends.session.cancel(&ends.control, reason: .refusedByDestination)
      default: break
      }
    }
  }

  /// The operator says so only of a destination that has promised never to run.
  mutating func operatorResume() throws(TraceStop) -> String {
    let ends = try ends()
    _ = ends.destination.take(.refuse)
    guard ends.destination.state == .refused || ends.destination.state == .idle else {
      throw .void("the destination may run, or does: the operator must not say that it will not")
    }
    let before = ends.source.state
    guard ends.source.take(.destinationNeverRuns) == .taken else { throw .void("the source is not in limbo") }
    try refusing { () throws(StreamError) in
      switch before {
      case .limbo: try ends.session.resumeHere(&ends.control, because: .saidByOperator)
      default: try ends.session.cancel(&ends.control)
      }
    }
    return try noted(ends)
  }
}
