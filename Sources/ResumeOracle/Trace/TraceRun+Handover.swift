import MigrationStream
import ReferenceDevices
import ResumePath

/// Handing over: the trace plays the owners of both sides, and the transport between them.
extension TraceRun where Devices: ~Copyable {
  mutating func startHandover(_ machine: TraceMachine, precopy: Bool) throws(TraceStop) -> String {
    let devices = try made(machine, ReferenceMachine.self)
    var options = SaveOptions(uuid: nextUUID())
    options.usesPreCopy = precopy
    let destination = try openDestination()
    let number = try self.machine().sessions.count
    let ends: TraceHandover<Devices>
    do throws(StreamError) {
      var control = try MigrationControl(devices)
      let source = try MigrationSource(
        &control, TraceSink(byteCountMax: TraceLimits.streamBytesMax), options, hasReversePath: true)
      ends = TraceHandover(control, source, destination, number, passes: precopy ? 2 : 0)
      try ends.collect()
    } catch { throw .refused(error) }
    handover = ends
    return try noted(ends)
  }

  /// Opens a session that answers, after what the one before has promised.
  private mutating func openDestination() throws(TraceStop) -> MigrationDestination {
    let target = try machine()
    let before = promised(target)
    guard before.state == .idle || before.state == .refused else {
      _ = try refusing { () throws(StreamError) in try MigrationDestination(&target.control, after: before) }
      throw .failed("a session was opened in a machine that has a guest")
    }
    var opened: MigrationDestination?
    _ = try call(.request(MigrationState.resuming.rawValue)) { (control) throws(StreamError) in
      opened = try MigrationDestination(&control, after: before)
      return 1
    }
    guard let opened = opened.take() else { throw .void("no session was opened") }
    target.sessions.append(opened.handle)
    target.used = nil
    return opened
  }

  /// A machine that was reset has lost its guest; what it refused it refuses for good.
  private func promised(_ target: TraceTarget<Devices>) -> DestinationHandover {
    guard let before = handover?.destination.handover else { return DestinationHandover() }
    let hasGuest = before.mayRun && target.control.status == .committed
    return before.state == .refused || hasGuest ? before : DestinationHandover()
  }

  private func ends() throws(TraceStop) -> TraceHandover<Devices> {
    guard let handover else { throw .void("nothing is being handed over") }
    return handover
  }

  /// - Throws: `failed` when a rule of section 10 is broken.
  private func noted(_ ends: TraceHandover<Devices>) throws(TraceStop) -> String {
    if let fault = ends.fault() { throw .failed(fault) }
    return note(ends.note)
  }

  /// Lets a side do something, takes what it made or told, and looks at both, whatever came of it.
  private mutating func acting(
    _ ends: TraceHandover<Devices>, _ body: (inout Self) throws(TraceStop) -> Void
  ) throws(TraceStop) -> String {
    var refusal: TraceStop?
    let hadAnswered = ends.destination.hasAnswered
    do throws(TraceStop) { try body(&self) } catch { refusal = error }
    ends.listen()
    try refusing { () throws(StreamError) in try ends.collect() }
    let note = try noted(ends)
    if !hadAnswered, ends.destination.hasAnswered, ends.destination.mayRun { try demandRunning() }
    if let refusal { throw refusal }
    return note
  }

  /// `resumed` is told when all devices run, never before.
  private func demandRunning() throws(TraceStop) {
    let target = try machine()
    for device in 0..<target.control.devices.deviceCount where target.control.state(of: device) != .running {
      throw .failed("handing over: the guest is said to run, and device \(device) is in \(target.control.state(of: device))")
    }
  }

  // MARK: The source

  mutating func runSource(_ count: UInt64) throws(TraceStop) -> String {
    let ends = try ends()
    return try acting(ends) { (run) throws(TraceStop) in
      var left = count
      while left > 0, ends.source.handover.state == .saving {
        let start = ends.source.byteCount
        try run.budget.spend(1, each: TraceBudget.call)
        guard try refusing({ () throws(StreamError) in try run.step(ends) }) else { return }
        try run.budget.spend(ends.source.byteCount - start)
        left -= 1
      }
    }
  }

  /// Makes about one record.
  ///
  /// - Returns: Whether there was anything to do: END waits for the first answer.
  private func step(_ ends: TraceHandover<Devices>) throws(StreamError) -> Bool {
    switch (ends.source.phase, try ends.source.step(&ends.control)) {
    case (_, .more): break
    case (.preCopy, .passEnded) where ends.passesLeft > 0, (.preCopy, .noDataNow) where ends.passesLeft > 0:
      ends.passesLeft -= 1
      ends.control.devices.run(steps: 16)
    case (.preCopy, _): try ends.source.stop(&ends.control)
    default:
      guard ends.source.mayFinish else { return false }
      try ends.source.finish(&ends.control)
    }
    return true
  }

