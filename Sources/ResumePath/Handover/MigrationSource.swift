public import MigrationStream

/// A machine that gives itself away: a save, what the destination says of it, and who may run the guest.
///
/// ```
///  init ─► step ... step ─► stop ─► step ... step ─► finish ─► hear ─► handedOver, or runs again
/// ```
///
/// No call waits or does input or output but through the sink. The owner stops the machine's processors before
/// ``stop(_:)``, and lets them run again once ``mayRun`` says so after ``isOver``.
///
/// Source: Specs/resume-path.md section 10.
public struct MigrationSource<Sink: OctetSink & ~Copyable>: ~Copyable {
  public private(set) var handover: SourceHandover
  private var save: SaveSession<Sink>
  /// nil without a reverse path.
  private var reverse: ReverseDecoder?
  public let uuid: StreamUUID
  /// Why the destination refused, in its own words.
  public private(set) var refusal: ReverseRefusal?
  /// Times that a device of the destination said that its initial data was loaded.
  public private(set) var initialLoadedCount: UInt64 = 0

  /// Takes the machine's session and sends the head of the stream.
  ///
  /// - Parameters:
  ///   - hasReversePath: END is then not sent before the destination said that the stream is welcome. Without it only an
  ///     operator gets the machine out of limbo.
  ///   - handover: That of the machine's stream before this one, whose uuid is not used again.
  /// - Throws: `stateRefused` when the guest is not this machine's to give, or the uuid was used; what
  ///   ``SaveSession`` throws. The machine is then as before.
  public init<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, _ sink: consuming Sink, _ options: SaveOptions, hasReversePath: Bool,
    after handover: SourceHandover = SourceHandover(), limits: StreamLimits = StreamLimits(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var handover = handover
    guard handover.take(.begin(options.uuid, hasReversePath: hasReversePath)) == .taken else {
      throw StandingState.source(handover.state).refusal(at: 0)
    }
    var reverse: ReverseDecoder?
    if hasReversePath {
      reverse = try ReverseDecoder(
        uuid: options.uuid, deviceCount: UInt32(truncatingIfNeeded: control.devices.deviceCount), allocator: allocator)
    }
    let save = try SaveSession(&control, sink, options, limits: limits, allocator: allocator)
    self.handover = handover
    self.save = save
    self.reverse = reverse
    uuid = options.uuid
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Whether the guest may execute here.
  public var mayRun: Bool { handover.mayRun }

  /// Whether the stream has ended, one way or the other, and it is known who may run the guest.
  public var isOver: Bool { handover.state == .running || handover.state == .handedOver }

  /// Whether ``finish(_:)`` may be called, as far as the destination is concerned.
  public var mayFinish: Bool { handover.mayEnd }

  public var phase: SaveSessionPhase { save.phase }

  /// The first error of the save.
  public var failure: StreamError? { save.failure }

  public var hasReversePath: Bool {
    switch reverse {
    case .some: true
    case .none: false
    }
  }

  /// Octets of stream made so far.
  public var byteCount: UInt64 { save.byteCount }

  /// Passes that were closed.
  public var closedPassCount: UInt32 { save.closedPassCount }

  /// What the devices expect to give.
  public mutating func estimate<Devices: MigratingDevices & ~Copyable>(
    _ control: borrowing MigrationControl<Devices>
  ) -> SaveEstimate {
    save.estimate(control)
  }

  /// Lends the sink, between two calls.
  public mutating func withSink<Result>(
    _ body: (inout Sink) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    try save.withSink(body)
  }

  // MARK: Saving

  /// Lets a device give about one record: ``SaveSession/step(_:)``.
  ///
  /// - Throws: likewise; the stream is then over, and the guest is this machine's.
  public mutating func step<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) -> SaveStep {
    do throws(StreamError) { return try save.step(&control) } catch { throw given(up: error) }
  }

