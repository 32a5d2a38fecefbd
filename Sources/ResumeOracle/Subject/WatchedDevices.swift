public import MigrationStream
public import ResumePath

/// Devices whose guest-visible state and whose memory can be looked at.
public protocol ObservableDevices: MigratingDevices, ~Copyable {
  /// A digest over what a guest can see of the devices, without memory that a stream is placed in directly: regions and
  /// byte strings of devices in place.
  borrowing func effectDigest() -> UInt64

  /// Whether the octets stand anywhere in the devices' memory, hidden or not.
  borrowing func holds(_ octets: [UInt8]) -> Bool
}

/// Devices with a record of what they were asked to do, and of the states that they were moved to.
public struct WatchedDevices<Base: ObservableDevices & ~Copyable>: MigratingDevices, ~Copyable {
  public var base: Base
  public private(set) var touches: [DeviceCall] = []
  public private(set) var ownStates: [MigrationState]
  private var effect: UInt64

  public init(_ base: consuming Base) {
    ownStates = [MigrationState](repeating: .running, count: base.deviceCount)
    effect = base.effectDigest()
    self.base = base
  }

  /// Forgets the touches so far.
  public mutating func forgetTouches() { touches.removeAll(keepingCapacity: true) }

  /// What a guest sees was changed by the guest.
  public mutating func lookAgain() { effect = base.effectDigest() }

  /// The state of the device, or of all devices where they have the same.
  private func state(_ device: Int?) -> MigrationState? {
    guard let device else { return ownStates.allSatisfy { $0 == ownStates[0] } ? ownStates.first : nil }
    return ownStates[device]
  }

  private mutating func note(
    _ call: DeviceCall.Call, _ device: Int?, failed: Bool, end: MigrationState? = nil, changesEffect: Bool = false
  ) {
    touches.append(
      DeviceCall(
        call: call, device: device, state: state(device), end: end, failed: failed, changedEffect: changesEffect))
  }

  /// Whether what a guest sees is another than at the last look.
  private mutating func hasNewEffect() -> Bool {
    let now = base.effectDigest()
    defer { effect = now }
    return now != effect
  }

  // MARK: MigratingDevices

  public borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    try base.manifest(allocator: allocator)
  }

  public var deviceCount: Int { base.deviceCount }

  public borrowing func traits(of device: Int) -> DeviceTraits { base.traits(of: device) }

  public mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    do throws(DeviceFailure) {
      try base.move(device, along: arc)
    } catch {
      note(.move, device, failed: true, end: arc.end, changesEffect: hasNewEffect())
      if error.isBroken { ownStates[device] = .error }
      throw error
    }
    note(.move, device, failed: false, end: arc.end, changesEffect: hasNewEffect())
    ownStates[device] = arc.end
  }

  public mutating func reset(_ device: Int) {
    base.reset(device)
    note(.reset, device, failed: false, changesEffect: hasNewEffect())
    ownStates[device] = .running
  }

  @_lifetime(borrow self)
  public borrowing func writerLayouts(of device: Int) -> LayoutTable { base.writerLayouts(of: device) }

  public borrowing func estimate(of device: Int) -> SaveEstimate { base.estimate(of: device) }

  public mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    note(.save, device, failed: false)
    return try base.save(device, phase, into: &emitter)
  }

  public borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    try base.withReader(of: device, body)
  }

  @_lifetime(borrow self)
  public borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan { base.localValues(device, piece) }

  @_lifetime(&self)
  public mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    note(.memory, nil, failed: false)
    return try base.memory(region: region, offset: offset, byteCount: byteCount)
  }

  public mutating func clear(
    region: Int, offset: UInt64, byteCount: UInt64, discards: Bool
  ) throws(DeviceFailure) {
    note(.clear, nil, failed: false)
    try base.clear(region: region, offset: offset, byteCount: byteCount, discards: discards)
  }

  @_lifetime(&self)
  public mutating func byteString(
    _ device: Int, offset: UInt64, byteCount: Int
  ) throws(DeviceFailure) -> MutableRawSpan {
    note(.byteString, device, failed: false)
    return try base.byteString(device, offset: offset, byteCount: byteCount)
  }

  public mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    note(.write, device, failed: false)
    try base.write(device, octets, at: offset)
  }

  public mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    do throws(DeviceFailure) {
      try base.prepare(device, state)
    } catch {
      note(.prepare, device, failed: true, changesEffect: hasNewEffect())
      throw error
    }
    note(.prepare, device, failed: false, changesEffect: hasNewEffect())
  }

  public mutating func commit(_ device: Int) throws(DeviceFailure) {
    do throws(DeviceFailure) {
      try base.commit(device)
    } catch {
      note(.commit, device, failed: true, changesEffect: hasNewEffect())
      throw error
    }
    note(.commit, device, failed: false, changesEffect: hasNewEffect())
  }
}
