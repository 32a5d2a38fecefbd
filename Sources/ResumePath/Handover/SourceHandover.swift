public import MigrationStream

/// What a source knows of who may run the guest.
///
/// ```
///            begin            end                 resumed, or an operator
///  running ────────► saving ────────► limbo ─────────────────────────────► handedOver
///     ▲   refused, cancel, │ lost link  │  refused, or an operator
///     └────────────────────┴────────────┘
/// ```
///
/// Source: Specs/resume-path.md section 10.
@frozen
public struct SourceHandover: Equatable, Sendable, BitwiseCopyable {
  @frozen
  public enum State: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// The guest is the source's.
    case running = 1
    /// A stream is under way, without END: the guest still is the source's.
    case saving = 2
    /// END was handed out, or a part of it: stopped until told.
    case limbo = 3
    /// The destination runs the guest. The source never does again.
    case handedOver = 4
  }

  @frozen
  public enum Event: Equatable, Sendable, BitwiseCopyable {
    /// A stream begins.
    case begin(StreamUUID, hasReversePath: Bool)
    /// The first octet of END is about to be handed out: to be asked before it is.
    case end
    /// A record of the reverse direction, of the stream with that uuid.
    case heard(ReverseEvent, StreamUUID)
    /// The owner gives the stream up.
    case cancel
    /// A path broke, its octets were refused, it ended too early, or nothing came for too long.
    case linkLost
    /// An operator has proof that the destination has not run the guest and never will.
    case destinationNeverRuns
    /// An operator has proof that the destination runs the guest, or has run it.
    case destinationRuns
  }

  public private(set) var state = State.running
  /// Of the latest stream; nil before the first.
  public private(set) var stream: StreamUUID?
  /// Whether END may not be handed out before the destination said that the stream is welcome.
  private var awaitsVerdict = false

  @inlinable
  public init() {}

  /// Whether the guest may execute here.
  @inlinable
  public var mayRun: Bool { state == .running || state == .saving }

  /// Whether ``Event/end`` would be taken.
  public var mayEnd: Bool { state == .saving && !awaitsVerdict }

  public mutating func take(_ event: Event) -> HandoverAnswer {
    switch event {
    case .begin(let uuid, let hasReversePath):
      // A uuid is used once: a late verdict of the first stream would count for the second.
      guard state == .running, uuid != stream else { return .refused }
      (stream, awaitsVerdict) = (uuid, hasReversePath)
      return enter(.saving)
    case .end: return mayEnd ? enter(.limbo) : .refused
    case .heard(let event, let uuid): return uuid == stream ? hear(event) : .refused
    case .cancel:
      switch state {
      case .running: return .ignored
      case .saving: return enter(.running)
      case .limbo, .handedOver: return .refused
      }
    case .linkLost: return state == .saving ? enter(.running) : .ignored
    case .destinationNeverRuns:
      switch state {
      case .running: return .ignored
      case .saving, .limbo: return enter(.running)
      case .handedOver: return .refused
      }
    case .destinationRuns: return state == .limbo ? enter(.handedOver) : state == .handedOver ? .ignored : .refused
    }
  }

  private mutating func hear(_ event: ReverseEvent) -> HandoverAnswer {
    switch (event, state) {
    case (.compatible, .saving) where awaitsVerdict:
      awaitsVerdict = false
      return .taken
    case (.refused, .saving), (.refused, .limbo): return enter(.running)
    case (.resumed, .limbo): return enter(.handedOver)
    // They contradict what was heard or done before.
    case (.refused, .handedOver), (.resumed, .running), (.resumed, .saving): return .refused
    default: return .ignored
    }
  }

  private mutating func enter(_ next: State) -> HandoverAnswer {
    state = next
    return .taken
  }
}

/// What became of an event.
@frozen
public enum HandoverAnswer: UInt8, Sendable, BitwiseCopyable {
  /// It was taken, and may have changed the state.
  case taken = 1
  /// It says nothing new: it came late, or a second time.
  case ignored = 2
  /// It may not be now, it is about another stream, or it contradicts what is known: nothing changed.
  case refused = 3
}
