import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// The program shows names, types and values of streams whose layouts it has never seen.
@Suite struct RandomLayoutTests {
  private static let seeds: Range<UInt64> = {
    let first = UInt64(ProcessInfo.processInfo.environment["MIGSTREAM_SEED"] ?? "0") ?? 0
    return first..<(first + 60)
  }()

  /// Where two lists of leaves part, for people.
  private func difference(_ shown: [ShownLeaf], _ expected: [ShownLeaf]) -> String? {
    if shown == expected { return nil }
    let index = zip(shown, expected).prefix { $0 == $1 }.count
    let (found, wanted) = (shown.dropFirst(index).first, expected.dropFirst(index).first)
    return "leaf \(index): shown \(found?.description ?? "nothing"), expected \(wanted?.description ?? "nothing")"
  }

  private func write(_ streams: [RandomStream], _ folder: TemporaryFolder) throws -> [String] {
    try streams.map { try folder.file("\($0.section.seed).mgs", $0.octets) }
  }

  /// Every leaf of the streams is in the JSON of the files with its path, type and value, and nothing else is.
  private func expectAllLeaves(_ streams: [RandomStream], in files: [String]) throws {
    let run = try ToolRun(["dump", "--json", "--reveal"] + files)
    #expect(run.status == 0, "\(run.errors)")
    let document = try JSONDocument(run.output)
    for (index, stream) in streams.enumerated() {
      let difference = difference(try document.leaves(ofFile: index), stream.leaves)
      #expect(difference == nil, "seed \(stream.section.seed)")
    }
  }

  @Test func everyLeafIsInTheJSON() throws {
    let streams = try Self.seeds.map { try RandomStream(seed: $0) }
    let folder = try TemporaryFolder()
    try expectAllLeaves(streams, in: try write(streams, folder))
    #expect(streams.reduce(0) { $0 + $1.leaves.count } > 1000)
    let types = Set(streams.flatMap { $0.section.leavesOfFields.map(\.field.attributes.type) })
    let leafTypes = FieldType.allCases.filter { !$0.isGroup && $0 != .list && $0 != .padding }
    #expect(types == Set(leafTypes), "a type that no seed has")
  }

  /// A secret is shown as one, and nothing else changes.
  @Test func secretsAreHidden() throws {
    let streams = try Self.seeds.prefix(20).map { try RandomStream(seed: $0) }
    let folder = try TemporaryFolder()
    let document = try JSONDocument(try ToolRun(["dump", "--json"] + write(streams, folder)).output)
    for (index, stream) in streams.enumerated() {
      let open = zip(stream.leaves, stream.section.leavesOfFields).filter {
        !$1.field.attributes.flags.contains(.secret)
      }.map(\.0)
      let shown = try document.leaves(ofFile: index).filter { !$0.value.contains("secret") }
      let difference = difference(shown, open)
      #expect(difference == nil, "seed \(stream.section.seed)")
    }
  }

  @Test func everyNameIsInTheText() throws {
    for seed in Self.seeds {
      let stream = try RandomStream(seed: seed)
      let run = try ToolRun(["dump"], input: stream.octets)
      #expect(run.status == 0, "seed \(seed): \(run.errors)")
      for leaf in stream.section.leaves {
        for step in leaf.path.split(separator: ".") {
          let name = step.prefix { $0 != "[" }
          if !run.output.contains(" \(name): ") { Issue.record("seed \(seed): \(name) of \(leaf.path)") }
        }
      }
    }
  }

  /// Data that breaks what its own layout claims is still shown whole; only the deep tier complains.
  @Test func claimsAreNoObstacle() throws {
    var refusedCount = 0
    for seed in Self.seeds.prefix(20) {
      let stream = try RandomStream(seed: seed)
      #expect(try ToolRun(["verify"], input: stream.octets).status == 0, "seed \(seed)")
      let deep = try ToolRun(["verify", "--deep", "--json"], input: stream.octets)
      #expect(deep.status == 0 || deep.output.contains("valueOutOfRange"), "seed \(seed): \(deep.output)")
      refusedCount += deep.status == 1 ? 1 : 0
    }
    #expect(refusedCount > 0)
  }

  @Test(arguments: [["--chunk", "4096"], ["--chunk", "8192", "--compress"]])
  func conversionKeepsEveryLeaf(options: [String]) throws {
    let folder = try TemporaryFolder()
    let streams = try Self.seeds.prefix(8).map { try RandomStream(seed: $0, claims: false) }
    var converted: [String] = []
    for (file, stream) in zip(try write(streams, folder), streams) {
      converted.append(file + ".out")
      let run = try ToolRun(["convert", file, "-o", file + ".out"] + options)
      #expect(run.status == 0, "seed \(stream.section.seed): \(run.errors)")
      let deep = try ToolRun(["verify", "--deep", file, file + ".out"])
      #expect(deep.status == 0, "seed \(stream.section.seed): \(deep.output)")
    }
    try expectAllLeaves(streams, in: converted)
  }
}
