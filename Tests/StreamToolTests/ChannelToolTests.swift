import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Streams whose channels lie in several files.
@Suite struct ChannelToolTests {
  private static func scenarios() throws -> [Scenario] {
    try Scenario.all(below: ToolRun.root.appending(path: "Corpus").path).filter {
      $0.isOfSeveralChannels && $0.limits.isEmpty && !$0.furtherChannels.isEmpty
    }
  }

  /// The files of a stream, and the arguments that name them.
  private func files(_ scenario: Scenario, in folder: TemporaryFolder) throws -> [String] {
    try files([scenario.octets] + scenario.furtherChannels, in: folder)
  }

  private func files(_ channels: [[UInt8]], in folder: TemporaryFolder) throws -> [String] {
    let names = try channels.enumerated().map { try folder.file("channel-\($0)", $1) }
    return names.prefix(1) + names.dropFirst().reversed().flatMap { ["--channel", $0] }
  }

  @Test func verdicts() throws {
    let scenarios = try Self.scenarios()
    #expect(scenarios.count > 80)
    for scenario in scenarios {
      let folder = try TemporaryFolder()
      let run = try ToolRun(["verify", "--json"] + files(scenario, in: folder))
      let document = try JSONDocument(run.output)
      #expect(run.status == (scenario.verdict == .accept ? 0 : 1), "\(scenario)")
      let fault = try #require(document.files.first)["fault"] as? [String: Any]
      #expect(fault?["code"] as? String == scenario.code.map { "\($0)" }, "\(scenario)")
      #expect(fault?["offset"] as? String == scenario.offset.map { "\($0)" }, "\(scenario)")
      #expect(fault?["channel"] as? Int ?? 0 == Int(scenario.channel), "\(scenario)")
    }
  }

  /// One channel comes of several, which holds what they held.
  @Test func conversions() throws {
    for scenario in try Self.scenarios().filter({ $0.verdict == .accept }) {
      let folder = try TemporaryFolder()
      let (out, plain) = (folder.path("out"), folder.path("plain"))
      let run = try ToolRun(["convert", "-o", out] + files(scenario, in: folder))
      #expect(run.status == 0, "\(scenario): \(run.errors)")
      let verified = try ToolRun(["verify", "--deep", out])
      #expect(verified.status == 0, "\(scenario): \(verified.output)")
      #expect(try ToolRun(["convert", "--normalise", out, "-o", plain]).status == 0, "\(scenario)")
    }
  }

  /// Three channels and two passes, in which each writes over what another has written: passes keep their order.
  @Test func passesKeepTheirOrder() throws {
    func chunk(_ pass: UInt32, _ offset: UInt64, _ value: UInt8) -> RawRecord {
      .memory(pass: pass, [.data(offset, 4096)], payload: .init(repeating: value, count: 4096))
    }
    let stream = RawStream(
      mandatory: 1 << 2,
      [
        RawManifest { $0.regions = [RawRegion()] }.record, chunk(0, 0, 1), .barrier(pass: 0, next: 3, 1, 2),
        chunk(1, 8192, 2), .end,
      ],
      channels: [[chunk(0, 4096, 3), chunk(1, 0, 4)], [chunk(0, 8192, 5), chunk(0, 12288, 6), chunk(1, 4096, 7)]])
    let folder = try TemporaryFolder()
    let arguments = try files([stream.octets] + stream.assembledChannels().map(\.octets), in: folder)
    for options in [[], ["--compress"], ["--chunk", "65536"]] {
      let run = try ToolRun(["convert", "-o", folder.path("out")] + options + arguments)
      #expect(run.status == 0, "\(run.errors)")
      let output = [UInt8](try Data(contentsOf: URL(filePath: folder.path("out"))))
      var memory = [UInt8].zeros(65536)
      var decoder = try PullDecoder(output.span.octets)
      while let item = try decoder.next() {
        guard item.record.header.knownKind == .memory else { continue }
        var position = 0
        let body = item.record.body
        for index in 0..<Int(MemoryHead(body).extentCount) {
          let extent = MemoryHead.extent(index, in: body)
          for octet in 0..<Int(extent.length) {
            memory[Int(extent.offset) + octet] = extent.kind == .data ? item.payload.octet(at: position + octet) : 0
          }
          if extent.kind == .data { position += Int(extent.length) }
        }
      }
      #expect((0..<5).map { memory[$0 * 4096] } == [4, 7, 2, 6, 0])
    }
  }

  /// What channel 0 alone can say, and what it cannot.
  @Test func channel0Alone() throws {
    let scenario = try #require(try Self.scenarios().first { $0.name == "channel/three-in-two-passes" })
    let folder = try TemporaryFolder()
    let file = try folder.file("first", scenario.octets)
    for command in [["verify"], ["dump"], ["convert", "-o", folder.path("out")]] {
      let run = try ToolRun(command + [file])
      #expect(run.status == 1)
      #expect((run.output + run.errors).contains("3 channels"), "\(command)")
      #expect((run.output + run.errors).contains("--channel FILE"), "\(command)")
    }
    let info = try ToolRun(["info", file])
    #expect(info.status == 0)
    #expect(info.output.contains("channels"))
    #expect(folder.names == ["first"])
  }

  @Test func mistakesInTheCall() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.file("plain", try SampleStream.octets())
    let scenario = try #require(try Self.scenarios().first { $0.name == "channel/two" })
    let arguments = try files(scenario, in: folder)
    #expect(try ToolRun(["verify", plain] + arguments).status == 2)
    #expect(try ToolRun(["convert", "--normalise", "-o", folder.path("out")] + arguments).status == 2)
    #expect(try ToolRun(["verify", plain, "--channel", arguments[2]]).status == 1)
    #expect(try ToolRun(["verify", arguments[0], "--channel", folder.path("none")]).status == 2)
    let foreign = try ToolRun(["verify", arguments[0], "--channel", plain])
    #expect(foreign.status == 1)
    #expect(foreign.output.contains("the fault is in \(plain)"))
  }

  @Test func aRefusedStreamLeavesNoOutput() throws {
    let scenario = try #require(try Self.scenarios().first { $0.name == "channel/overlap-in-the-last-pass" })
    let folder = try TemporaryFolder()
    let run = try ToolRun(["convert", "-o", folder.path("out")] + files(scenario, in: folder))
    #expect(run.status == 1)
    #expect(run.errors.contains("badExtent"))
    #expect(folder.names == ["channel-0", "channel-1", "channel-2"])
  }
}
