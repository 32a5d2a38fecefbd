import DeviceModel
import Foundation
import Testing

/// The crosswalk of the virtio network device against its document and against recorded sections.
@Suite struct CrosswalkTests {
  private let crosswalk: Crosswalk
  private let document: ModelDocument

  init() throws {
    let file = ShippedModels.folder.appending(path: "migstream.example/virtio/net.crosswalk.md")
    crosswalk = Crosswalk(try String(contentsOf: file, encoding: .utf8))
    document = try ShippedModels.document("migstream.example/virtio/net.json")
  }

  @Test func everyRowIsDecidedAndNoneComesTwice() {
    #expect(crosswalk.rows.count > 150)
    var seen: Set<String> = []
    for row in crosswalk.rows {
      #expect(row.verdict == "mapped" || row.verdict == "excluded", "\(row.part) \(row.item)")
      #expect(!row.text.isEmpty, "\(row.part) \(row.item)")
      #expect(seen.insert(row.part + " " + row.item).inserted, "\(row.part) \(row.item) twice")
      let isElsewhere = row.text.contains("byte string")
      #expect(row.verdict == "excluded" || isElsewhere || !row.paths.isEmpty, "\(row.part) \(row.item)")
    }
  }

  @Test func everyPathIsInTheDocument() {
    let paths = DocumentPaths(document)
    for path in crosswalk.rows.flatMap(\.paths) + crosswalk.additions {
      #expect(paths.leaves.contains(path) || paths.groups.contains(path), "\(path)")
    }
    #expect(document.byteString != nil)
  }

  @Test func everyFieldIsReached() {
    let named = Set(crosswalk.rows.flatMap(\.paths) + crosswalk.additions)
    for leaf in DocumentPaths(document).leaves {
      let steps = leaf.split(separator: "/")
      let isReached = (1...steps.count).contains { named.contains(steps.prefix($0).joined(separator: "/")) }
      #expect(isReached, "\(leaf)")
    }
    // What another side has is no addition.
    #expect(named.count == Set(crosswalk.rows.flatMap(\.paths)).union(crosswalk.additions).count)
    #expect(Set(crosswalk.additions).isDisjoint(with: crosswalk.rows.flatMap(\.paths)))
  }

  /// The types of the specification's tables, and all classes of the control queue.
  @Test func everyDevicePartIsThere() {
    let parts = Set(crosswalk.rows.map(\.part))
    for part in ["0x100", "0x101", "0x102", "0x103", "0x104", "0x105", "0x200"] {
      #expect(parts.contains(part), "\(part)")
    }
    let offsets = crosswalk.rows.filter { $0.part == "0x102" }.compactMap { Int($0.item.prefix { $0.isNumber }) }
    #expect(offsets == [0, 4, 8, 12, 16, 18, 20, 21, 22, 24, 26, 28, 30, 32, 40, 48, 56, 58, 60, 62])
    let commands = [6, 2, 2, 1, 3, 1, 4, 1, 2, 4]  // Of classes 0 to 9.
    for (number, count) in commands.enumerated() {
      for command in 0..<count {
        let item = "class \(number) command \(command),"
        #expect(crosswalk.rows.contains { $0.part == "0x200" && $0.item.hasPrefix(item) }, "\(item)")
      }
    }
  }

  /// Parameters that rows give as a reason exist.
  @Test func parametersOfReasonsExist() {
    let names = Set(document.parameters.map(\.name))
    for row in crosswalk.rows where row.text.contains("parameter") {
      let quoted = row.text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 && !$0.element.contains("/") }.map { String($0.element) }
      for name in quoted { #expect(names.contains(name), "\(row.item): \(name)") }
    }
  }

  /// Walks sections that QEMU has written, with the widths of the table: all octets are consumed, and with the exception
  /// of what those devices do not have, all items of the table come up.
  @Test(arguments: [false, true])
  func recordedSectionsAreConsumedWhole(_ isPacked: Bool) throws {
    let name = isPacked ? "virtio-net-packed" : "virtio-net-split"
    var walk = QEMUNetworkWalk(try RecordedSection.octets(name), crosswalk, vectorCount: 4)
    try walk.device()
    #expect(walk.position == walk.octets.count, "\(name)")
    let items = Set(crosswalk.rows.filter { $0.part.isEmpty }.map(\.item))
    let absent: Set = [
      "pci/extended config", "queue align", "max_queue_pairs", "curr_queue_pairs", "tx_waiting, further pairs",
      "virtio-net-device/rss supported_hash_types", "virtio-net-device/backend", "tap file descriptors",
      "virtio/device_endian", "virtio/128bit_features", "virtio/broken", "virtio/disabled",
      "virtio/extra_state features from bit 64",
    ]
    let ofPackedRings = items.filter { $0.hasPrefix("virtio/packed_virtqueues") }
    #expect(walk.met == items.subtracting(absent).subtracting(isPacked ? [] : ofPackedRings), "\(name)")
  }
}
