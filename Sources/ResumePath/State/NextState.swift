/// The next state on the way to another one, for every set of capabilities.
///
/// A row is eight hex digits: the digit at position *g* from the left, counted from 0, is the state that a step towards
/// state *g* leads to; 0 refuses, because no step leads to ``MigrationState/error`` by request. A row of zeros belongs
/// to a state that the device does not have.
///
///                  error ─┐ ┌─ stop
///         running  0x 0 5 2 5 _ 5 5 6 5
///                       running ─┘     └─ preCopyP2P
///
/// Source: Specs/resume-path.md section 4.
enum NextStateTable {
  static func row(_ capabilities: MigrationCapabilities, _ state: MigrationState) -> UInt32 {
    guard capabilities.contains(.stopCopy) else { return 0 }
    return switch (capabilities.contains(.p2p), capabilities.contains(.preCopy)) {
    case (false, false): stopCopy(state)
    case (true, false): withP2P(state)
    case (false, true): withPreCopy(state)
    case (true, true): all(state)
    }
  }

  private static func stopCopy(_ state: MigrationState) -> UInt32 {
    switch state {
    case .stop: 0x0123_4000
    case .running: 0x0121_1000
    case .stopCopy: 0x0113_1000
    case .resuming: 0x0111_4000
    case .error, .runningP2P, .preCopy, .preCopyP2P: 0
    }
  }

  private static func withP2P(_ state: MigrationState) -> UInt32 {
    switch state {
    case .stop: 0x0153_4500
    case .running: 0x0525_5500
    case .stopCopy: 0x0113_1100
    case .resuming: 0x0111_4100
    case .runningP2P: 0x0121_1500
    case .error, .preCopy, .preCopyP2P: 0
    }
  }

  private static func withPreCopy(_ state: MigrationState) -> UInt32 {
    switch state {
    case .stop: 0x0123_4020
    case .running: 0x0121_1060
    case .stopCopy: 0x0113_1000
    case .resuming: 0x0111_4010
    case .preCopy: 0x0223_2060
    case .error, .runningP2P, .preCopyP2P: 0
    }
  }

  private static func all(_ state: MigrationState) -> UInt32 {
    switch state {
    case .stop: 0x0153_4555
    case .running: 0x0525_5565
    case .stopCopy: 0x0113_1100
    case .resuming: 0x0111_4111
    case .runningP2P: 0x0121_1527
    case .preCopy: 0x0227_2267
    case .preCopyP2P: 0x0553_5567
    case .error: 0
    }
  }
}

extension MigrationCapabilities {
  /// Whether a device with these capabilities has the state.
  public func supports(_ state: MigrationState) -> Bool {
    switch state {
    case .error, .stop, .running: true
    case .stopCopy, .resuming: contains(.stopCopy)
    case .runningP2P: contains([.stopCopy, .p2p])
    case .preCopy: contains([.stopCopy, .preCopy])
    case .preCopyP2P: contains([.stopCopy, .p2p, .preCopy])
    }
  }

  /// The state that the next step towards `goal` leads to; `state` itself when it is there.
  ///
  /// - Returns: nil when the request is refused: ``MigrationState/error`` is asked for or left, one of both is not a
  ///   state of the device, or ``MigrationState/stopCopy`` would go back to a state that runs and saves.
  public func nextState(from state: MigrationState, toward goal: MigrationState) -> MigrationState? {
    let digit = NextStateTable.row(self, state) &>> (28 &- 4 &* goal.rawValue) & 0xf
    return digit == 0 ? nil : MigrationState(rawValue: digit)
  }

  /// How many steps lead from one state to another; nil when the request is refused.
  public func stepCount(from state: MigrationState, to goal: MigrationState) -> Int? {
    var (reached, count) = (state, 0)
    while reached != goal || count == 0 {
      guard let next = nextState(from: reached, toward: goal) else { return nil }
      if next == reached { return count }
      (reached, count) = (next, count + 1)
    }
    return count
  }
}
