public import ResumePath

/// A set of states.
public struct StateSet: Equatable, Sendable {
  private var bits: UInt8 = 0

  public init(_ states: MigrationState...) {
    for state in states { insert(state) }
  }

  public mutating func insert(_ state: MigrationState) { bits |= 1 << UInt8(state.rawValue) }

  public func contains(_ number: UInt32) -> Bool { number < 8 && bits >> UInt8(number) & 1 == 1 }
}

/// How a device gets from one state to another: the table of VFIO's second protocol for a device with all states, and the
/// rule that states which a device lacks are passed over.
///
/// Written from the protocol's text, without a look at the product's tables.
///
/// Source: Specs/resume-path.md section 4.
public enum ReferenceStates {
  /// Rows: now; columns: goal; both in the order stop, running, stopCopy, resuming, runningP2P, preCopy, preCopyP2P.
  /// `E`: refused.
  private static let table: [StaticString] = [
    "S  RP SC RS RP RP RP",
    "RP R  RP RP RP PC RP",
    "S  S  SC S  S  E  E ",
    "S  S  S  RS S  S  S ",
    "S  R  S  S  RP R  PP",
    "R  R  PP R  R  PC PP",
    "RP RP SC RP RP PC PP",
  ]

  private static let order: [MigrationState] = [
    .stop, .running, .stopCopy, .resuming, .runningP2P, .preCopy, .preCopyP2P,
  ]

  private static let cells: [[MigrationState?]] = table.map { row in
    let words = row.description.split(separator: " ")
    return words.map { word in
      switch word {
      case "S": .stop
      case "R": .running
      case "SC": .stopCopy
      case "RS": .resuming
      case "RP": .runningP2P
      case "PC": .preCopy
      case "PP": .preCopyP2P
      default: nil
      }
    }
  }

  public static func supports(_ state: MigrationState, _ capabilities: MigrationCapabilities) -> Bool {
    switch state {
    case .error, .stop, .running: true
    case .stopCopy, .resuming: capabilities.contains(.stopCopy)
    case .runningP2P: capabilities.isSuperset(of: [.stopCopy, .p2p])
    case .preCopy: capabilities.isSuperset(of: [.stopCopy, .preCopy])
    case .preCopyP2P: capabilities.isSuperset(of: [.stopCopy, .p2p, .preCopy])
    }
  }

  /// The states that a walk passes, the goal last; nil: refused.
  public static func walk(
    from start: MigrationState, to goal: MigrationState, _ capabilities: MigrationCapabilities
  ) -> [MigrationState]? {
    guard supports(start, capabilities), supports(goal, capabilities), start != .error, goal != .error else { return nil }
    var passed: [MigrationState] = []
    var now = start
    while now != goal {
      guard let next = cell(now, goal) else { return nil }
      now = next
      if supports(next, capabilities) { passed.append(next) }
      // A shortest walk passes no state twice.
      guard passed.count < 8 else { return nil }
    }
    return passed
  }

  private static func cell(_ now: MigrationState, _ goal: MigrationState) -> MigrationState? {
    guard let row = order.firstIndex(of: now), let column = order.firstIndex(of: goal) else { return nil }
    return cells[row][column]
  }

  /// Where a device goes when its machine is asked for a state that the device lacks: the one that promises as much to
  /// its peers, and saves if it can.
  public static func aim(_ goal: MigrationState, _ capabilities: MigrationCapabilities) -> MigrationState {
    if supports(goal, capabilities) { return goal }
    switch goal {
    case .preCopyP2P where supports(.preCopy, capabilities): return .preCopy
    case .preCopyP2P where supports(.runningP2P, capabilities): return .runningP2P
    case .preCopyP2P, .preCopy, .runningP2P: return .running
    case .error, .stop, .running, .stopCopy, .resuming: return goal
    }
  }

  /// Whether a device may begin accesses to its peers.
  public static func mayReachPeers(_ state: MigrationState, _ capabilities: MigrationCapabilities) -> Bool {
    capabilities.contains(.p2p) && (state == .running || state == .preCopy)
  }

  /// Whether a single step leads from one state to the other.
  public static func isArc(_ start: MigrationState, _ end: MigrationState, _ capabilities: MigrationCapabilities) -> Bool {
    walk(from: start, to: end, capabilities)?.count == 1
  }
}

extension MigrationState {
  /// Whether the device does what its guest asks for.
  public var isWorking: Bool {
    switch self {
    case .running, .runningP2P, .preCopy, .preCopyP2P: true
    case .error, .stop, .stopCopy, .resuming: false
    }
  }
}
