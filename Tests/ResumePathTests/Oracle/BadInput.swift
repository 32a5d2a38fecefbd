import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// One way in which a stream is bad, and what must come of it: by hand, from the specification.
struct BadInput: Sendable, CustomStringConvertible {
  /// An offset in the stream.
  enum Place: Sendable {
    case octet(Int)
    /// Octets behind the start of a record.
    case record(Int, Int)
    /// Octets behind the start of the payload of a record.
    case payload(Int, Int)
    case end
  }

  /// The class of the list of malformed input, and what is peculiar to this one.
  var name: String
  var stream: RawStream
  /// nil: it must be accepted.
  var code: StreamError.Code?
  var stage: StreamError.Stage
  var place: Place
  /// Whether `finish` says it, because every octet was right so far.
  var atFinish = false
  /// In strict mode the same is said, when each write is a record of the stream.
  var holdsInStrict = true

  var description: String { name }

  static func refused(
    _ name: String, _ code: StreamError.Code, _ stage: StreamError.Stage, _ place: Place, atFinish: Bool = false,
    strict: Bool = true, _ stream: RawStream
  ) -> BadInput {
    BadInput(
      name: name, stream: stream, code: code, stage: stage, place: place, atFinish: atFinish, holdsInStrict: strict)
  }

  static func accepted(_ name: String, strict: Bool = true, _ stream: RawStream) -> BadInput {
    BadInput(name: name, stream: stream, code: nil, stage: .record, place: .end, holdsInStrict: strict)
  }

  var offset: UInt64 {
    switch place {
    case .octet(let offset): return UInt64(offset)
    case .end: return UInt64(stream.octets.count)
    case .record(let number, let behind): return UInt64(ProbeStream.starts(stream)[number] + behind)
    case .payload(let number, let behind):
      let body = ProbeStream.starts(stream)[number] + 64 + stream.records[number].body.count
      return UInt64((body + 63) / 64 * 64 + behind)
    }
  }
}

/// How the octets of a stream are cut into writes.
enum Cut: Sendable, CaseIterable {
  case whole
  case octets
  case random
  case records

  func pieces(_ octets: [UInt8], _ stream: RawStream) -> [ArraySlice<UInt8>] {
    switch self {
    case .whole: return [octets[...]]
    case .octets: return octets.indices.map { octets[$0...$0] }
    case .random:
      var random = SeededGenerator(seed: UInt64(octets.count))
      var pieces: [ArraySlice<UInt8>] = []
      var start = 0
      while start < octets.count {
        let end = min(octets.count, start + random.pick(1...700))
        pieces.append(octets[start..<end])
        start = end
      }
      return pieces
    case .records:
      var pieces = ProbeStream.transactions(stream).map { octets[$0.clamped(to: octets.indices)] }
      let end = pieces.last?.endIndex ?? 0
      if end < octets.count { pieces.append(octets[end...]) }
      return pieces.filter { !$0.isEmpty }
    }
  }
}

/// What became of a stream.
struct Outcome: Equatable {
  var error: StreamError?
  var status: TraceableStatus
  var states: [UInt32]
  var effect: UInt64
  var atFinish: Bool
  var violations: [Violation]
}

enum TraceableStatus: Equatable {
  case poisoned, committed, other
}

extension BadInput {
  /// Brings the stream to a machine as it is, in pieces, and then asks for the commit.
  func play<Subject: ResumeSubject & ~Copyable>(_ cut: Cut, on run: inout CheckedRun<Subject>) -> Outcome {
    run.perform(.request(MigrationState.resuming.rawValue))
    var seen = run.latest
    var atFinish = false
    for piece in cut.pieces(stream.octets, stream) where seen.error == nil {
      seen = run.perform(.write(piece)) ?? seen
    }
    if seen.error == nil {
      atFinish = true
      seen = run.perform(.finish()) ?? seen
    }
    let status: TraceableStatus =
      switch seen.status {
      case .poisoned: .poisoned
      case .committed: .committed
      default: .other
      }
    return Outcome(
      error: seen.error, status: status, states: seen.states, effect: seen.effect, atFinish: atFinish,
      violations: run.violations)
  }
}

/// Holds a table against a machine in stream and in strict mode; every row ends with a reset and a valid stream.
func expectBadInput(_ row: BadInput, strict: Bool, _ cut: Cut) throws {
  var options = ResumeOptions()
  options.isStrict = strict
  var setup = RunSetup()
  (setup.validStream, setup.payloadPattern) = (ProbeStream.valid.octets, ProbeStream.pattern)
  let counter = CountingAllocator()
  var run = try CheckedRun(
    ObservedControl(ProbeMachine(), options: options, allocator: counter.allocator), setup,
    meter: { [counter] in MemoryCount(liveByteCount: counter.live, peakByteCount: counter.peak) })
  let before = run.latest.effect
  let outcome = row.play(cut, on: &run)
  let context = "\(row.name), \(cut)\(strict ? ", strict" : ""): \(String(describing: outcome.error))"
  if let code = row.code {
    #expect(outcome.error?.code == code, "\(context)")
    #expect(outcome.error?.stage == row.stage, "\(context)")
    #expect(outcome.error?.offset == row.offset, "\(context), wanted \(row.offset)")
    #expect(outcome.error.map { ($0.code).failureClass } == .fatalSession, "\(context)")
    #expect(outcome.atFinish == row.atFinish, "\(context)")
    #expect(outcome.status == .poisoned, "\(context)")
    #expect(outcome.states == [0, 0, 0], "\(context)")
    #expect(outcome.effect == before, "\(context)")
    // M12: again, and with better octets, changes nothing.
    let again = run.perform(.write(row.stream.octets.prefix(9)))
    #expect(again?.error == outcome.error, "\(context)")
  } else {
    #expect(outcome.error == nil && outcome.status == .committed && outcome.states == [1, 1, 1], "\(context)")
  }
  run.perform(.reset)
  expectFreshCommit(&run, context)
}

/// A machine after a reset takes a valid stream like a new one.
func expectFreshCommit<Subject: ResumeSubject & ~Copyable>(_ run: inout CheckedRun<Subject>, _ context: String) {
  run.perform(.request(MigrationState.resuming.rawValue))
  for range in ProbeStream.validTransactions { run.perform(.write(ProbeStream.validOctets[range])) }
  let last = run.perform(.finish())
  #expect(last?.error == nil && last?.status == .committed, "\(context), then the valid stream: \(String(describing: last?.error))")
  #expect(last?.effect == ProbeStream.validEffect, "\(context): what was refused still shows")
  #expect(run.violations == [], "\(context)")
}

extension ProbeStream {
  /// What a guest sees after the valid stream, on a machine that took nothing else.
  static let validEffect: UInt64? = {
    guard var run = try? CheckedRun(ObservedControl(ProbeMachine())) else { return nil }
    run.perform(.request(MigrationState.resuming.rawValue))
    run.perform(.write(validOctets[...]))
    return run.perform(.finish())?.effect
  }()
}
