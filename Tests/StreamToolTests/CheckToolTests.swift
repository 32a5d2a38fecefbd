import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// `check` as a user meets it: what it prints, and how it ends.
@Suite struct CheckToolTests {
  static let cases = ToolRun.root.appending(path: "Corpus/models/check").path

  static func file(_ name: String) -> String { "\(cases)/\(name).json" }

  /// A destination for the sample stream.
  static let net = """
    {"host":"HOST","models":{"example.org/net":{"params":{"queues":{"type":"int","init_value":1,"off_value":1,\
    "allowed_values":["1-MAX"]},"tso":{"type":"bool","init_value":true,"off_value":false},\
    "vendor":{"type":"str","init_value":"ACME"}}}}}
    """

  static func net(_ host: String, max: Int) -> String {
    net.replacing("HOST", with: host).replacing("MAX", with: "\(max)")
  }

  @Test func statusesAndText() throws {
    let folder = Self.cases
    let good = try ToolRun(["check", Self.file("rx-filter-128-from-new/source")] + ["has-32", "old", "has-128"].map {
      "\(folder)/rx-filter-128-from-new/destinations/\($0).json"
    })
    #expect(good.status == 0)
    let lines = good.output.split(separator: "\n")
    #expect(lines.first?.hasSuffix("source.json: 1 device") == true)
    #expect(lines.contains { $0.hasPrefix("1. ") && $0.hasSuffix("has-128.json: compatible") })
    #expect(lines.contains { $0.hasPrefix("2. ") && $0.hasSuffix("has-32.json: incompatible; 1 reason") })
    #expect(good.output.contains("/pci/net0: parameter rx-filter-size is 128; allowed: 0, 32 (interface and stream)"))
    let none = try ToolRun([
      "check", Self.file("rx-filter-128-from-new/source"), Self.file("rx-filter-128-from-new/destinations/old"),
    ])
    #expect(none.status == 1)
    #expect(none.output.hasSuffix("no destination fits\n"))
  }

  @Test(arguments: [[], ["a"], ["-", "-"], ["a", "b", "--json", "--jsonl"]])
  func usage(arguments: [String]) throws {
    let run = try ToolRun(["check"] + arguments)
    #expect(run.status == 2)
    #expect(run.output == "" && run.errors != "")
  }

  @Test func missingFiles() throws {
    #expect(try ToolRun(["check", "/nonexistent", Self.file("x-is-5/destinations/new")]).status == 2)
    let run = try ToolRun(["check", Self.file("x-is-5/source"), "/nonexistent", Self.file("x-is-5/destinations/new")])
    #expect(run.status == 2)
    #expect(run.errors.contains("/nonexistent"))
    #expect(run.output.contains("new.json: compatible"))
  }

  @Test func unreadableSource() throws {
    let run = try ToolRun(["check", "-", Self.file("x-is-5/destinations/new")], input: Array("{\"models\":{\"x\":{}}}".utf8))
    #expect(run.status == 1)
    #expect(run.errors.contains("standard input:1: /models/x: `x` is no model identifier"))
    #expect(try ToolRun(["check", "-", Self.file("x-is-5/destinations/new")], input: []).status == 1)
    let noise = try ToolRun(["check", "-", Self.file("x-is-5/destinations/new")], input: [0x01, 0x02])
    #expect(noise.status == 1)
    #expect(noise.errors.contains("badMagic"))
  }

  /// A stream on a pipe: preamble and manifest are enough, whatever comes behind them.
  @Test func streamOnAPipe() throws {
    let folder = try TemporaryFolder()
    let destination = try folder.file("host.json", Array(Self.net("host-1", max: 4).utf8))
    let octets = try SampleStream.octets()
    let whole = try ToolRun(["check", "-", destination, "--json"], input: octets)
    let head = try ToolRun(["check", "-", destination, "--json"], input: Array(octets[..<1500]))
    #expect(whole.output == head.output)
    #expect(whole.output.contains("\"destination\":\"host-1\""))
    let start = Array(octets[..<200])
    let cut = try ToolRun(["check", "-", destination], input: start)
    #expect(cut.status == 1)
    #expect(cut.errors.contains("truncated"))
    let endless = try ToolRun.shell(
      "cd \(folder.url.path) && (head -c 1500 \(try folder.file("s.mgs", octets)); yes) | "
        + "timeout 20 \(ToolRun.program.path) check - host.json > out; cat out")
    #expect(endless.output.contains("host-1"))
  }

