public import MigrationStream
import ResumePath

/// Invariants that are about two runs: what one program shows must be what another shows.
public enum ProgramComparison {
  /// What became of a stream that a machine took, asked for the commit, or refused.
  public struct Result: Equatable, Sendable {
    public var error: StreamError?
    public var effect: UInt64
    public var isCommitted: Bool
  }

  /// Brings a stream in pieces to a machine that has no session, and finishes.
  ///
  /// - Returns: nil when the run had ended.
  public static func play<Subject: ResumeSubject & ~Copyable>(
    _ pieces: [ArraySlice<UInt8>], on run: inout CheckedRun<Subject>
  ) -> Result? {
    guard run.perform(.request(MigrationState.resuming.rawValue)) != nil else { return nil }
    for piece in pieces {
      guard let seen = run.perform(.write(piece)) else { return nil }
      if seen.error != nil { return result(seen) }
    }
    return run.perform(.finish()).map { result($0) }
  }

  private static func result(_ seen: Observation) -> Result {
    Result(error: seen.error, effect: seen.effect, isCommitted: seen.status == .committed)
  }

  /// I24: after another session, a stream does what it does on a fresh machine.
  public static func checkFresh(_ fresh: Result?, afterReset: Result?) -> [Violation] {
    fresh == afterReset ? [] : [Violation(.freshSession, "\(text(afterReset)) after a reset, fresh \(text(fresh))")]
  }

  /// I25: however its octets are cut, a stream does the same.
  public static func checkSegmentation(_ results: [Result?]) -> [Violation] {
    guard let first = results.first, let other = results.first(where: { $0 != first }) else { return [] }
    return [Violation(.anySegmentation, "\(text(first)), and \(text(other)) otherwise cut")]
  }

  /// I27: what strict and stream mode both accept does the same in both.
  public static func checkStrict(_ strict: Result?, stream: Result?) -> [Violation] {
    strict == stream ? [] : [Violation(.strictEqualsStream, "\(text(strict)) in strict mode, \(text(stream)) in stream mode")]
  }

  /// I35: octets that memory held before have no influence.
  public static func checkStale(_ results: [Result?]) -> [Violation] {
    guard let first = results.first, results.contains(where: { $0 != first }) else { return [] }
    return [Violation(.noStaleMemory, "results differ with what memory held before")]
  }

  private static func text(_ result: Result?) -> String {
    guard let result else { return "nothing" }
    guard let error = result.error else { return "effect \(result.effect)" }
    return "\(error.code) at \(error.offset)"
  }
}
