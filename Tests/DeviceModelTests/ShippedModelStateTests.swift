import DeviceModel
import MigrationStream
import StreamTestKit
import Testing

/// A state of a published model, and what its reader says to it.
struct ShippedState: Sendable, CustomTestStringConvertible {
  var lesson: String
  var model: String
  var parameters: [String]
  var sections: [WrittenSection]
  /// nil: accepted.
  var refusal: StreamError.Code?

  init(_ lesson: String, _ model: String, _ sections: [WrittenSection], _ refusal: StreamError.Code? = nil) {
    self.init(lesson, model, [], sections, refusal)
  }

  init(
    _ lesson: String, _ model: String, _ parameters: [String], _ sections: [WrittenSection],
    _ refusal: StreamError.Code? = nil
  ) {
    (self.lesson, self.model, self.parameters) = (lesson, model, parameters)
    (self.sections, self.refusal) = (sections, refusal)
  }

  var testDescription: String { "\(model): \(lesson)" }

  /// What the newest definition's reader says.
  func verdict() throws -> StreamError? {
    let document = try ShippedModels.document("migstream.example/\(model).json")
    let settings = try ParameterSet.settings(parameters, of: document)
    let octets = try StateWriter(ResolvedModel(document, ParameterSet(listed: settings, of: document))).stream(sections)
    return DeviceStream.refusal(of: octets, by: document)
  }
}

/// What is in the documents holds of streams: states that a device can be in are taken, states that it cannot be in are
/// refused, each by the rule that says so.
@Suite struct ShippedModelStateTests {
  /// A device that was just reset, or made.
  @Test(arguments: ShippedModels.paths)
  func theSmallestStateIsTaken(_ path: String) throws {
    let document = try ShippedModels.document(path)
    // A transmitter that has nothing to send says so.
    let reset = path.contains("serial") ? [WrittenSection("registers", ["line_status": 0x60])] : []
    for alias in [VersionAlias(name: "off", parameters: [])] + document.aliases {
      let set = try ParameterSet(listed: alias.parameters, of: document)
      let octets = try StateWriter(ResolvedModel(document, set)).stream(reset)
      #expect(DeviceStream.refusal(of: octets, by: document) == nil, "\(alias.name)")
    }
  }

  @Test(arguments: [ShippedState].devices + [ShippedState].virtio)
  func statesAreJudged(_ state: ShippedState) throws {
    let verdict = try state.verdict()
    #expect(verdict?.code == state.refusal, "\(verdict.map(String.init(describing:)) ?? "accepted")")
  }
}

extension [ShippedState] {
  private static let ring: StateValue = ["running": 1, "ring": 0x1000, "head": 5, "tail": 9]

