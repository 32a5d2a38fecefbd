import FuzzSupport
import Testing

/// Every input of `Corpus/fuzz` through its target, in ordinary builds too: what was found once stays found.
struct CommittedCorpusTests {
  @Test func model() throws { try replay(ModelTarget.self, "FuzzModel") }
  @Test func foreign() throws { try replay(ForeignTarget.self, "FuzzForeign") }
  @Test func tool() throws { try replay(ToolTarget.self, "FuzzTool") }
  @Test func canary() throws { try replay(CanaryTarget.self, "FuzzCanary") }
  @Test func decode() throws { try replay(DecodeTarget.self, "FuzzDecode") }
  @Test func roundTrip() throws { try replay(RoundTripTarget.self, "FuzzRoundTrip") }
  @Test func mapping() throws { try replay(MappingTarget.self, "FuzzMapping") }
  @Test func resume() throws { try replay(ResumeTarget.self, "FuzzResume") }
  @Test func save() throws { try replay(SaveTarget.self, "FuzzSave") }
  @Test func cInterface() throws { try replay(CABITarget.self, "FuzzCABI") }
  @Test func rules() throws { try replay(RulesTarget.self, "FuzzRules") }
  @Test func structs() throws { try replay(StructTarget.self, "FuzzStruct") }

  private func replay<Target: FuzzTarget>(_ target: Target.Type, _ name: String) throws {
    for input in try FuzzCorpus.inputs(of: name) {
      if case .violation(let violation) = Target.check(input.octets) {
        Issue.record("\(violation.oracle) \(name)/\(input.name): \(violation.detail)")
      }
    }
  }

  /// The canary's stream is as it is made, the device takes it, and the fault is there.
  @Test func canaryStream() throws {
    let seed = try CanaryStream.octets()
    try FuzzCorpus.update("FuzzCanary/seed", seed)
    #expect(try FuzzCorpus.inputs(of: "FuzzCanary").contains { $0.octets == seed })
    #expect(CanaryTarget.check(seed) == .fine)
  }
}
