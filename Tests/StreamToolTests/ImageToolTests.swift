import Foundation
import MigrationStream
import StreamIO
import StreamTestKit
import Testing

/// Streams and images of the same state, and what the program does with them.
@Suite struct ImageToolTests {
  static let seeds: ClosedRange<UInt64> =
    1...(ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] == nil ? 5 : 200)

  static func octets(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  /// Octets that a file takes on its disk.
  static func allocated(_ path: String) throws -> Int {
    let blocks = try ToolRun.shell("stat -c %b '\(path)'").output
    return try #require(Int(blocks.filter(\.isNumber))) * 512
  }

  private func succeed(_ arguments: [String], _ comment: String) throws {
    let run = try ToolRun(arguments)
    #expect(run.status == 0, "\(comment): \(arguments): \(run.output)\(run.errors)")
  }

  // MARK: Both profiles

  /// There and back, whatever the granule, the chunks and the compression: the state stays the same.
  @Test(arguments: seeds)
  func profilesAgree(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let machine = try RandomMachine(seed: seed)
    let stream = try folder.file("stream", machine.octets)
    let (image, back, indexed) = (folder.path("image"), folder.path("back"), folder.path("indexed"))
    let granule = seed % 3 == 0 ? ["--granule", "4096"] : []
    try succeed(["convert", "--to", "image", stream, "-o", image] + granule, "seed \(seed)")
    try succeed(["verify", image], "seed \(seed)")
    try succeed(["verify", "--deep", image], "seed \(seed)")
    try succeed(["verify", "--quick", image], "seed \(seed)")
    try succeed(["index", image], "seed \(seed)")
    let options = [["--compress"], ["--chunk", "8192"], []][Int(seed % 3)]
    try succeed(["convert", "--to", "stream", image, "-o", back] + options, "seed \(seed)")
    try succeed(["index", stream, "-o", indexed], "seed \(seed)")
    try succeed(["index", indexed], "seed \(seed)")
    let wanted = try NormaliseTests.canonical(machine.octets)
    for file in [image, back, indexed] {
      try succeed(["convert", "--normalise", file, "-o", folder.path("canonical")], "seed \(seed)")
      #expect(try Self.octets(folder.path("canonical")) == wanted, "seed \(seed), \(file)")
    }
    try checkOctets(machine, [stream, image, back, indexed], folder, "seed \(seed)")
    try checkValues([stream, image, back, indexed], "seed \(seed)")
  }

  /// Memory and byte strings are what the model says, whole and in part.
  private func checkOctets(
    _ machine: RandomMachine, _ files: [String], _ folder: TemporaryFolder, _ comment: String
  ) throws {
    let output = folder.path("octets")
    for file in files {
      for (region, name) in RandomMachine.regionNames.enumerated() {
        try succeed(["get", file, "/memory/\(name)", "-o", output], comment)
        let all = machine.octets(of: region)
        #expect(try Self.octets(output) == all, "\(comment), \(file), \(name)")
        let part = ["--offset", "10000", "--length", "33333"]
        try succeed(["get", file, "/memory/\(name)", "-o", output] + part, comment)
        #expect(try Self.octets(output) == Array(all[10000..<43333]), "\(comment), \(file), \(name)")
      }
      guard !machine.byteString.isEmpty else { continue }
      try succeed(["get", file, "/bytes/two", "-o", output], comment)
      #expect(try Self.octets(output) == machine.byteString, "\(comment), \(file)")
    }
  }

  /// `get` says of every file what `dump` says of it.
  private func checkValues(_ files: [String], _ comment: String) throws {
    for file in files {
      let got = try JSONDocument(try ToolRun(["get", "--json", file, "/devices/bus/one/state/value"]).output)
      let dumped = try JSONDocument(
        try ToolRun(["dump", "--json", "--path", "/devices/bus/one/state/value", file]).output)
      #expect(got.nodes.count == 1, "\(comment), \(file)")
      #expect(
        got.nodes.last.map { "\($0["value"] ?? "") \($0["offset"] ?? "")" }
          == dumped.nodes.last.map { "\($0["value"] ?? "") \($0["offset"] ?? "")" }, "\(comment), \(file)")
    }
  }

  /// What is mentioned in part becomes whole granules, and the program says so.
  @Test(arguments: [UInt64(1), 2, 3])
  func partsOfGranules(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let machine = try RandomMachine(seed: seed, unit: 1000)
    let image = folder.path("image")
    let run = try ToolRun(["convert", "--to", "image", "-", "-o", image], input: machine.octets)
    #expect(run.status == 0, "seed \(seed): \(run.errors)")
    #expect(run.errors.contains("whole granules of 4096 octets"), "seed \(seed): \(run.errors)")
    try succeed(["verify", "--deep", image], "seed \(seed)")
    try checkOctets(machine, [image], folder, "seed \(seed)")
  }

  @Test func legalStreamsOfTheCorpusAsImages() throws {
    let folder = try TemporaryFolder()
    var count = 0
    for scenario in try CorpusToolTests.scenarios() where scenario.verdict == .accept {
      // A region of 2^56 octets has no place in a file of this machine.
      guard !scenario.name.contains("two-to-the-56"), !scenario.name.contains("sparse-bomb") else { continue }
      let file = try folder.file("in", scenario.octets)
      let run = try ToolRun(["convert", "--to", "image", file, "-o", folder.path("image")])
      guard run.status == 0 else {
        #expect(run.status == 2 && run.errors.contains("File too large"), "\(scenario.name): \(run.errors)")
        continue
      }
      try succeed(["verify", folder.path("image")], scenario.name)
      try succeed(["convert", "--to", "stream", folder.path("image"), "-o", folder.path("back")], scenario.name)
      count += 1
    }
    #expect(count > 50)
  }

  /// QEMU's pages are 4096 octets, so nothing is enlarged.
  @Test(arguments: QEMUToolTests.files + QEMUToolTests.recordings.map { $0 + ".bin.gz" })
  func fromQEMU(file: String) throws {
    let folder = try TemporaryFolder()
    let (stream, image) = (folder.path("stream"), folder.path("image"))
    guard try ToolRun(["convert", file, "-o", stream]).status == 0 else {
      #expect(try ToolRun(["convert", "--to", "image", file, "-o", image]).status == 1)
      #expect(folder.names == [])
      return
    }
    let run = try ToolRun(["convert", "--to", "image", file, "-o", image])
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    try succeed(["verify", "--deep", image], file)
    for (source, target) in [(stream, "a"), (image, "b")] {
      try succeed(["convert", "--normalise", source, "-o", folder.path(target)], file)
    }
    #expect(FileManager.default.contentsEqual(atPath: folder.path("a"), andPath: folder.path("b")))
  }

  // MARK: Files

  /// Zeros and discards take no space, nor do zero pages inside a granule.
  @Test func outputsAreSparse() throws {
    let folder = try TemporaryFolder()
    var recorder = try Recorder(mandatory: 0)
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: RawSpan(), architecture: RawSpan(), guestEndianness: 0,
      pageByteCount: 4096)
    let byteCount = UInt64(64 << 20)
    try manifest.region(name: StaticString("ram").octets, byteCount: byteCount, pageByteCount: 4096)
    try recorder.manifest(manifest)
    let page = [UInt8](repeating: 7, count: 4096)
    try recorder.empty(0, byteCount / 2, .zero)
    try recorder.empty(byteCount / 2, byteCount / 4, .discard)
    try recorder.data(byteCount * 3 / 4, page + [UInt8](repeating: 0, count: 61440))
    try recorder.empty(byteCount * 3 / 4 + 65536, byteCount / 4 - 65536, .zero)
    try recorder.end()
    let stream = try folder.file("stream", recorder.octets)
    try succeed(["convert", "--to", "image", stream, "-o", folder.path("image")], "image")
    try succeed(["verify", folder.path("image")], "image")
    #expect(try Self.octets(folder.path("image")).count > 64 << 20)
    #expect(try Self.allocated(folder.path("image")) <= 65536)
    try succeed(["get", folder.path("image"), "/memory/ram", "-o", folder.path("ram")], "get")
    #expect(try Self.allocated(folder.path("ram")) <= 8192)
    #expect(try FileManager.default.attributesOfItem(atPath: folder.path("ram"))[.size] as? Int == 64 << 20)
    let listing = try JSONDocument(try ToolRun(["ls", "--json", folder.path("image")]).output)
    #expect(listing.nodes.first { $0["name"] as? String == "granule" }?["value"] as? String == "65536")
    try succeed(["index", folder.path("image"), "-o", folder.path("again")], "index")
    #expect(try Self.allocated(folder.path("again")) <= 65536)
    #expect(FileManager.default.contentsEqual(atPath: folder.path("image"), andPath: folder.path("again")))
  }

  /// A program that is killed while it writes leaves nothing behind.
  @Test(arguments: [["--to", "image"], []])
  func killedConversion(options: [String]) throws {
    let folder = try TemporaryFolder()
    let stream = try folder.file("in", try RandomMachine(seed: 1).octets)
    let pipe = folder.path("pipe")
    let convert = (["convert", "'\(pipe)'", "-o", "'\(folder.path("out"))'"] + options).joined(separator: " ")
    let run = try ToolRun.shell(
      """
      mkfifo '\(pipe)'; '\(ToolRun.program.path)' \(convert) & tool=$!
      exec 3> '\(pipe)'; head -c 20000 '\(stream)' >&3; sleep 0.2; kill -9 $tool; wait $tool; ls '\(folder.url.path)'
      """)
    #expect(run.output.split(separator: "\n") == ["in", "pipe"], "\(run.output)\(run.errors)")
  }

  @Test func imagesWantFiles() throws {
    let folder = try TemporaryFolder()
    let image = folder.path("image")
    let machine = try RandomMachine(seed: 4)
    #expect(try ToolRun(["convert", "--to", "image", "-", "-o", image], input: machine.octets).status == 0)
    let octets = try Self.octets(image)
    for command in [["verify"], ["dump"], ["ls"], ["get", "-", "/devices"], ["index"], ["convert", "-o", folder.path("x")]] {
      let run = try ToolRun(command, input: octets)
      #expect(run.status == 2, "\(command): \(run.output)\(run.errors)")
      #expect(run.errors.contains("name a regular file"), "\(command): \(run.errors)")
    }
    for place in ["-", "/dev/null"] {
      let run = try ToolRun(["convert", "--to", "image", "-", "-o", place], input: machine.octets)
      #expect(run.status == 2 && run.errors.contains("name a regular file"), "\(run.errors)")
    }
    #expect(folder.names == ["image"])
    // What an image is can be said from its first records.
    #expect(try ToolRun(["info"], input: octets).output.contains("profile = image"))
  }

  /// Long work on a terminal says how far it has come; nobody else hears of it.
  @Test func progress() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", try RandomMachine(seed: 1).octets)
    let slow = "(head -c 9000 '\(file)'; sleep 0.7; tail -c +9001 '\(file)') | '\(ToolRun.program.path)' verify -"
    let terminal = try ToolRun.shell("script -qec \"\(slow)\" /dev/null")
    #expect(terminal.output.contains("verifying "), "\(terminal.output)")
    #expect(try ToolRun.shell(slow).errors == "")
  }
}