  static let devices: [ShippedState] = [
    ShippedState(
      "at work", "net/rx-filter-nic", ["rx-filter-size=32"],
      [
        WrittenSection(
          "receive", ["running": 1, "ring": 0x1000, "accept": 9, "waiting": [["frame": .octets(60)]]]),
        WrittenSection("rx_filter", ["addresses": [0x02, 0x0102]]),
        WrittenSection(
          "transmit", ["running": 1, "ring": 0x2000, "taken": 2], .init("gathered", ["octets": .octets(900)])),
      ]),
    ShippedState("ring nowhere", "net/rx-filter-nic", [WrittenSection("receive", ["running": 1])], .ruleViolated),
    ShippedState("ring askew", "net/rx-filter-nic", [WrittenSection("receive", ["ring": 8])], .valueOutOfRange),
    ShippedState("head at the ring's size", "net/rx-filter-nic", [WrittenSection("receive", ["head": 256])], .valueOutOfRange),
    ShippedState(
      "tail at a small ring's size", "net/rx-filter-nic", ["ring-size=64"], [WrittenSection("transmit", ["tail": 64])],
      .valueOutOfRange),
    ShippedState("filter bit without filter", "net/rx-filter-nic", [WrittenSection("receive", ["accept": 8])], .symbolChanged),
    ShippedState(
      "an address twice", "net/rx-filter-nic", ["rx-filter-size=32"], [WrittenSection("rx_filter", ["addresses": [7, 7]])],
      .duplicateKey),
    ShippedState(
      "half a frame without its octets", "net/rx-filter-nic",
      [WrittenSection("transmit", ["running": 1, "ring": 0x2000, "taken": 2])], .conditionMismatch),
    ShippedState(
      "octets without half a frame", "net/rx-filter-nic",
      [WrittenSection("transmit", ring, .init("gathered", [:]))], .conditionMismatch),
    ShippedState("half a frame of no ring", "net/rx-filter-nic", [WrittenSection("transmit", ["taken": 1])], .ruleViolated),

    ShippedState(
      "octets waiting", "serial/16550",
      [
        WrittenSection(
          "registers", ["fifo_control": 1, "line_status": 0x61],
          .init("receive_fifo", ["entries": [["octet": 65], ["octet": 66, "errors": 4]]]), .init("transmit_fifo", [:]),
          .init("receive_timeout", ["due": 1000])),
        ]),
    ShippedState(
      "FIFOs without their octets", "serial/16550", [WrittenSection("registers", ["fifo_control": 1, "line_status": 0x60])],
      .conditionMismatch),
    ShippedState(
      "a forgotten timeout", "serial/16550",
      [
        WrittenSection(
          "registers", ["fifo_control": 1, "line_status": 0x61], .init("receive_fifo", [:]), .init("transmit_fifo", [:]))
      ], .conditionMismatch),
    ShippedState(
      "empty, and not", "serial/16550", [WrittenSection("registers", ["line_status": 0x40])], .ruleViolated),

    ShippedState(
      "two ports", "sample/mtty", ["ports=2"],
      [
        WrittenSection("port", ["number": 1, "fifo_size": 16, "tail": 15, "count": 16]),
        WrittenSection("port", ["number": 0, "fifo_size": 1]),
      ]),
    ShippedState("tail behind the FIFO", "sample/mtty", [WrittenSection("port", ["tail": 16])], .valueOutOfRange),
    ShippedState("too many octets", "sample/mtty", [WrittenSection("port", ["count": 17])], .valueOutOfRange),
    ShippedState("a size that is none", "sample/mtty", [WrittenSection("port", ["fifo_size": 8])], .ruleViolated),
    ShippedState("a second port of one", "sample/mtty", [WrittenSection("port", ["number": 1])], .valueOutOfRange),
    ShippedState(
      "one port twice", "sample/mtty", ["ports=2"], [WrittenSection("port", [:]), WrittenSection("port", [:])],
      .duplicateKey),

    ShippedState(
      "in the middle of a buffer", "sound/surround-card", ["output-channels=6"],
      [
        WrittenSection(
          "playback",
          [
            "running": 1, "descriptors_at": 0x8000, "cyclic_length": 4096, "rate": 48000, "sample_octets": 2,
            "descriptor": 3, "descriptor_done": 128, "position": 99, "next_frame": 5, "fifo": .octets(72),
          ])
      ]),
    ShippedState("no buffers", "sound/surround-card", [WrittenSection("playback", ["running": 1])], .ruleViolated),

    ShippedState(
      "commands pending", "gpu/large-memory", ["displays=2"],
      [
        WrittenSection("contexts", ["next_id": 3, "items": [["id": 1], ["id": 2, "parent": 1]]]),
        WrittenSection(
          "engine",
          [
            "running": 1, "ring": 0x4000, "busy": 1,
            "pending": [.element("batch", ["context": 1]), .element("wait", ["fence": 7, "engine": 3])],
          ]),
        WrittenSection("display", ["number": 1, "enabled": 1, "width": 640, "height": 480, "cursor": ["x": 5]]),
      ]),
    ShippedState(
      "a context given out again", "gpu/large-memory",
      [WrittenSection("contexts", ["next_id": 2, "items": [["id": 1], ["id": 2]]])], .ruleViolated),
    ShippedState(
      "contexts that share each other", "gpu/large-memory",
      [WrittenSection("contexts", ["next_id": 3, "items": [["id": 1, "parent": 2], ["id": 2, "parent": 1]]])],
      .cyclicReference),
    ShippedState(
      "a parent that is gone", "gpu/large-memory",
      [WrittenSection("contexts", ["next_id": 3, "items": [["id": 2, "parent": 1]]])], .danglingReference),
    ShippedState("page table behind the memory", "gpu/large-memory",
      [WrittenSection("contexts", ["next_id": 3, "items": [["id": 1, "page_table": 0x10_0000_0000]]])], .valueOutOfRange),
    ShippedState("a picture without size", "gpu/large-memory", ["displays=1"],
      [WrittenSection("display", ["enabled": 1])], .ruleViolated),
    ShippedState("busy with nothing", "gpu/large-memory", [WrittenSection("engine", ["busy": 1])], .ruleViolated),
  ]

  private static let areas: [(String, UInt64)] = [
    ("descriptor_area", 0x1000), ("driver_area", 0x2000), ("device_area", 0x3000),
  ]

  private static func queue(_ number: UInt64, _ values: [String: StateValue] = [:]) -> StateValue {
    let own: [String: StateValue] = ["number": .number(number), "size": 64, "enabled": 1]
    let all = own.merging(areas.map { ($0.0, .number($0.1)) }) { first, _ in first }
    return .fields(all.merging(values) { _, last in last })
  }

