import Foundation
import MigrationStream
import Testing

/// Whatever it is given, the program says what is wrong and ends with the right status; it never traps.
@Suite struct ExitStatusTests {
  @Test(arguments: [["verify"], ["verify", "--quick"], ["verify", "--deep"], ["dump"], ["info"]])
  func good(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("good.mgs", try SampleStream.octets(compresses: true))
    let run = try ToolRun(arguments + [file])
    #expect(run.status == 0)
    #expect(run.errors == "")
    #expect(run.output != "")
  }

  @Test(arguments: [
    ["verify"], ["verify", "--quick"], ["verify", "--deep"], ["dump"], ["dump", "--annotate"], ["info"],
  ])
  func nothingAndNoise(arguments: [String]) throws {
    #expect(try ToolRun(arguments + ["-"], input: []).status == 1)
    var noise = SeededOctets(seed: 11)
    for count in [1, 7, 8, 63, 64, 100_000] {
      let octets = (0..<count).map { _ in UInt8(noise.next() % 255 + 1) }
      let run = try ToolRun(arguments + ["-"], input: octets)
      #expect(run.status == 1, "\(octets.prefix(64))")
      #expect(run.output.contains("badMagic"))
    }
  }

  @Test func everyPrefixIsRefused() throws {
    let octets = try SampleStream.octets()
    for count in stride(from: 1, to: octets.count, by: 371) {
      let run = try ToolRun(["dump", "-"], input: Array(octets[..<count]))
      #expect(run.status == 1)
      #expect(run.output.contains("error \(hex(count))"), "prefix of \(count) octets: \(run.output.suffix(300))")
    }
  }

