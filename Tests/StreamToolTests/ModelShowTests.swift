import Foundation
import Testing

/// `model show` and `model resolve`.
@Suite struct ModelShowTests {
  private static let folder = ToolRun.root.appending(path: "Specs/devices").path
  private static let card = "migstream.example/net/rx-filter-nic"

  private func run(_ arguments: String...) throws -> ToolRun {
    try ToolRun(["model"] + arguments + ["--models", Self.folder])
  }

  /// A published document is shown as it is; an older definition is a document of its own.
  @Test func show() throws {
    let file = "\(Self.folder)/\(Self.card).json"
    let newest = try run("show", Self.card)
    #expect(newest.status == 0 && newest.errors == "")
    #expect(try newest.output == String(contentsOfFile: file, encoding: .utf8))
    #expect(try run("show", Self.card, "--json").output == newest.output)
    #expect(try run("show", file).output == newest.output)
    let first = try run("show", "\(Self.card)@1")
    let again = try ToolRun(["model", "show", "-"], input: Array(first.output.utf8))
    #expect(first.status == 0 && first.output.contains("\"version\": 1") && !first.output.contains("\"history\""))
    #expect(again.output == first.output)
  }

  @Test func showAlias() throws {
    let run = try run("show", "\(Self.card)@2.0")
    #expect(run.status == 0)
    #expect(try run.output == self.run("show", Self.card).output)
    #expect(run.errors.contains("2.0 sets") && run.errors.contains("rx-filter-size="))
  }

  @Test func resolve() throws {
    let plain = try JSONDocument(run("resolve", Self.card, "--json").output).root
    #expect(plain["schema"] as? Int == 1 && plain["command"] as? String == "model resolve")
    #expect(plain["definition"] as? Int == 4)
    let old = try JSONDocument(run("resolve", "\(Self.card)@1", "--json").output).root
    #expect(old["version"] as? Int == 1 && old["definition"] as? Int == 1)
    let full = try JSONDocument(run("resolve", Self.card, "--param", "rx-filter-size=128", "--json").output).root
    let settings = try #require(full["listed"] as? [[String: Any]])
    #expect(settings.contains { $0["name"] as? String == "rx-filter-size" && $0["value"] as? String == "128" })
    let layouts = try #require(full["layouts"] as? [[String: Any]])
    #expect(layouts.count > 4 && layouts.allSatisfy { ($0["fields"] as? [[String: Any]])?.isEmpty == false })
    let text = try run("resolve", Self.card, "--param", "rx-filter-size=128").output
    #expect(text.contains("parameters\n") && text.contains("layout 0 identity, ") && !text.contains("\\u{"))
  }

  /// What is refused, and the status of each: 1 for what a document or its parameters say, 2 for what is not there.
  @Test(arguments: [
    (["show", "\(card)@9"], Int32(1), "no definition 9"),
    (["show", "\(card)@nothing"], 1, "no version called nothing"),
    (["show", "migstream.example/none"], 2, "there is no model"),
    (["show", "/nowhere/at/all.json"], 2, "cannot open"),
    (["resolve", card, "--param", "rx-filter-size=33"], 1, "may not be 33"),
    (["resolve", card, "--param", "rx-filter-size=+0"], 1, "spells no value"),
    (["resolve", card, "--param", "unknown=1"], 1, "no parameter unknown"),
    (["resolve", card, "--param", "rx-filter-size"], 1, "expected NAME=VALUE"),
    (["resolve", card, "--param", "rx-filter-size=0", "--param", "rx-filter-size=0"], 1, "given twice"),
  ])
  func refused(_ arguments: [String], _ status: Int32, _ part: String) throws {
    let run = try ToolRun(["model"] + arguments + ["--models", Self.folder])
    #expect(run.status == status && run.output == "" && run.errors.contains(part), "\(run.status) \(run.errors)")
  }

  /// An identifier that is wrong never becomes a path, and a document is only what its identifier says.
  @Test func library() throws {
    let folder = try TemporaryFolder()
    #expect(try ToolRun(["model", "show", "a.b/../../etc/passwd", "--models", folder.url.path]).status == 2)
    #expect(try ToolRun(["model", "show", "a.b/c", "--models", folder.path("missing")]).status == 2)
    try FileManager.default.createDirectory(at: folder.url.appending(path: "a.b"), withIntermediateDirectories: true)
    try Data(contentsOf: URL(filePath: "\(Self.folder)/\(Self.card).json"))
      .write(to: folder.url.appending(path: "a.b/c.json"))
    let moved = try ToolRun(["model", "show", "a.b/c", "--models", folder.url.path])
    #expect(moved.status == 1 && moved.errors.contains("/model: it is the document of \(Self.card)"))
  }

  /// Control characters of documents never reach a terminal.
  @Test func controlCharacters() throws {
    let text = """
      { "format_version": 1, "model": "example.org/a", "version": 1, "sections": [
        { "name": "one", "fields": [{ "name": "x\u{202e}y", "type": "u8", "unit": "\\u009bm" }] }] }
      """
    for arguments in [["show"], ["resolve"], ["resolve", "--json"]] {
      let run = try ToolRun(["model"] + arguments + ["-"], input: Array(text.utf8))
      #expect(run.output.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value < 0x7f) }, "\(run.output)")
      #expect(run.status == 0, "\(run.errors)")
    }
  }
}
