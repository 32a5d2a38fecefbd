public import MigrationStream

/// END, limbo, and giving up.
extension SaveSession where Sink: ~Copyable {
  /// Hands END to the sink. From its first octet on the machine is in limbo, whatever the sink says.
  ///
  /// - Throws: `wrongCall` before all devices have given everything, without effect. A sink that fails leaves
  ///   ``SaveSessionPhase/limbo``; any other error is found before the first octet, and the save has failed.
  public mutating func finish<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    try checkOpen(&control)
    guard phase == .stopCopy, current == cursors.count else { throw wrongCall }
    do throws(StreamError) {
      try end()
    } catch {
      // Limbo began between making END, which may be refused, and handing it over.
      guard phase == .limbo else { throw failed(error, &control) }
      failure = error
      throw error
    }
  }

  /// Gives the save up: sends ABORT when the sink takes it, and lets the devices run again.
  ///
  /// - Parameter reason: Of the ABORT record.
  /// - Throws: `stateRefused` in limbo and after it, without effect; the failure of a save that failed; `deviceFailed` when
  ///   a device did not go back. The save is over then too.
  public mutating func cancel<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, reason: AbortReason = .cancelled
  ) throws(StreamError) {
    try checkOpen(&control)
    switch phase {
    case .preCopy, .stopCopy: break
    case .cancelled: return
    default: throw StandingState.save(phase).refusal(at: byteCount)
    }
    emitter.abort(reason)
    phase = .cancelled
    try goHome(&control)
  }

  /// The destination runs, or will: this machine never does again without a reset.
  ///
  /// - Throws: `wrongCall` outside of limbo, without effect.
  public mutating func handOver<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    if phase == .handedOver { return }
    guard phase == .limbo else { throw wrongCall }
    try checkHeld(control)
    phase = .handedOver
  }

  /// Lets a machine in limbo run again.
  ///
  /// - Parameter reason: Who says that the destination never will. There is no other way out of limbo to a guest that runs.
  /// - Throws: `wrongCall` outside of limbo, without effect; `deviceFailed` when a device did not go back.
  public mutating func resumeHere<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, because reason: ResumeHereReason
  ) throws(StreamError) {
    guard phase == .limbo else { throw wrongCall }
    try checkHeld(control)
    phase = reason == .saidByOperator ? .cancelled : .failed
    try goHome(&control)
  }

  // MARK: Parts

  private mutating func end() throws(StreamError) {
    try Self.hand(emitter.encoder.end(), to: &emitter.sink, &emitter.delivery, &phase)
  }

  /// The last octets go out in one piece, and limbo begins before the first of them.
  private static func hand(
    _ end: borrowing GatherList, to sink: inout Sink, _ delivery: inout Delivery, _ phase: inout SaveSessionPhase
  ) throws(StreamError) {
    phase = .limbo
    try delivery.hand(end, to: &sink)
  }

  var wrongCall: StreamError { StreamError(.wrongCall, .resume, at: byteCount, found: UInt64(phase.rawValue)) }

  /// The session is neither over by an error nor ended behind its back.
  mutating func checkOpen<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    if let failure { throw failure }
    guard phase == .preCopy || phase == .stopCopy else { return }
    do throws(StreamError) { try checkHeld(control) } catch { throw failed(error, &control) }
  }

  private func checkHeld<Devices: MigratingDevices & ~Copyable>(
    _ control: borrowing MigrationControl<Devices>
  ) throws(StreamError) {
    guard control.isSaving(handle) else { throw StreamError(.sessionClosed, .resume, at: byteCount) }
  }

  /// Ends the save by an error before END; returns what every call says from now on.
  mutating func failed<Devices: MigratingDevices & ~Copyable>(
    _ error: StreamError, _ control: inout MigrationControl<Devices>
  ) -> StreamError {
    failure = error
    phase = .failed
    emitter.abort(AbortReason(of: error))
    // That a device did not go back as well is seen in its state; the first error stays.
    try? goHome(&control)
    return error
  }

  /// Takes the devices back to where they were, and gives the machine's session up.
  private mutating func goHome<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    guard control.isSaving(handle) else { return }
    try control.endSave()
  }
}

extension SaveEmitter where Sink: ~Copyable {
  /// Says that the source gave up; nothing when the sink has failed, or when no record was sent.
  mutating func abort(_ reason: AbortReason) {
    do throws(StreamError) {
      try delivery.abandonUnit(&sink)
      try delivery.hand(encoder.abort(reason: reason.rawValue, text: reason.text.octets), to: &sink)
    } catch {
      // The reader finds a stream without END, which it refuses as well.
    }
  }
}
