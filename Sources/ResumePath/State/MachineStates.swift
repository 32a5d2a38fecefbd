internal import MigrationStream

/// The states of a machine's devices, which walk to a goal together.
///
/// A walk goes by rounds. In a round each device takes at most one step, and
///
/// - none enters a state in which it stands still while another may begin an access to a peer;
/// - none enters a state in which it may begin one while another stands still.
///
/// So all devices meet between the two: in a P2P state, or, without that capability, running and never reaching a peer.
///
///     running ───► runningP2P ───► stop ───► stopCopy     reaches peers, has p2p
///     running ·······(waits)·····► stop ───► stopCopy     has no p2p
///
/// Source: Specs/resume-path.md section 4.
struct MachineStates: ~Copyable {
  /// By device number.
  private var states: OwnedBuffer<MigrationState>
  /// Whether a session failed since the last reset: a machine without devices has no other place for it.
  private var hasFailed = false

  init(count: Int, allocator: StreamAllocator) throws(StreamError) {
    states = OwnedBuffer(allocator: allocator)
    try states.append(repeating: .running, count: count)
  }

  var count: Int { states.count }

  func state(of device: Int) -> MigrationState { states[device] }

  /// Whether a device is in the state.
  func isAny(in state: MigrationState) -> Bool {
    for device in 0..<states.count where states[device] == state { return true }
    return false
  }

  /// Whether every device is in the state.
  func isAll(in state: MigrationState) -> Bool {
    for device in 0..<states.count where states[device] != state { return false }
    return true
  }

  // MARK: Without a request

  /// A device failed, or its session did.
  mutating func fail(_ device: Int) { states[device] = .error }

  mutating func failAll() {
    hasFailed = true
    for device in 0..<states.count { states[device] = .error }
  }

  /// What a reset of all devices leaves.
  mutating func reset() {
    hasFailed = false
    for device in 0..<states.count { states[device] = .running }
  }

  // MARK: Requests

  /// Looks whether the machine may be asked for `goal`, without effect.
  ///
  /// - Parameter goal: Any number that a caller may send.
  /// - Throws: `stateRefused` with the device at fault.
  func check<Devices: MigratingDevices & ~Copyable>(
    _ goal: UInt32, of devices: borrowing Devices
  ) throws(StreamError) -> MigrationState {
    guard let state = MigrationState(rawValue: goal), state != .error else { throw refusal(goal) }
    var isSupported = states.count == 0
    for device in 0..<states.count {
      let traits = devices.traits(of: device)
      let aim = traits.capabilities.substitute(for: state)
      guard traits.capabilities.stepCount(from: states[device], to: aim) != nil,
        states.count == 1 || !traits.reachesPeers || traits.capabilities.contains(.p2p)
      else { throw refusal(goal, device) }
      if aim == state { isSupported = true }
    }
    guard isSupported, !hasFailed else { throw refusal(goal) }
    return state
  }

  /// Takes all devices to `goal`, or to what stands for it in a device that lacks it.
  ///
  /// The owner commits before a walk that leaves ``MigrationState/resuming``.
  ///
  /// - Throws: `stateRefused`, and nothing changed; `deviceFailed`, and each device is in the state that it reached.
  mutating func walk<Devices: MigratingDevices & ~Copyable>(
    to goal: UInt32, of devices: inout Devices
  ) throws(StreamError) {
    let goal = try check(goal, of: devices)
    while try stepAll(to: goal, of: &devices) {}
  }

  /// One round.
  ///
  /// - Returns: Whether a device took a step.
  private mutating func stepAll<Devices: MigratingDevices & ~Copyable>(
    to goal: MigrationState, of devices: inout Devices
  ) throws(StreamError) -> Bool {
    let peers = peers(in: devices)
    var isMoved = false
    for device in 0..<states.count {
      guard let next = next(device, toward: goal, peers, of: devices) else { continue }
      try step(device, along: MigrationArc(states[device], next), of: &devices)
      isMoved = true
    }
    return isMoved
  }