  /// Stops all devices: ``SaveSession/stop(_:)``.
  public mutating func stop<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    do throws(StreamError) { try save.stop(&control) } catch { throw given(up: error) }
  }

  /// Sends END: from its first octet on the machine is in limbo.
  ///
  /// - Throws: `noDataNow`, without effect, before the destination said that the stream is welcome; what
  ///   ``SaveSession/finish(_:)`` throws.
  public mutating func finish<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    guard handover.state != .saving || handover.mayEnd else {
      throw StreamError(.noDataNow, .resume, at: save.byteCount)
    }
    do throws(StreamError) {
      try save.finish(&control)
    } catch {
      if save.phase == .limbo { _ = handover.take(.end) }
      throw given(up: error)
    }
    _ = handover.take(.end)
  }

  /// After an error of the save; one that ended it gives the guest back.
  private mutating func given(up error: StreamError) -> StreamError {
    if save.phase == .failed { _ = handover.take(.cancel) }
    return error
  }

  // MARK: What comes

  /// Takes octets of the reverse path, in any segments.
  ///
  /// - Throws: the error of the reverse octets, which count as a lost link from there on; `deviceFailed` when a device did
  ///   not go back to where it was. What it means for the guest is in ``handover`` all the same.
  public mutating func hear<Devices: MigratingDevices & ~Copyable>(
    _ octets: RawSpan, _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    var rest = octets
    var first: StreamError?
    do throws(StreamError) {
      while let event = try reverse?.next(&rest) {
        do throws(StreamError) {
          try take(event, &control)
        } catch where error.code == .deviceFailed {
          // A device that does not go back does not make a word of the destination unheard.
          if first == nil { first = error }
        }
      }
    } catch {
      try lose(&control)
      throw error
    }
    if let first { throw first }
  }

  /// The reverse path has ended.
  ///
  /// - Throws: `truncated` when it ended without a terminal record, which counts as a lost link.
  public mutating func hearEnd<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    do throws(StreamError) {
      try reverse?.finish()
    } catch {
      try lose(&control)
      throw error
    }
  }

  /// A path broke, or nothing came for too long. In limbo it changes nothing.
  public mutating func lose<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    if handover.take(.linkLost) == .taken { try save.cancel(&control, reason: .timeExceeded) }
  }

  /// Gives the stream up.
  ///
  /// - Parameter reason: Of the ABORT record.
  /// - Throws: `stateRefused` in limbo and after it, without effect; `deviceFailed` when a device did not go back.
  public mutating func cancel<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, reason: AbortReason = .cancelled
  ) throws(StreamError) {
    switch handover.take(.cancel) {
    case .taken: try save.cancel(&control, reason: reason)
    case .ignored: break
    case .refused: throw stateRefused
    }
  }

  /// An operator has proof that the destination has not run the guest and never will.
  ///
  /// - Parameter said: Whose word it is, where no reverse path brought it.
  /// - Throws: `stateRefused` when the destination runs it; `deviceFailed` when a device did not go back.
  public mutating func destinationNeverRuns<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, said: ResumeHereReason = .saidByOperator
  ) throws(StreamError) {
    switch handover.take(.destinationNeverRuns) {
    case .taken: try goBack(&control, said, .cancelled)
    case .ignored: break
    case .refused: throw stateRefused
    }
  }

  /// An operator has proof that the destination runs the guest, or has run it.
  ///
  /// - Throws: `stateRefused` unless the machine is in limbo or has handed over.
  public mutating func destinationRuns<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    guard handover.take(.destinationRuns) != .refused else { throw stateRefused }
    try save.handOver(&control)
  }

  private var stateRefused: StreamError { StandingState.source(handover.state).refusal(at: save.byteCount) }

  private mutating func take<Devices: MigratingDevices & ~Copyable>(
    _ event: ReverseEvent, _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    let answer = handover.take(.heard(event, uuid))
    switch event {
    case .refused(let refusal):
      self.refusal = refusal
      if answer == .taken { try goBack(&control, .refusedByDestination, .refusedByDestination) }
    case .resumed:
      // It claims to run what it has not got: nothing that it says counts any more.
      guard answer != .refused else { throw StreamError(.wrongCall, .resume, at: save.byteCount) }
      if answer == .taken { try save.handOver(&control) }
    case .initialLoaded: initialLoadedCount &+= 1
    case .compatible, .skipped: break
    }
  }

  /// The guest is this machine's again: out of limbo, or, before it, by giving the save up.
  private mutating func goBack<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, _ said: ResumeHereReason, _ reason: AbortReason
  ) throws(StreamError) {
    if save.phase == .limbo {
      try save.resumeHere(&control, because: said)
    } else {
      try save.cancel(&control, reason: reason)
    }
  }
}
