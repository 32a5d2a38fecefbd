import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// The interpreter of traces.
struct TraceRunTests {
  private func results(_ text: String) throws -> [TraceResult] {
    var run = TraceRun<ReferenceMachine>()
    return try Trace(parsing: Array(text.utf8)).steps.map { run.perform($0.operation) }
  }

  @Test("Every sequence of operations is a trace", arguments: 0..<40)
  func anything(seed: UInt64) {
    var random = RandomTrace(seed: seed)
    var run = TraceRun<ReferenceMachine>()
    _ = run.perform(.machine(TraceMachine("serial"), TraceOptions()))
    _ = run.perform(.stream("A", .machine(TraceMachine("serial"), precopy: false)))
    for _ in 0..<60 {
      let operation = random.operation()
      let result = run.perform(operation)
      if case .failed(let why) = result.outcome {
        guard case .expect = operation else {
          Issue.record("seed \(seed): \(operation.text): \(why)")
          return
        }
      }
    }
  }

  @Test("What something is missing for does nothing")
  func void() throws {
    let results = try results("reset\nfinish\nwrite A ..\nflip A 0.0\nmachine serial\nfinish\nquery 9\nuse 3\nmachine toaster\n")
    for (index, result) in results.enumerated() where index != 4 {
      guard case .void = result.outcome else {
        Issue.record("operation \(index): \(result.outcome)")
        continue
      }
    }
    #expect(results[4].outcome == .done)
  }

  @Test("A run does as much work as it may, then it stops for good")
  func bounded() throws {
    let results = try results("machine serial\nrun 18446744073709551615\nreset\n")
    for result in results[1...] {
      guard case .stopped = result.outcome else {
        Issue.record("\(result.outcome)")
        continue
      }
    }
  }

  @Test("Failed expectations are told, and the run goes on")
  func failing() throws {
    let results = try results(
      "machine serial\nexpect state stop\nexpect code truncated\nexpect status open\nexpect consumed 1\nexpect like blk\nexpect ok\n")
    #expect(results.map(\.isGood) == [true, false, false, false, false, false, true])
    #expect(results[1].outcome == .failed("expected stop, found running (device 0)"))
    #expect(results[2].outcome == .failed("expected truncated, found ok"))
  }

  @Test("An observer sees each call, and what it finds wrong makes the operation fail")
  func observed() throws {
    final class Log { var calls: [String] = [] }
    let log = Log()
    var observer = TraceObserver<ReferenceMachine>()
    observer.made = { _ in log.calls.append("made") }
    observer.called = { call, session, result, control in
      switch call {
      case .write(let octets): log.calls.append("write \(octets.count) to \(session ?? 0): \((try? result.get()) ?? 0)")
      case .reset:
        log.calls.append("reset")
        return "no resets"
      default: log.calls.append("other")
      }
      return nil
    }
    var run = TraceRun(observer)
    let trace = try Trace(
      parsing: Array(
        "machine serial\nstream A machine serial\nrequest resuming\nwrite A 0..10 bytes 4\nreset\n".utf8))
    let results = trace.steps.map { run.perform($0.operation) }
    #expect(log.calls == ["made", "other", "write 4 to 1: 4", "write 4 to 1: 4", "write 2 to 1: 2", "reset"])
    #expect(results.last?.outcome == .failed("no resets"))
    #expect(results[3].consumed == 10)
  }

  @Test("Records are found, moved and repaired")
  func streams() throws {
    var run = TraceRun<ReferenceMachine>()
    func perform(_ text: String) throws { for step in try Trace(parsing: Array(text.utf8)).steps { _ = run.perform(step.operation) } }
    try perform("stream A machine serial seed 1 steps 10\nstream B copy A\nrepair B\n")
    let original = try #require(run.streams["A"])
    #expect(run.streams["B"] == original, "a right stream is not changed by a repair")
    #expect(original.records.first?.lowerBound == 64)
    #expect(original.records.last?.upperBound == original.octets.count)
    try perform("stream C copy A\nswap C 1 2\nswap C 2 1\n")
    #expect(run.streams["C"] == original)
    try perform("stream D copy A\nflip D r1+3.7\nflip D r1+3.7\ninsert D r2 abcd\nremove D r2..r2\n")
    #expect(run.streams["D"]?.octets.count == original.octets.count + 2)
  }
}
