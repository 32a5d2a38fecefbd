import Foundation
import Testing

/// Output is a promise: it is compared with files. Set UPDATE_GOLDEN=1 to write them anew, then read the difference.
@Suite struct GoldenTests {
  static let cases: [(name: String, arguments: [String])] = [
    ("sample.dump", ["dump"]),
    ("sample.dump-headers", ["dump", "--headers", "--depth", "2"]),
    ("sample.annotate", ["dump", "--annotate"]),
    ("sample.json", ["dump", "--json"]),
    ("sample.jsonl", ["dump", "--jsonl"]),
    ("sample.path", ["dump", "--path", "/devices/pci.0/net0/state/queues"]),
    ("sample.path", ["dump", "--path", "/devices/pci.0/net0/state/queues/"]),
    ("sample.info", ["info"]),
    ("sample.verify", ["verify", "--deep"]),
    ("sample.layouts", ["dump", "--path", "/layouts", "--layouts"]),
    ("sample.layouts-json", ["dump", "--path", "/layouts[0]", "--layouts", "--json"]),
    ("sample.ls", ["ls", "-"]),
    ("sample.ls-json", ["ls", "--json", "-"]),
    ("sample.get", ["get", "-", "/devices/pci.0/net0/state/queues"]),
    ("sample.get-json", ["get", "--json", "-", "/devices/pci.0/net0/state/mac"]),
    ("sample.index-missing", ["index"]),
    ("sample.colour", ["dump", "--depth", "1", "--color", "always"]),
  ]

  @Test(arguments: cases.map(\.name))
  func output(name: String) throws {
    let arguments = try #require(Self.cases.first { $0.name == name }?.arguments)
    let run = try ToolRun(arguments, input: try SampleStream.octets())
    #expect(run.status == 0)
    #expect(run.errors == "")
    try compare(run.output, with: name)
  }

  /// Damage in the middle of a section's data: what stands before it, then what is wrong.
  @Test(arguments: ["dump", "annotate", "json"])
  func damage(form: String) throws {
    var octets = try SampleStream.octets()
    try SampleDamage.breakBool(&octets)
    let arguments = ["dump", "--path", "/devices"] + (form == "dump" ? [] : ["--" + form])
    let run = try ToolRun(arguments, input: octets)
    #expect(run.status == 1)
    try compare(run.output, with: "damaged." + form)
  }

  /// An image, its listing and its index, and the same as a dump.
  @Test(arguments: ["ls", "ls --json", "index", "index --json", "dump", "dump --annotate --path /index"])
  func image(command: String) throws {
    let folder = try TemporaryFolder()
    let image = folder.path("image")
    #expect(try ToolRun(["convert", "--to", "image", "-", "-o", image], input: try SampleStream.octets()).status == 0)
    let run = try ToolRun(command.split(separator: " ").map(String.init) + [image])
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    let name = "image." + command.replacing(" --", with: "-").replacing(" /", with: "-")
    try compare(run.output.replacing(image, with: "image"), with: name)
  }

  private func compare(_ output: String, with name: String) throws {
    let file = ToolRun.root.appending(path: "Corpus/golden/\(name).txt")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(output.utf8).write(to: file)
    }
    let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(output == expected, "differs from Corpus/golden/\(name).txt")
  }
}
