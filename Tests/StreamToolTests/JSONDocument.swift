import Foundation
import Testing

/// The program's JSON as another parser reads it.
struct JSONDocument {
  let root: [String: Any]

  init(_ text: String) throws {
    root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  var files: [[String: Any]] { root["files"] as? [[String: Any]] ?? [] }

  var verdicts: [String] {
    files.compactMap { ($0["verdict"] as? [String: Any])?["result"] as? String }
  }

  /// Names of the outermost nodes of all files.
  var names: [String] {
    files.flatMap { $0["nodes"] as? [[String: Any]] ?? [] }.compactMap { $0["name"] as? String }
  }

  /// All nodes, parents first.
  var nodes: [[String: Any]] {
    func flat(_ nodes: [[String: Any]]) -> [[String: Any]] {
      nodes.flatMap { [$0] + flat($0["nodes"] as? [[String: Any]] ?? []) }
    }
    return files.flatMap { flat($0["nodes"] as? [[String: Any]] ?? []) }
  }
}

@Suite struct JSONTests {
  static let keys: Set<String> = ["path", "name", "offset", "length", "type", "value", "meaning", "mark", "nodes"]

  @Test func keysAreFixed() throws {
    let document = try JSONDocument(
      try ToolRun(["dump", "--json", "--headers"], input: SampleStream.octets()).output)
    #expect(document.root["schema"] as? Int == 1)
    #expect(Set(document.root.keys) == ["schema", "command", "files"])
    for node in document.nodes { #expect(Set(node.keys).isSubset(of: Self.keys)) }
    #expect(document.nodes.count > 150)
  }

  /// Everything that may exceed 53 bits is a string; text keeps its characters.
  @Test func nothingIsLost() throws {
    let nodes = try JSONDocument(try ToolRun(["dump", "--json"], input: SampleStream.octets()).output).nodes
    func value(_ path: String) -> Any? { nodes.first { $0["path"] as? String == path }?["value"] }
    let state = "/devices/pci.0/net0/state/"
    #expect(value(state + "counter") as? String == "18446744073709551616")
    #expect(value(state + "timer/ticks") as? String == "18446744073709551615")
    #expect(value(state + "ring") as? String == "0x0000000100002000")
    #expect(value(state + "running") as? Bool == true)
    #expect(value(state + "load") as? String == "nan(0x7ff8000000000123)")
    #expect(value(state + "name") as? String == "net\u{1b}]0;pwned\u{07}")
    #expect((value(state + "key") as? [String: Any])?["secret"] as? Bool == true)
    #expect(value("/devices/pci.0/net0/state/queues[1]/+extra/text") as? String == "inner")
    for node in nodes { #expect(node["offset"] is String? && node["length"] is String?) }
  }

  /// One object a line says the same as one document.
  @Test func linesAgreeWithTheDocument() throws {
    let octets = try SampleStream.octets()
    let lines = try ToolRun(["dump", "--jsonl"], input: octets).output.split(separator: "\n")
    let objects = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.first?["schema"] as? Int == 1)
    #expect(objects.map { $0["kind"] as? String }.last == "verdict")
    let paths = objects.filter { $0["kind"] as? String == "node" }.compactMap { $0["path"] as? String }
    let document = try JSONDocument(try ToolRun(["dump", "--json"], input: octets).output)
    #expect(paths == document.nodes.compactMap { $0["path"] as? String })
  }

  /// The rows of the table account for every octet, in order and once.
  @Test(arguments: [false, true])
  func annotatedRowsCoverEveryOctet(compresses: Bool) throws {
    let octets = try SampleStream.octets(compresses: compresses)
    let output = try ToolRun(["dump", "--annotate"], input: octets).output
    #expect(!output.contains(" gap "))
    let offsets = output.split(separator: "\n").compactMap { line in
      line.hasPrefix("0x") ? UInt64(line.dropFirst(2).prefix(8), radix: 16) : nil
    }
    #expect(offsets == offsets.sorted())
    #expect(Set(offsets).count == offsets.count)
  }

  @Test func faultsHaveTheirPlace() throws {
    var octets = try SampleStream.octets()
    octets[octets.count - 1] = 1
    let document = try JSONDocument(try ToolRun(["verify", "--json"], input: octets).output)
    let fault = try #require(document.files.first?["fault"] as? [String: Any])
    #expect(fault["code"] as? String == "digestMismatch")
    #expect(fault["number"] as? Int == 40)
    #expect(UInt64(fault["offset"] as? String ?? "") == UInt64(octets.count - 480 + 32))
    #expect(fault["message"] is String && fault["next"] is String && fault["window"] is [String: Any])
  }
}
