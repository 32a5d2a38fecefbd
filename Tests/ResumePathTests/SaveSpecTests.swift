import ResumePath
import Testing

/// The tables of section 8 against the code.
@Suite struct SaveSpecTests {
  private static func numbers(_ head: String) throws -> [[String]] {
    try ResumeChapter().table([head, "value"]).map { Array($0.prefix(2)) }
  }

  private static func rows<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) -> [[String]]
  where Value.RawValue == UInt8 {
    type.allCases.map { ["\($0)", "\($0.rawValue)"] }
  }

  @Test func numbers() throws {
    #expect(try Self.numbers("phase") == Self.rows(SaveSessionPhase.self))
    #expect(try Self.numbers("answer") == Self.rows(SaveAnswer.self))
    #expect(try Self.numbers("step") == Self.rows(SaveStep.self))
    #expect(try Set(Self.numbers("decision")) == Set(Self.rows(SwitchoverDecision.self)))
  }
}
