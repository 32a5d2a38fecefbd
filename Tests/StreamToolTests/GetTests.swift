import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// `ls`, `get` and `index`: what they say, what they read, and what they do not believe.
@Suite struct GetTests {
  private static let seed = UInt64(ProcessInfo.processInfo.environment["MIGSTREAM_SEED"] ?? "1") ?? 1

  /// The sample as a stream with an index and as an image.
  private func files(_ folder: TemporaryFolder) throws -> [String] {
    let stream = try folder.file("stream", try SampleStream.octets())
    let (indexed, image) = (folder.path("indexed"), folder.path("image"))
    #expect(try ToolRun(["index", stream, "-o", indexed]).status == 0)
    #expect(try ToolRun(["convert", "--to", "image", stream, "-o", image]).status == 0)
    return [stream, indexed, image]
  }

  // MARK: Paths

  @Test(arguments: [
    "/devices/pci.0/net0/state/mac", "/devices/pci.0/net0/state/queues[1]", "/devices/pci.0/net0/state",
    "/devices/pci.0/net0", "/devices/pci.0", "/devices", "/devices/pci.0/net0/state/queues[1]/+extra",
    "/devices/pci.0/gpu %5b1%5d/log", "/devices/pci.0/net0/state/messages[1]",
  ])
  func asDumpSays(path: String) throws {
    let folder = try TemporaryFolder()
    for file in try files(folder) {
      let got = try ToolRun(["get", file, path])
      let dumped = try ToolRun(["dump", "--path", path, file])
      #expect(got.status == 0 && got.errors == "", "\(file): \(got.errors)")
      #expect(got.output != "", "\(file)")
      #expect(dumped.output.hasPrefix(got.output), "\(file): \(got.output)")
      let json = try JSONDocument(try ToolRun(["get", "--json", file, path]).output)
      #expect(json.verdicts == ["partial"] && !json.nodes.isEmpty)
    }
  }

  /// An index changes nothing of what is listed.
  @Test func listingWithAndWithoutIndex() throws {
    let folder = try TemporaryFolder()
    let files = try files(folder)
    func nodes(_ file: String) throws -> String { try ToolRun(["ls", "--jsonl", file]).output }
    let lists = try files.map { try nodes($0).split(separator: "\n").filter { $0.contains("\"kind\":\"node\"") } }
    #expect(lists[0] == lists[1] && lists[0].count > 10)
    let paths = try files.map { file in
      try JSONDocument(try ToolRun(["ls", "--json", file]).output).nodes.compactMap { $0["path"] as? String }
        .filter { !$0.hasSuffix("/granule") }
    }
    #expect(paths[0] == paths[2])
    for path in paths[0] where path.hasPrefix("/memory/") && path.split(separator: "/").count == 2 {
      #expect(try ToolRun(["get", files[2], path, "-o", folder.path("out")]).status == 0)
    }
  }

  @Test(arguments: [
    ("/devices/pci.0/net0/state/mak", "/devices/pci.0/net0/state/mac"), ("/memory/rom", "/memory/ram"),
    ("/devices/pci.0/net1", "/devices/pci.0/net0"), ("/bytes/pci.0/gpu%5b1%5d", "/bytes/pci.0/gpu %5b1%5d"),
    ("/nonsense", "ls shows what there is"), ("", "ls shows what there is"), ("/manifest", "ls shows what there is"),
  ])
  func pathsThatNameNothing(path: String, hint: String) throws {
    let folder = try TemporaryFolder()
    for file in try files(folder) {
      let run = try ToolRun(["get", file, path])
      #expect(run.status == (path.isEmpty ? 0 : 1), "\(file), \(path): \(run.output)")
      if path.isEmpty { continue }
      #expect((run.output + run.errors).contains(hint), "\(file), \(path): \(run.output)\(run.errors)")
    }
  }

  // MARK: Octets

