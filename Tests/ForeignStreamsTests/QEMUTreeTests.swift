import ForeignStreams
import Testing

@Suite struct QEMUTreeTests {
  private func device(payload: [UInt8], members: String) throws -> (QEMUStream, QEMUDevice) {
    let stream = try QEMUStream(
      MemoryOctets(StreamBuilder.oneDevice(payload: payload, members: members)))
    #expect(stream.damage == nil)
    return (stream, try stream.device(try #require(stream.deviceNumbers.first)))
  }

  @Test func typesComeFromTheDescription() throws {
    let (stream, device) = try device(
      payload: [0x80, 0, 0, 1] + [1, 2, 3, 4, 5, 6, 7, 8] + [0, 0, 0, 0, 0, 0, 0, 9] + [2] + [
        0, 1, 2, 3,
      ],
      members: #"""
        "fields": [{"name": "env.cr[0]", "type": "int32 equal", "size": 4},
        {"name": "d", "type": "CPU_Double_U", "size": 8}, {"name": "t", "type": "timer", "size": 8},
        {"name": "b", "type": "bool", "size": 1}, {"name": "h", "array_len": 2, "type": "uint16", "size": 2}]
        """#)
    #expect(device.children.map(\.name) == ["env.cr[0]", "d", "t", "b", "h"])
    #expect(device.children.map(\.type) == [.i32, .f64, .timer, .bool, .u16])
    #expect(device.children.last?.shape == .array(count: 2))
    #expect(try stream.octets(of: device.children[0]) == [0x80, 0, 0, 1])
    #expect(try stream.littleEndianOctets(of: device.children[0]) == [1, 0, 0, 0x80])
    #expect(try stream.littleEndianOctets(of: device.children[1]) == [8, 7, 6, 5, 4, 3, 2, 1])
    #expect(try stream.littleEndianOctets(of: device.children[3]) == [1])
    #expect(try stream.littleEndianOctets(of: device.children[4]) == [1, 0, 3, 2])
    #expect(try stream.littleEndianOctets(of: device.children[4], elements: 1..<2) == [3, 2])
  }

  @Test func subsectionsInElementsHaveAPath() throws {
    var builder = StreamBuilder()
    builder.octets = [1]
    builder.octets.append(2)
    builder.subsection("s/inner", payload: [3])
    builder.subsection("dev/outer", payload: [4])
    let element =
      #"{"vmsd_name": "s", "version": 1, "fields": [{"name": "x", "type": "uint8", "size": 1}]"#
    let inner =
      #", "subsections": [{"vmsd_name": "s/inner", "version": 1, "fields": [{"name": "y", "type": "uint8", "size": 1}]}]"#
    let (_, device) = try device(
      payload: builder.octets,
      members: #""fields": [{"name": "s", "index": 0, "type": "struct", "struct": "# + element
        + #"}, "size": 1}, {"name": "s", "index": 1, "type": "struct", "struct": "# + element
        + inner
        + #"}, "size": 15}], "subsections": [{"vmsd_name": "dev/outer", "version": 1, "fields": "#
        + #"[{"name": "z", "type": "uint8", "size": 1}]}]"#)
    #expect(device.children.map(\.index) == [0, 1])
    let placed = device.placedSubsections()
    #expect(placed.map(\.subsection.name) == ["s/inner", "dev/outer"])
    #expect(placed[0].path == [QEMUDevice.PathStep(child: 1, element: 0)])
    #expect(placed[1].path.isEmpty)
  }

  @Test func listsAreReadFromTheBlobsThatDescribeThem() throws {
    let (_, device) = try device(
      payload: [1, 0xa, 1, 0xb, 0],
      members: #"""
        "fields": [{"name": "q", "type": "qtailq",
        "vmsd_name": "e", "version": 1, "fields": [{"name": "v", "type": "uint8", "size": 1}],
        "vmsd_name": "e", "version": 1, "fields": [{"name": "v", "type": "uint8", "size": 1}], "size": 5}]
        """#)
    let list = try #require(device.children.first)
    #expect(list.type == .list)
    #expect(list.children.map(\.index) == [0, 1])
    #expect(list.children.map { $0.children[0].sourceOffset - list.sourceOffset } == [1, 3])
  }

  @Test func treesHaveKeysAndValues() throws {
    let (_, device) = try device(
      payload: [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0xc, 0],
      members: #"""
        "fields": [{"name": "g", "type": "gtree",
        "vmsd_name": "v", "version": 1, "fields": [{"name": "w", "type": "uint8", "size": 1}], "size": 15}]
        """#)
    let entry = try #require(device.children.first?.children.first)
    #expect(entry.children.map(\.name) == ["key", "value"])
    #expect(entry.children[0].type == .u64)
  }

  @Test func aBlobThatDoesNotFitStaysBytes() throws {
    let (_, device) = try device(
      payload: [1, 0xa, 7],
      members: #"""
        "fields": [{"name": "q", "type": "qtailq",
        "vmsd_name": "e", "version": 1, "fields": [{"name": "v", "type": "uint8", "size": 1}], "size": 3}]
        """#)
    #expect(device.children.map(\.type) == [.bytes])
    #expect(device.children.map(\.sourceLength) == [3])
  }

  @Test func configurationSpaceIsLittleEndian() throws {
    var space = [UInt8](repeating: 0, count: 256)
    space.replaceSubrange(0..<4, with: [0xf4, 0x1a, 0x00, 0x10])
    let (stream, device) = try device(
      payload: space + [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        + [UInt8](repeating: 0, count: 33),
      members: #"""
        "fields": [{"name": "config", "type": "pci config", "size": 256},
        {"name": "irq_state", "type": "pci irq state", "size": 16},
        {"name": "msix", "type": "msix state", "size": 33}]
        """#)
    let vendor = device.children[0].children[0]
    #expect(vendor.name == "vendor_id")
    #expect(try stream.littleEndianOctets(of: vendor) == [0xf4, 0x1a])
    #expect(device.children[0].children.map(\.sourceLength).reduce(0, +) == 256)
    #expect(device.children[1].type == .u32)
    #expect(device.children[1].shape == .array(count: 4))
    #expect(device.children[2].children.map(\.shape) == [.structArray(count: 2), .single])
  }

  @Test func whatTheDescriptionDoesNotExplainIsKept() throws {
    let (stream, device) = try device(
      payload: [0x30, 0x30, 1, 2, 3],
      members:
        #""fields": [{"name": "p", "array_len": 4, "type": "struct", "struct": {}, "size": 1}]"#)
    #expect(stream.diagnostics.map(\.kind) == [.descriptionMismatch])
    #expect(device.children.map(\.name) == ["p", "unparsed"])
    #expect(device.children[0].shape == .array(count: 2))
    #expect(device.children[1].sourceLength == 3)
    #expect(device.section.explainedLength == 2)
  }
}
