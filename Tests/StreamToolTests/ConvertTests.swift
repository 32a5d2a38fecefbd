import Foundation
import MigrationStream
import Testing

/// Rewriting keeps the state, and an output is there whole or not at all.
@Suite struct ConvertTests {
  /// What a stream holds, however it is cut: sections, byte strings and memory.
  private func content(_ octets: [UInt8]) throws -> [String] {
    let document = try JSONDocument(try ToolRun(["dump", "--json", "--max-bytes", "1000000"], input: octets).output)
    #expect(document.verdicts == ["good"])
    return try document.nodes.compactMap { node in
      var path = node["path"] as? String ?? ""
      guard path.hasPrefix("/devices") || path.hasPrefix("/records") || path.hasSuffix("/payload") else { return nil }
      guard let value = node["value"] else { return nil }
      // The number of a record is not part of the state.
      if path.hasPrefix("/records") { path = "/records" }
      let text = try JSONSerialization.data(withJSONObject: [value], options: .sortedKeys)
      return "\(path) \(String(decoding: text, as: UTF8.self))"
    }.sorted()
  }

  @Test(arguments: [[], ["--compress"], ["--chunk", "4096"], ["--chunk", "8192", "--compress"]])
  func sameStateInAnotherForm(options: [String]) throws {
    let folder = try TemporaryFolder()
    let octets = try SampleStream.octets()
    let file = try folder.file("in", octets)
    let run = try ToolRun(["convert", file, "-o", folder.path("out")] + options)
    #expect(run.status == 0, "\(run.errors)")
    let output = [UInt8](try Data(contentsOf: URL(filePath: folder.path("out"))))
    #expect(try ToolRun(["verify", "--deep", "-"], input: output).status == 0)
    #expect(try content(output) == content(octets))
    let again = try ToolRun(["convert", folder.path("out"), "-o", folder.path("back")])
    #expect(again.status == 0)
    #expect([UInt8](try Data(contentsOf: URL(filePath: folder.path("back")))) == octets)
    #expect(folder.names == ["back", "in", "out"])
  }

  @Test func fromPipeToPipe() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", try SampleStream.octets())
    let tool = "'\(ToolRun.program.path)'"
    let run = try ToolRun.shell("cat '\(file)' | \(tool) convert -o - | cmp - '\(file)'")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }

  @Test func refusedInputLeavesNoOutput() throws {
    let folder = try TemporaryFolder()
    var octets = try SampleStream.octets()
    octets[5000] ^= 1
    let file = try folder.file("in", octets)
    let old = try folder.file("out", [1, 2, 3])
    let run = try ToolRun(["convert", file, "-o", old])
    #expect(run.status == 1)
    #expect(run.errors.contains("digestMismatch"))
    #expect(folder.names == ["in", "out"])
    #expect(try Data(contentsOf: URL(filePath: old)) == Data([1, 2, 3]))
  }

  @Test func unwritablePlaces() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", try SampleStream.octets())
    #expect(try ToolRun(["convert", file, "-o", folder.path("no/such/folder")]).status == 2)
    #expect(try ToolRun(["convert", file, "-o", folder.url.path]).status == 2)
    #expect(try ToolRun(["convert", file, "-o", "/dev/full"]).status == 2)
    #expect(try ToolRun(["convert", file, "-o", "/dev/null"]).status == 0)
  }

  @Test(arguments: [1, 4095, 4096, 4097, 3_000_001])
  func rawOctetsAsMemory(count: Int) throws {
    let folder = try TemporaryFolder()
    let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 / 5 | 1) }
    let file = try folder.file("raw", octets)
    for target in ["net0/local memory", "a/b/ram", "/ram"] {
      let run = try ToolRun([
        "convert", file, "--raw", target, "-o", folder.path("out"), "--uuid", "00112233-4455-6677-8899-aabbccddeeff",
      ])
      #expect(run.status == 0, "\(run.errors)")
      #expect(try ToolRun(["verify", "--deep", folder.path("out")]).status == 0)
    }
    #expect(try ToolRun(["convert", "-", "--raw", "/ram", "-o", "-"], input: []).status == 1)
  }

  @Test func theModeOfAnOverwrittenFileStays() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", try SampleStream.octets())
    let old = try folder.file("out", [])
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: old)
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: old)
    #expect(try ToolRun(["convert", file, "-o", folder.path("link")]).status == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: old)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(attributes[.size] as? Int ?? 0 > 1000)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == old)
  }
}
