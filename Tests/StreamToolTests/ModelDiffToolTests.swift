import Foundation
import Testing

/// `streamtool model diff`: exit statuses, text, JSON.
@Suite struct ModelDiffToolTests {
  private static func file(_ name: String) -> String {
    ToolRun.root.appending(path: "Corpus/models/diff/\(name).json").path
  }

  private static func run(_ name: String, _ more: String...) throws -> ToolRun {
    try ToolRun(["model", "diff", file(name + ".old"), file(name + ".new")] + more)
  }

  @Test func statusSaysWhetherSomethingBreaks() throws {
    #expect(try Self.run("sign-changed").status == 1)
    #expect(try Self.run("ok-parameter-field").status == 0)
    #expect(try Self.run("ok-subsection").status == 0)
    #expect(try Self.run("ok-nothing").status == 0)
  }

  @Test func troubleIsTold() throws {
    let missing = try ToolRun(["model", "diff", Self.file("sign-changed.old"), "nowhere.json"])
    #expect(missing.status == 2 && missing.output.isEmpty && !missing.errors.isEmpty)
    let alone = try ToolRun(["model", "diff", Self.file("sign-changed.old")])
    #expect(alone.status == 2 && alone.errors.contains("no history"))
    let twice = try ToolRun(["model", "diff", "-", "-"])
    #expect(twice.status == 2)
    let folder = try TemporaryFolder()
    let broken = try folder.file("broken.json", Array("{\"format_version\": 2}".utf8))
    let refused = try ToolRun(["model", "diff", broken, broken])
    #expect(refused.status == 1 && refused.output.isEmpty && refused.errors.contains("broken.json"))
  }

  @Test func textSaysWhatReadersDo() throws {
    let text = try Self.run("field-new-not-tied").output
    #expect(text.contains("breaks forward: /sections/control/fields/irq_mask"))
    #expect(text.contains("old reader, new writer  refuses it (versionTooNew), always"))
    #expect(text.contains("new reader, old writer  takes its default, always"))
    #expect(text.contains("next                    Tie it to a new parameter"))
    let conditional = try Self.run("width-narrowed").output
    #expect(conditional.contains("refuses it (valueTooLarge), when the value does not fit u16"))
    let tied = try Self.run("field-tied-to-old-parameter").output
    #expect(tied.contains("with parameters         turbo=on"))
    #expect(try Self.run("ok-nothing").output.contains("no difference"))
  }

  @Test func jsonHasTheFormOfTheSpecification() throws {
    let run = try Self.run("field-tied-to-old-parameter", "--json")
    #expect(run.status == 1)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? Int == 1 && document["command"] as? String == "model diff")
    #expect(document["breaks"] as? Bool == true)
    let pair = try #require((document["pairs"] as? [[String: Any]])?.first)
    #expect((pair["new"] as? [String: Any])?["version"] as? Int == 2)
    let finding = try #require((pair["findings"] as? [[String: Any]])?.first)
    #expect(Set(finding.keys) == ["level", "path", "changes", "forward", "backward", "next"])
    #expect(finding["level"] as? String == "forward")
    let outcome = try #require((finding["forward"] as? [[String: Any]])?.first)
    #expect(outcome["code"] as? String == "versionTooNew" && outcome["number"] as? Int == 39)
    #expect(outcome["weight"] as? String == "breaks" && outcome["when"] == nil)
    let parameter = try #require((outcome["parameters"] as? [[String: Any]])?.first)
    #expect(parameter["name"] as? String == "turbo" && parameter["value"] as? String == "on")
  }

  /// One file alone: its newest definition against each older one; `@` names definitions.
  @Test func historyIsCompared() throws {
    let file = Self.file("width-narrowed.new")
    let alone = try ToolRun(["model", "diff", file])
    #expect(alone.status == 1 && alone.output.contains("example.org/diff/sample@1"))
    let named = try ToolRun(["model", "diff", file + "@1", file + "@2"])
    #expect(named.status == 1 && named.output == alone.output)
    let back = try ToolRun(["model", "diff", file + "@2", file + "@1"])
    #expect(back.status == 1 && back.output.contains("breaks forward: /sections/control/fields/timeout"))
  }

  /// What a terminal acts on is escaped.
  @Test func namesAreHarmless() throws {
    let folder = try TemporaryFolder()
    let document = { (field: String) in
      Array(
        """
        { "format_version": 1, "model": "example.org/x", "version": 1,
          "sections": [{ "name": "s", "fields": [{ "name": "\(field)", "type": "u8" }] }] }
        """.utf8)
    }
    let old = try folder.file("old.json", document("a"))
    let new = try folder.file("new.json", document("b\\u202eb"))
    for form in [[], ["--json"]] {
      let run = try ToolRun(["model", "diff", old, new] + form)
      #expect(run.status == 1 && !run.output.unicodeScalars.contains("\u{202e}"))
    }
  }
}
