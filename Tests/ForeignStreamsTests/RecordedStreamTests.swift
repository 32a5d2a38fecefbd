import ForeignStreams
import Foundation
import Testing

/// Streams that QEMU 7.2 and 10.0 wrote, with what QEMU's own script says about them.
///
/// They hold firmware and are not part of the repository: `MIGSTREAM_QEMU_STREAMS` names their folder.
@Suite struct RecordedStreamTests {
  @Test func theFolderIsThere() {
    if TestFiles.recordedNames.isEmpty {
      print(
        "NOT RUN: no recorded QEMU streams at \(TestFiles.recordings.path); set MIGSTREAM_QEMU_STREAMS"
      )
    }
  }

  @Test(arguments: TestFiles.recordedNames.filter { TestFiles.exists("\($0).analyze.json.gz") })
  func printsWhatTheScriptPrints(_ name: String) throws {
    let stream = try QEMUStream(MemoryOctets(TestFiles.unzipped("\(name).bin.gz")))
    #expect(stream.damage == nil)
    let reference = try TestFiles.unzipped("\(name).analyze.json.gz")
    #expect(Array(try analyze(stream).utf8) == reference)
  }

  @Test(arguments: TestFiles.recordedNames.filter { TestFiles.exists("\($0).walk.json.gz") })
  func findsEveryRecord(_ name: String) throws {
    let walk = try JSONSerialization.jsonObject(
      with: Data(TestFiles.unzipped("\(name).walk.json.gz")))
    guard let members = walk as? [String: Any], members["version"] != nil,
      let records = members["records"] as? [[String: Any]]
    else { return }
    let octets = try TestFiles.unzipped("\(name).bin.gz")
    let stream = try QEMUStream(MemoryOctets(octets))
    #expect(stream.damage == nil)
    let expected = Set(records.compactMap { ($0["off"] as? NSNumber)?.uint64Value })
    let listed = stream.records.filter { $0.kind != .configuration && $0.kind != .description }
    #expect(Set(listed.map(\.offset)).isSuperset(of: expected))
    #expect(stream.endOffset == UInt64(octets.count))
  }

  /// Outside buffers, hardly anything may stay untyped where there is a description.
  @Test(arguments: TestFiles.recordedNames.filter { TestFiles.exists("\($0).analyze.json.gz") })
  func leavesAreTyped(_ name: String) throws {
    let stream = try QEMUStream(MemoryOctets(TestFiles.unzipped("\(name).bin.gz")))
    var typed = 0
    var untyped = 0
    func count(_ nodes: [QEMUNode], _ subsections: [QEMUSubsection], times: Int) {
      for node in nodes {
        switch node.shape {
        case .structure, .list: count(node.children, [], times: times)
        case .structArray(let elements): count(node.children, [], times: times * elements)
        case .single, .array:
          if node.type != .bytes {
            typed += node.elementCount * times
          } else if node.typeName != "buffer", node.typeName != "unused_buffer" {
            untyped += node.elementCount * times
          }
        }
        count([], node.subsections, times: 1)
      }
      for subsection in subsections { count(subsection.children, subsection.subsections, times: 1) }
    }
    for number in stream.deviceNumbers where stream.sections[number].content == .described {
      let device = try stream.device(number)
      let octets = device.children.map(\.sourceLength).reduce(0, +)
      let inSubsections = device.subsections.map(\.sourceLength).reduce(0, +)
      #expect(octets + inSubsections == device.section.payloadLength, "\(device.section.name)")
      count(device.children, device.subsections, times: 1)
    }
    #expect(Double(untyped) <= 0.02 * Double(typed + untyped))
  }
}