  /// As a round begins: what devices do in it does not open the way for others.
  private func peers<Devices: MigratingDevices & ~Copyable>(
    in devices: borrowing Devices
  ) -> (areAnyStill: Bool, areAnyFree: Bool) {
    var (areAnyStill, areAnyFree) = (false, false)
    for device in 0..<states.count {
      let freedom = states[device].freedom(devices.traits(of: device).capabilities)
      if freedom == .still { areAnyStill = true }
      if freedom == .free { areAnyFree = true }
    }
    return (areAnyStill, areAnyFree)
  }

  /// The step that a device takes in this round; nil when it is there, waits for peers, or has none.
  private func next<Devices: MigratingDevices & ~Copyable>(
    _ device: Int, toward goal: MigrationState, _ peers: (areAnyStill: Bool, areAnyFree: Bool),
    of devices: borrowing Devices
  ) -> MigrationState? {
    let (state, capabilities) = (states[device], devices.traits(of: device).capabilities)
    guard let next = capabilities.nextState(from: state, toward: capabilities.substitute(for: goal)), next != state
    else { return nil }
    let (now, then) = (state.freedom(capabilities), next.freedom(capabilities))
    if then == .still && now != .still && peers.areAnyFree { return nil }
    if then == .free && now != .free && peers.areAnyStill { return nil }
    return next
  }

  /// One step of one device.
  mutating func step<Devices: MigratingDevices & ~Copyable>(
    _ device: Int, along arc: MigrationArc, of devices: inout Devices
  ) throws(StreamError) {
    do throws(DeviceFailure) {
      try devices.move(device, along: arc)
    } catch {
      if error.isBroken { states[device] = .error }
      throw StreamError(
        .deviceFailed, .resume, at: 0, expected: UInt64(arc.end.rawValue), found: UInt64(error.reason),
        device: UInt32(truncatingIfNeeded: device))
    }
    states[device] = arc.end
  }

  /// - Parameter device: The one at fault; without it, the request was wrong for any device.
  private func refusal(_ goal: UInt32, _ device: Int? = nil) -> StreamError {
    let culprit = device ?? 0
    let state = culprit < states.count ? states[culprit] : .error
    return StreamError(
      .stateRefused, .resume, at: 0, expected: UInt64(state.rawValue), found: UInt64(goal),
      device: device.map { UInt32(truncatingIfNeeded: $0) } ?? UInt32.max)
  }
}

extension MachineStates {
  /// Takes every device as near to `goal` as it gets, where there is no other way back: those that fail, and those in
  /// error, are passed over, and their peers keep the rule of a walk.
  ///
  /// - Returns: The first failure.
  mutating func walkBack<Devices: MigratingDevices & ~Copyable>(
    to goal: MigrationState, of devices: inout Devices
  ) -> StreamError? {
    var first: StreamError?
    var isMoved = true
    while isMoved {
      isMoved = false
      let peers = peers(in: devices)
      for device in 0..<states.count {
        guard let next = next(device, toward: goal, peers, of: devices) else { continue }
        do throws(StreamError) {
          try step(device, along: MigrationArc(states[device], next), of: &devices)
          isMoved = true
        } catch {
          if first == nil { first = error }
        }
      }
    }
    return first
  }
}

/// How far a device in a state can be from standing still, as its peers see it.
private enum PeerFreedom: UInt8 {
  /// Peers may not count on it.
  case still = 0
  /// Begins no access to a peer, and serves those that peers begin.
  case quiet = 1
  case free = 2
}

extension MigrationState {
  /// A device without P2P states runs without ever reaching a peer: ``MachineStates/check(_:of:)`` refused others.
  fileprivate func freedom(_ capabilities: MigrationCapabilities) -> PeerFreedom {
    switch self {
    case .error, .stop, .stopCopy, .resuming: .still
    case .runningP2P, .preCopyP2P: .quiet
    case .running, .preCopy: capabilities.contains(.p2p) ? .free : .quiet
    }
  }
}

extension MigrationCapabilities {
  /// What a device of a machine is walked to when the machine is asked for a state that the device lacks: the one that
  /// promises as much to its peers, and saves if it can.
  public func substitute(for goal: MigrationState) -> MigrationState {
    guard !supports(goal) else { return goal }
    return switch goal {
    case .runningP2P, .preCopy: .running
    case .preCopyP2P: contains(.preCopy) ? .preCopy : contains(.p2p) ? .runningP2P : .running
    case .error, .stop, .running, .stopCopy, .resuming: goal
    }
  }
}