  mutating func deliverVerdict(_ fate: TraceVerdict) throws(TraceStop) -> String {
    let ends = try ends()
    guard !ends.told.isEmpty else { throw .void("nothing that the destination told is on its way") }
    let octets = ends.told.removeFirst()
    let times = switch fate { case .lose: 0 case .arrives: 1 case .twice: 2 }
    return try acting(ends) { (_) throws(TraceStop) in
      for _ in 0..<times {
        try refusing { () throws(StreamError) in try ends.source.hear(octets.span.octets, &ends.control) }
      }
    }
  }

  // MARK: The destination

  mutating func deliver(_ count: UInt64?) throws(TraceStop) -> String {
    let ends = try ends()
    return try acting(ends) { (run) throws(TraceStop) in
      var left = count ?? UInt64(ends.sent.count)
      while left > 0, ends.arrivedCount < ends.sent.count {
        let record = ends.sent[ends.arrivedCount]
        (left, ends.arrivedCount) = (left - 1, ends.arrivedCount + 1)
        try run.budget.spend(octets: record.count)
        // Behind its last answer it reads nothing.
        guard !ends.destination.hasAnswered else { continue }
        try run.take(record, ends)
      }
    }
  }

  private mutating func take(_ record: [UInt8], _ ends: TraceHandover<Devices>) throws(TraceStop) {
    let target = try machine()
    let wasOpen = target.control.status.isOpen
    // One whose stream was refused before is ended by the destination: of the octets nothing is wrong.
    _ = try observed(
      wasOpen && target.control.status == .aborted ? .promise : .write(record[...]), ends.number, target
    ) { () throws(StreamError) in UInt64(try ends.destination.write(record.span.octets, &target.control)) }
    guard target.control.status == .complete else { return }
    _ = try call(.finish(exclusive: true), session: ends.number) { (control) throws(StreamError) in
      try ends.destination.finish(&control)
      return 0
    }
    let isWhole = target.control.devices.deviceCount == ends.control.devices.deviceCount
    if isWhole, target.control.devices.visibleDigest() != ends.control.devices.visibleDigest() {
      throw .failed("the guest of the destination does not see what that of the source saw last")
    }
    _ = try call(.request(MigrationState.running.rawValue)) { (control) throws(StreamError) in
      try ends.destination.run(&control)
      return 0
    }
  }

  mutating func comeAgain() throws(TraceStop) -> String {
    let ends = try ends()
    guard ends.isRefused else { throw .void("the destination has not refused it") }
    let destination = try openDestination()
    ends.comeAgain(to: destination, try machine().sessions.count)
    return try noted(ends)
  }

  // MARK: What ends it

  mutating func giveUp(_ side: TraceSide) throws(TraceStop) -> String {
    let ends = try ends()
    return try acting(ends) { (run) throws(TraceStop) in
      switch side {
      case .source: try refusing { () throws(StreamError) in try ends.source.cancel(&ends.control) }
      case .destination:
        _ = try run.call(.promise, session: ends.number) { (control) throws(StreamError) in
          try ends.destination.cancel(&control)
          return 0
        }
      }
    }
  }

  mutating func linkLost(_ side: TraceSide) throws(TraceStop) -> String {
    let ends = try ends()
    ends.breakPath()
    return try acting(ends) { (run) throws(TraceStop) in
      switch side {
      case .source: try refusing { () throws(StreamError) in try ends.source.lose(&ends.control) }
      case .destination:
        _ = try run.call(.promise, session: ends.number) { (control) throws(StreamError) in
          ends.destination.lose(&control)
          return 0
        }
      }
    }
  }

  /// The operator says so only of a destination that has promised never to run.
  mutating func operatorResume() throws(TraceStop) -> String {
    let ends = try ends()
    if ends.destination.handover.state != .running { _ = try giveUp(.destination) }
    guard ends.destination.handover.state == .refused || ends.destination.handover.state == .idle else {
      throw .void("the destination runs: the operator must not say that it will not")
    }
    return try acting(ends) { (_) throws(TraceStop) in
      try refusing { () throws(StreamError) in try ends.source.destinationNeverRuns(&ends.control) }
    }
  }

  /// The operator says so only of a destination that does.
  mutating func operatorRuns() throws(TraceStop) -> String {
    let ends = try ends()
    guard ends.destination.handover.state == .running else { throw .void("the destination does not run") }
    return try acting(ends) { (_) throws(TraceStop) in
      try refusing { () throws(StreamError) in try ends.source.destinationRuns(&ends.control) }
    }
  }
}
