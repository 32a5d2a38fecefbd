import ForeignStreams
import Foundation
import MigrationStream
import Testing

/// Streams that QEMU wrote, converted and read back; see ``RecordedStreamTests`` for where they are.
@Suite struct ConversionRecordedTests {
  private static let required = [
    "72-none-S", "72-pc-i440fx-7.2-S", "100-pc-i440fx-10.0-S", "72-q35-rich-bios", "72-arm-stellaris-S",
    "72-pc-virtio-bios",
  ]

  /// Streams that QEMU reads with a description, and their octets; nil for channels without sections.
  private func open(_ name: String) throws -> (stream: QEMUStream, octets: [UInt8])? {
    let octets = try TestFiles.unzipped("\(name).bin.gz")
    guard QEMUStream.recognises(MemoryOctets(octets)) else { return nil }
    return (try QEMUStream(MemoryOctets(octets)), octets)
  }

  @Test func theFolderIsThere() {
    if TestFiles.recordedNames.isEmpty {
      print("NOT RUN: no recorded QEMU streams at \(TestFiles.recordings.path); set MIGSTREAM_QEMU_STREAMS")
    }
  }

  @Test(arguments: TestFiles.recordedNames)
  func everyStreamConverts(_ name: String) throws {
    guard let (stream, octets) = try open(name) else { return }
    let isEncoded = name.contains("xbzrle") || name.contains("compress")
    if isEncoded {
      let error = #expect(throws: ForeignError.self) { _ = try Converted(stream) }
      #expect(error?.code == .notConvertible)
    }
    let converted = try Converted(stream) { if isEncoded { $0.memory = .omit } }
    #expect(converted.result.byteCount == UInt64(converted.octets.count))
    #expect(try converted.pulled() == UInt64(converted.octets.count))
    #expect(try converted.verified().sectionCount == UInt64(stream.deviceNumbers.count + 1))
    let reader = try ConvertedStreamReader(converted.octets)
    #expect(reader.regions.map(\.length) == stream.memoryBlocks.map(\.length))
    for device in reader.devices where device.path != "qemu/configuration" {
      guard let section = device.section else { continue }
      #expect(converted.misfits(section, source: octets).isEmpty, "\(device.path)")
    }
    if let text = stream.descriptionText {
      #expect(reader.devices[1].bytes == Array(octets[Int(text.lowerBound)..<Int(text.upperBound)]))
    }
    if !isEncoded { #expect(try Self.pages(of: stream, octets) == reader.pages) }
  }

  /// Pages that are not zero, read from the QEMU stream.
  private static func pages(
    of stream: QEMUStream, _ octets: [UInt8]
  ) throws -> [ConvertedStreamReader.PageKey: [UInt8]] {
    var pages: [ConvertedStreamReader.PageKey: [UInt8]] = [:]
    try stream.forEachPageRun { run in
      for page in 0..<run.pageCount {
        let key = ConvertedStreamReader.PageKey(
          region: run.block, offset: run.blockOffset + page * run.pageSize)
        guard run.kind == .data else {
          pages[key] = nil
          continue
        }
        let start = Int(run.fileOffset + page * run.fileStride)
        let content = Array(octets[start..<(start + Int(run.pageSize))])
        pages[key] = content.allSatisfy { $0 == 0 } ? nil : content
      }
    }
    return pages
  }

  @Test(arguments: TestFiles.recordedNames.filter { TestFiles.exists("\($0).analyze.json.gz") })
  func everyLeafOfTheReferenceIsThere(_ name: String) throws {
    let (stream, octets) = try #require(try open(name))
    let converted = try Converted(stream) { $0.memory = .omit }
    let reader = try ConvertedStreamReader(converted.octets)
    let parsed = try JSONSerialization.jsonObject(with: Data(TestFiles.unzipped("\(name).analyze.json.gz")))
    let reference = try #require(parsed as? [String: Any])
    let first = stream.descriptionText == nil ? 1 : 2
    var newest: [String: Int] = [:]
    for (place, number) in stream.deviceNumbers.enumerated() {
      let section = stream.sections[number]
      guard section.content == .described, section.explainedLength == nil else { continue }
      newest["\(section.name) (\(section.id))"] = first + place
    }
    #expect(!newest.isEmpty)
    var comparison = ReferenceComparison(converted: converted, source: octets)
    for (key, device) in newest {
      let root = try #require(reader.devices[device].section)
      comparison.compare(try #require(reference[key], "\(key)"), [root], path: key)
    }
    #expect(comparison.differences.isEmpty)
    print("\(name): \(comparison.leafCount) leaves of the reference compared")
    #expect(comparison.leafCount > 2)
  }

  /// Where the recordings are, those that must be typed are among them, so that the next test asks about all six.
  @Test func theRequiredStreamsAreThere() {
    guard !TestFiles.recordedNames.isEmpty else { return }
    for name in Self.required {
      #expect(TestFiles.exists("\(name).bin.gz") && TestFiles.exists("\(name).analyze.json.gz"), "\(name)")
    }
  }

  @Test(arguments: TestFiles.recordedNames.filter { TestFiles.exists("\($0).analyze.json.gz") })
  func leavesAreTyped(_ name: String) throws {
    let (stream, _) = try #require(try open(name))
    let typedness = try QEMUConverter.typedness(of: stream)
    let percent = (typedness.ratio * 10_000).rounded() / 100
    print("\(name): \(typedness.typedCount) of \(typedness.leafCount) leaves typed, \(percent) %")
    if Self.required.contains(name) { #expect(typedness.ratio >= 0.98) }
  }
}

/// Compares what QEMU's script prints with a converted section, by path.
private struct ReferenceComparison {
  let converted: Converted
  let source: [UInt8]
  var differences: [String] = []
  var leafCount = 0

  /// - Parameter nodes: All fields of the name: pieces of one array, where there are several.
  mutating func compare(_ reference: Any, _ nodes: [ConvertedNode], path: String) {
    if let members = reference as? [String: Any] {
      guard nodes.count == 1, nodes[0].kind == .object else { return differences.append("\(path): no struct") }
      return compare(members, nodes[0], path: path)
    }
    if let elements = reference as? [Any] {
      let parts = nodes.flatMap { $0.kind == .array ? $0.children : [$0] }
      if parts.count == elements.count, parts.allSatisfy({ $0.count == 1 }) {
        for (number, element) in elements.enumerated() {
          compare(element, [parts[number]], path: "\(path)[\(number)]")
        }
        return
      }
      return compare(octets: elements.flatMap { octets($0) }, parts, elements.count, path: path)
    }
    compare(octets: octets(reference), nodes, 1, path: path)
  }

  private mutating func compare(_ members: [String: Any], _ node: ConvertedNode, path: String) {
    var named: [String: [ConvertedNode]] = [:]
    for child in node.children where child.name != "empty" { named[base(child.name), default: []].append(child) }
    for subsection in node.subsections { named[base(subsection.name), default: []].append(subsection.node) }
    if Set(named.keys) != Set(members.keys) {
      differences.append("\(path): \(named.keys.sorted()) is not \(members.keys.sorted())")
    }
    for (key, member) in members { compare(member, named[key] ?? [], path: "\(path)/\(key)") }
  }

  /// Leaves are compared through the source map; blobs that were given a structure, as a whole.
  private mutating func compare(octets: [UInt8], _ nodes: [ConvertedNode], _ count: Int, path: String) {
    leafCount += count
    let leaves = nodes.flatMap(\.leaves)
    let places = leaves.compactMap { converted.result.sourceMap.sourceOffset(of: $0.offset) }
    guard let start = places.min().map({ Int($0) }) else {
      // An empty list leaves its end mark, or a count and the mark; a buffer of no octets leaves nothing.
      if !octets.allSatisfy({ $0 == 0 }) || octets.count > 5 { differences.append("\(path): no leaf") }
      return
    }
    let isBlob = nodes.contains { $0.kind != .leaf }
    let total = leaves.reduce(0) { $0 + $1.octets.count }
    guard isBlob || total == octets.count else { return differences.append("\(path): \(total) octets") }
    let candidates = isBlob ? max(0, start - 5)...start : start...start
    let isThere = candidates.contains {
      $0 + octets.count <= source.count && isSame(source[$0..<($0 + octets.count)], octets)
    }
    if !isThere { differences.append(path) }
  }

  /// Truth values are compared as such.
  private func isSame(_ octets: ArraySlice<UInt8>, _ reference: [UInt8]) -> Bool {
    octets.elementsEqual(reference)
  }

  /// The octets that the script prints for a leaf.
  private func octets(_ reference: Any) -> [UInt8] {
    if let truth = reference as? Bool { return [truth ? 1 : 0] }
    guard let text = reference as? String else { return [] }
    if text == "nullptr" { return [0x30] }
    var digits = Substring(text)
    if text.hasPrefix("0x") { digits = digits.dropFirst(2).prefix { $0 != " " } }
    let nibbles = digits.utf8.filter { $0 != 0x20 }.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
    return stride(from: 0, to: nibbles.count - 1, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }

  private func base(_ name: String) -> String {
    guard let mark = name.lastIndex(of: "#"), Int(name[name.index(after: mark)...]) != nil else { return name }
    return String(name[..<mark])
  }
}
