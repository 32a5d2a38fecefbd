import MigrationStream
public import ResumePath

/// Does operations with a subject and holds every invariant against what is seen after each.
///
/// What a subject does after it broke a rule means nothing, so a run ends with the operation that broke one.
public struct CheckedRun<Subject: ResumeSubject & ~Copyable>: ~Copyable {
  public var subject: Subject
  public private(set) var violations: [Violation] = []
  /// After the latest operation.
  public private(set) var latest: Observation
  /// Handles of the sessions that were opened, in order.
  public private(set) var handles: [SessionHandle] = []
  private var checker: InvariantChecker
  private let foreign: SessionHandle?
  /// A reset, or a recover that reset, ended the latest session.
  private var isLatestReset = false
  private let meter: (() -> MemoryCount)?

  /// - Parameters:
  ///   - setup: What is known before the run begins.
  ///   - foreign: A handle of another machine's session.
  ///   - meter: Octets held from the subject's allocator.
  public init(
    _ subject: consuming Subject, _ setup: RunSetup = RunSetup(), foreign: SessionHandle? = nil,
    meter: (() -> MemoryCount)? = nil
  ) {
    let capabilities = (0..<subject.deviceCount).map { subject.capabilities(of: $0) }
    _ = subject.takeTouches()
    self.foreign = foreign
    self.meter = meter
    let first = Self.look(&subject, meter, residueOf: [])
    latest = first
    checker = InvariantChecker(first, capabilities, setup)
    self.subject = subject
  }

  /// - Returns: What was seen; nil when there is no such handle, or the run has ended: then nothing was done.
  @discardableResult
  public mutating func perform(_ operation: ResumeOperation) -> Observation? {
    guard violations.isEmpty else { return nil }
    var handle: SessionHandle?
    if let session = operation.session {
      guard let chosen = self.handle(session) else { return nil }
      handle = chosen
    }
    var said = Said()
    do throws(StreamError) {
      try call(operation, handle, &said)
    } catch {
      said.error = error
    }
    let isReset = operation == .reset || said.didReset
    var seen = Self.look(&subject, meter, residueOf: isReset ? checker.setup.payloadPattern : [])
    (seen.error, seen.consumed, seen.didReset) = (said.error, said.consumed, said.didReset)
    if let opened = said.opened {
      handles.append(opened)
      seen.openedSession = true
    }
    let standing = standing(of: handle)
    isLatestReset = !seen.openedSession && (isReset || isLatestReset)
    violations = checker.check(operation, standing, seen)
    latest = seen
    return seen
  }

  // MARK: Calls

  private struct Said {
    var error: StreamError?
    var opened: SessionHandle?
    var consumed = 0
    var didReset = false
  }

  private mutating func call(
    _ operation: ResumeOperation, _ handle: SessionHandle?, _ said: inout Said
  ) throws(StreamError) {
    switch operation {
    case .query: break
    case .request(let goal): said.opened = try subject.request(goal)
    case .reset: subject.reset()
    case .recover(let goal): said.didReset = subject.recover(to: goal)
    case .write(let octets, _):
      guard let handle else { return }
      said.consumed = try subject.write(octets.span.octets, handle)
    case .finish(_, let exclusive):
      guard let handle else { return }
      try subject.finish(handle, exclusive: exclusive)
    case .abort:
      guard let handle else { return }
      try subject.abort(handle)
    }
  }

  private func handle(_ choice: SessionChoice) -> SessionHandle? {
    switch choice {
    case .latest: handles.last
    case .number(let number): handles.indices.contains(number) ? handles[number] : nil
    case .foreign: foreign
    }
  }

  private func standing(of handle: SessionHandle?) -> HandleStanding {
    guard let handle else { return .none }
    return handle == handles.last && !isLatestReset ? .latest : .ended
  }

  private static func look(
    _ subject: inout Subject, _ meter: (() -> MemoryCount)?, residueOf pattern: [UInt8]
  ) -> Observation {
    let touches = subject.takeTouches()
    let count = subject.deviceCount
    var seen = Observation(
      states: (0..<count).map { subject.reportedState(of: $0) }, ownStates: (0..<count).map { subject.ownState(of: $0) },
      status: subject.status, compatibility: subject.compatibility, offset: subject.offset,
      effect: subject.effectDigest(), touches: touches)
    if let meter { seen.memory = meter() }
    if !pattern.isEmpty { seen.hasResidue = subject.holds(pattern) }
    return seen
  }
}

/// What a run may be told in advance.
public struct RunSetup: Sendable {
  /// A stream that the machine must accept, when nothing fails.
  public var validStream: [UInt8] = []
  /// Octets that stand in the payloads of the streams, and nowhere else: after a reset the devices hold none.
  public var payloadPattern: [UInt8] = []
  /// Whether devices may fail: then a valid stream may be refused.
  public var mayFail = false

  public init() {}
}

/// Whose session a handle is of.
enum HandleStanding {
  case none
  case latest
  case ended
}
