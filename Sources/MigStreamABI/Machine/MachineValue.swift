internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// A machine of a caller: its devices, the session that resumes them, the save that gives them away.
struct MachineValue: HandleValue, ~Copyable {
  static var kind: UInt64 { HandleKind.machine }

  private let settings: Settings
  private(set) var control: MigrationControl<ForeignDevices>
  /// The latest save.
  private var save: SaveSession<WriterSink>?
  /// The latest session, and its number for callers; 0: none was opened.
  private var session: SessionHandle?
  private var sessionNumber: UInt64 = 0

  init(
    _ devices: consuming ForeignDevices, _ options: ResumeOptions, _ limits: StreamLimits, _ settings: Settings
  ) throws(StreamError) {
    control = try MigrationControl(devices, options: options, limits: limits, allocator: settings.allocator)
    self.settings = settings
  }

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
    let opened: SessionHandle?
    do throws(StreamError) { opened = try control.request(goal) } catch { throw explained(error) }
    guard let opened else { return 0 }
    session = opened
    sessionNumber += 1
    return sessionNumber
  }

  mutating func reset() { control.reset() }

  // MARK: Resume

  /// - Throws: `sessionClosed` for the number of another session than the latest.
  private func demand(_ number: UInt64) throws(StreamError) -> SessionHandle {
    guard number == sessionNumber, let session else {
      throw StreamError(.sessionClosed, .resume, at: 0, expected: sessionNumber, found: number)
    }
    return session
  }

  mutating func write(_ octets: RawSpan, _ number: UInt64) throws(StreamError) -> Int {
    try control.write(octets, demand(number))
  }

  /// - Returns: nil when the next octets must be written.
  mutating func fill(
    _ byteCount: Int, _ number: UInt64, _ fill: (inout MutableRawSpan) -> Int
  ) throws(StreamError) -> Int? {
    try control.writeInPlace(byteCount: byteCount, demand(number), fill)
  }

  mutating func finish(_ number: UInt64, isEmbedded: Bool) throws(StreamError) {
    let session = try demand(number)
    do throws(StreamError) { try control.finish(session, exclusive: !isEmbedded) } catch { throw explained(error) }
  }

  /// What a device whose state lies in a struct had to say.
  private func explained(_ error: StreamError) -> StreamError {
    guard error.code == .deviceFailed, let failure = control.devices.failure else { return error }
    return failure
  }

  mutating func abort(_ number: UInt64) throws(StreamError) { try control.abort(demand(number)) }

  // MARK: Save

  mutating func openSave(_ options: StreamOptions, _ sink: consuming WriterSink) throws(StreamError) {
    guard unsafe control.devices.ops.save != nil || control.devices.hasStructs else { throw noSave }
    save = try SaveSession(
      &control, sink, options.saveOptions, limits: settings.limits, allocator: settings.allocator)
  }

  var allocator: StreamAllocator { settings.allocator }

  private var noSave: StreamError { StreamError(.wrongCall, .resume, at: 0) }

  mutating func step() throws(StreamError) -> SaveStep {
    guard let step = try save?.step(&control) else { throw noSave }
    return step
  }

  mutating func stop() throws(StreamError) {
    guard try save?.stop(&control) != nil else { throw noSave }
  }

  mutating func finishSave() throws(StreamError) {
    guard try save?.finish(&control) != nil else { throw noSave }
  }

  mutating func cancel(_ reason: AbortReason) throws(StreamError) {
    guard try save?.cancel(&control, reason: reason) != nil else { throw noSave }
  }

  mutating func handOver() throws(StreamError) {
    guard try save?.handOver(&control) != nil else { throw noSave }
  }

  mutating func resumeHere(_ reason: ResumeHereReason) throws(StreamError) {
    guard try save?.resumeHere(&control, because: reason) != nil else { throw noSave }
  }

  mutating func estimate() -> SaveEstimate { save?.estimate(control) ?? SaveEstimate() }

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
