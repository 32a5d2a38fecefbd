import Foundation
import StreamTestKit
import Testing

/// Two processes of `streamtool`, one of which is killed at a random moment: at most one guest runs, ever.
///
/// Each process appends a line to a journal before its guest does a burst of steps: `SIDE UUID FIRST LAST`. A handover
/// went right when no line of the source comes after one of the destination, and no step is done by both.
@Suite struct HandoverKillTests {
  /// CI sets MIGSTREAM_LONG_TESTS: 300 kills, where a developer's run does a few.
  private static let killCount = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] == nil ? 6 : 300

  private enum Side: String { case source, destination }

  /// What a migration left behind.
  private struct Trace {
    var lines: [(side: Side, first: UInt64, last: UInt64)]
    var source: Int32
    var destination: Int32

    /// What is wrong with it; nil: nothing.
    var fault: String? {
      guard let start = lines.firstIndex(where: { $0.side == .destination }) else { return nil }
      if let late = lines[start...].first(where: { $0.side == .source }) {
        return "the source ran from step \(late.first) on, after the destination had"
      }
      for (before, line) in zip(lines, lines.dropFirst()) where line.first != before.last + 1 {
        return "step \(line.first) after step \(before.last)"
      }
      return nil
    }

    var destinationRan: Bool { lines.contains { $0.side == .destination } }
  }

  @Test func atMostOneRuns() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    // How long it takes when nobody is killed, the slower of two.
    let quiet = try [migrate(killing: nil, after: 0, preCopy: true), migrate(killing: nil, after: 0, preCopy: true)]
    for whole in quiet {
      #expect(whole.trace.fault == nil)
      #expect(whole.trace.destinationRan && whole.trace.source == 0 && whole.trace.destination == 0, "\(whole.trace)")
    }
    let length = max(quiet[0].microseconds, quiet[1].microseconds)
    var (handedOver, kept) = (0, 0)
    for number in 0..<Self.killCount {
      let side: Side = number % 2 == 0 ? .source : .destination
      let moment = random.pick(0...length)
      let preCopy = random.once(in: 2)
      let (trace, _) = try migrate(killing: side, after: moment, preCopy: preCopy)
      #expect(
        trace.fault == nil, "seed \(seed), kill \(number): \(side) after \(moment) us, pre-copy \(preCopy): \(trace)")
      if trace.destinationRan { handedOver += 1 } else { kept += 1 }
    }
    print("\(Self.killCount) kills, seed \(seed): \(handedOver) handed over, \(kept) not")
  }

  /// A source that is refused goes on; one whose destination never came does, too.
  @Test func refusedSourceGoesOn() throws {
    let folder = try TemporaryFolder()
    let (socket, journal) = (folder.path("s"), folder.path("journal"))
    let destination = try start(["resume", "--listen", socket, "--device", "serial", "--journal", journal, "--steps", "64"])
    try waitFor(socket)
    let source = try start(["save", "--device", "blk", "--steps", "200", "--socket", socket, "--journal", journal])
    #expect(source.end() == 1)
    #expect(destination.end() == 1)
    let trace = try trace(journal, source, destination)
    #expect(!trace.destinationRan && trace.lines.contains { $0.side == .source })
  }

  // MARK: Processes

  private func migrate(
    killing side: Side?, after microseconds: Int, preCopy: Bool
  ) throws -> (trace: Trace, microseconds: Int) {
    let folder = try TemporaryFolder()
    let (socket, journal) = (folder.path("s"), folder.path("journal"))
    // A killed side is waited for in vain, most often while the other one connects: that is nearly all of this test's time.
    let patience = ["--time-out", side == nil ? "5" : "0.3", "--journal", journal]
    let destination = try start(["resume", "--listen", socket, "--steps", "640"] + patience)
    try waitFor(socket)
    let begin = ContinuousClock.now
    let source = try start(
      ["save", "--device", "blk", "--steps", "400", "--socket", socket] + (preCopy ? ["--pre-copy"] : []) + patience)
    if let side {
      usleep(UInt32(microseconds))
      (side == .source ? source : destination).kill()
    }
    _ = (source.end(), destination.end())
    let length = Int((ContinuousClock.now - begin) / .microseconds(1))
    return (try trace(journal, source, destination), length)
  }

  private func trace(_ journal: String, _ source: Child, _ destination: Child) throws -> Trace {
    let text = (try? String(contentsOfFile: journal, encoding: .utf8)) ?? ""
    let lines = try text.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      try #require(words.count == 4, "\(line)")
      return (
        side: try #require(Side(rawValue: String(words[0]))), first: try #require(UInt64(words[2])),
        last: try #require(UInt64(words[3]))
      )
    }
    return Trace(lines: lines, source: source.end(), destination: destination.end())
  }

  private func start(_ arguments: [String]) throws -> Child { try Child(arguments) }

  /// The destination listens once its socket is there.
  private func waitFor(_ socket: String) throws {
    for _ in 0..<2000 where !FileManager.default.fileExists(atPath: socket) { usleep(1000) }
    try #require(FileManager.default.fileExists(atPath: socket))
  }

  /// A process that this test may kill.
  private final class Child {
    private let process = Process()

    init(_ arguments: [String]) throws {
      process.executableURL = ToolRun.program
      process.arguments = arguments
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      process.standardInput = FileHandle.nullDevice
      try process.run()
    }

    func kill() { if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) } }

    /// Waits for its end.
    func end() -> Int32 {
      process.waitUntilExit()
      return process.terminationReason == .exit ? process.terminationStatus : -1
    }
  }
}
