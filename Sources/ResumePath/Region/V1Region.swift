public import MigrationStream

/// The region by which VFIO's first protocol moves a device's state, on top of a machine's sessions.
///
///     octet  0 device_state   4 reserved   8 pending_bytes   16 data_offset   24 data_size   ...   the window
///
/// One region speaks for all devices of the machine. Its transfers keep the source's transactions: each iteration of a
/// save gives one, and each iteration of a resume takes one.
///
/// Source: Specs/resume-path.md section 11.
public struct V1Region<Devices: MigratingDevices & ~Copyable>: ~Copyable {
  public var control: MigrationControl<Devices>
  public var window: V1Window
  /// What the next save begins with; another number each time.
  public var saveOptions: SaveOptions
  public internal(set) var iteration = V1Iteration.initial
  /// Reserved bits of `device_state`, which whoever writes it must write as they were.
  let reserved: UInt32
  var save: SaveSession<TransactionSink>?
  var session: SessionHandle?
  /// Octets of the transaction in the window; resuming: written by accesses.
  var byteCount = 0
  let limits: StreamLimits
  let allocator: StreamAllocator

  public init(
    _ devices: consuming Devices, _ window: consuming V1Window, saveOptions: SaveOptions, reserved: UInt32 = 0,
    options: ResumeOptions = ResumeOptions(), limits: StreamLimits = StreamLimits(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var options = options
    options.isStrict = true
    let control = try MigrationControl(devices, options: options, limits: limits, allocator: allocator)
    self.control = control
    self.window = window
    self.saveOptions = saveOptions
    self.reserved = reserved & ~V1DeviceState.mask
    self.limits = limits
    self.allocator = allocator
  }

  // MARK: Accesses

  /// - Parameter offset: From the start of the region.
  /// - Throws: `badAccess`, `accessOutOfOrder`, without effect; what ended the session.
  public mutating func read(at offset: UInt64, into octets: inout MutableRawSpan) throws(StreamError) {
    guard let field = V1Field(at: offset, byteCount: octets.byteCount) else {
      return try readWindow(at: offset, into: &octets)
    }
    switch field {
    case .deviceState: octets.storeBytes(of: deviceState.littleEndian, as: UInt32.self)
    case .reserved: octets.storeBytes(of: 0, as: UInt32.self)
    case .pendingBytes: octets.storeBytes(of: try readPending().littleEndian, as: UInt64.self)
    case .dataOffset:
      try prepare()
      octets.storeBytes(of: window.offset.littleEndian, as: UInt64.self)
    case .dataSize:
      guard try direction() == .saving, iteration == .prepared else { throw outOfOrder(offset) }
      octets.storeBytes(of: UInt64(byteCount).littleEndian, as: UInt64.self)
    }
  }

  /// - Throws: as ``read(at:into:)``; of `device_state` also what refuses a state.
  public mutating func write(at offset: UInt64, _ octets: RawSpan) throws(StreamError) {
    guard let field = V1Field(at: offset, byteCount: octets.byteCount) else {
      return try writeWindow(at: offset, octets)
    }
    let value = octets.unsigned(at: 0, width: field.byteCount)
    switch field {
    case .deviceState: try request(UInt32(truncatingIfNeeded: value))
    case .reserved: return
    case .pendingBytes, .dataOffset: throw badAccess(offset, octets.byteCount)
    case .dataSize: try consume(value)
    }
  }

  public mutating func reset() {
    control.reset()
    save = nil
    session = nil
    restart()
  }

  /// Another state: what is in the window belongs to none.
  mutating func restart() {
    iteration = .initial
    byteCount = 0
    window.clear(0..<window.byteCount)
  }

  func badAccess(_ offset: UInt64, _ byteCount: Int) -> StreamError {
    StreamError(.badAccess, .resume, at: offset, found: UInt64(byteCount))
  }

  func outOfOrder(_ offset: UInt64) -> StreamError {
    let isIdle = save == nil && session == nil
    return StreamError(.accessOutOfOrder, .resume, at: offset, found: isIdle ? 0 : UInt64(iteration.rawValue))
  }

  // MARK: device_state

  var savePhase: SaveSessionPhase? {
    switch save {
    case .some(let save): save.phase
    case nil: nil
    }
  }

  /// Always VALID, or the error encoding.
  var deviceState: UInt32 {
    var bits: UInt32 = 0
    for device in 0..<control.devices.deviceCount {
      let state = control.state(of: device)
      if state == .error { return reserved | V1DeviceState.error }
      bits |= V1DeviceState.bits(of: state)
    }
    switch savePhase {
    // Devices without pre-copy run meanwhile, and have nothing to give.
    case .preCopy: bits = V1DeviceState.running | V1DeviceState.saving
    case .stopCopy, .limbo: bits = V1DeviceState.saving
    case .handedOver: bits = 0
    case .failed, .cancelled, nil: break
    }
    return reserved | (V1DeviceState.isValid(bits) ? bits : V1DeviceState.error)
  }

  private mutating func request(_ value: UInt32) throws(StreamError) {
    let refusal = StandingState.region(deviceState).refusal(at: 0, UInt64(value))
    guard value & ~V1DeviceState.mask == reserved, V1DeviceState.isValid(value) else { throw refusal }
    let isOver = savePhase == .handedOver
    switch value & V1DeviceState.mask {
    case V1DeviceState.saving | V1DeviceState.running:
      guard !isOver, savePhase != .stopCopy, savePhase != .limbo else { throw refusal }
      try startSave(preCopy: true)
    case V1DeviceState.saving:
      guard !isOver else { throw refusal }
      try startSave(preCopy: false)
      if savePhase == .preCopy { try save?.stop(&control) }
    case 0 where isOver: return
    case 0 where savePhase == .limbo: try save?.handOver(&control)
    case let bits:
      guard !isOver else { throw refusal }
      try endSave()
      let goal: MigrationState = bits == 0 ? .stop : bits == V1DeviceState.running ? .running : .resuming
      if let opened = try control.request(goal.rawValue) { session = opened } else if goal != .resuming { session = nil }
    }
    restart()
  }

  /// Begins a save unless one is under way.
  private mutating func startSave(preCopy: Bool) throws(StreamError) {
    if savePhase == .preCopy || savePhase == .stopCopy || savePhase == .limbo { return }
    if preCopy { _ = try control.request(MigrationState.running.rawValue) }
    var options = saveOptions
    options.usesPreCopy = preCopy
    let sink = TransactionSink(transactionByteCountMax: window.byteCount, allocator: allocator)
    save = try SaveSession(&control, sink, options, limits: limits, allocator: allocator)
    session = nil
  }

  /// Gives a save up that goes on to another state; whoever leaves it with END given says that nobody else will run.
  private mutating func endSave() throws(StreamError) {
    switch savePhase {
    case .preCopy, .stopCopy: try save?.cancel(&control)
    case .limbo: try save?.resumeHere(&control, because: .saidByOperator)
    default: break
    }
    save = nil
  }
}
