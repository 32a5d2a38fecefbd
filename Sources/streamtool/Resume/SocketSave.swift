import MigrationStream
import ReferenceDevices
import ResumePath
import StreamIO
import StreamReport

/// The source of a hand-over over a Unix socket.
///
/// The stream goes one way, verdicts come back the other; nothing of the bulk is sent before the destination said that
/// the devices fit, and END not before ``SourceHandover`` allows it.
struct SocketSave {
  private let path: String
  private let link: LinkArguments
  private let downtime: UInt64

  /// Passes after which the guest is stopped whatever is left.
  private static var passesMax: Int { 30 }

  init(_ path: String, _ link: LinkArguments, downtimeMilliseconds: UInt64) {
    self.path = path
    self.link = link
    downtime = downtimeMilliseconds * 1_000_000
  }

  /// What goes on between two sides, from this one.
  private struct Work: ~Copyable {
    var run: SaveRun<UnixSocket>
    var decoder: ReverseDecoder
    var source = SourceHandover()
    var heard: ReverseRefusal?
    var notes: [String] = []
    var downtime: UInt64?
  }

  func save(
    _ machine: consuming ReferenceMachine, _ options: SaveOptions, _ guest: consuming GuestRun
  ) throws -> SaveOutcome {
    let socket = try UnixSocket.connect(to: path, patience: link.patience)
    let deviceCount = UInt32(machine.deviceCount)
    let decoder = try ReverseDecoder(uuid: options.uuid, deviceCount: deviceCount)
    var work = Work(run: try SaveRun(machine, to: socket, options, guest), decoder: decoder)
    _ = work.source.take(.begin(options.uuid, hasReversePath: true))
    var why = "the destination went away without a verdict"
    do { try handOver(&work, usesPreCopy: options.usesPreCopy) } catch let failure as IOFailure {
      why = failure.description
    } catch let error as StreamError {
      why = ReportText.headline(ReportFault(error, path: ""))
    }
    // The destination may have said why it hung up.
    if work.heard == nil, work.source.state != .handedOver { drain(&work) }
    return try outcome(&work, options.uuid, why)
  }

  private func outcome(_ work: inout Work, _ uuid: StreamUUID, _ why: String) throws -> SaveOutcome {
    let limbo = work.source.state == .limbo
    if !limbo, work.source.state != .handedOver {
      if work.heard == nil { _ = work.source.take(.linkLost) }
      // A session that failed has taken the devices back already.
      try? work.run.session.cancel(&work.run.control, reason: work.heard == nil ? .internalError : .refusedByDestination)
      try work.run.guest.run(GuestRun.burst, &work.run.control)
    }
    let ending: SaveOutcome.Ending =
      if let refusal = work.heard { .refused(refusal) } else if limbo { .limbo(why) } else if work.source.state == .handedOver {
        .resumed
      } else { .lost(why) }
    var outcome = SaveOutcome(ending, try work.run.saved(uuid))
    outcome.notes = work.notes
    outcome.downtime = work.downtime
    return outcome
  }

  // MARK: Steps

  private func handOver(_ work: inout Work, usesPreCopy: Bool) throws {
    while !work.source.mayEnd, work.heard == nil { try hear(&work, within: link.patience) }
    guard work.heard == nil else { return }
    if usesPreCopy { try preCopy(&work) }
    guard work.heard == nil else { return }
    let start = ContinuousClock.now
    try work.run.stopAndCopy()
    try hear(&work, within: 0)
    guard work.heard == nil, work.source.take(.end) == .taken else { return }
    try work.run.finish()
    while work.source.state == .limbo { try hear(&work, within: link.patience) }
    if work.source.state == .handedOver {
      work.downtime = UInt64(max(0, (ContinuousClock.now - start) / .nanoseconds(1)))
    }
  }

  /// Passes while the guest works, until what is left takes no longer than it may stand still.
  private func preCopy(_ work: inout Work) throws {
    for pass in 1...Self.passesMax {
      let (start, first) = (ContinuousClock.now, work.run.session.byteCount)
      var answer = try work.run.step()
      while answer == .more {
        try work.run.guest.run(GuestRun.burst, &work.run.control)
        try hear(&work, within: 0)
        guard work.heard == nil else { return }
        answer = try work.run.step()
      }
      guard answer != .done else { return }
      try work.run.guest.run(GuestRun.burst, &work.run.control)
      let seconds = max(1e-9, (ContinuousClock.now - start) / .seconds(1))
      let bandwidth = UInt64(Double(work.run.session.byteCount - first) / seconds)
      let estimate = work.run.session.estimate(work.run.control)
      let dirtyRate = UInt64(min(Double(estimate.dirtyByteCount) / seconds, 1e18))
      // A pass without an octet says nothing of the bandwidth.
      let rule = SwitchoverRule(bandwidth: max(bandwidth, answer == .noDataNow ? UInt64.max : 1), downtime: downtime)
      switch rule.decide(estimate, dirtyRate: dirtyRate) {
      case .stopNow: return
      case .goOn: break
      case .neverConverges:
        let left = ReportText.size(estimate.leftByteCount)
        work.notes.append("the guest changes its state as fast as it can be sent: stopped after pass \(pass) with \(left) left")
        return
      }
    }
    work.notes.append("stopped after \(Self.passesMax) passes")
  }

  // MARK: Verdicts

  /// Takes what the destination says.
  ///
  /// - Parameter milliseconds: Longest wait for the first octet.
  /// - Throws: when nothing came for so long and it was waited for; when the destination hung up, or says what no
  ///   destination says.
  private func hear(_ work: inout Work, within milliseconds: Int32) throws {
    let hasInput = try work.run.session.withTarget { (socket) throws(IOFailure) in try socket.hasInput(within: milliseconds) }
    guard hasInput else {
      if milliseconds == 0 { return }
      throw IOFailure.timedOut("hear a verdict from", path)
    }
    let octets = try work.run.session.withTarget { (socket) throws(IOFailure) in try socket.read(max: 4096) }
    guard !octets.isEmpty else {
      try work.decoder.finish()
      throw IOFailure.closed("hear a verdict from", path)
    }
    var rest = octets.span.octets
    while let event = try work.decoder.next(&rest) { try take(event, &work) }
  }

  private func take(_ event: ReverseEvent, _ work: inout Work) throws(StreamError) {
    let before = work.source.state
    guard work.source.take(.heard(event, work.decoder.uuid)) == .taken else { return }
    switch event {
    case .refused(let refusal):
      work.heard = refusal
      if before == .limbo { try work.run.session.resumeHere(&work.run.control, because: .refusedByDestination) }
    case .resumed: try work.run.session.handOver(&work.run.control)
    case .compatible, .initialLoaded, .skipped: break
    }
  }

  /// Reads verdicts that came before the destination hung up.
  private func drain(_ work: inout Work) {
    do { while work.heard == nil, work.source.state != .handedOver { try hear(&work, within: 200) } } catch {}
  }
}

extension SaveSession where Sink: ~Copyable {
  /// Lends the socket that the sink writes to.
  fileprivate mutating func withTarget<Result>(
    _ body: (borrowing UnixSocket) throws(IOFailure) -> Result
  ) throws -> Result where Sink == CountingSink<UnixSocket> {
    var outcome: Swift.Result<Result, IOFailure>?
    try withSink { (sink) throws(StreamError) in
      do throws(IOFailure) { outcome = .success(try body(sink.target)) } catch { outcome = .failure(error) }
    }
    guard let outcome else { preconditionFailure("the sink was lent") }
    return try outcome.get()
  }
}
