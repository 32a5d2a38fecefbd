import ResumePath
import Testing

@Suite struct StateTests {
  @Test func errorIsZero() { #expect(MigrationState.error.rawValue == 0) }
}
