import Foundation
import Testing

/// What the chapter on device models shows of the program is what the program does.
///
/// Each line behind `$ ` in a `console` block is run by a shell in a folder where `Specs` and `Corpus` lie, one after the
/// other; the lines up to the next one are its output, and `(status N)` ends it when the status is not 0.
/// Set UPDATE_GOLDEN=1 to write the chapter anew, then read the difference.
@Suite struct ChapterTests {
  private static let chapter = ToolRun.root.appending(path: "Specs/device-models.md")

  @Test func workedExamples() throws {
    let text = String(decoding: try Data(contentsOf: Self.chapter), as: UTF8.self)
    let folder = try TemporaryFolder()
    for name in ["Specs", "Corpus"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path(name), withDestinationPath: ToolRun.root.appending(path: name).path)
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("streamtool"), withDestinationPath: ToolRun.program.path)
    var result: [String] = []
    var isInside = false
    var commands = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") { isInside = line == "```console" }
      guard isInside, !line.hasPrefix("```") else {
        result.append(line)
        continue
      }
      guard line.hasPrefix("$ ") else { continue }
      commands += 1
      let script = "cd '\(folder.url.path)'; PATH=.:$PATH; unset NO_COLOR; \(line.dropFirst(2))"
      let run = try ToolRun.shell("{ \(script)\n} 2>&1")
      result.append(line)
      result += run.output.split(separator: "\n").map(String.init)
      if run.status != 0 { result.append("(status \(run.status))") }
    }
    let shown = result.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil { try Data(shown.utf8).write(to: Self.chapter) }
    #expect(commands >= 20)
    let difference = zip(result, text.split(separator: "\n", omittingEmptySubsequences: false)).first { $0 != $1 }
    #expect(shown == text, "the program says \(difference?.0 ?? "less"), the chapter \(difference?.1 ?? "less")")
  }
}
