import Foundation
import StreamTestKit
import Testing

/// `verify --deep --models`, and `model lint`, as programs.
@Suite struct VerifyModelsTests {
  private let judged = ToolRun.root.appending(path: "Corpus/models/judge").path
  private let linted = ToolRun.root.appending(path: "Corpus/models/lint").path

  @Test func aRightStreamIsGoodByItsModel() throws {
    let run = try ToolRun(["verify", "--deep", "--models", judged, judged + "/lamp.bin"])
    #expect(run.status == 0)
    #expect(run.errors == "")
    #expect(run.output.contains("checked: framing, digests, data (by model)"))
    #expect(run.output.contains("by model: example.org/lamp, definition 2"))
    #expect(run.output.contains("on arrival: /devices/lamp0: daylight: read it anew and notify the guest"))
    #expect(run.output.contains("on arrival: /devices/lamp0: maker: refuse if the parameter vendor is configured otherwise"))
    #expect(run.output.contains("configuration, to be compared at the destination: 1, the first /devices/lamp0/identity/vendor_id"))
  }

  @Test func aRefusalNamesTheField() throws {
    let run = try ToolRun(["verify", "--deep", "--json", "--models", judged, judged + "/dark.bin"])
    #expect(run.status == 1)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let file = try #require((document["files"] as? [[String: Any]])?.first)
    let fault = try #require(file["fault"] as? [String: Any])
    #expect(fault["code"] as? String == "ruleViolated")
    #expect(fault["stage"] as? String == "rules")
    #expect(fault["path"] as? String == "/devices/lamp0/lamps_state/mode")
    #expect(fault["found"] as? String == "1")
    #expect(fault["next"] as? String != "")
  }

  @Test func whatNoModelKnowsIsSelfDescribed() throws {
    let folder = try TemporaryFolder()
    let run = try ToolRun(["verify", "--deep", "--models", folder.url.path, judged + "/dark.bin"])
    #expect(run.status == 0)
    #expect(run.output.contains("data (self-described)"))
    #expect(run.output.contains("self-described only: /devices/lamp0: the model example.org/lamp is not in the folder"))
  }

  @Test func aModelThatCannotBeReadIsTrouble() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "example.org"), withIntermediateDirectories: true)
    _ = try folder.file("example.org/lamp.json", Array("{".utf8))
    let run = try ToolRun(["verify", "--deep", "--models", folder.url.path, judged + "/lamp.bin"])
    #expect(run.status == 2)
    #expect(run.errors.contains("lamp.json"))
  }

  /// A name that would turn the line round on a terminal is shown as escapes.
  @Test func namesOfStreamsAreHarmless() throws {
    let device = RawDevice {
      $0.model = .text("example.org/lamp")
      $0.clock = 1
      $0.parameters = [RawParameter("rx\u{202e}y", type: 1, value: 1)]
    }
    let folder = try TemporaryFolder()
    let stream = try folder.file("stream", RawStream([RawManifest { $0.devices = [device] }.record, .end]).assembled().octets)
    let run = try ToolRun(["verify", "--deep", "--models", judged, stream])
    #expect(run.status == 1)
    #expect(run.output.contains("rx\\u{202e}y") || run.output.contains("rx\\u202ey"), "\(run.output)")
    #expect(!run.output.unicodeScalars.contains("\u{202e}"))
  }

  @Test func modelsGoWithDeep() throws {
    #expect(try ToolRun(["verify", "--models", judged, judged + "/lamp.bin"]).status == 2)
  }

  // MARK: Lint

  @Test func lintSaysWhereAndWhatNext() throws {
    let file = linted + "/no-unit.json"
    let run = try ToolRun(["model", "lint", file])
    #expect(run.status == 1)
    #expect(
      run.output == """
        \(file):10: error no-unit: The number level has no unit.
          at    /sections/0/fields/0
          next  Add the unit, or a radix: 10 for a plain number, 16 or 2 for a register.
        1 error, 0 warnings in 1 document

        """)
  }

  @Test func warningsCountWhenStrict() throws {
    let file = linted + "/name-style.json"
    #expect(try ToolRun(["model", "lint", file]).status == 0)
    #expect(try ToolRun(["model", "lint", "--strict", file]).status == 1)
    #expect(try ToolRun(["model", "lint", "--strict", linted + "/name-style.right.json"]).status == 0)
  }

  @Test func everyFileIsLookedAt() throws {
    let run = try ToolRun(["model", "lint", "--json", linted + "/document.json", linted + "/no-unit.json", "/nowhere.json"])
    #expect(run.status == 2)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? Int == 1)
    #expect(document["errors"] as? Int == 2)
    let files = try #require(document["files"] as? [[String: Any]])
    let findings = files.compactMap { ($0["findings"] as? [[String: Any]])?.first }
    #expect(findings.compactMap { $0["rule"] as? String } == ["document", "no-unit"])
    #expect(findings.compactMap { $0["pointer"] as? String } == ["/colour", "/sections/0/fields/0"])
    #expect(findings.compactMap { $0["line"] as? Int } == [24, 10])
  }

  @Test func filesOfAFolderLieWhereTheirModelSays() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("lamp.json", try [UInt8](Data(contentsOf: URL(filePath: linted + "/no-unit.right.json"))))
    let run = try ToolRun(["model", "lint", folder.url.path])
    #expect(run.status == 1)
    #expect(run.output.contains("error file-path"))
  }

  @Test func rewriteGivesTheCanonicalText() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("lamp.json", try [UInt8](Data(contentsOf: URL(filePath: linted + "/not-canonical.json"))))
    #expect(try ToolRun(["model", "lint", "--strict", "--rewrite", file]).status == 0)
    let right = try Data(contentsOf: URL(filePath: linted + "/not-canonical.right.json"))
    #expect(try Data(contentsOf: URL(filePath: file)) == right)
  }
}