  @Test func partsAndPipes() throws {
    let folder = try TemporaryFolder()
    for file in try files(folder) {
      let whole = try ToolRun(["get", file, "/bytes/pci.0/gpu %5b1%5d"])
      #expect(whole.status == 0 && whole.output == "device octets\n\u{1b}[31m")
      let part = try ToolRun(["get", file, "/bytes/pci.0/gpu %5b1%5d", "--offset", "7", "--length", "6"])
      #expect(part.output == "octets")
      let none = try ToolRun(["get", file, "/bytes/pci.0/gpu %5b1%5d", "--offset", "19"])
      #expect(none.status == 0 && none.output == "")
      #expect(try ToolRun(["get", file, "/bytes/pci.0/gpu %5b1%5d", "--offset", "20"]).status == 2)
      #expect(try ToolRun(["get", file, "/memory/ram", "--length", "99999999"]).status == 2)
      let memory = try ToolRun.shell("'\(ToolRun.program.path)' get '\(file)' /memory/ram | wc -c")
      #expect(memory.output == "\(1 << 20)\n")
      #expect(memory.errors.contains("does not mention"), "\(memory.errors)")
    }
  }

  @Test(arguments: [
    ["get", "x"], ["get", "x", "/devices", "-o", "y"], ["get", "x", "/memory/ram", "--json"],
    ["get", "x", "/devices", "--offset", "1"], ["index", "x", "--remove"], ["index", "x", "-o", "y", "--json"],
    ["convert", "x", "-o", "y", "--granule", "65536"], ["convert", "x", "-o", "y", "--to", "image", "--granule", "5000"],
    ["convert", "x", "-o", "y", "--to", "image", "--chunk", "8192"], ["convert", "x", "-o", "y", "--to", "picture"],
    ["convert", "x", "-o", "y", "--to", "image", "--normalise"],
  ])
  func usage(arguments: [String]) throws {
    let run = try ToolRun(arguments, input: [])
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.errors.contains("Usage") || run.errors.contains("Error"))
  }

  @Test func terminalsGetNoOctets() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", try SampleStream.octets())
    let run = try ToolRun.shell("script -qec \"'\(ToolRun.program.path)' get '\(file)' /memory/ram\" /dev/null")
    #expect(run.output.contains("give --output FILE") && run.output.utf8.count < 1000)
  }

  // MARK: Damage

  /// Wrong in a way that only the records between can tell: chapter 30 section 4.3. `index` and `verify` find it.
  private static let plausible: Set<String> = [
    "index/first-extent-missing", "index/index-without-the-content", "index/of-superseded-data",
    "index/of-the-section-before-it-was-replaced",
  ]

  /// Through a damaged index nothing comes that the records do not say.
  @Test func wrongIndexesAreNotFollowed() throws {
    let folder = try TemporaryFolder()
    var (refused, checked) = (0, 0)
    for scenario in try CorpusToolTests.scenarios() where scenario.name.hasPrefix("index/") {
      let file = try folder.file("wrong", scenario.octets)
      let plain = folder.path("plain")
      guard try ToolRun(["index", "--remove", file, "-o", plain]).status == 0 else { continue }
      let listing = try JSONDocument(try ToolRun(["ls", "--json", plain]).output)
      let paths = listing.nodes.compactMap { $0["path"] as? String }.filter { path in
        ["/devices/", "/memory/", "/bytes/"].contains { path.hasPrefix($0) } && !path.contains("+")
      }
      for path in paths {
        let (got, wanted) = (try ToolRun(["get", file, path]), try ToolRun(["get", plain, path]))
        #expect(got.status == 0 || got.status == 1, "\(scenario.name), \(path): \(got.errors)")
        if got.status == 1, wanted.status == 0 { refused += 1 }
        if got.status == 0, !Self.plausible.contains(scenario.name) {
          #expect(got.output == wanted.output, "\(scenario.name), \(path)")
        }
        checked += 1
      }
      if scenario.verdict == .reject {
        #expect(try ToolRun(["index", file]).status == 1, "\(scenario.name)")
        #expect(try ToolRun(["index", plain]).output.contains("there is no index"), "\(scenario.name)")
      }
    }
    #expect(refused > 20 && checked > 100, "\(refused) of \(checked)")
  }

  /// Digests are right, contents are not: every command ends as it should and none traps.
  @Test func hostileFilesWithRightDigests() throws {
    var generator = SeededOctets(seed: Self.seed)
    let folder = try TemporaryFolder()
    let files = try files(folder)
    for source in files.dropFirst() {
      let octets = try ImageToolTests.octets(source)
      for index in 0..<12 {
        var changed = octets
        SampleDamage.mutate(&changed, &generator)
        let file = try folder.file("changed", changed)
        for command in [
          ["ls", file], ["get", file, "/devices"], ["get", file, "/memory/ram", "-o", folder.path("out")],
          ["get", file, "/bytes/pci.0/gpu %5b1%5d"], ["index", file], ["index", file, "-o", folder.path("out")],
          ["verify", file], ["convert", "--to", "image", file, "-o", folder.path("out")],
        ] {
          let status = try ToolRun(command).status
          #expect(status == 0 || status == 1, "seed \(Self.seed), \(source), change \(index): \(command)")
        }
      }
    }
  }

  @Test(arguments: [["ls"], ["get", "/devices"], ["get", "/memory/ram"], ["index"]])
  func cutFiles(command: [String]) throws {
    let folder = try TemporaryFolder()
    let paths = Array(command.dropFirst())
    for source in try files(folder) {
      let octets = try ImageToolTests.octets(source)
      for count in [0, 30, 64, 700, octets.count / 2, octets.count - 481, octets.count - 1] {
        let file = try folder.file("cut", Array(octets[..<count]))
        let run = try ToolRun([command[0], file] + paths)
        #expect(run.status == 1, "\(source), \(count) octets")
        #expect((run.output + run.errors).contains("truncated"), "\(source), \(count) octets: \(run.output)\(run.errors)")
      }
    }
    #expect(try ToolRun([command[0], folder.path("missing")] + paths).status == 2)
    #expect(try ToolRun([command[0], folder.url.path] + paths).status == 2)
    let qemu = ToolRun.root.appending(path: "Corpus/qemu/72-none-S.bin").path
    #expect(try ToolRun([command[0], qemu] + paths).status != 0)
  }

  /// An octet of an area that changed is found by its digest, by whoever looks there.
  @Test func damagedAreas() throws {
    let folder = try TemporaryFolder()
    let machine = try RandomMachine(seed: 9)
    let image = folder.path("image")
    #expect(try ToolRun(["convert", "--to", "image", "-", "-o", image], input: machine.octets).status == 0)
    let listing = try JSONDocument(try ToolRun(["ls", "--json", image]).output)
    let area = try #require(listing.nodes.first { $0["path"] as? String == "/memory/ram" }?["offset"] as? String)
    let page = try #require((0..<48).first { machine.memory[0][$0 * 4096].map { $0 != 0 } ?? false })
    let place = try #require(Int(area)) + page * 4096
    let handle = try FileHandle(forUpdating: URL(filePath: image))
    try handle.seek(toOffset: UInt64(place))
    try handle.write(contentsOf: [machine.memory[0][page * 4096]! ^ 1])
    try handle.close()
    for command in [
      ["verify", image], ["dump", image], ["get", image, "/memory/ram"],
      ["convert", "--to", "stream", image, "-o", folder.path("out")],
      ["convert", "--normalise", image, "-o", folder.path("out")],
    ] {
      let run = try ToolRun(command)
      #expect(run.status == 1 && (run.output + run.errors).contains("digestMismatch"), "\(command)")
    }
    #expect(try ToolRun(["verify", "--quick", image]).status == 0)
    #expect(try ToolRun(["get", image, "/devices/two"]).status == 0)
    #expect(folder.names == ["image"])
  }
}
