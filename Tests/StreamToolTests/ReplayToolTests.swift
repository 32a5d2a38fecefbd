import Foundation
import Testing

/// `replay`.
@Suite struct ReplayToolTests {
  private func replay(_ text: String, _ flags: String...) throws -> ToolRun {
    try ToolRun(["replay", "-"] + flags, input: Array(text.utf8))
  }

  @Test("Every trace of the corpus holds")
  func corpus() throws {
    let folder = ToolRun.root.appending(path: "Corpus/resume/traces")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".trace") }
    #expect(names.count > 5)
    let run = try ToolRun(["replay"] + names.sorted().map { folder.appending(path: $0).path })
    #expect(run.status == 0, "\(run.output.split(separator: "\n").filter { $0.contains("FAILED") })")
  }

  @Test("An expectation that fails is told and ends with 1; the rest is played")
  func failing() throws {
    let run = try replay("machine serial\nexpect state stop\nquery\n")
    #expect(run.status == 1)
    #expect(run.output.contains("FAILED: expected stop, found running"))
    #expect(run.output.contains("    3  query"))
    #expect(run.output.contains("refused: 3 operations, 1 expectation, 1 failed"))
  }

  @Test("An expectation that nobody can look at fails, and operations that did nothing are counted")
  func void() throws {
    let run = try replay("expect state running\nreset\n")
    #expect(run.status == 1)
    #expect(run.output.contains("FAILED: there is no machine"))
    #expect(run.output.contains("refused: 2 operations, 1 expectation, 1 void, 1 failed"))
    #expect(try replay("expect status none\n").status == 1)
    let harmless = try replay("reset\nexpect void\n")
    #expect(harmless.status == 0)
    #expect(harmless.output.contains("good: 2 operations, 1 expectation, 1 void"))
  }

  @Test("Text that is no trace is refused with line and column, and no control character reaches a terminal")
  func noTrace() throws {
    let run = try replay("reset\nwrite \u{1b}]0;x\u{7} ..\n")
    #expect(run.status == 1)
    #expect(run.errors.contains("standard input:2:7: "))
    let hidden = try replay("expect code \u{202e}x")
    #expect(hidden.status == 1)
    for text in [run.errors, run.output, hidden.errors] {
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && $0.value != 0x202e) })
    }
  }

  @Test("--format prints the one spelling, --json one document")
  func forms() throws {
    let formatted = try replay(" write A ..  # all\n", "--format")
    #expect(formatted.output == "write A 0..end\n")
    let json = try replay("machine serial\nstream A machine serial\nrequest resuming\nwrite A 0..3\nrequest 9\n", "--json")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let files = try #require(document["files"] as? [[String: Any]])
    let operations = try #require(files.first?["operations"] as? [[String: Any]])
    #expect(operations.map { $0["result"] as? String } == ["done", "done", "done", "done", "refused"])
    #expect(operations[3]["consumed"] as? String == "3")
    #expect(operations[4]["states"] as? [String] == ["resuming"])
  }

  @Test("A trace reads files beside it and no others")
  func files() throws {
    let folder = try TemporaryFolder()
    let saved = try ToolRun(["save", "--device", "serial", "--steps", "20", "--output", folder.path("s.mgs")])
    #expect(saved.status == 0)
    let trace = try folder.file(
      "t.trace", Array("machine serial\nstream A file s.mgs\nrequest resuming\nwrite A ..\nfinish\nexpect ok\n".utf8))
    #expect(try ToolRun(["replay", trace]).status == 0)
    #expect(try replay("stream A file /etc/passwd").status == 1)
    #expect(try replay("stream A file ../x").status == 1)
  }

  @Test("A trace that asks for too much ends")
  func bounded() throws {
    let run = try replay("machine serial\nrun 99999999999\nreset\n")
    #expect(run.status == 1)
    #expect(run.output.contains("STOPPED"))
  }
}
