internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// A machine that gives its guest away.
extension MachineValue {
  mutating func openSave(_ options: StreamOptions, _ sink: consuming WriterSink) throws(StreamError) {
    guard unsafe control.devices.ops.save != nil || control.devices.hasStructs else { throw noSave }
    // A guest that came and does not run yet is nobody's to give.
    if awaitsRun { throw stateRefused(MigrationState.stopCopy.rawValue) }
    let hasReversePath = options.has(MGS_ANSWERED)
    var before = SourceHandover()
    // A late answer to the stream before would count for one of the same uuid.
    if hasReversePath, let last = save?.handover, last.state == .running { before = last }
    save = try MigrationSource(
      &control, sink, options.saveOptions, hasReversePath: hasReversePath, after: before, limits: settings.limits,
      allocator: settings.allocator)
    tell(MGS_EVENT_SAVE_OPENED)
  }

  var allocator: StreamAllocator { settings.allocator }

  private var noSave: StreamError { StreamError(.wrongCall, .resume, at: 0) }

  mutating func step() throws(StreamError) -> SaveStep {
    guard let step = try save?.step(&control) else { throw noSave }
    return step
  }

  mutating func stop() throws(StreamError) {
    guard try save?.stop(&control) != nil else { throw noSave }
    tell(MGS_EVENT_DEVICES_STOPPED, found: UInt64(save?.closedPassCount ?? 0))
  }

  mutating func finishSave() throws(StreamError) {
    guard let byteCount = save?.byteCount else { throw noSave }
    defer { if save?.phase == .limbo { tell(MGS_EVENT_LIMBO, found: byteCount) } }
    try save?.finish(&control)
  }

  mutating func cancel(_ reason: AbortReason) throws(StreamError) {
    if let failure = save?.failure { throw failure }
    guard try save?.cancel(&control, reason: reason) != nil else { throw noSave }
    tellEnd()
  }

  mutating func handOver() throws(StreamError) {
    guard save?.phase != .handedOver else { return }
    try demandLimbo()
    try save?.destinationRuns(&control)
    tellEnd()
  }

  mutating func resumeHere(_ reason: ResumeHereReason) throws(StreamError) {
    try demandLimbo()
    defer { tellEnd() }
    try save?.destinationNeverRuns(&control, said: reason)
  }

  private mutating func demandLimbo() throws(StreamError) {
    guard let phase = save?.phase else { throw noSave }
    guard phase == .limbo else {
      throw StreamError(.wrongCall, .resume, at: save?.byteCount ?? 0, found: UInt64(phase.rawValue))
    }
  }

  mutating func estimate() -> SaveEstimate { save?.estimate(control) ?? SaveEstimate() }

  // MARK: What comes back

  /// Takes octets of the destination; none: there will be none any more.
  ///
  /// - Throws: `wrongCall` without an answered save; what is wrong with the octets.
  mutating func hear(_ octets: RawSpan) throws(StreamError) {
    guard save?.hasReversePath ?? false, let phase = save?.phase else { throw noSave }
    let refusal = save?.refusal
    defer {
      if refusal == nil, let refusal = save?.refusal { settings.log(MGS_LOG_ERROR, mgs_error(refusal)) }
      if save?.phase != phase { tellEnd() }
    }
    if octets.byteCount > 0 { try save?.hear(octets, &control) } else { try save?.hearEnd(&control) }
  }

  /// What was heard so far.
  var word: mgs_word {
    mutating get {
      if save?.refusal != nil { return MGS_WORD_REFUSED }
      switch save?.handover.state {
      case .handedOver: return MGS_WORD_RESUMED
      case .limbo: return MGS_WORD_FITS
      default: return save?.mayFinish ?? false ? MGS_WORD_FITS : MGS_WORD_NONE
      }
    }
  }

  /// Says whose the guest is after a save.
  private mutating func tellEnd() {
    guard let phase = save?.phase else { return }
    switch phase {
    case .handedOver: tell(MGS_EVENT_HANDED_OVER)
    case .failed, .cancelled: tell(MGS_EVENT_GUEST_STAYS, found: UInt64(phase.rawValue))
    case .preCopy, .stopCopy, .limbo: break
    }
  }

  private mutating func tell(_ event: mgs_event, found: UInt64 = 0) {
    settings.log.notice(event, at: save?.byteCount ?? 0, found: found)
  }
}

extension mgs_error {
  /// What a destination says, in its own numbers.
  init(_ refusal: ReverseRefusal) {
    self.init(StreamError(.aborted, .resume, at: refusal.offset, expected: refusal.expected, found: refusal.found))
    code = Int32(bitPattern: refusal.code)
    stage = UInt32(refusal.stage)
    record = refusal.sequence
    device = refusal.device
    channel = UInt32(refusal.channel)
    if let error = refusal.error { self = mgs_error(error) }
  }
}
