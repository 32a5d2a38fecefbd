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

  /// What the destination is told besides, and what came of it.
  private struct Work: ~Copyable {
    var run: SaveRun<UnixSocket>
    var notes: [String] = []
    var downtime: UInt64?

    init(_ run: consuming SaveRun<UnixSocket>) { self.run = run }
  }

  func save(
    _ machine: consuming ReferenceMachine, _ options: SaveOptions, _ guest: consuming GuestRun
  ) throws -> SaveOutcome {
    let socket = try UnixSocket.connect(to: path, patience: link.patience)
    var work = Work(try SaveRun(machine, to: socket, options, guest, hasReversePath: true))
    var why = "the destination went away without a verdict"
    do { try handOver(&work, usesPreCopy: options.usesPreCopy) } catch let failure as IOFailure {
      why = failure.description
    } catch let error as StreamError {
      why = ReportText.headline(ReportFault(error, path: ""))
    }
    // The destination may have said why it hung up.
    if work.run.source.refusal == nil, work.run.source.handover.state != .handedOver { drain(&work) }
    return try outcome(&work, why)
  }

  private func outcome(_ work: inout Work, _ why: String) throws -> SaveOutcome {
    // A device that does not go back is seen in its state.
    try? work.run.source.lose(&work.run.control)
    if work.run.source.mayRun { try work.run.guest.run(GuestRun.burst, &work.run.control.devices.machine) }
    var ending = SaveOutcome.Ending.lost(why)
    switch work.run.source.handover.state {
    case .limbo: ending = .limbo(why)
    case .handedOver: ending = .resumed
    case .running, .saving: if let refusal = work.run.source.refusal { ending = .refused(refusal) }
    }
    var outcome = SaveOutcome(ending, try work.run.saved())
    outcome.notes = work.notes
    outcome.downtime = work.downtime
    return outcome
  }

  // MARK: Steps

  private func handOver(_ work: inout Work, usesPreCopy: Bool) throws {
    while work.run.source.handover.state == .saving, !work.run.source.mayFinish { try hear(&work, within: link.patience) }
    if usesPreCopy { try preCopy(&work) }
    guard work.run.source.handover.state == .saving else { return }
    let start = ContinuousClock.now
    try work.run.stopAndCopy()
    try hear(&work, within: 0)
    guard work.run.source.handover.state == .saving else { return }
    try work.run.finish()
    while work.run.source.handover.state == .limbo { try hear(&work, within: link.patience) }
    if work.run.source.handover.state == .handedOver {
      work.downtime = UInt64(max(0, (ContinuousClock.now - start) / .nanoseconds(1)))
    }
  }

  /// Passes while the guest works, until what is left takes no longer than it may stand still.
  private func preCopy(_ work: inout Work) throws {
    for pass in 1...Self.passesMax {
      guard work.run.source.handover.state == .saving else { return }
      let (start, first) = (ContinuousClock.now, work.run.source.byteCount)
      var answer = try work.run.step()
      while answer == .more {
        try work.run.guest.run(GuestRun.burst, &work.run.control.devices.machine)
        try hear(&work, within: 0)
        guard work.run.source.handover.state == .saving else { return }
        answer = try work.run.step()
      }
      guard answer != .done else { return }
      try work.run.guest.run(GuestRun.burst, &work.run.control.devices.machine)
      let seconds = max(1e-9, (ContinuousClock.now - start) / .seconds(1))
      let bandwidth = UInt64(Double(work.run.source.byteCount - first) / seconds)
      let estimate = work.run.source.estimate(work.run.control)
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
    let hasInput = try work.run.withSocket { (socket) throws(IOFailure) in try socket.hasInput(within: milliseconds) }
    guard hasInput else {
      if milliseconds == 0 { return }
      throw IOFailure.timedOut("hear a verdict from", path)
    }
    let octets = try work.run.withSocket { (socket) throws(IOFailure) in try socket.read(max: 4096) }
    guard !octets.isEmpty else {
      // What the source makes of it is seen in its state; people are told that the other end is gone.
      try? work.run.source.hearEnd(&work.run.control)
      throw IOFailure.closed("hear a verdict from", path)
    }
    try work.run.source.hear(octets.span.octets, &work.run.control)
  }

  /// Reads verdicts that came before the destination hung up.
  private func drain(_ work: inout Work) {
    do {
      while work.run.source.refusal == nil, work.run.source.handover.state != .handedOver { try hear(&work, within: 200) }
    } catch {}
  }
}

extension SaveRun where Target == UnixSocket {
  /// Lends the socket that the stream goes to.
  fileprivate mutating func withSocket<Result>(
    _ body: (borrowing UnixSocket) throws(IOFailure) -> Result
  ) throws -> Result {
    var outcome: Swift.Result<Result, IOFailure>?
    try source.withSink { (sink) throws(StreamError) in
      do throws(IOFailure) { outcome = .success(try body(sink.target)) } catch { outcome = .failure(error) }
    }
    guard let outcome else { preconditionFailure("the sink was lent") }
    return try outcome.get()
  }
}
