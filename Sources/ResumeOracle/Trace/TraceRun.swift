public import MigrationStream
public import ResumePath

/// Plays a trace on machines, and says what each operation led to.
///
/// Hostile traces neither hang nor exhaust memory: a run does as much work as ``TraceLimits`` says, then it stops.
///
/// Source: Specs/resume-path.md section 14.
public struct TraceRun<Devices: TraceDevices & ~Copyable> {
  public var observer: TraceObserver<Devices>
  /// Whether results say more than their outcome: notes for people, states. Fuzzers go without.
  public var describes = true
  /// Of the machine under test's sessions.
  public var allocator = StreamAllocator.system
  /// Gives the octets of a file beside the trace, at most as many as it is told; nil when there is no such file.
  let files: (_ name: String, _ byteCountMax: Int) -> [UInt8]?
  var budget = TraceBudget()
  var target: TraceTarget<Devices>?
  var handover: TraceHandover<Devices>?
  public internal(set) var streams: [String: TraceStream] = [:]
  /// Streams that were made by saving: their number becomes the next one's uuid.
  public var savedCount: UInt64 = 0
  var isStopped = false
  /// Of the last operation that was no expectation.
  var last = TraceResult()
  /// What the observer saw wrong.
  var complaint: String?

  public init(
    _ observer: TraceObserver<Devices> = TraceObserver(),
    files: @escaping (_ name: String, _ byteCountMax: Int) -> [UInt8]? = { _, _ in nil }
  ) {
    self.observer = observer
    self.files = files
  }

  /// Looks at the machine under test, or does what no trace does with it.
  ///
  /// - Returns: nil where there is none.
  public func withMachine<Result>(_ body: (inout MigrationControl<Devices>) -> Result) -> Result? {
    guard let target else { return nil }
    return body(&target.control)
  }

  /// Does one operation; nothing any more after one that was stopped.
  public mutating func perform(_ operation: TraceOperation) -> TraceResult {
    var result = TraceResult()
    complaint = nil
    do throws(TraceStop) {
      guard !isStopped else { throw .stopped("the run has ended") }
      try budget.spend(1, each: TraceBudget.call)
      try perform(operation, &result)
    } catch {
      result.outcome = error.outcome
      if case .stopped = error { isStopped = true }
    }
    if let complaint { result.outcome = .failed(complaint) }
    if describes, let target {
      result.states = (0..<target.control.devices.deviceCount).map { target.control.state(of: $0) }
      result.status = TraceStatus(target.control.status)
    }
    if case .expect = operation { return result }
    last = result
    return result
  }

  private mutating func perform(_ operation: TraceOperation, _ result: inout TraceResult) throws(TraceStop) {
    switch operation {
    case .machine(let machine, let options): try makeMachine(machine, options)
    case .stream(let name, let source): result.note = try makeStream(name, source)
    case .change(let name, let change): result.note = try changeStream(name, change)
    case .request(let state): result.note = try request(state)
    case .reset: try reset()
    case .recover(let state): result.note = try recover(state)
    case .query(let device): result.note = try query(device)
    case .run(let steps): try run(steps)
    case .use(let session): result.note = try use(session)
    case .write(let name, let range, let pieces, let inPlace):
      try write(name, range, pieces, inPlace: inPlace, &result)
    case .finish(let embedded): try finish(exclusive: !embedded)
    case .abort: try abort()
    case .compatible(let name): result.note = try compatible(name)
    case .save(let name, let precopy): result.note = try save(name, precopy: precopy)
    case .precopyInfo: result.note = try precopyInfo()
    case .fail(let failure): try machine().control.devices.fail(failure)
    case .regionRead(let field): result.value = try regionRead(field)
    case .regionWrite(let field, let value): try regionWrite(field, value)
    case .regionData(let offset, let octets): try regionData(offset, octets)
    case .regionPut(let name, let range): result.note = try regionPut(name, range)
    case .regionGet(let name): result.note = try regionGet(name)
    case .handover(let machine, let precopy): result.note = try startHandover(machine, precopy: precopy)
    case .source(let records): result.note = try runSource(records)
    case .deliver(let records): result.note = try deliver(records)
    case .verdict(let verdict): result.note = try deliverVerdict(verdict)
    case .giveUp(let side): result.note = try giveUp(side)
    case .linkLost(let side): result.note = try linkLost(side)
    case .again: result.note = try comeAgain()
    case .operatorResume: result.note = try operatorResume()
    case .operatorRuns: result.note = try operatorRuns()
    case .expect(let expectation): try check(expectation)
    }
  }

  // MARK: Parts

  /// What a result says for people, when it says anything.
  func note(_ text: @autoclosure () -> String) -> String { describes ? text() : "" }

  func machine() throws(TraceStop) -> TraceTarget<Devices> {
    guard let target else { throw .void("there is no machine") }
    return target
  }

  func session() throws(TraceStop) -> (handle: SessionHandle, number: Int) {
    guard let session = try machine().session else { throw .void("no session was opened") }
    return session
  }

  func stream(_ name: String) throws(TraceStop) -> TraceStream {
    guard let stream = streams[name] else { throw .void("there is no stream \(name)") }
    return stream
  }

  /// Octets of a stream that an operation names.
  func octets(_ name: String, _ range: TraceRange) throws(TraceStop) -> ArraySlice<UInt8> {
    let stream = try stream(name)
    guard let positions = stream.positions(range) else {
      throw .void("stream \(name), of \(stream.octets.count) octets, has no \(range.text)")
    }
    return stream.octets[positions]
  }

  /// Makes a call to the machine under test; the observer looks on.
  ///
  /// - Parameter session: Its number, where the call is one to a session.
  mutating func call(
    _ call: TraceCall, session: Int? = nil,
    _ body: (inout MigrationControl<Devices>) throws(StreamError) -> UInt64
  ) throws(TraceStop) -> UInt64 {
    let target = try machine()
    return try observed(call, session, target) { () throws(StreamError) in try body(&target.control) }
  }

  /// Makes an access to the region of the machine under test.
  mutating func callRegion(_ body: () throws(StreamError) -> Void) throws(TraceStop) {
    let target = try machine()
    let (before, start) = (target.shownState, target.control.offset)
    _ = try observed(
      .region(before: before, after: target.shownState, taken: target.taken(from: start)), nil, target
    ) { () throws(StreamError) in
      try body()
      return 0
    }
  }

  /// - Parameter call: Asked for when the call came back.
  mutating func observed(
    _ call: @autoclosure () -> TraceCall, _ session: Int?, _ target: TraceTarget<Devices>, _ body: () throws(StreamError) -> UInt64
  ) throws(TraceStop) -> UInt64 {
    try budget.spend(1, each: TraceBudget.call)
    let result: Result<UInt64, StreamError>
    do throws(StreamError) { result = .success(try body()) } catch { result = .failure(error) }
    if let complaint = observer.called(call(), session, result, &target.control), self.complaint == nil {
      self.complaint = complaint
    }
    do throws(StreamError) { return try result.get() } catch { throw .refused(error) }
  }
}
