import ForeignStreams
import MigrationStream
import Testing

/// What becomes of each kind of field, on streams made by hand.
@Suite struct ConversionShapeTests {
  /// A stream of one device and the device as it was read back.
  private func convert(
    payload: [UInt8], members: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> (device: ConvertedStreamReader.Device, root: ConvertedNode, converted: Converted) {
    let octets = StreamBuilder.oneDevice(payload: payload, members: members)
    let stream = try QEMUStream(MemoryOctets(octets))
    #expect(stream.damage == nil, sourceLocation: sourceLocation)
    let converted = try Converted(stream)
    #expect(try converted.verified().sectionCount == 2, sourceLocation: sourceLocation)
    let device = try ConvertedStreamReader(converted.octets).devices[2]
    let root = try #require(device.section)
    #expect(converted.misfits(root, source: octets).isEmpty, sourceLocation: sourceLocation)
    return (device, root, converted)
  }

  private func fields(_ names: (String, String, Int)...) -> String {
    "\"fields\": ["
      + names.map { #"{"name": "\#($0.0)", "type": "\#($0.1)", "size": \#($0.2)}"# }.joined(separator: ", ")
      + "]"
  }

  @Test func typesAndOctetOrder() throws {
    let (device, root, _) = try convert(
      payload: [0x80, 0, 0, 1] + [1, 2, 3, 4, 5, 6, 7, 8] + [0, 0, 0, 0, 0, 0, 0, 9] + [2] + [0xaa, 0xbb] + [9],
      members: fields(
        ("i", "int32", 4), ("d", "float64", 8), ("t", "timer", 8), ("b", "bool", 1), ("o", "buffer", 2),
        ("u", "unused_buffer", 1)))
    #expect(root.children.map(\.type) == [.signed, .float, .instant, .bool, .bytes, .bytes])
    #expect(
      root.children.map(\.octets) == [
        [1, 0, 0, 0x80], [8, 7, 6, 5, 4, 3, 2, 1], [9, 0, 0, 0, 0, 0, 0, 0], [1], [0xaa, 0xbb], [9],
      ])
    #expect(device.path == "dev")
    #expect(device.model == "qemu.org/dev")
    #expect(device.parameters == ["instance_id": 0, "section_id": 1])
    #expect(device.sectionName == "dev")
  }

  @Test func repeatedAndUnfitNamesAreMadeUnique() throws {
    let (_, root, _) = try convert(
      payload: [1, 2, 3, 4, 5],
      members: fields(
        ("x", "uint8", 1), ("x", "uint8", 1), ("x#2", "uint8", 1), ("x", "uint8", 1), (#"\u0001"#, "uint8", 1)))
    #expect(root.children.map(\.name) == ["x", "x#2", "x#2#2", "x#3", "\u{fffd}"])
    #expect(root.children.map(\.octets) == [[1], [2], [3], [4], [5]])
  }

  @Test func longNamesAreCut() throws {
    let name = String(repeating: "\u{e9}", count: 200)
    let (_, root, _) = try convert(payload: [1, 2], members: fields((name, "uint8", 1), (name, "uint8", 1)))
    #expect(root.children.map(\.name.utf8.count) == [254, 254])
    #expect(root.children[1].name.hasSuffix("#2"))
  }

  @Test func fieldsWithoutOctetsAreKept() throws {
    let (_, root, _) = try convert(
      payload: [7],
      members: #"""
        "fields": [{"name": "none", "type": "buffer", "size": 0},
        {"name": "many", "array_len": 1000000000, "type": "buffer", "size": 0},
        {"name": "x", "type": "uint8", "size": 1},
        {"name": "s", "type": "struct", "struct": {"vmsd_name": "s", "version": 1, "fields": []}, "size": 0}]
        """#)
    #expect(root.children.map(\.name) == ["none", "many", "x", "s"])
    #expect(root.children[0].type == .countedBytes)
    #expect(root.children[1].octets.isEmpty)
    #expect(root.children[3].children.map(\.name) == ["empty"])
  }

  @Test func aDeviceWithoutFieldsHasASection() throws {
    let (_, root, _) = try convert(payload: [], members: #""fields": []"#)
    #expect(root.children.map(\.name) == ["empty"])
  }

  @Test func listsOfEqualElementsAreArrays() throws {
    let element = #""vmsd_name": "e", "version": 1, "fields": [{"name": "v", "type": "uint16", "size": 2}]"#
    let (_, root, _) = try convert(
      payload: [1, 0, 0xa, 1, 0, 0xb, 0],
      members: #""fields": [{"name": "q", "type": "qtailq", \#(element), \#(element), "size": 7}]"#)
    let list = try #require(root.child("q"))
    #expect(list.type == .structure)
    #expect(list.children.map { $0.children[0].octets } == [[0xa, 0], [0xb, 0]])
  }

  @Test func listsOfOtherElementsNameTheirLayouts() throws {
    let (_, root, converted) = try convert(
      payload: [1, 0, 0xa, 1, 0xb, 0],
      members: #"""
        "fields": [{"name": "q", "type": "qtailq",
        "vmsd_name": "e", "version": 1, "fields": [{"name": "v", "type": "uint16", "size": 2}],
        "vmsd_name": "f", "version": 1, "fields": [{"name": "w", "type": "uint8", "size": 1}], "size": 6}]
        """#)
    let list = try #require(root.child("q"))
    #expect(list.type == .list)
    #expect(list.children.map { $0.children[0].name } == ["v", "w"])
    #expect(list.children.map { $0.children[0].octets } == [[0xa, 0], [0xb]])
    #expect(try ConvertedStreamReader(converted.octets).layoutCount == 4)
  }

  @Test func anEmptyListIsAList() throws {
    let (_, root, _) = try convert(
      payload: [0], members: #""fields": [{"name": "q", "type": "qtailq", "size": 1}]"#)
    #expect(root.child("q")?.type == .list)
    #expect(root.child("q")?.children.isEmpty == true)
  }

  @Test func nullPointersHaveASymbol() throws {
    let (_, root, _) = try convert(
      payload: [0x30, 0x30], members: #""fields": [{"name": "p", "array_len": 2, "type": "nullptr", "size": 1}]"#)
    #expect(root.child("p")?.type == .enumeration)
    #expect(root.child("p")?.octets == [0x30, 0x30])
  }

  @Test func whatNestsTooDeepBecomesOctets() throws {
    var members = #"{"name": "x", "type": "uint8", "size": 1}"#
    for level in 0..<9 {
      members =
        #"{"name": "s\#(level)", "type": "struct", "struct": {"vmsd_name": "s", "version": 1, "#
        + #""fields": [\#(members)]}, "size": 1}"#
    }
    let (_, root, converted) = try convert(payload: [5], members: #""fields": [\#(members)]"#)
    #expect(converted.result.diagnostics.map(\.kind) == [.nestsTooDeep])
    #expect(root.leaves.map(\.name) == ["s0"])
    #expect(root.leaves.map(\.type) == [.bytes])
  }

  @Test func arraysOfStructsHaveTheirStride() throws {
    let (_, root, _) = try convert(
      payload: [0, 1, 2, 0, 3, 4],
      members: #"""
        "fields": [{"name": "a", "array_len": 2, "type": "struct", "struct": {"vmsd_name": "s", "version": 1, "fields":
        [{"name": "h", "type": "uint16", "size": 2}, {"name": "c", "type": "uint8", "size": 1}]}, "size": 3}]
        """#)
    let elements = try #require(root.child("a")).children
    #expect(elements.map { $0.children.map(\.octets) } == [[[1, 0], [2]], [[3, 0], [4]]])
  }

  @Test func elementsDescribedOneByOneAreOneArray() throws {
    func element(_ index: Int, _ type: String) -> String {
      #"{"name": "a", "index": \#(index), "type": "struct", "struct": {"vmsd_name": "s", "version": 1, "#
        + #""fields": [{"name": "x", "type": "\#(type)", "size": 1}]}, "size": 1}"#
    }
    let members = [element(0, "uint8"), element(1, "uint8"), element(2, "int8"), element(4, "int8")]
    let (_, root, _) = try convert(
      payload: [1, 2, 3, 4], members: #""fields": [\#(members.joined(separator: ", "))]"#)
    #expect(root.children.map(\.name) == ["a", "a#2", "a#3"])
    #expect(root.children.map(\.kind) == [.array, .object, .object])
    #expect(root.children[0].children.count == 2)
  }

  @Test func theSourceMapKnowsWhatWasMade() throws {
    let (_, root, converted) = try convert(
      payload: [0, 0, 0, 1, 2], members: fields(("a", "uint32", 4), ("b", "uint8", 1)))
    let map = converted.result.sourceMap
    #expect(map.sourceOffset(of: 0) == nil)
    #expect(map.sourceOffset(of: UInt64(converted.octets.count)) == nil)
    let first = try #require(map.sourceOffset(of: root.children[0].offset))
    #expect(map.sourceOffset(of: root.children[1].offset) == first + 4)
    #expect(map.runs.contains { $0.convertedOffset == root.children[0].offset && $0.length == 5 })
    #expect(zip(map.runs, map.runs.dropFirst()).allSatisfy { $0.convertedOffset + $0.length <= $1.convertedOffset })
    let stream = try QEMUStream(
      MemoryOctets(
        StreamBuilder.oneDevice(
          payload: [0, 0, 0, 1, 2], members: fields(("a", "uint32", 4), ("b", "uint8", 1)))))
    #expect(try Converted(stream).octets == converted.octets)
    #expect(try Converted(stream) { $0.keepsSourceMap = false }.result.sourceMap.runs.isEmpty)
  }
}
