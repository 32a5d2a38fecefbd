internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// Who gets what a destination says.
@safe
struct AnswerWriter {
  private let writer: mgs_writer
  private let context: UnsafeMutableRawPointer?

  init(_ writer: @escaping mgs_writer, _ context: UnsafeMutableRawPointer?) {
    unsafe self.writer = unsafe writer
    unsafe self.context = unsafe context
  }

  /// What is lost changes nothing: a source that hears nothing does not run.
  func callAsFunction(_ octets: RawSpan) {
    var piece = unsafe mgs_octets(octets)
    _ = unsafe writer(context, &piece, 1)
  }
}

/// A machine that takes a guest, and answers.
extension MachineValue {
  /// Opens a session that answers.
  ///
  /// - Throws: `sessionBusy`; `stateRefused` when a guest that came with a stream is here.
  mutating func open(_ answer: AnswerWriter) throws(StreamError) -> UInt64 {
    var before = promised
    // A session that is open is found busy; one that is over has promised something.
    if let handover = destination?.handover, handover.state == .refused || handover.mayRun { before = handover }
    destination = try MigrationDestination(&control, after: before, allocator: settings.allocator)
    promised = before
    self.answer = answer
    sessionNumber += 1
    return sessionNumber
  }

  /// Forgets the session that answers, and keeps what it has promised.
  mutating func forgetDestination() {
    if let handover = destination?.handover { promised = handover.state == .refused ? handover : DestinationHandover() }
    destination = nil
  }

  /// Whether a guest came, and its devices do not run yet.
  var awaitsRun: Bool { mutating get { destination?.handover.state == .committed } }

  func stateRefused(_ goal: UInt32) -> StreamError {
    StreamError(
      .stateRefused, .resume, at: control.offset, expected: UInt64(MigrationState.stop.rawValue), found: UInt64(goal))
  }

  /// Does something with the session, and sends what there is to be said, whatever came of it.
  mutating func answering<Result>(
    _ body: (inout MigrationDestination, inout MigrationControl<ForeignDevices>) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    defer { sendAnswer() }
    guard var destination = destination.take() else { throw StreamError(.sessionClosed, .resume, at: 0) }
    do throws(StreamError) {
      let result = try body(&destination, &control)
      self.destination = consume destination
      return result
    } catch {
      self.destination = consume destination
      throw error
    }
  }

  mutating func sendAnswer() {
    let answer = answer
    let count = Self.send(destination, answer)
    if count > 0 { destination?.sent(count) }
  }

  private static func send(_ destination: borrowing MigrationDestination?, _ answer: AnswerWriter?) -> Int {
    switch destination {
    case .some(let destination):
      let count = destination.reply.byteCount
      if count > 0 { answer?(destination.reply) }
      return count
    case .none: return 0
    }
  }

  mutating func finishAnswered(isEmbedded: Bool) throws(StreamError) {
    try answering { (destination, control) throws(StreamError) in
      try destination.finish(&control, exclusive: !isEmbedded)
    }
  }

  /// The ways from a session that answers to a guest that runs.
  ///
  /// - Returns: Whether the request was one of them, and is done.
  /// - Throws: `stateRefused` for a state in which devices would run, or lose what came, and nobody was told.
  mutating func requestOfAnswered(_ goal: UInt32) throws(StreamError) -> Bool {
    guard let state = destination?.handover.state else { return false }
    switch state {
    case .running: if destination?.hasAnswered ?? true || goal != MigrationState.running.rawValue { return false }
    // Its devices are in error, or in resuming with nothing that came.
    case .refused:
      guard control.status == .committed else { return false }
      throw stateRefused(goal)
    case .idle, .receiving, .prepared, .committed:
      if goal == MigrationState.resuming.rawValue, state != .committed { return false }
      guard goal == MigrationState.stop.rawValue || goal == MigrationState.running.rawValue else {
        throw stateRefused(goal)
      }
      do throws(StreamError) { try finishAnswered(isEmbedded: false) } catch { throw explained(error) }
      if goal == MigrationState.stop.rawValue { return true }
    }
    try answering { (destination, control) throws(StreamError) in try destination.run(&control) }
    return true
  }
}
