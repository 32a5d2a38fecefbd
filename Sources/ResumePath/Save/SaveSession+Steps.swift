public import MigrationStream

/// What devices give, record by record.
extension SaveSession where Sink: ~Copyable {
  /// Lets a device give about one record.
  ///
  /// A pass of pre-copy gives each device a turn, in the order of their numbers: until it has nothing at present, or has
  /// given twice as much as it expected when the pass began. In stop-copy each device gives everything, one after the other.
  ///
  /// - Throws: `wrongCall` outside of the two phases, without effect; else the save has failed.
  public mutating func step<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) -> SaveStep {
    try checkOpen(&control)
    do throws(StreamError) {
      switch phase {
      case .preCopy: return try stepPreCopy(&control.core.devices)
      case .stopCopy: return try stepStopCopy(&control.core.devices)
      default: break
      }
    } catch {
      throw failed(error, &control)
    }
    throw wrongCall
  }

  /// Stops all devices, over a state in which none reaches a peer: the guest stands still from here on.
  ///
  /// - Throws: `wrongCall` unless they run, without effect; else the save has failed.
  public mutating func stop<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws(StreamError) {
    try checkOpen(&control)
    guard phase == .preCopy else { throw wrongCall }
    do throws(StreamError) {
      // What was given while the guest ran is of an earlier pass than what supersedes it.
      if hasGivenInPass { try emitter.barrier() }
      try control.walkToStopCopy()
    } catch {
      throw failed(error, &control)
    }
    phase = .stopCopy
    current = 0
    for device in 0..<cursors.count { cursors[device].isDone = false }
  }

  // MARK: Phases

  private mutating func stepPreCopy<Devices: MigratingDevices & ~Copyable>(
    _ devices: inout Devices
  ) throws(StreamError) -> SaveStep {
    while current < cursors.count {
      let device = current
      guard cursors[device].givesNow else {
        current += 1
        continue
      }
      let (answer, byteCount) = try give(device, .preCopy, &devices)
      cursors[device].turnByteCount &+= byteCount
      switch answer {
      case .done: cursors[device].isDone = true
      case .noDataNow: cursors[device].turnIsOver = true
      case .more: cursors[device].turnIsOver = cursors[device].turnByteCount >= cursors[device].turnByteCountMax
      }
      if byteCount > 0 { return .more }
    }
    let hasGiven = hasGivenInPass
    if hasGiven { try emitter.barrier() }
    beginPass(devices)
    if hasGiven { return .passEnded }
    return isDone ? .done : .noDataNow
  }

  private mutating func stepStopCopy<Devices: MigratingDevices & ~Copyable>(
    _ devices: inout Devices
  ) throws(StreamError) -> SaveStep {
    while current < cursors.count {
      let (answer, byteCount) = try give(current, .stopCopy, &devices)
      if answer == .done {
        cursors[current].isDone = true
        current += 1
      }
      if byteCount > 0 { return .more }
      if answer != .done { return .noDataNow }
    }
    return .done
  }

  /// Asks a device; `more` without an octet becomes `noDataNow`, so that nobody waits for it in a loop.
  private mutating func give<Devices: MigratingDevices & ~Copyable>(
    _ device: Int, _ part: SavePhase, _ devices: inout Devices
  ) throws(StreamError) -> (SaveAnswer, UInt64) {
    emitter.device = UInt32(device)
    emitter.layoutBase = cursors[device].layoutBase
    let start = byteCount
    let answer = try devices.save(device, part, into: &emitter)
    // A device may have kept the sink's error to itself.
    if let failure = emitter.delivery.failure { throw failure }
    guard !emitter.delivery.unitIsOpen else {
      throw StreamError(.badUnit, .resume, at: byteCount, device: UInt32(device))
    }
    let given = byteCount &- start
    return (answer == .more && given == 0 ? .noDataNow : answer, given)
  }

  private var hasGivenInPass: Bool { emitter.encoder.state.totals.recordCount != passStart }

  /// Whether no device that gives state while it runs will give any more before it stops.
  private var isDone: Bool {
    for device in 0..<cursors.count where cursors[device].hasPreCopy && !cursors[device].isDone { return false }
    return true
  }
}

extension SaveCursor {
  /// Whether it is asked in this pass.
  fileprivate var givesNow: Bool { hasPreCopy && !isDone && !turnIsOver }
}

extension SaveEmitter where Sink: ~Copyable {
  mutating func barrier() throws(StreamError) {
    try delivery.hand(encoder.barrier(), to: &sink)
  }
}
