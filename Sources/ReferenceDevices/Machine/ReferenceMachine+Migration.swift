import DeviceModel
public import MigrationStream
public import ResumePath

extension ReferenceMachine: MigratingDevices {
  public borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: "reference machine".utf8.span.octets, producerVersion: "1.0".utf8.span.octets,
      architecture: "x86_64".utf8.span.octets, guestEndianness: 1, pageByteCount: UInt32(MachineMemory.pageByteCount),
      allocator: allocator)
    for (number, region) in board.memory.regions.enumerated() {
      try manifest.region(
        name: region.name.utf8.span.octets, owner: region.owner.map { UInt32($0) } ?? Format.none32,
        guestAddress: number == Board.ram ? 0 : Format.none64, byteCount: region.byteCount,
        pageByteCount: UInt64(MachineMemory.pageByteCount), flags: region.flags)
    }
    for (number, device) in devices.enumerated() {
      try device.model.resolved.writeManifestDevice(
        into: &manifest, path: options.devices[number].path, counts: device.sectionCounts)
    }
    return manifest
  }

  public var deviceCount: Int { devices.count }

  public borrowing func traits(of device: Int) -> DeviceTraits {
    DeviceTraits(
      capabilities: options.capabilities, apply: devices[device].model.resolved.document.apply,
      reachesPeers: options.devices[device] == .gpu && options.capabilities.contains(.p2p))
  }

  // MARK: States

  public mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    do throws(DeviceFailure) { try faults.move() } catch {
      if error.isBroken { states[device] = .error }
      throw error
    }
    states[device] = arc.end
    switch (arc.start, arc.end) {
    case (.running, .preCopy), (.runningP2P, .preCopyP2P), (.stop, .stopCopy):
      saving.steps[device] = SaveProgress.Step()
      for owner in owners(device) { board.memory.markDirty(owner: owner) }
      devices[device].beginSaving()
    case (.stop, .resuming):
      if window.device == device { window.scrub() }
      devices[device].beginResuming()
    default: break
    }
  }

  public mutating func reset(_ device: Int) {
    for owner in owners(device) { board.memory.scrub(owner: owner) }
    if window.device == device || device == 0 { window.scrub() }
    devices[device].powerOn()
    states[device] = .running
    saving.steps[device] = SaveProgress.Step()
    board.effects = StateDigest()
  }

  /// Whose memory goes with a device: its own, and with the first one the machine's.
  private func owners(_ device: Int) -> [Int?] { device == 0 ? [nil, 0] : [device] }

  // MARK: Destination

  public borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    try devices[device].model.resolved.withReader(body)
  }

  @_lifetime(borrow self)
  public borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan {
    let places = layouts.localRanges[device]
    guard !piece.isSubsection, piece.number < places.count else { return RawSpan() }
    return layouts.localValues.bytes.extracting(places[piece.number])
  }

  @_lifetime(&self)
  public mutating func memory(
    region: Int, offset: UInt64, byteCount: Int
  ) throws(DeviceFailure) -> MutableRawSpan {
    try board.memory.place(region, offset, byteCount: byteCount)
  }

  public mutating func clear(
    region: Int, offset: UInt64, byteCount: UInt64, discards: Bool
  ) throws(DeviceFailure) {
    try board.memory.clear(region, offset, byteCount: byteCount)
  }

  @_lifetime(&self)
  public mutating func byteString(
    _ device: Int, offset: UInt64, byteCount: Int
  ) throws(DeviceFailure) -> MutableRawSpan {
    if window.device == device, offset >= window.start, offset <= window.end {
      window.truncate(to: offset)
    } else {
      window.open(device: device, at: offset)
    }
    if window.room == 0 {
      try flushWindow()
      window.open(device: device, at: offset)
    }
    return try window.place(byteCount)
  }

  /// Hands the octets that have come to their device.
  private mutating func flushWindow() throws(DeviceFailure) {
    guard window.device >= 0, window.end > window.start else { return }
    try devices[window.device].takeByteString(window.held, at: window.start)
    window.truncate(to: window.start)
  }

  public mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    try devices[device].takeByteString(octets, at: offset)
  }

  public mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    try faults.prepare()
    if window.device == device { try flushWindow() }
    try devices[device].prepare(state, board)
  }

  public mutating func commit(_ device: Int) throws(DeviceFailure) {
    do throws(DeviceFailure) { try faults.commit() } catch {
      states[device] = .error
      throw error
    }
    try devices[device].commit()
  }
}

extension ResolvedModel {
  fileprivate borrowing func withReader<Result>(
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    try body(rules, layouts.table, aliases.table)
  }
}

// MARK: - Source

extension ReferenceMachine {
  @_lifetime(borrow self)
  public borrowing func writerLayouts(of device: Int) -> LayoutTable {
    layouts.writers.table.extracting(layouts.ranges[device])
  }

  public borrowing func estimate(of device: Int) -> SaveEstimate {
    var estimate = devices[device].byteStringEstimate
    var dirty: UInt64 = 0
    for owner in owners(device) { dirty += board.memory.dirtyByteCount(owner: owner) }
    if saving.steps[device].hasCleared { estimate.dirtyByteCount += dirty } else { estimate.initialByteCount += dirty }
    estimate.stopCopyByteCount += dirty
    return estimate
  }

  public mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    try faults.save()
    if try giveMemory(device, phase, into: &emitter) { return .more }
    if let answer = try devices[device].giveByteString(phase, into: &emitter) { return answer }
    guard phase == .stopCopy else { return .noDataNow }
    if !saving.steps[device].hasGivenSections {
      try devices[device].giveSections(layouts.writers.table.extracting(layouts.ranges[device]), into: &emitter)
      saving.steps[device].hasGivenSections = true
    }
    return .done
  }

  /// Gives up to a chunk of memory that changed.
  ///
  /// - Returns: Whether there was any.
  private mutating func giveMemory<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> Bool {
    var left = Format.chunkByteCount / MachineMemory.pageByteCount
    var step = saving.steps[device]
    defer { saving.steps[device] = step }
    var hasGiven = false
    for region in board.memory.regions.indices where owners(device).contains(board.memory.regions[region].owner) {
      if !step.hasCleared {
        try emitter.memory(region: UInt32(region), offset: 0, length: board.memory.regions[region].byteCount, kind: .zero)
        hasGiven = true
      }
      var slot = 0
      while left > 0, let run = board.memory.takeDirtyRun(region, from: &slot, pagesMax: left) {
        left -= run.count
        hasGiven = true
        try emitter.memory(
          region: UInt32(region),
          offset: UInt64(board.memory.pages[run.lowerBound].number) * UInt64(MachineMemory.pageByteCount),
          octets: board.memory.octets(of: run), source: phase == .preCopy ? .live : .stable)
      }
    }
    step.hasCleared = true
    return hasGiven
  }
}
