import Foundation
import StreamTestKit
import Testing

/// The program says of every stream of the corpus what the corpus says a reader has to say.
@Suite struct CorpusToolTests {
  /// What begins so is read as a QEMU stream and refused as such.
  private static let qemuMagic: [UInt8] = Array("QEVM".utf8)

  /// Legal streams whose values are outside what their own layouts claim, which the deep tier refuses.
  private static let contradictions: Set<String> = [
    "layout/attributes", "compat/v0/attributes", "section/value-outside-its-own-range",
  ]

  /// Scenarios for readers with other limits, or of images and several channels, are not for this program.
  static func scenarios() throws -> [Scenario] {
    try Scenario.all(below: ToolRun.root.appending(path: "Corpus").path)
      .filter {
        $0.limits.isEmpty && !$0.isOfSeveralChannels && !$0.isImage && !$0.needsContent
          && !$0.octets.starts(with: qemuMagic)
      }
  }

  @Test(arguments: [["verify", "--deep"], ["dump"], ["dump", "--headers", "--max-bytes", "0"]])
  func verdicts(arguments: [String]) throws {
    let scenarios = try Self.scenarios()
    #expect(scenarios.count > 400)
    let folder = try TemporaryFolder()
    let files = try scenarios.map { scenario in
      try folder.file(scenario.name.replacing("/", with: "-"), scenario.octets)
    }
    let document = try JSONDocument(try ToolRun(arguments + ["--json"] + files).output)
    try #require(document.files.count == scenarios.count)
    for (scenario, file) in zip(scenarios, document.files)
    where !(arguments.contains("--deep") && Self.contradictions.contains(scenario.name)) {
      let result = (file["verdict"] as? [String: Any])?["result"] as? String
      let fault = file["fault"] as? [String: Any]
      #expect(result == (scenario.verdict == .accept ? "good" : "refused"), "\(scenario.name)")
      #expect(fault?["code"] as? String == scenario.code.map { "\($0)" }, "\(scenario.name)")
      #expect(fault?["offset"] as? String == scenario.offset.map { "\($0)" }, "\(scenario.name)")
      #expect(fault?["stage"] as? String == scenario.stage.map { "\($0)" }, "\(scenario.name)")
    }
  }

  /// Good streams have no gap; damaged ones have rows up to the fault.
  @Test func annotatedTables() throws {
    let scenarios = try Self.scenarios()
    let folder = try TemporaryFolder()
    for (verdict, isImage) in [(Scenario.Verdict.accept, false), (.reject, false), (.accept, true), (.reject, true)] {
      let files = try scenarios.filter { $0.verdict == verdict && ($0.octets.dropFirst(14).first == 2) == isImage }
        .map { scenario in try folder.file(scenario.name.replacing("/", with: "-"), scenario.octets) }
      let run = try ToolRun(["dump", "--annotate"] + files)
      #expect(run.status == (verdict == .accept ? 0 : 1))
      #expect(run.errors == "")
      // The areas of an image are no records.
      if verdict == .accept, !isImage { #expect(!run.output.contains(" gap ")) }
    }
  }
}
