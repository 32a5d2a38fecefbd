import MigrationStream
public import ResumeOracle
import ResumePath
import StreamTestKit

/// Plays a program: makes lines of a trace of its operations, and lets ``ResumeOracle/TraceRun`` do them while
/// ``ResumeOracle/TraceChecker`` holds every invariant against what is seen.
///
/// What an operation means depends on how far the machine is: offsets and sizes are deltas from what is right then. The
/// lines say what came of it, so that a trace of them does the same.
public struct ProgramRun<Base: ProgramDevices & ~Copyable> {
  public let program: ResumeProgram
  public let checker: TraceChecker<Base>
  var run: TraceRun<WatchedDevices<Base>>
  let memory: CountingAllocator
  /// The lines so far, when they are kept.
  public internal(set) var lines: [TraceOperation] = []
  let keepsLines: Bool
  /// Of the machine under test, without its steps.
  private(set) var machine: TraceMachine
  let options: TraceOptions
  /// Names and octets of the streams that operations write: the program's, then what was saved.
  private(set) var streams: [[UInt8]]
  private var hasSaved = false
  /// Where the stream that the region gives began, among all that it gave.
  var gottenStart: Int? = 0
  private var commitCount = 0
  /// Octets that operations may still write.
  private var bytesLeft: Int
  public private(set) var violation: FuzzViolation?
  /// Devices were told to fail: what came of it no twin repeats.
  private(set) var hasFailures = false
  /// What a failed expectation breaks.
  var relation = ""

  static var names: [String] { ["A", "B", "C", "D"] }
  static var savedName: String { "S" }

  public init(
    _ program: ResumeProgram, filling: UInt8 = 0xa5, keepsLines: Bool = false, options: TraceOptions? = nil
  ) {
    self.program = program
    self.keepsLines = keepsLines
    let memory = CountingAllocator.ofProgram(filling: filling)
    self.memory = memory
    checker = TraceChecker<Base> { memory.memoryCount }
    run = TraceRun(checker.observer)
    run.describes = false
    run.allocator = memory.allocator
    machine = program.traceMachine(Base.machines, program.machine)
    self.options = options ?? program.traceOptions
    streams = program.streams
    // A stream that a machine saved may be longer than any program.
    bytesLeft = 4 * max(ResumeProgram.byteCountMax, streams.reduce(0) { $0 + $1.count })
  }

  /// A machine as new as that of `other` was, with a stream to take.
  ///
  /// - Parameter options: nil: those of `other`.
  init(twinOf other: borrowing ProgramRun<Base>, _ stream: [UInt8], filling: UInt8, options: TraceOptions? = nil) {
    var program = other.program
    program.streams = [stream]
    self.init(program, filling: filling, keepsLines: other.keepsLines, options: options ?? other.options)
    machine = other.machine
    perform(.machine(machine, self.options))
    put(stream, as: Self.names[0])
  }

  /// Does all operations, or those up to the one that breaks a rule.
  public mutating func play() {
    begin(program.machine, steps: UInt64(program.steps & 31))
    for (number, stream) in streams.enumerated() { put(stream, as: Self.names[number]) }
    for operation in program.operations {
      guard violation == nil else { return }
      perform(operation)
    }
  }

  private mutating func begin(_ choice: UInt8, steps: UInt64) {
    machine = program.traceMachine(Base.machines, choice)
    var made = machine
    made.steps = steps
    perform(.machine(made, options))
    if steps > 0 { checker.noteUsed() }
  }

