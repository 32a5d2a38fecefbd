/// States that no device of this kind could be in, but that every rule of its model allows: what only the device can
/// refuse. For tests and fuzzers, which save them.
protocol ImpossibleStates {
  /// Brings the device into such a state; false when it has none of that kind.
  func contradict(_ reason: DeviceReason) -> Bool
}

extension ReferenceMachine {
  /// Brings the first device that can into a state that its twin refuses with `reason`.
  ///
  /// - Returns: The device's number; nil when no device can.
  public mutating func contradict(_ reason: DeviceReason) -> Int? {
    if board.operation == 0 { boot() }
    return devices.firstIndex { ($0 as? any ImpossibleStates)?.contradict(reason) ?? false }
  }
}

extension SerialPort: ImpossibleStates {
  func contradict(_ reason: DeviceReason) -> Bool {
    switch reason {
    case .statusContradictsFIFO:
      state.fifoControl = 1
      state.receiveFIFO = []
      state.lineStatus |= SerialState.LineStatus.dataReady
    case .timerWithoutCause:
      state.fifoControl = 1
      state.receiveFIFO = [SerialState.Received(octet: 1)]
      state.lineStatus |= SerialState.LineStatus.dataReady
      (state.timeoutRaised, state.timeoutDue) = (true, 5)
    default: return false
    }
    return true
  }
}

extension BlockDevice: ImpossibleStates {
  func contradict(_ reason: DeviceReason) -> Bool {
    var request = BlockState.Request()
    (request.tag, request.kind, request.length) = (state.nextTag, 1, 512)
    switch reason {
    case .queueOutsideMemory: state.queues[0].descriptorArea = 1 << 48
    case .statusContradictsQueues: state.deviceStatus = 0
    case .featuresNotOffered: state.driverFeatures |= 1 << 4
    case .indexOutOfRange: request.head = state.queues[0].size
    case .requestOutsideDisk: request.sector = state.capacity
    case .progressPastEnd: request.done = 1024
    default: return false
    }
    guard [.indexOutOfRange, .requestOutsideDisk, .progressPastEnd].contains(reason) else { return true }
    state.nextTag += 1
    state.inFlight = [request]
    state.queues[0].chainsTaken = 1
    state.queues[0].nextAvailable = state.queues[0].nextUsed &+ 1
    return true
  }
}

extension NetworkCard: ImpossibleStates {
  func contradict(_ reason: DeviceReason) -> Bool {
    guard reason == .ringOutsideMemory else { return false }
    state.receive.address = 1 << 48
    return true
  }
}

extension SoundCard: ImpossibleStates {
  func contradict(_ reason: DeviceReason) -> Bool {
    switch reason {
    case .ringOutsideMemory:
      (state.playback.running, state.playback.nextFrame) = (true, 5)
      state.playback.descriptorsAt = 1 << 48
    case .indexOutOfRange: state.capture.descriptor = state.capture.lastDescriptor + 1
    case .positionOutsideBuffer: state.playback.descriptorDone = state.playback.cyclicLength + 1
    case .timerWithoutCause: (state.playback.running, state.playback.nextFrame) = (false, 5)
    default: return false
    }
    return true
  }
}

extension GraphicsCard: ImpossibleStates {
  func contradict(_ reason: DeviceReason) -> Bool {
    switch reason {
    case .ringOutsideMemory: state.engines[0].ring = 1 << 48
    case .unknownContext: (state.engines[0].busy, state.engines[0].context) = (true, 4_000_000)
    case .statusContradictsQueues: state.mode = 0
    case .addressOutsideLocalMemory:
      state.engines[0].pending = [.copy(from: memoryByteCount - 1, to: 0, octets: 2)]
    default: return false
    }
    return true
  }
}

extension VendorCard: ImpossibleStates {
  func contradict(_ reason: DeviceReason) -> Bool {
    guard reason == .driverDisagrees else { return false }
    state.writes[0] &+= 1
    return true
  }
}
