internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// A machine of a caller: its devices, the session that resumes them, the save that gives them away.
struct MachineValue: HandleValue, ~Copyable {
  static var kind: UInt64 { HandleKind.machine }

  let settings: Settings
  var control: MigrationControl<ForeignDevices>
  /// The latest save.
  var save: MigrationSource<WriterSink>?
  /// The latest session, unless it answers, and the number of the latest for callers; 0: none was opened.
  private var session: SessionHandle?
  var sessionNumber: UInt64 = 0
  /// Of the latest session whose guest was told to run.
  private var toldNumber: UInt64 = 0
  /// The latest session when it answers, and who gets its answers.
  var destination: MigrationDestination?
  var answer: AnswerWriter?
  /// What the latest session that answered and ended has promised.
  var promised = DestinationHandover()

  init(
    _ devices: consuming ForeignDevices, _ options: ResumeOptions, _ limits: StreamLimits, _ settings: Settings
  ) throws(StreamError) {
    control = try MigrationControl(devices, options: options, limits: limits, allocator: settings.allocator)
    self.settings = settings
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// nil when something in the options is wrong; NULL stands for the defaults.
  static func options(_ given: UnsafePointer<mgs_machine_options>?) -> ResumeOptions? {
    var options = ResumeOptions()
    guard let given = unsafe given else { return options }
    guard let read = unsafe readStruct(given, mgs_machine_options()), read.flags <= MGS_STRICT | MGS_ALLOW_MISSING,
      read.reserved == 0
    else { return nil }
    options.isStrict = read.flags & MGS_STRICT != 0
    options.allowsMissingDevices = read.flags & MGS_ALLOW_MISSING != 0
    if read.staged_size_max != 0 { options.stagedBytesMax = read.staged_size_max }
    return options
  }

  // MARK: States

  /// - Throws: `unknownDevice`.
  func state(of device: UInt32) throws(StreamError) -> MigrationState {
    guard Int(device) < control.devices.deviceCount else {
      throw StreamError(.unknownDevice, .use, at: 0, found: UInt64(device))
    }
    return control.state(of: Int(device))
  }

  /// - Returns: The number of the session that was opened, 0 for none.
  mutating func request(_ goal: UInt32) throws(StreamError) -> UInt64 {
    let opened = try requestOfAnswered(goal) ? 0 : walk(to: goal)
    if goal == MigrationState.running.rawValue, control.status == .committed, toldNumber != sessionNumber {
      toldNumber = sessionNumber
      settings.log.notice(MGS_EVENT_GUEST_RUNS, at: control.offset)
    }
    return opened
  }

  private mutating func walk(to goal: UInt32) throws(StreamError) -> UInt64 {
    let opened: SessionHandle?
    do throws(StreamError) { opened = try control.request(goal) } catch { throw explained(error) }
    guard let opened else { return 0 }
    forgetDestination()
    session = opened
    sessionNumber += 1
    return sessionNumber
  }

  mutating func reset() {
    // One that has not run says that it never will.
    try? destination?.cancel(&control)
    sendAnswer()
    forgetDestination()
    session = nil
    control.reset()
  }

  // MARK: Resume

  /// - Throws: `sessionClosed` for the number of another session than the latest.
  private func demand(_ number: UInt64) throws(StreamError) -> SessionHandle {
    guard number == sessionNumber, let session else { throw sessionClosed(number) }
    return session
  }

  private func sessionClosed(_ number: UInt64) -> StreamError {
    StreamError(.sessionClosed, .resume, at: 0, expected: sessionNumber, found: number)
  }

  /// Whether the session of that number answers.
  ///
  /// - Throws: `sessionClosed` for the number of another one.
  private func isAnswered(_ number: UInt64) throws(StreamError) -> Bool {
    switch destination {
    case .none: return false
    case .some:
      guard number == sessionNumber else { throw sessionClosed(number) }
      return true
    }
  }

  mutating func write(_ octets: RawSpan, _ number: UInt64) throws(StreamError) -> Int {
    let before = control.compatibility
    defer { tellWhetherItFits(before) }
    guard try isAnswered(number) else { return try control.write(octets, demand(number)) }
    return try answering { (destination, control) throws(StreamError) in try destination.write(octets, &control) }
  }

  /// - Returns: nil when the next octets must be written.
  mutating func fill(
    _ byteCount: Int, _ number: UInt64, _ fill: (inout MutableRawSpan) -> Int
  ) throws(StreamError) -> Int? {
    let before = control.compatibility
    defer { tellWhetherItFits(before) }
    guard try isAnswered(number) else {
      return try control.writeInPlace(byteCount: byteCount, demand(number), fill)
    }
    return try answering { (destination, control) throws(StreamError) in
      try destination.writeInPlace(byteCount: byteCount, &control, fill)
    }
  }

  private func tellWhetherItFits(_ before: Compatibility) {
    if before == .unknown, control.compatibility == .compatible {
      settings.log.notice(MGS_EVENT_STREAM_FITS, at: control.offset)
    }
  }

  mutating func finish(_ number: UInt64, isEmbedded: Bool) throws(StreamError) {
    let isAnswered = try isAnswered(number)
    do throws(StreamError) {
      if isAnswered { return try finishAnswered(isEmbedded: isEmbedded) }
      try control.finish(demand(number), exclusive: !isEmbedded)
    } catch {
      throw explained(error)
    }
  }

  /// What a device whose state lies in a struct had to say.
  func explained(_ error: StreamError) -> StreamError {
    guard error.code == .deviceFailed, let failure = control.devices.failure else { return error }
    return failure
  }

  mutating func abort(_ number: UInt64) throws(StreamError) {
    guard try isAnswered(number) else { return try control.abort(demand(number)) }
    try answering { (destination, control) throws(StreamError) in try destination.cancel(&control) }
  }

  // MARK: Status

  func status() -> mgs_machine_status {
    var found = mgs_machine_status()
    found.session =
      switch control.status {
      case .none: MGS_SESSION_NONE.rawValue
      case .open: MGS_SESSION_OPEN.rawValue
      case .complete: MGS_SESSION_COMPLETE.rawValue
      case .poisoned: MGS_SESSION_POISONED.rawValue
      case .committed: MGS_SESSION_COMMITTED.rawValue
      case .aborted: MGS_SESSION_ABORTED.rawValue
      }
    found.verdict =
      switch control.compatibility {
      case .unknown: MGS_VERDICT_UNKNOWN.rawValue
      case .compatible: MGS_VERDICT_COMPATIBLE.rawValue
      case .refused: MGS_VERDICT_REFUSED.rawValue
      }
    found.offset = control.offset
    found.wanted = UInt64(control.wantedByteCount)
    if let uuid = control.stream {
      unsafe withUnsafeMutableBytes(of: &found.uuid) { octets in
        unsafe octets.storeBytes(of: uuid.low.littleEndian, as: UInt64.self)
        unsafe octets.storeBytes(of: uuid.high.littleEndian, toByteOffset: 8, as: UInt64.self)
      }
    }
    switch save {
    case .some(let save):
      found.save = UInt32(save.phase.rawValue)
      found.num_passes = save.closedPassCount
      found.save_offset = save.byteCount
    case .none: break
    }
    return found
  }
}