  @Test func jsonLines() throws {
    let lines = [
      Self.net("one", max: 1), "", "{\"models\":{\"example.org/net\":{\"parms\":{}}}}", Self.net("four", max: 4), "{",
      Self.net("b\\u00e9", max: 4),
    ]
    let input = Array(lines.joined(separator: "\n").utf8)
    let folder = try TemporaryFolder()
    let source = try folder.file(
      "source.json",
      Array("{\"devices\":[{\"path\":\"/d\",\"model\":\"example.org/net\",\"params\":{\"queues\":2,\"vendor\":\"ACME\"}}]}".utf8))
    let run = try ToolRun(["check", source, "-", "--jsonl", "--plan"], input: input)
    #expect(run.status == 0)
    let objects = try run.output.split(separator: "\n").map { try JSONDocument(String($0)).root }
    let kinds = objects.compactMap { $0["kind"] as? String }
    #expect(kinds == ["start", "source"] + Array(repeating: "destination", count: 5) + Array(repeating: "rank", count: 5) + ["plan", "verdict"])
    let destinations = objects.filter { $0["kind"] as? String == "destination" }
    #expect(destinations.compactMap { $0["line"] as? Int } == [1, 3, 4, 5, 6])
    #expect(destinations.compactMap { $0["verdict"] as? String } == ["incompatible", "unreadable", "compatible", "unreadable", "compatible"])
    let fault = try #require(destinations[1]["fault"] as? [String: Any])
    #expect(fault["pointer"] as? String == "/models/example.org~1net/parms" && fault["line"] as? Int == 3)
    let ranks = objects.filter { $0["kind"] as? String == "rank" }
    #expect(ranks.compactMap { $0["line"] as? Int } == [4, 6, 1, 3, 5])
    let plan = try #require(objects.first { $0["kind"] as? String == "plan" })
    #expect(plan["destination"] as? String == "four")
    let writes = try #require(plan["writes"] as? [[String: Any]])
    #expect(writes.map { "\($0["parameter"] ?? "")=\($0["value"] ?? "")" } == ["queues=2", "tso=off", "vendor=ACME"])
    let text = try ToolRun(["check", source, "-"], input: input)
    #expect(text.output.contains("line 3 (line 3): cannot be read: line 3, /models/example.org~1net/parms"))
    let document = try JSONDocument(try ToolRun(["check", source, "-", "--json", "--plan"], input: input).output).root
    #expect((document["destinations"] as? [[String: Any]])?.compactMap { $0["line"] as? Int } == [4, 6, 1, 3, 5])
  }

  /// A line that is too long is one destination that cannot be read; the next one is judged.
  @Test func longLine() throws {
    let long = [UInt8](repeating: UInt8(ascii: " "), count: (16 << 20) + 1)
    let input = long + Array("\n\(Self.net("host", max: 4))".utf8)
    let run = try ToolRun(["check", Self.file("x-is-5/source"), "-", "--jsonl"], input: input)
    #expect(run.output.contains("\"line\":1,\"verdict\":\"unreadable\""))
    #expect(run.output.contains("\"destination\":\"host\",\"line\":2,\"verdict\":\"incompatible\""))
  }

  /// Nothing that a document says reaches a terminal as it is.
  @Test func controlCharacters() throws {
    let hostile = "{\"devices\":[{\"path\":\"a\\u009b\",\"model\":\"example.org/net\",\"params\":{\"p\\u202e\":\"\\u0085\"}}]}"
    let folder = try TemporaryFolder()
    let source = try folder.file("s.json", Array(hostile.utf8))
    for form in [[], ["--json"], ["--jsonl"], ["--plan"]] {
      let run = try ToolRun(["check", source, "-"] + form, input: Array(Self.net("h\\u009b", max: 4).utf8))
      for scalar in run.output.unicodeScalars {
        #expect(scalar.value == 10 || (0x20..<0x7f).contains(scalar.value), "\(scalar.value) in \(run.output)")
      }
    }
  }
}

/// `model info` prints what `check` reads.
@Suite struct ModelInfoToolTests {
  static let devices = ToolRun.root.appending(path: "Specs/devices").path

  @Test func everyShippedModel() throws {
    let run = try ToolRun(["model", "info", Self.devices, "--line"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.split(separator: "\n").count == 1)
    let folder = try TemporaryFolder()
    let file = try folder.file("host.json", Array(run.output.utf8))
    let check = try ToolRun(["check", file, file])
    #expect(check.status == 0, "\(check.output)")
    #expect(check.output.contains("host.json: compatible"))
    #expect(try ToolRun(["model", "info", Self.devices, "--line"]).output == run.output)
    let third = try ToolRun(["model", "info", Self.devices, "--rfc", "3"])
    let thirdFile = try folder.file("third.json", Array(third.output.utf8))
    #expect(try ToolRun(["check", thirdFile, thirdFile]).status == 0)
    let document = try JSONDocument(third.output).root
    #expect(Array(document.keys) == ["models"])
  }

  @Test func usage() throws {
    for arguments in [[], ["a", "--param", "x=1"], ["a", "b", "--path", "/d"], ["a", "--rfc", "2"], ["a", "--rfc", "3", "--host", "h"]] {
      #expect(try ToolRun(["model", "info"] + arguments).status == 2, "\(arguments)")
    }
  }
}
