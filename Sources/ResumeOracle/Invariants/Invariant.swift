/// A rule that holds whatever a caller or a stream does.
///
/// Source: Specs/resume-path.md section 13, which says of each what it demands and where it is looked at.
public enum Invariant: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  // States.
  case truthfulState = 1
  case refusedRequest = 2
  case dataMovesNothing = 3
  case stickyError = 4
  case completeReset = 5
  case noRunWithoutCommit = 6
  case forbiddenGoals = 7
  case hiddenStates = 8
  case permittedTouches = 9
  case regionBits = 10
  // Sessions and errors.
  case poison = 11
  case constantReason = 12
  case closedHandles = 13
  case oneSession = 14
  case honestNeed = 15
  case rejectedWithoutEffect = 16
  case oneClass = 17
  case consumption = 18
  case idempotentFinish = 19
  // All or nothing.
  case noEarlyEffect = 20
  case commitCondition = 21
  case failedCommit = 22
  case finalVerdict = 23
  case freshSession = 24
  // Segments.
  case anySegmentation = 25
  case emptyWrites = 26
  case strictEqualsStream = 27
  case noPrefix = 28
  case nothingBehindEnd = 29
  // Memory, time, safety.
  case boundedMemory = 30
  case boundedWork = 31
  case noTrap = 32
  case boundedNesting = 33
  case borrowedOctets = 34
  case noStaleMemory = 35
  case harmlessText = 36
  case returnedResources = 37
  // Format, documents, both sides.
  case roundTrip = 38
  case skippableRemoved = 39
  case unknownRequired = 40
  case everyBit = 41
  case earlyVerdict = 42
  case documentSpelling = 43
  case minimumReader = 44
  case oneRunner = 45
  case oneVerdict = 46
  case serialCalls = 47

  public var description: String { "I\(rawValue)" }
}

/// That an invariant does not hold.
public struct Violation: Equatable, Sendable, CustomStringConvertible {
  public var invariant: Invariant
  /// What was seen, for people.
  public var finding: String

  public init(_ invariant: Invariant, _ finding: String) {
    self.invariant = invariant
    self.finding = finding
  }

  public var description: String { "\(invariant): \(finding)" }
}
