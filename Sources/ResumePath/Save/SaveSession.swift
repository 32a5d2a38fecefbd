public import MigrationStream

/// Gives the state of a machine's devices away.
///
/// ```
///  init ─► step ... step ─► stop ─► step ... step ─► finish ─► handOver
///          preCopy                 stopCopy           limbo └─► resumeHere
///            └──────── any error, or cancel ──┘
///                              ▼
///                    ABORT, and the devices run again
/// ```
///
/// The devices belong to the session until it is over: the machine refuses other sessions and requests meanwhile. After
/// an error each call says the first one again; what the devices are in then ``MigrationControl/state(of:)`` says.
/// A save that its owner forgets before it is over holds the machine until a reset.
///
/// Memory: what the encoder holds (the manifest, the layouts, one record's head, the copy of one chunk), and a fixed
/// entry for each device. Nothing is asked for after the first record of each kind.
///
/// Source: Specs/resume-path.md section 8.
public struct SaveSession<Sink: OctetSink & ~Copyable>: ~Copyable {
  public internal(set) var phase = SaveSessionPhase.preCopy
  /// The first error; of a sink that failed while END was written too.
  public internal(set) var failure: StreamError?
  public let handle: SessionHandle
  var emitter: SaveEmitter<Sink>
  /// By device number.
  var cursors: OwnedBuffer<SaveCursor>
  /// The device whose turn it is.
  var current = 0
  /// Records that the stream had when the pass began.
  var passStart: UInt64 = 0
  let turnByteCountMax: UInt64

  /// Takes the session of the machine, and sends preamble, MANIFEST and layouts; with pre-copy the devices that can give
  /// state while they run begin to.
  ///
  /// - Throws: `sessionBusy`, `stateRefused` unless all devices run, or all are stopped; what a device or the sink says.
  ///   The machine is then as before.
  public init<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, _ sink: consuming Sink, _ options: SaveOptions,
    limits: StreamLimits = StreamLimits(), allocator: StreamAllocator = .system
  ) throws(StreamError) {
    let manifest = try control.core.devices.manifest(allocator: allocator)
    var cursors = try Self.cursors(of: control, options, allocator: allocator)
    let preamble = Self.preamble(of: control.core.devices, manifest, cursors, options)
    let encoder = try StreamEncoder(
      preamble: preamble, limits: limits, checksSections: options.checksSections, allocator: allocator)
    var emitter = SaveEmitter(encoder, sink, compresses: options.compresses)
    let handle = try control.beginSave()
    do throws(StreamError) {
      try emitter.open(manifest, &cursors, of: control.core.devices)
      if preamble.mandatoryFlags & MandatoryFlags.passes != 0 { try control.walkToPreCopy() }
    } catch {
      emitter.abort(AbortReason(of: error))
      // That a device did not go back as well is seen in its state.
      try? control.endSave()
      throw error
    }
    self.handle = handle
    self.emitter = emitter
    self.cursors = cursors
    turnByteCountMax = options.turnByteCountMax
    beginPass(control.core.devices)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Octets of stream made so far.
  public var byteCount: UInt64 { emitter.encoder.byteCount }

  /// Passes that were closed.
  public var closedPassCount: UInt32 { emitter.encoder.state.pass }

  /// Lends the sink, between two calls.
  public mutating func withSink<Result, Failure: Error>(
    _ body: (inout Sink) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(&emitter.sink)
  }

  /// What the devices expect to give, those that run only; a device that contradicts itself is corrected.
  ///
  /// Asking changes nothing, however often.
  public mutating func estimate<Devices: MigratingDevices & ~Copyable>(
    _ control: borrowing MigrationControl<Devices>
  ) -> SaveEstimate {
    var sum = SaveEstimate()
    guard phase == .preCopy || phase == .stopCopy else { return sum }
    for device in 0..<cursors.count {
      var estimate = cursors[device].clamp(control.core.devices.estimate(of: device))
      if phase == .stopCopy || !cursors[device].hasPreCopy {
        estimate.initialByteCount = 0
        estimate.dirtyByteCount = 0
      }
      sum.add(estimate)
    }
    return sum
  }

  // MARK: Opening

  /// A device that stands still has nothing that it gives while it runs.
  private static func cursors<Devices: MigratingDevices & ~Copyable>(
    of control: borrowing MigrationControl<Devices>, _ options: SaveOptions, allocator: StreamAllocator
  ) throws(StreamError) -> OwnedBuffer<SaveCursor> {
    var cursors = OwnedBuffer<SaveCursor>(allocator: allocator)
    for device in 0..<control.core.devices.deviceCount {
      var cursor = SaveCursor()
      cursor.hasPreCopy =
        options.usesPreCopy && control.state(of: device) == .running
        && control.core.devices.traits(of: device).capabilities.supports(.preCopy)
      try cursors.append(cursor)
    }
    return cursors
  }

  /// Mandatory flags name what will be used, and nothing else.
  private static func preamble<Devices: MigratingDevices & ~Copyable>(
    of devices: borrowing Devices, _ manifest: borrowing ManifestBuilder, _ cursors: borrowing OwnedBuffer<SaveCursor>,
    _ options: SaveOptions
  ) -> Preamble {
    var preamble = Preamble(uuid: options.uuid)
    preamble.recordByteCountMax = options.recordByteCountMax
    if options.isSingleDevice { preamble.mandatoryFlags |= MandatoryFlags.singleDevice }
    if options.compresses { preamble.mandatoryFlags |= MandatoryFlags.zstd }
    if manifest.hasOpaqueRegions { preamble.mandatoryFlags |= MandatoryFlags.opaqueMemory }
    for device in 0..<cursors.count {
      if cursors[device].hasPreCopy { preamble.mandatoryFlags |= MandatoryFlags.passes }
      let layouts = devices.writerLayouts(of: device)
      for number in 0..<UInt32(layouts.count) where layouts.isExternal(number) {
        preamble.mandatoryFlags |= MandatoryFlags.externalLayouts
      }
    }
    return preamble
  }

  mutating func beginPass<Devices: MigratingDevices & ~Copyable>(_ devices: borrowing Devices) {
    current = 0
    passStart = emitter.encoder.state.totals.recordCount
    for device in 0..<cursors.count {
      cursors[device].beginTurn(devices.estimate(of: device), max: turnByteCountMax)
    }
  }
}

extension SaveEmitter where Sink: ~Copyable {
  /// Everything up to the first record of a device.
  fileprivate mutating func open<Devices: MigratingDevices & ~Copyable>(
    _ manifest: borrowing ManifestBuilder, _ cursors: inout OwnedBuffer<SaveCursor>, of devices: borrowing Devices
  ) throws(StreamError) {
    try delivery.hand(GatherList(encoder.preamble), to: &sink)
    try delivery.hand(encoder.manifest(manifest), to: &sink)
    for device in 0..<cursors.count {
      cursors[device].layoutBase = encoder.state.layoutCount
      try layouts(devices.writerLayouts(of: device))
    }
  }

  /// The layouts of a device, under the next numbers.
  private mutating func layouts(_ table: LayoutTable) throws(StreamError) {
    for number in 0..<UInt32(table.count) {
      if table.isExternal(number) {
        try delivery.hand(encoder.externalLayout(identity: table.identity(of: number)), to: &sink)
      } else {
        try delivery.hand(
          encoder.layout(canonical: table.layout(number).octets, compresses: compresses), to: &sink)
      }
    }
  }
}
