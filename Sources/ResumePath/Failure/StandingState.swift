internal import MigrationStream

/// What `expected` of a `stateRefused` is: where the one stands that refuses.
///
/// Source: Specs/40-reader-rules.md section 4.
enum StandingState {
  case source(SourceHandover.State)
  case destination(DestinationHandover.State)
  case save(SaveSessionPhase)
  /// `device_state`.
  case region(UInt32)

  private var number: UInt64 {
    switch self {
    case .source(let state): 256 + UInt64(state.rawValue)
    case .destination(let state): 512 + UInt64(state.rawValue)
    case .save(let phase): 768 + UInt64(phase.rawValue)
    case .region(let value): 1024 + UInt64(value)
    }
  }

  /// - Parameter goal: What was asked for, where that is a number.
  func refusal(at offset: UInt64, _ goal: UInt64 = 0) -> StreamError {
    StreamError(.stateRefused, .resume, at: offset, expected: number, found: goal)
  }
}
