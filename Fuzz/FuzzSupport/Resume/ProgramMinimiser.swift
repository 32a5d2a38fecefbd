import MigrationStream
import ResumeOracle
import StreamMutation

/// Makes a program that shows something smaller, as long as it shows it: drops operations, then records of its streams,
/// then octets.
public enum ProgramMinimiser {
  /// - Parameters:
  ///   - checksMax: After so many tries it gives what it has.
  ///   - shows: Whether a program still shows it.
  public static func minimise(
    _ program: ResumeProgram, checksMax: Int = 4000, shows: (ResumeProgram) -> Bool
  ) -> ResumeProgram {
    var search = Search(program, checksMax)
    var last = 0
    repeat {
      last = search.smallest.octets.count
      search.dropOperations(shows)
      search.simplifyOperations(shows)
      search.dropStreams(shows)
      search.dropRecords(shows)
      search.dropOctets(shows)
    } while search.checksLeft > 0 && search.smallest.octets.count < last
    return search.smallest
  }

  /// The oracle that a program breaks; nil when it breaks none.
  public static func oracle(of verdict: FuzzVerdict) -> String? {
    guard case .violation(let violation) = verdict else { return nil }
    return violation.oracle
  }
}

private struct Search {
  var smallest: ResumeProgram
  var checksLeft: Int

  init(_ program: ResumeProgram, _ checksMax: Int) {
    smallest = program
    checksLeft = checksMax
  }

  @discardableResult
  private mutating func take(_ program: ResumeProgram, _ shows: (ResumeProgram) -> Bool) -> Bool {
    guard checksLeft > 0, program != smallest else { return false }
    checksLeft -= 1
    guard shows(program) else { return false }
    smallest = program
    return true
  }

  /// Tries without runs of what `count` counts, long ones first.
  private mutating func drop(
    _ count: (ResumeProgram) -> Int, _ shows: (ResumeProgram) -> Bool, _ remove: (inout ResumeProgram, Range<Int>) -> Void
  ) {
    var length = max(count(smallest) / 2, 1)
    while checksLeft > 0 {
      var start = 0
      while start < count(smallest), checksLeft > 0 {
        var shorter = smallest
        remove(&shorter, start..<min(start + length, count(smallest)))
        if !take(shorter, shows) { start += length }
      }
      guard length > 1 else { return }
      length /= 2
    }
  }

  mutating func dropOperations(_ shows: (ResumeProgram) -> Bool) {
    drop({ $0.operations.count }, shows) { $0.operations.removeSubrange($1) }
  }

  mutating func simplifyOperations(_ shows: (ResumeProgram) -> Bool) {
    var plain = smallest
    (plain.options, plain.steps, plain.seed) = ([], 0, 0)
    take(plain, shows)
    for number in smallest.operations.indices {
      var simple = smallest
      simple.operations[number] = ProgramOperation(simple.operations[number].kind)
      if take(simple, shows) { continue }
      simple = smallest
      (simple.operations[number].delta, simple.operations[number].size, simple.operations[number].pieces) = (0, 0, 0)
      take(simple, shows)
    }
  }

  mutating func dropStreams(_ shows: (ResumeProgram) -> Bool) {
    for number in smallest.streams.indices.reversed() {
      var without = smallest
      without.streams.remove(at: number)
      if take(without, shows) { continue }
      without = smallest
      without.streams[number] = []
      take(without, shows)
    }
  }

  /// Records are dropped as they are, or with numbers and digests made right for what is left.
  mutating func dropRecords(_ shows: (ResumeProgram) -> Bool) {
    for number in smallest.streams.indices {
      var record = TraceStream(smallest.streams[number]).records.count - 1
      while record >= 0, checksLeft > 0 {
        let records = TraceStream(smallest.streams[number]).records
        if record < records.count {
          var without = smallest
          without.streams[number].removeSubrange(records[record])
          if !take(without, shows) {
            StreamRepair.repair(&without.streams[number])
            take(without, shows)
          }
        }
        record -= 1
      }
    }
  }

  mutating func dropOctets(_ shows: (ResumeProgram) -> Bool) {
    for number in smallest.streams.indices {
      drop({ $0.streams[number].count / 8 }, shows) { program, range in
        let end = min(range.upperBound * 8, program.streams[number].count)
        program.streams[number].removeSubrange((range.lowerBound * 8)..<end)
      }
    }
  }
}