  static let virtio: [ShippedState] = [
    ShippedState(
      "three queues, one with a chain in hand", "virtio/net", ["control-queue=on", "msix-vectors=4", "mac-table-size=64"],
      [
        WrittenSection(
          "transport",
          [
            "driver_features": 0x1_0000_8020, "status": 15, "configuration_vector": ["number": 3],
            "queues": [queue(0, ["vector": ["number": 0]]), queue(1, ["chains_taken": 1]), queue(2)],
          ], .init("in_flight", ["heads": [7]], element: 1)),
        WrittenSection("receive", ["unicast": [0x02], "multicast": [0x0133]]),
      ]),
    ShippedState(
      "one queue twice", "virtio/net", [WrittenSection("transport", ["queues": [queue(1), queue(1)]])], .duplicateKey),
    ShippedState(
      "a queue too many", "virtio/net", [WrittenSection("transport", ["queues": [queue(3)]])], .valueOutOfRange),
    ShippedState(
      "larger than it can be", "virtio/net", [WrittenSection("transport", ["queues": [queue(0, ["size": 257])]])],
      .valueOutOfRange),
    ShippedState(
      "on, without areas", "virtio/net", [WrittenSection("transport", ["queues": [queue(0, ["driver_area": 0])]])],
      .ruleViolated),
    ShippedState(
      "on, with an area askew", "virtio/net",
      [WrittenSection("transport", ["queues": [queue(0, ["device_area": 0x3002])]])], .ruleViolated),
    ShippedState(
      "off, with a chain in hand", "virtio/net",
      [
        WrittenSection(
          "transport", ["queues": [queue(0, ["enabled": 0, "chains_taken": 1])]], .init("in_flight", ["heads": [1]]))
      ], .ruleViolated),
    ShippedState(
      "a chain that was forgotten", "virtio/net",
      [WrittenSection("transport", ["queues": [queue(0, ["chains_taken": 1])]])], .conditionMismatch),
    ShippedState(
      "a vector that is none", "virtio/net", ["msix-vectors=2"],
      [WrittenSection("transport", ["queues": [queue(0, ["vector": ["number": 2]])]])], .valueOutOfRange),
    ShippedState(
      "a feature that was turned off", "virtio/net", [WrittenSection("transport", ["driver_features": 0x2_0000])],
      .symbolChanged),
    ShippedState(
      "spread to a pair that is none", "virtio/net", ["control-queue=on", "queue-pairs=2", "rss-table-size=128"],
      [WrittenSection("rss", ["table": [0, 1, 2]])], .valueOutOfRange),

    ShippedState(
      "requests in flight", "virtio/blk",
      [
        WrittenSection("transport", ["queues": [queue(0, ["chains_taken": 2])]]),
        WrittenSection(
          "requests",
          [
            "next_tag": 9,
            "in_flight": [
              ["tag": 7, "kind": 1, "length": 4096, "done": 512], ["tag": 8, "kind": 4, "waits_for": 7],
            ],
          ]),
      ]),
    ShippedState(
      "a tag given out again", "virtio/blk", [WrittenSection("requests", ["next_tag": 7, "in_flight": [["tag": 7]]])],
      .ruleViolated),
    ShippedState(
      "one tag twice", "virtio/blk",
      [WrittenSection("requests", ["next_tag": 8, "in_flight": [["tag": 7], ["tag": 7]]])], .duplicateKey),
    ShippedState(
      "waiting for nobody", "virtio/blk",
      [WrittenSection("requests", ["next_tag": 8, "in_flight": [["tag": 7, "waits_for": 3]]])], .danglingReference),
    ShippedState(
      "waiting for each other", "virtio/blk",
      [
        WrittenSection(
          "requests", ["next_tag": 8, "in_flight": [["tag": 6, "waits_for": 7], ["tag": 7, "waits_for": 6]]])
      ], .cyclicReference),
    ShippedState(
      "a kind that was turned off", "virtio/blk",
      [WrittenSection("requests", ["next_tag": 8, "in_flight": [["tag": 7, "kind": 11]]])], .symbolChanged),

    ShippedState(
      "output half written", "virtio/console",
      [WrittenSection("port", ["output_done": 3], .init("partial_output", ["head": 4]))]),
    ShippedState(
      "half written, of what", "virtio/console", [WrittenSection("port", ["output_done": 3])], .conditionMismatch),
    ShippedState(
      "more than the rate", "virtio/rng", ["rate-limit=1000"], [WrittenSection("limit", ["octets_left": 1001])],
      .valueOutOfRange),
  ]
}
