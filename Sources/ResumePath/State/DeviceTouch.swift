/// Something that touches a device, or that a device does, beside its guest's own work.
///
/// Source: Specs/resume-path.md section 3.
@frozen
public enum DeviceTouch: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// A load or store to the device's memory areas or ports.
  case mmio = 0
  case configSpace = 1
  /// Wiring of its interrupts at the host.
  case setIRQs = 2
  /// The device raises an interrupt.
  case interrupt = 3
  /// The device reads or writes guest memory.
  case dma = 4
  /// The device begins an access to a peer device.
  case peerOutgoing = 5
  /// A peer device reads or writes the device.
  case peerIncoming = 6
  case reset = 7
  /// Taking octets of its state.
  case migrationRead = 8
  /// Giving it octets of a stream.
  case migrationWrite = 9
  /// Asking for its state, its capabilities, its estimates.
  case stateQuery = 10
}

/// What becomes of a touch.
@frozen
public enum TouchPermission: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// Whoever does it breaks the rules; where it can be refused, it is.
  case mustNot = 0
  case may = 1
  /// It can happen and is harmless: nothing changes, loads give any value, stores are lost.
  case noEffect = 2
}

extension MigrationState {
  public func permission(for touch: DeviceTouch) -> TouchPermission {
    TouchPermission(rawValue: UInt8(permissions &>> (40 &- 4 &* UInt64(touch.rawValue)) & 0xf)) ?? .mustNot
  }

  /// Whether the touch is allowed and works.
  public func permits(_ touch: DeviceTouch) -> Bool { permission(for: touch) == .may }

  /// A digit for each touch, from the left in the order of their numbers.
  private var permissions: UInt64 {
    switch self {
    // guest: mmio config irqs, device: interrupt dma out in; reset, read write query
    case .error: 0x221_0002_1_001
    case .stop: 0x211_0002_1_001
    case .running: 0x111_1111_1_001
    case .stopCopy: 0x221_0002_1_101
    case .resuming: 0x211_0002_1_011
    case .runningP2P: 0x111_1101_1_001
    case .preCopy: 0x111_1111_1_101
    case .preCopyP2P: 0x111_1101_1_101
    }
  }
}
