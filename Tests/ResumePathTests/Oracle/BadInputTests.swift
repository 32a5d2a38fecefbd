import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// The list of malformed input: what each does, in stream and strict mode, however its octets are cut.
@Suite struct BadInputTests {
  static let tables: [String: [BadInput]] = [
    "order": BadInput.order, "sizes": BadInput.sizes, "meaning": BadInput.meaning,
  ]

  @Test(arguments: ["order", "sizes", "meaning"])
  func everyRow(_ table: String) throws {
    for row in Self.tables[table] ?? [] {
      try expectBadInput(row, strict: false, .whole)
      try expectBadInput(row, strict: false, .random)
      if row.holdsInStrict { try expectBadInput(row, strict: true, .records) }
    }
  }

  /// M23: every octet in a write of its own.
  @Test(arguments: ["order", "sizes", "meaning"])
  func everyRowOctetByOctet(_ table: String) throws {
    for (index, row) in (Self.tables[table] ?? []).enumerated() where index % 12 == 0 {
      try expectBadInput(row, strict: false, .octets)
    }
  }

  /// M54: a stream that ends early never commits.
  @Test func everyPrefix() throws {
    let octets = ProbeStream.valid.octets
    var run = try CheckedRun(ObservedControl(ProbeMachine()))
    for count in stride(from: 0, to: octets.count, by: 61) {
      run.perform(.request(4))
      if count > 0 { run.perform(.write(octets[..<count])) }
      let seen = run.perform(.finish())
      #expect(seen?.error?.code == .truncated && seen?.states == [0, 0, 0], "\(count): \(String(describing: seen?.error))")
      #expect(seen?.error?.offset == UInt64(count))
      run.perform(.reset)
    }
    #expect(run.violations == [])
  }
}
