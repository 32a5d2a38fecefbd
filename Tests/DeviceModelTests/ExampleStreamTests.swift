import DeviceModel
import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// The streams of the chapter's worked examples are right by the definitions that they were made from.
/// Set UPDATE_GOLDEN=1 to make them anew.
@Suite struct ExampleStreamTests {
  struct Example: CustomStringConvertible, Sendable {
    var file: String
    var model: String
    var version: UInt32
    var parameters: [String] = []
    /// Subsections that come; no others do.
    var subsections: [String] = []
    /// What the test chose of the state; nil: a seed chose.
    var state: [WrittenSection]?

    var description: String { file }
  }

  private static let folder = ShippedModels.root.appending(path: "Corpus/models/examples")
  private static let shipped = "Specs/devices/migstream.example/"
  private static let own = "Corpus/models/examples/"

  static let examples = [
    Example(file: "nic-1", model: shipped + "net/rx-filter-nic.json", version: 1),
    Example(file: "nic-32", model: shipped + "net/rx-filter-nic.json", version: 4, parameters: ["rx-filter-size=32"]),
    Example(file: "nic-whole", model: shipped + "net/rx-filter-nic.json", version: 4),
    Example(file: "nic-gathered", model: shipped + "net/rx-filter-nic.json", version: 4, subsections: ["gathered"]),
    Example(file: "thermometer-reset", model: own + "forgotten-register.json", version: 2),
    Example(
      file: "thermometer-set", model: own + "forgotten-register.json", version: 2, subsections: ["calibration"]),
    Example(file: "stereo", model: shipped + "sound/surround-card.json", version: 1),
    Example(
      file: "surround-8", model: shipped + "sound/surround-card.json", version: 3, parameters: ["output-channels=8"]),
    Example(
      file: "monitor", model: shipped + "gpu/large-memory.json", version: 3, parameters: ["displays=1"],
      state: [WrittenSection("display", ["plugged": 1, "edid": .octets(128)])]),
    Example(
      file: "no-monitor", model: shipped + "gpu/large-memory.json", version: 3, parameters: ["displays=1"],
      state: [WrittenSection("display", [:])]),
    Example(file: "link-hidden", model: own + "links/example.com/link-hidden.json", version: 1),
    Example(file: "link-migrated", model: own + "links/example.com/link-migrated.json", version: 1),
    Example(file: "link-reread", model: own + "links/example.com/link-reread.json", version: 1),
    Example(file: "link-configured", model: own + "links/example.com/link-configured.json", version: 1),
  ]

  @Test(arguments: examples)
  func rightByItsOwnDefinition(_ example: Example) throws {
    let octets = [UInt8](try Data(contentsOf: ShippedModels.root.appending(path: example.model)))
    let document = try ModelDocument(json: JSONValue(parsing: octets)).definition(example.version)
    let file = Self.folder.appending(path: example.file + ".mgs")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try Data(try Self.make(example, document)).write(to: file)
    }
    let stream = [UInt8](try Data(contentsOf: file))
    #expect(DeviceStream.refusal(of: stream, by: document) == nil)
    #expect(try Self.subsections(of: stream) == example.subsections)
  }

  private static func make(_ example: Example, _ document: ModelDocument) throws -> [UInt8] {
    let settings = try ParameterSet.settings(example.parameters, of: document)
    let parameters = try ParameterSet(initialOf: document, but: settings)
    if let state = example.state { return try StateWriter(ResolvedModel(document, parameters)).stream(state) }
    for seed in 0..<1000 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      guard let stream = try DeviceStream(document, parameters, random: &random) else { continue }
      if try subsections(of: stream.octets) == example.subsections { return stream.octets }
    }
    throw DocumentFault("no stream of \(example.file) was found", pointer: "", line: 0)
  }

  /// Names of the subsections that come in a stream of one device.
  private static func subsections(of octets: [UInt8]) throws -> [String] {
    var decoder = try PushDecoder()
    var observer = StateObserver()
    _ = try decoder.push(octets.span.octets, to: &observer)
    return try observer.draft(ofDevice: 0, decoder.state).document.sections.flatMap { section in
      section.piece.subsections.map(\.piece.name)
    }
  }
}
