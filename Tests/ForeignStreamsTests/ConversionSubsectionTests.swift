import ForeignStreams
import MigrationStream
import Testing

/// Subsections, sections without a description, and what is not a device, on streams made by hand.
@Suite struct ConversionSubsectionTests {
  private static let byte = #""fields": [{"name": "x", "type": "uint8", "size": 1}]"#

  private func subsection(_ name: String, nested: String = "") -> String {
    #"{"vmsd_name": "\#(name)", "version": 1, "fields": [{"name": "y", "type": "uint8", "size": 1}]\#(nested)}"#
  }

  private func convert(_ octets: [UInt8]) throws -> (ConvertedStreamReader, Converted) {
    let converted = try Converted(try QEMUStream(MemoryOctets(octets)))
    #expect(try converted.pulled() == UInt64(converted.octets.count))
    _ = try converted.verified()
    return (try ConvertedStreamReader(converted.octets), converted)
  }

  @Test func subsectionsInArrayElementsKeepTheirPlace() throws {
    var payload = StreamBuilder()
    payload.octets = [1]
    payload.subsection("s/inner", payload: [2])
    payload.octets.append(3)
    payload.subsection("s/inner", payload: [4])
    payload.subsection("s/other", payload: [5])
    payload.subsection("dev/outer", payload: [6])
    func element(_ index: Int, _ inner: String) -> String {
      #"{"name": "s", "index": \#(index), "type": "struct", "struct": {"vmsd_name": "s", "version": 1, \#(Self.byte), "#
        + #""subsections": [\#(inner)]}, "size": 1}"#
    }
    let octets = StreamBuilder.oneDevice(
      payload: payload.octets,
      members: #""fields": [\#(element(0, subsection("s/inner"))), "#
        + element(1, subsection("s/inner") + ", " + subsection("s/other"))
        + "], \"subsections\": [\(subsection("dev/outer"))]")
    let (reader, _) = try convert(octets)
    let device = reader.devices[2]
    let root = try #require(device.section)
    #expect(Set(device.subsectionNames) == ["dev/outer", "s/inner", "s/other"])
    #expect(root.subsections.map(\.name) == ["dev/outer"])
    let elements = try #require(root.child("s")).children
    #expect(elements.map { $0.subsections.map(\.name) } == [["s/inner"], ["s/inner", "s/other"]])
    #expect(elements.map { $0.subsections.map(\.target) } == [
      [[TargetStep(field: 0, element: 0)]],
      [[TargetStep(field: 0, element: 1)], [TargetStep(field: 0, element: 1)]],
    ])
    #expect(root.leaves.map(\.octets) == [[1], [2], [3], [4], [5], [6]])
  }

  @Test func subsectionsNestAndRepeat() throws {
    var inner = StreamBuilder()
    inner.octets = [2]
    inner.subsection("dev/a/b", payload: [3])
    var payload = StreamBuilder()
    payload.octets = [1]
    payload.subsection("dev/a", payload: inner.octets)
    payload.subsection("dev/a", payload: inner.octets)
    let nested = subsection("dev/a", nested: #", "subsections": [\#(subsection("dev/a/b"))]"#)
    let (reader, _) = try convert(
      StreamBuilder.oneDevice(
        payload: payload.octets, members: #"\#(Self.byte), "subsections": [\#(nested), \#(nested)]"#))
    let root = try #require(reader.devices[2].section)
    #expect(reader.devices[2].subsectionNames == ["dev/a", "dev/a#2", "dev/a/b"])
    #expect(root.subsections.map(\.name) == ["dev/a", "dev/a#2"])
    #expect(root.subsections.map { $0.node.subsections.map(\.name) } == [["dev/a/b"], ["dev/a/b"]])
  }

  @Test func aSectionWithoutDescriptionIsOctets() throws {
    var builder = StreamBuilder()
    builder.header(machine: "pseries-9")
    builder.device(id: 3, "0000:00:01.3/thing", instance: 4, version: 2, payload: [9, 8, 7])
    builder.device(id: 5, "0000:00:01.3/thing", instance: 4, version: 2, payload: [6])
    builder.end(description: nil)
    let (reader, _) = try convert(builder.octets)
    #expect(reader.architecture == "ppc64")
    #expect(reader.devices.map(\.path) == [
      "qemu/configuration", "0000:00:01.3/thing[4]", "0000:00:01.3/thing[4]#2",
    ])
    #expect(reader.devices[1].address == "0000:00:01.3")
    #expect(reader.devices[1].model.isEmpty)
    #expect(reader.devices[1].parameters == ["instance_id": 4, "section_id": 3])
    #expect(reader.devices[1].section?.child("data")?.children.map(\.octets) == [[9, 8, 7]])
    #expect(reader.devices[1].section?.child("record_types")?.octets == [4])
  }

  @Test func largeSectionsAreByteStrings() throws {
    var builder = StreamBuilder()
    builder.header()
    let payload = (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 >> 4) & 0x3f }
    builder.device(id: 3, "big", payload: payload)
    builder.end(description: nil)
    let (reader, converted) = try convert(builder.octets)
    #expect(reader.devices[1].bytes == payload)
    #expect(reader.devices[1].unitCount == 1)
    #expect(reader.devices[1].section?.child("part_lengths")?.octets == [0, 0, 0x90, 0, 0, 0, 0, 0])
    #expect(converted.result.sourceMap.runs.last?.length == 1 << 20)
  }

  @Test func theConfigurationIsASection() throws {
    var builder = StreamBuilder()
    builder.header(machine: "m")
    builder.subsection("configuration/target-page-bits", payload: [0, 0, 0, 16])
    builder.subsection("configuration/capabilities", payload: [0, 0, 0, 2, 1, 0x61, 2, 0x62, 0x63])
    builder.subsection("configuration/uuid", payload: Array(0..<16))
    builder.octets += [8, 0, 2, 0, 4, 0, 0, 0, 5]
    builder.device(id: 1, "dev", payload: [1])
    builder.end(description: nil)
    let (reader, _) = try convert(builder.octets)
    let root = try #require(reader.devices[0].section)
    #expect(root.child("machine")?.octets == [0x6d])
    #expect(root.child("page_size")?.octets == [0, 0, 1, 0])
    #expect(root.child("configuration/target-page-bits")?.child("target_page_bits")?.octets == [16, 0, 0, 0])
    let capabilities = root.child("configuration/capabilities")?.child("capabilities")
    #expect(capabilities?.children.map(\.octets) == [[0x61], [0x62, 0x63]])
    #expect(root.child("configuration/uuid")?.child("uuid")?.octets == Array(0..<16))
    let records = try #require(root.child("records")).children
    #expect(records.map { $0.child("kind")?.octets } == [[8], [0]])
    #expect(records[0].child("command")?.octets == [2, 0])
    #expect(records[0].child("octets")?.octets == [0, 0, 0, 5])
  }

  @Test func memoryAndLaterPages() throws {
    let octets = StreamBuilder.memory()
    let (reader, _) = try convert(octets)
    #expect(reader.regions.map(\.name) == ["r0"])
    let key = { (page: UInt64) in ConvertedStreamReader.PageKey(region: 0, offset: page * 256) }
    #expect(reader.pages == [
      key(0): [UInt8](repeating: 0xa1, count: 256), key(1): [UInt8](repeating: 0xa2, count: 256),
      key(3): [UInt8](repeating: 0xa3, count: 256),
    ])
    let omitted = try Converted(try QEMUStream(MemoryOctets(octets))) { $0.memory = .omit }
    let withoutPages = try ConvertedStreamReader(omitted.octets)
    #expect(withoutPages.regions.count == 1)
    #expect(withoutPages.pages.isEmpty)
  }

  @Test func aPageThatComesAgainEndsAsItCameLast() throws {
    var builder = StreamBuilder()
    builder.header()
    builder.section(1, id: 2, "ram", version: 4)
    builder.u64(512 | 0x04)
    builder.string8("r0")
    builder.u64(512)
    for value in [1, 2, 3] as [UInt8] {
      builder.u64(0x100 | 0x08)
      builder.string8("r0")
      builder.octets += [UInt8](repeating: value, count: 256)
    }
    builder.u64(0x02)
    builder.string8("r0")
    builder.u8(0x5a)
    builder.u64(0x10)
    builder.footer(2)
    builder.end(description: #"{"page_size": 256, "devices": []}"#)
    let (reader, _) = try convert(builder.octets)
    #expect(reader.pages[.init(region: 0, offset: 256)] == [UInt8](repeating: 3, count: 256))
    #expect(reader.pages[.init(region: 0, offset: 0)] == [UInt8](repeating: 0x5a, count: 256))
  }

  @Test func encodedPagesAreRefusedAtTheirPlace() throws {
    var builder = StreamBuilder()
    builder.header()
    builder.section(1, id: 2, "ram", version: 4)
    builder.u64(256 | 0x04)
    builder.string8("r0")
    builder.u64(256)
    builder.u64(0x40)
    builder.string8("r0")
    builder.octets += [1, 0, 2, 0, 0]
    builder.u64(0x10)
    builder.footer(2)
    builder.end(description: #"{"page_size": 256, "devices": []}"#)
    let stream = try QEMUStream(MemoryOctets(builder.octets))
    #expect(stream.damage == nil)
    let error = #expect(throws: ForeignError.self) { _ = try Converted(stream) }
    #expect(error?.code == .notConvertible)
    #expect(error?.path == "r0: xbzrle page")
    let place = builder.octets.firstRange(of: [1, 0, 2, 0, 0]).map { UInt64($0.lowerBound + 3) }
    #expect(error?.offset == place)
  }
}
