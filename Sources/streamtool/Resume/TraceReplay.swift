import DeviceModel
import MigrationStream
import ReferenceDevices
import ResumeOracle
import StreamIO
import StreamReport

/// Plays one trace and shows it.
struct TraceReplay {
  private let name: String
  private let isNamed: Bool
  private let form: ReportForm

  /// - Parameter isNamed: The text says which trace it is about.
  init(_ name: String, isNamed: Bool, form: ReportForm) {
    self.name = name
    self.isNamed = isNamed
    self.form = form
  }

  /// What came of a trace; a document where one was asked for.
  struct Outcome {
    var status: ToolStatus
    var document: JSONValue?
  }

  private var shownName: String { name == "-" ? "standard input" : name }

  func format(_ text: [UInt8]) throws(IOFailure) -> Outcome {
    let trace: Trace
    do throws(TraceFault) { trace = try Trace(parsing: text) } catch { return refuse(error) }
    try ModelOutput.write(text: trace.text)
    return Outcome(status: .good)
  }

  func play(_ text: [UInt8]) throws(IOFailure) -> Outcome {
    let trace: Trace
    do throws(TraceFault) { trace = try Trace(parsing: text) } catch { return refuse(error) }
    var output = ToolOutput()
    if isNamed, form == .text { output.write("\(shownName.visible):\n") }
    let checker = TraceChecker<ReferenceMachine>()
    var run = TraceRun(checker.observer, files: files)
    var steps: [JSONValue] = []
    var (expectations, voids, failures) = (0, 0, 0)
    var isStopped = false
    for step in trace.steps {
      guard output.failure == nil, !isStopped else { break }
      let result = run.perform(step.operation)
      if case .expect = step.operation { expectations += 1 }
      if !result.isGood { failures += 1 }
      if case .void = result.outcome { voids += 1 }
      if case .stopped = result.outcome { isStopped = true }
      if form == .json { steps.append(Self.json(step, result)) } else { output.write(Self.line(step, result)) }
    }
    if form == .text { output.write(Self.summary(trace.steps.count, expectations, voids, failures)) }
    output.flush()
    if let failure = output.failure { throw failure }
    let document = JSONValue.record([
      "file": .text(shownName), "operations": .list(steps),
      "verdict": .record([
        "result": .text(failures == 0 ? "good" : "refused"), "expectations": .wide(expectations), "failed": .wide(failures),
      ]),
    ])
    return Outcome(status: failures == 0 ? .good : .refused, document: document)
  }

  private func refuse(_ fault: TraceFault) -> Outcome {
    ToolStatus.complain("\(shownName):\(fault.line):\(fault.column): \(fault.message)")
    let document = JSONValue.record([
      "file": .text(shownName),
      "fault": .record([
        "line": .number(fault.line), "column": .number(fault.column), "message": .text(fault.message),
      ]),
      "verdict": .record(["result": .text("refused")]),
    ])
    return Outcome(status: .refused, document: document)
  }

  /// Octets of files in the trace's folder.
  private var files: (String, Int) -> [UInt8]? {
    let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
    return { name, max in
      guard var input = try? InputFile.open(folder + name) else { return nil }
      var octets: [UInt8] = []
      while octets.count <= max, (try? input.advance()) == true {
        let piece = input.piece
        octets.reserveCapacity(octets.count + piece.byteCount)
        for index in 0..<piece.byteCount { octets.append(piece.octet(at: index)) }
      }
      return octets.count <= max ? octets : nil
    }
  }

  // MARK: Text

  private static func line(_ step: Trace.Step, _ result: TraceResult) -> String {
    let number = String(step.line)
    let operation = shortened(step.operation.text)
    let pad = String(repeating: " ", count: max(1, 48 - operation.utf8.count))
    let head = String(repeating: " ", count: max(0, 5 - number.utf8.count)) + number + "  " + operation
    let words = outcome(result) + (isExpectation(step) ? "" : machine(result))
    return (words.isEmpty ? head : head + pad + words).visible(keeping: "\"\\") + "\n"
  }

  private static func isExpectation(_ step: Trace.Step) -> Bool {
    if case .expect = step.operation { true } else { false }
  }

  /// Long octets of an operation do not help who reads.
  private static func shortened(_ text: String) -> String {
    text.utf8.count <= 96 ? text : String(text.prefix(92)) + "..."
  }

  private static func outcome(_ result: TraceResult) -> String {
    let note = result.note.isEmpty ? "" : ": \(result.note)"
    switch result.outcome {
    case .done: return (result.value.map { "\($0) (0x\(String($0, radix: 16)))" } ?? "ok") + note
    case .refused(let error): return ReportText.headline(ReportFault(error, path: "")) + note
    case .void(let why): return "void: " + why
    case .failed(let why): return "FAILED: " + why
    case .stopped(let why): return "STOPPED: " + why
    }
  }

  /// States and status, shortly.
  private static func machine(_ result: TraceResult) -> String {
    guard let first = result.states.first else { return "" }
    let isCommon = result.states.allSatisfy { $0 == first }
    let states = isCommon ? "\(first)" : result.states.map { "\($0)" }.joined(separator: " ")
    return "  [\(states)\(result.status == .none ? "" : "; session \(result.status.rawValue)")]"
  }

  private static func summary(_ operations: Int, _ expectations: Int, _ voids: Int, _ failures: Int) -> String {
    var count = "\(operations) operation\(operations == 1 ? "" : "s"), \(expectations) expectation\(expectations == 1 ? "" : "s")"
    if voids > 0 { count += ", \(voids) void" }
    return failures == 0 ? "good: \(count)\n" : "refused: \(count), \(failures) failed\n"
  }

  // MARK: JSON

  private static func json(_ step: Trace.Step, _ result: TraceResult) -> JSONValue {
    var words = (result: "done", message: String?.none, fault: ReportFault?.none)
    switch result.outcome {
    case .done: break
    case .refused(let error): words = ("refused", nil, ReportFault(error, path: ""))
    case .void(let why): words = ("void", why, nil)
    case .failed(let why): words = ("failed", why, nil)
    case .stopped(let why): words = ("stopped", why, nil)
    }
    return .record([
      "line": .number(step.line), "operation": .text(step.operation.text), "result": .text(words.result),
      "message": words.message.map { .text($0) }, "fault": words.fault.map { .fault($0) },
      "consumed": result.consumed.map { .wide($0) }, "value": result.value.map { .wide($0) },
      "note": result.note.isEmpty ? nil : .text(result.note),
      "states": .list(result.states.map { .text("\($0)") }), "session": .text(result.status.rawValue),
    ])
  }
}
