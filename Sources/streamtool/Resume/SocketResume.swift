import MigrationStream
import ResumePath
import StreamIO
import StreamReport

/// The destination of a hand-over over a Unix socket: payloads are read to where they belong, verdicts go back.
struct SocketResume {
  private let path: String
  private let link: LinkArguments

  init(_ path: String, _ link: LinkArguments) {
    self.path = path
    self.link = link
  }

  func resume(_ command: ResumeCommand) throws -> ResumeOutcome {
    var outcome = ResumeOutcome(file: path)
    let socket: UnixSocket
    do {
      let listener = try SocketListener(path: path)
      socket = try listener.accept(waiting: link.patience, patience: link.patience)
    }
    var finder = try ManifestFinder()
    do {
      while !finder.hasManifest {
        let octets = try socket.read(max: min(finder.wantedByteCount, 65_536))
        if octets.isEmpty { try finder.finish() }
        try finder.push(octets.span.octets)
      }
    } catch let error as StreamError {
      refuse(error, finder, socket)
      outcome.refuse(error, path: "")
      return outcome
    }
    var run: ResumeRun
    do { run = try command.makeRun(finder) } catch let failure as IOFailure {
      // Our own trouble is no verdict on the stream: the source hears that we are gone.
      throw failure
    } catch {
      refuse(StreamError(.wrongModel, .manifest, at: UInt64(Preamble.byteCount)), finder, socket)
      throw error
    }
    do throws(StreamError) {
      try take(&run, finder.head, socket, &outcome)
      try run.finish()
    } catch {
      reply(&run, socket)
      outcome.refuse(error, path: finder.path(of: error))
      try outcome.noteAndReset(&run)
      return outcome
    }
    reply(&run, socket)
    try command.runOn(&run, &outcome)
    try outcome.note(&run)
    return outcome
  }

  /// Reads the stream to its END.
  ///
  /// - Throws: why it was refused. A source that went away, or that says nothing for too long, is a stream that ends.
  private func take(
    _ run: inout ResumeRun, _ head: [UInt8], _ socket: borrowing UnixSocket, _ outcome: inout ResumeOutcome
  ) throws(StreamError) {
    try run.take(head.span.octets)
    reply(&run, socket)
    while !run.isComplete {
      var failure: IOFailure?
      let count = try read(&run, socket, &failure)
      guard count > 0, failure == nil else {
        outcome.notes.append(failure?.description ?? "the source went away")
        run.destination.lose(&run.control)
        throw StreamError(.truncated, .resume, at: run.control.offset)
      }
      reply(&run, socket)
    }
  }

  /// Reads what comes next, a payload straight to where it belongs.
  ///
  /// - Returns: Octets that came; 0 at the end.
  private func read(
    _ run: inout ResumeRun, _ socket: borrowing UnixSocket, _ failure: inout IOFailure?
  ) throws(StreamError) -> Int {
    var problem: IOFailure?
    let patience = socket.patience
    // The wait for octets is here: memory of devices is lent for a read only.
    do throws(IOFailure) {
      guard try socket.hasInput(within: patience) else { throw .timedOut("read from", path) }
    } catch {
      failure = error
      return 0
    }
    let placed = try run.readInPlace { memory in
      do throws(IOFailure) { return try socket.read(into: &memory) } catch {
        problem = error
        return 0
      }
    }
    failure = problem
    if let placed { return placed }
    let octets: [UInt8]
    do throws(IOFailure) { octets = try socket.read(max: min(run.wantedByteCount, 65_536)) } catch {
      failure = error
      return 0
    }
    try run.take(octets.span.octets)
    return octets.count
  }

  // MARK: Verdicts

  /// Sends what the source is to hear. A source that hears nothing stays in limbo, which is safe.
  private func reply(_ run: inout ResumeRun, _ socket: borrowing UnixSocket) {
    let count = run.destination.reply.byteCount
    guard count > 0 else { return }
    try? socket.write(run.destination.reply)
    run.destination.sent(count)
  }

  /// Says why, before there was a machine.
  private func refuse(_ error: StreamError, _ finder: borrowing ManifestFinder, _ socket: borrowing UnixSocket) {
    // A stream without a right preamble has no name that could be answered.
    guard finder.hasPreamble else { return }
    var encoder = ReverseEncoder(uuid: finder.uuid)
    var octets = OwnedBytes()
    guard (try? encoder.encode(.refused(ReverseRefusal(error)), into: &octets)) != nil else { return }
    try? socket.write(octets.bytes)
  }
}