  private func hex(_ offset: Int) -> String {
    let digits = String(offset, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }

  @Test func changedOctetsAreFound() throws {
    let octets = try SampleStream.octets()
    var generator = SeededOctets(seed: 7)
    for _ in 0..<12 {
      var changed = octets
      let place = Int(generator.next() % UInt64(octets.count))
      changed[place] ^= UInt8(truncatingIfNeeded: generator.next() | 1)
      let run = try ToolRun(["verify", "-"], input: changed)
      #expect(run.status == 1, "octet \(place)")
    }
  }

  /// Hostile streams have right digests: no form of a report traps, hangs or breaks over what they hold.
  @Test func hostileStreamsWithRightDigests() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["MIGSTREAM_SEED"] ?? "1") ?? 1
    var generator = SeededOctets(seed: seed)
    let folder = try TemporaryFolder()
    let octets = try SampleStream.octets()
    let files = try (0..<250).map { index in
      var changed = octets
      SampleDamage.mutate(&changed, &generator)
      return try folder.file("\(index)", changed)
    }
    for arguments in [["dump", "--json"], ["verify", "--deep", "--json"], ["info", "--json"]] {
      let run = try ToolRun(arguments + files)
      #expect(run.status == 1, "seed \(seed): \(run.errors)")
      #expect(try JSONDocument(run.output).verdicts.count == files.count, "seed \(seed)")
    }
    #expect(try ToolRun(["dump", "--annotate"] + files).status == 1, "seed \(seed)")
  }

  /// Only the deep tier looks at what layouts claim of values.
  @Test func claimsOfTheStreamItself() throws {
    #expect(try ToolRun(["verify", "--deep"], input: SampleStream.octets(status: 9)).status == 0)
    let octets = try SampleStream.octets(status: 10)
    #expect(try ToolRun(["verify"], input: octets).status == 0)
    let deep = try ToolRun(["verify", "--deep"], input: octets)
    #expect(deep.status == 1)
    #expect(deep.output.contains("valueOutOfRange"))
  }

  @Test func octetsBehindTheEnd() throws {
    let run = try ToolRun(["verify", "-"], input: try SampleStream.octets() + [0])
    #expect(run.status == 1)
    #expect(run.output.contains("trailingData"))
  }

  @Test(arguments: ["dump", "verify", "info"])
  func directoryAndMissingFile(command: String) throws {
    let folder = try TemporaryFolder()
    let directory = try ToolRun([command, folder.url.path])
    #expect(directory.status == 2)
    #expect(directory.errors.contains("is a directory"))
    let missing = try ToolRun([command, folder.path("missing")])
    #expect(missing.status == 2)
    #expect(missing.errors.contains("No such file"))
    let json = try ToolRun([command, "--json", folder.path("missing")])
    #expect(json.status == 2)
    #expect(try JSONDocument(json.output).verdicts == ["failed"])
  }

  @Test(arguments: [
    ["verify", "--quick", "--deep"], ["dump", "--json", "--jsonl"], ["dump", "--annotate", "--json"],
    ["dump", "--depth", "0"], ["dump", "--annotate", "--layouts"], ["dump", "--annotate", "--depth", "2"], ["dump", "--max-bytes", "-1"], ["nothing"],
    ["dump", "--color", "blue"], ["convert", "--raw", "x", "-o", "y"], ["convert", "--chunk", "5", "-o", "y"],
    ["convert"], ["convert", "--uuid", "12", "-o", "y"],
  ])
  func usage(arguments: [String]) throws {
    let run = try ToolRun(arguments, input: [])
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.errors.contains("Usage") || run.errors.contains("Error"))
  }

  @Test func helpAndVersion() throws {
    for arguments in [["--help"], ["--version"], ["help", "dump"], ["verify", "-h"]] {
      let run = try ToolRun(arguments)
      #expect(run.status == 0)
      #expect(run.output != "")
      #expect(run.errors == "")
    }
  }

  @Test func closedPipeIsQuiet() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("good.mgs", try SampleStream.octets())
    let script =
      "set -o pipefail; '\(ToolRun.program.path)' dump --annotate '\(file)' '\(file)' '\(file)' | head -n 1 >/dev/null"
    let shell = try ToolRun.shell(script)
    #expect(shell.errors == "")
    #expect(shell.status == 2)
  }

  /// Output that cannot be written is never taken for success, and only a reader that went away is no news.
  @Test(arguments: ["dump", "dump --jsonl", "verify", "info", "convert -o -"])
  func outputThatFails(command: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("good.mgs", try SampleStream.octets())
    let tool = "'\(ToolRun.program.path)' \(command) '\(file)'"
    for (script, complaint) in [
      ("exec 3> >(true); wait $!; \(tool) >&3", nil), ("\(tool) > /dev/full", "No space left"),
      ("\(tool) >&-", "standard output"),
    ] {
      let run = try ToolRun.shell(script)
      #expect(run.status == 2, "\(script)")
      #expect(complaint.map { run.errors.contains($0) } ?? (run.errors == ""), "\(script): \(run.errors)")
    }
    let closed = try ToolRun.shell("'\(ToolRun.program.path)' \(command) <&-")
    #expect(closed.status == 2)
    #expect(closed.errors.contains("standard input"))
  }

  @Test func controlCharactersStayOffTheTerminal() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("bad\u{1b}[31m\u{7}.mgs", try SampleStream.octets())
    for arguments in [
      ["dump"], ["dump", "--annotate"], ["dump", "--json"], ["dump", "--jsonl"], ["info"], ["verify"],
    ] {
      for run in [try ToolRun(arguments + [file, file]), try ToolRun(arguments + [file + "\u{1b}"])] {
        let text = run.output + run.errors
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7f })
      }
    }
    let usage = try ToolRun(["dump", "--\u{1b}[31m"])
    #expect(!usage.errors.contains("\u{1b}"))
  }

  @Test func colourOnlyWhenAsked() throws {
    let octets = try SampleStream.octets()
    #expect(try ToolRun(["dump", "--color", "always"], input: octets).output.contains("\u{1b}["))
    #expect(
      try ToolRun(["dump", "--color", "always"], input: octets, environment: ["NO_COLOR": "1"]).output.contains(
        "\u{1b}["))
    #expect(try !ToolRun(["dump"], input: octets).output.contains("\u{1b}["))
    #expect(try !ToolRun(["dump", "--color", "never"], input: octets).output.contains("\u{1b}["))
  }

  @Test func secretsAreAsked() throws {
    let octets = try SampleStream.octets()
    for arguments in [["dump"], ["dump", "--annotate"], ["dump", "--json"]] {
      let hidden = try ToolRun(arguments, input: octets).output
      #expect(!hidden.contains("73 33 63 72") && !hidden.contains("73336372"))
      let shown = try ToolRun(arguments + ["--reveal"], input: octets).output
      #expect(shown.contains("73 33 63 72") || shown.contains("73336372"))
    }
  }

  @Test func selection() throws {
    let octets = try SampleStream.octets()
    let one = try ToolRun(["dump", "--path", "/devices/pci.0/net0/state/mac", "--json"], input: octets)
    #expect(try JSONDocument(one.output).names == ["mac"])
    #expect(try ToolRun(["dump", "--path", "/devices/none"], input: octets).status == 1)
    let flat = try ToolRun(["dump", "--depth", "1", "--json"], input: octets)
    #expect(try JSONDocument(flat.output).names.count == 11 + 1)
    let short = try ToolRun(["dump", "--max-bytes", "2", "--path", "/preamble/magic"], input: octets)
    #expect(short.output.contains("89 4d ... (8 octets)"))
    let none = try ToolRun(["dump", "--max-bytes", "0", "--path", "/preamble/magic"], input: octets)
    #expect(none.output.contains("= (8 octets)"))
  }

  @Test func severalFilesInOneCall() throws {
    let folder = try TemporaryFolder()
    let good = try folder.file("good", try SampleStream.octets())
    let bad = try folder.file("bad", [1, 2, 3])
    let run = try ToolRun(["verify", "--json", good, bad, folder.path("missing"), good])
    #expect(run.status == 2)
    #expect(try JSONDocument(run.output).verdicts == ["good", "refused", "failed", "good"])
    #expect(try ToolRun(["verify", good, bad]).status == 1)
    let silent = try ToolRun(["verify", "--silent", good, good])
    #expect(silent.output == "" && silent.status == 0)
  }

  @Test func gzipIsTransparent() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("good", try SampleStream.octets())
    #expect(try ToolRun.shell("gzip -k '\(file)'").status == 0)
    #expect(try ToolRun(["verify", file + ".gz"]).output == ToolRun(["verify", file]).output)
    let twice = try ToolRun.shell(
      "head -c 5000 '\(file)' | gzip > '\(file).2'; tail -c +5001 '\(file)' | gzip >> '\(file).2'")
    #expect(twice.status == 0)
    #expect(try ToolRun(["verify", "--deep", file + ".2"]).status == 0)
    let damaged = Array(try Data(contentsOf: URL(filePath: file + ".gz")).dropLast(20))
    let run = try ToolRun(["verify", try folder.file("damaged.gz", damaged)])
    #expect(run.status == 1)
    #expect(run.errors.contains("gzip"))
  }
}

/// Splitmix64: a test that fails can be run again.
struct SeededOctets {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
