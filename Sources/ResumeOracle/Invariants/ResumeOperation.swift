/// One call to a machine's resume path, as invariants see it.
public enum ResumeOperation: Equatable, Sendable {
  case query
  /// Any number that a caller may send.
  case request(UInt32)
  case reset
  case recover(UInt32)
  case write(ArraySlice<UInt8>, SessionChoice = .latest)
  case finish(SessionChoice = .latest, exclusive: Bool = true)
  case abort(SessionChoice = .latest)

  /// Whose handle the call brings.
  public var session: SessionChoice? {
    switch self {
    case .write(_, let session), .finish(let session, _), .abort(let session): session
    case .query, .request, .reset, .recover: nil
    }
  }
}

/// Which handle a caller has.
public enum SessionChoice: Equatable, Sendable {
  case latest
  /// The session that was opened as number N of this machine, from 0.
  case number(Int)
  /// That of a session of another machine.
  case foreign
}
