public import MigrationStream

/// What a destination has promised about who runs the guest.
///
/// ```
///         open             prepared              committed              run
///  idle ────────► receiving ────────► prepared ────────────► committed ────────► running
///                    │ refuse, link lost  │ refuse               │ refuse
///                    └────────────────────┴──────► refused ◄─────┘
/// ```
///
/// ``State/refused`` is a promise: nothing leaves it but a session of another stream.
///
/// Source: Specs/resume-path.md section 10.
@frozen
public struct DestinationHandover: Equatable, Sendable, BitwiseCopyable {
  @frozen
  public enum State: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// No stream has come.
    case idle = 1
    /// A stream is coming; its END has not.
    case receiving = 2
    /// END came, and all devices prepared.
    case prepared = 3
    /// All devices committed: the guest may be let run.
    case committed = 4
    /// The guest executes, or has executed.
    case running = 5
    /// The guest of this stream has not run here and never will.
    case refused = 6
  }

  @frozen
  public enum Event: Equatable, Sendable, BitwiseCopyable {
    /// The preamble of a stream was right.
    case open(StreamUUID)
    /// Manifest and devices fit.
    case compatible
    /// END came, everything before it was right, and all devices prepared.
    case prepared
    /// All devices committed.
    case committed
    /// The guest is let run: to be asked before it is.
    case run
    /// An error, the owner or an operator ends it.
    case refuse
    /// The path of the stream broke, or nothing came for too long.
    case linkLost
  }

  public private(set) var state = State.idle
  /// Of the latest stream.
  public private(set) var stream: StreamUUID?
  private var isCompatible = false

  @inlinable
  public init() {}

  /// Whether ``Event/run`` would be taken, or was.
  @inlinable
  public var mayRun: Bool { state == .committed || state == .running }

  public mutating func take(_ event: Event) -> HandoverAnswer {
    switch event {
    case .open(let uuid):
      guard state == .idle || (state == .refused && uuid != stream) else { return .refused }
      (stream, isCompatible) = (uuid, false)
      return enter(.receiving)
    case .compatible:
      guard state == .receiving else { return .refused }
      guard !isCompatible else { return .ignored }
      isCompatible = true
      return .taken
    case .prepared: return state == .receiving && isCompatible ? enter(.prepared) : .refused
    case .committed: return state == .prepared ? enter(.committed) : .refused
    case .run:
      switch state {
      case .committed: return enter(.running)
      case .running: return .ignored
      case .idle, .receiving, .prepared, .refused: return .refused
      }
    case .refuse:
      switch state {
      case .receiving, .prepared, .committed: return enter(.refused)
      case .idle, .refused: return .ignored
      case .running: return .refused
      }
    case .linkLost: return state == .receiving ? enter(.refused) : .ignored
    }
  }

  private mutating func enter(_ next: State) -> HandoverAnswer {
    state = next
    return .taken
  }
}