  /// Names octets, over as many lines as it takes.
  private mutating func put(_ stream: [UInt8], as name: String) {
    var rest = stream[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(TraceLimits.inlineBytesMax))
      perform(rest.startIndex == 0 ? .stream(name, .octets(piece)) : .change(name, .insert(.end(minus: 0), piece)))
      rest = rest.dropFirst(piece.count)
    }
  }

  /// Gives everything back.
  ///
  /// - Returns: Octets that the machine's sessions still hold.
  mutating func close() -> Int {
    run = TraceRun()
    return memory.live
  }

  /// Does one line.
  @discardableResult
  mutating func perform(_ line: TraceOperation) -> TraceResult.Outcome {
    if keepsLines { lines.append(line) }
    let outcome = run.perform(line).outcome
    if case .failed(let why) = outcome, violation == nil { violation = named(why, line) }
    if checker.commitCount > commitCount {
      commitCount = checker.commitCount
      if violation == nil, let why = run.withMachine({ $0.devices.base.malformation() }) ?? nil {
        violation = FuzzViolation("A7", "\(why), after \(line.text)")
      }
    }
    return outcome
  }

  mutating func report(_ found: FuzzViolation) { violation = found }

  private func named(_ why: String, _ line: TraceOperation) -> FuzzViolation {
    if let found = checker.violation {
      return FuzzViolation(found.invariant.description, "\(found.finding), after \(line.text)")
    }
    if case .expect = line { return FuzzViolation(relation, "\(why), at \(line.text)") }
    return FuzzViolation(why.hasPrefix("handing over: ") ? "I45" : "R11", "\(why), after \(line.text)")
  }

  // MARK: Where the machine is

  var offset: Int { Int(clamping: checker.latest?.offset ?? 0) }
  var status: SessionStatus { checker.latest?.status ?? .none }
  private var isOpen: Bool { status == .open || status == .complete }

  private func isAnyDevice(in states: MigrationState...) -> Bool {
    checker.latest?.states.contains { number in states.contains { $0.rawValue == number } } ?? false
  }

  /// Where a caller who wants to get on goes next.
  private var sensibleGoal: MigrationState {
    if status == .complete || isAnyDevice(in: .stopCopy) { return .stop }
    return status == .committed && isAnyDevice(in: .stop) ? .running : .resuming
  }

  // MARK: Operations

  private mutating func perform(_ operation: ProgramOperation) {
    let argument = operation.argument
    switch operation.kind {
    case .write: write(operation)
    case .finish: perform(.finish(embedded: operation.flags.contains(.other)))
    case .request: perform(.request(goal(operation)))
    case .reset: perform(.reset)
    case .run: perform(.run(steps: UInt64(argument & 15) + 1))
    case .recover: perform(.recover(goal(operation)))
    case .use: perform(.use(session: argument == 0 ? nil : UInt64(argument)))
    case .abort: perform(.abort)
    case .query: perform(.query(device: argument == 0 ? nil : UInt32(argument) - 1))
    case .save: save(operation)
    case .compatible: if let name = name(of: argument) { perform(.compatible(name)) }
    case .precopyInfo: perform(.precopyInfo)
    case .machine: begin(program.machine &+ argument, steps: UInt64(operation.pieces & 31))
    case .regionState, .regionRead, .regionWrite, .regionData, .regionPut, .regionGet: performRegion(operation)
    case .handover: handOver(operation)
    case .source: perform(.source(records: argument == 0 ? 64 : UInt64(argument)))
    case .deliver: perform(.deliver(records: argument == 0 ? nil : UInt64(argument)))
    case .verdict: perform(.verdict(argument == 0 ? .arrives : argument & 1 == 0 ? .lose : .twice))
    case .giveUp: perform(.giveUp(side(operation)))
    case .linkLost: perform(.linkLost(side(operation)))
    case .again: comeAgain(operation)
    case .operatorResume: perform(.operatorResume)
    case .operatorRuns: perform(.operatorRuns)
    case .fail:
      let calls = TraceFailure.Call.allCases
      hasFailures = true
      perform(
        .fail(
          TraceFailure(
            calls[Int(argument) % calls.count], UInt64(operation.size.magnitude & 15) + 1,
            isBroken: operation.flags.contains(.other))))
    }
  }

  private func goal(_ operation: ProgramOperation) -> UInt32 {
    switch operation.argument {
    case 0: sensibleGoal.rawValue
    case let argument where argument < 10: UInt32(argument) - 1
    default: UInt32(UInt16(bitPattern: operation.delta)) << 16 | UInt32(UInt16(bitPattern: operation.size))
    }
  }

  /// - Returns: nil when there is no stream at all.
  private func number(of argument: UInt8) -> Int? {
    streams.isEmpty ? nil : Int(argument) % streams.count
  }

  private func name(of argument: UInt8) -> String? { number(of: argument).map(name(ofStream:)) }

  func name(ofStream number: Int) -> String {
    hasSaved && number == streams.count - 1 ? Self.savedName : Self.names[number]
  }

  private mutating func save(_ operation: ProgramOperation) {
    let isPlain = perform(.save(Self.savedName, precopy: operation.flags.contains(.other)))
    guard isPlain == .done, let saved = run.streams[Self.savedName] else { return }
    if hasSaved { streams.removeLast() }
    hasSaved = true
    streams.append(saved.octets)
  }

  private mutating func handOver(_ operation: ProgramOperation) {
    if !operation.flags.contains(.asIs), isOpen || isAnyDevice(in: .error, .stopCopy) { perform(.reset) }
    var source = program.traceMachine(Base.machines, program.machine &+ operation.argument)
    source.steps = UInt64(operation.pieces & 31) + 4
    source.seed = UInt64(UInt16(bitPattern: operation.delta)) + 1
    perform(.handover(source, precopy: operation.flags.contains(.other)))
  }

  private mutating func comeAgain(_ operation: ProgramOperation) {
    if !operation.flags.contains(.asIs), isOpen || isAnyDevice(in: .error, .stopCopy) { perform(.reset) }
    perform(.again)
  }

  private func side(_ operation: ProgramOperation) -> TraceSide { operation.argument & 1 == 0 ? .source : .destination }

  // MARK: Writing

  private mutating func write(_ operation: ProgramOperation) {
    guard let number = number(of: operation.argument) else { return }
    if !operation.flags.contains(.asIs), !isOpen { openSession() }
    let stream = streams[number]
    let range = range(operation, in: stream, from: isOpen ? min(offset, stream.count) : 0)
    guard range.count <= bytesLeft else { return }
    bytesLeft -= range.count
    perform(
      .write(
        name(ofStream: number), TraceRange(.offset(UInt64(range.lowerBound)), .offset(UInt64(range.upperBound))),
        pieces(operation, of: range.count), inPlace: operation.flags.contains(.inPlace)))
  }

  private mutating func openSession() {
    if isAnyDevice(in: .error, .stopCopy, .preCopy, .preCopyP2P) { perform(.reset) }
    perform(.request(MigrationState.resuming.rawValue))
  }

  /// - Parameter right: Where the session goes on.
  private func range(_ operation: ProgramOperation, in stream: [UInt8], from right: Int) -> Range<Int> {
    var start = right
    if operation.flags.contains(.inRecords), operation.delta != 0 {
      let starts = TraceStream(stream).records.map(\.lowerBound) + [stream.count]
      let number = starts.firstIndex { $0 >= right } ?? 0
      start = starts[min(max(number + Int(operation.delta), 0), starts.count - 1)]
    } else {
      start = min(max(right + Int(operation.delta), 0), stream.count)
    }
    var size = stream.count - start
    if operation.flags.contains(.oneRecord) { size = TraceStream(stream).endOfRecord(around: start) - start }
    if operation.flags.contains(.half) { size /= 2 }
    return start..<min(max(start + size + Int(operation.size), start), stream.count)
  }

  /// A strict machine takes transactions; elsewhere octets come in one go. At most 64 calls, so that a run ends soon.
  private func pieces(_ operation: ProgramOperation, of count: Int) -> TracePieces {
    switch operation.pieces & 7 {
    case 1: .bytes(UInt64(max(Int(operation.pieces >> 3), count / 64) + 1))
    case 2: .records
    case 3: .transactions
    case 4: .bytes(UInt64(count / 2 + 1))
    default: options.isStrict || options.windowByteCount != nil ? .transactions : .whole
    }
  }
}

extension TraceStream {
  /// Where the record that a place lies in ends; the preamble counts as one, and what is no record ends the stream.
  func endOfRecord(around place: Int) -> Int {
    if place < Preamble.byteCount { return min(Preamble.byteCount, octets.count) }
    return records.first { $0.upperBound > place }?.upperBound ?? octets.count
  }
}
