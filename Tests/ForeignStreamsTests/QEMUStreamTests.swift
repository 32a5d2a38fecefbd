import ForeignStreams
import Testing

@Suite struct QEMUStreamTests {
  @Test func smallestRealStream() throws {
    let octets = try TestFiles.corpus("72-none-S.bin")
    let stream = try QEMUStream(MemoryOctets(octets))
    #expect(stream.damage == nil)
    #expect(stream.machine == "none")
    #expect(stream.usesFooters == true)
    #expect(stream.sections.map(\.name) == ["ram", "timer", "globalstate"])
    #expect(stream.records.map(\.offset) == [8, 17, 55, 73, 121, 255, 256])
    #expect(stream.endOffset == 747)
    #expect(stream.diagnostics.isEmpty)
    let reference = String(decoding: try TestFiles.corpus("72-none-S.analyze.json"), as: UTF8.self)
    #expect(try analyze(stream) == reference)
  }

  @Test func pageRunsJoin() throws {
    let stream = try QEMUStream(MemoryOctets(StreamBuilder.memory()))
    #expect(stream.damage == nil)
    var runs: [QEMUPageRun] = []
    try stream.forEachPageRun { (run) throws(ForeignError) in runs.append(run) }
    #expect(runs.map(\.pageCount) == [2, 1, 1])
    #expect(runs.map(\.kind) == [.data, .zero, .data])
    #expect(runs.map(\.blockOffset) == [0, 0x200, 0x300])
    #expect(runs[0].fileStride == 264)
    let page = try stream.source.read(at: runs[0].fileOffset + runs[0].fileStride, count: 256)
    #expect(page.allSatisfy { $0 == 0xa2 })
  }

  @Test func trailingOctetsAreToleratedAndReported() throws {
    let stream = try QEMUStream(
      MemoryOctets(StreamBuilder.memory(trailing: [UInt8](repeating: 0, count: 16))))
    #expect(stream.damage == nil)
    #expect(stream.diagnostics.map(\.kind) == [.trailingOctets])
    #expect(stream.diagnostics.first?.found == 16)
    #expect(stream.sections.last?.content == .described)
  }

  @Test func wrongDescriptionLengthIsReported() throws {
    var octets = StreamBuilder.memory()
    let start = try #require(octets.lastIndex(of: 6))
    octets.replaceSubrange((start + 1)..<(start + 5), with: [0x7f, 0xff, 0xff, 0xff])
    let stream = try QEMUStream(MemoryOctets(octets))
    #expect(stream.damage == nil)
    #expect(stream.diagnostics.map(\.kind) == [.descriptionUnusable])
    #expect(stream.sections.last?.content == .described)
  }

  @Test func withoutDescriptionSectionsAreFoundByTheirFooters() throws {
    var builder = StreamBuilder()
    builder.header(machine: nil)
    builder.device(id: 1, "one", payload: [0x7e, 0, 0, 0, 1, 0x55])
    builder.device(id: 2, "two", payload: [])
    builder.end(description: nil)
    let stream = try QEMUStream(MemoryOctets(builder.octets))
    #expect(stream.damage == nil)
    #expect(stream.machine == nil)
    #expect(stream.sections.map(\.payloadLength) == [6, 0])
    #expect(try analyze(stream).contains("\"unparsed\": \"7e 00 00 00 01 55\""))
  }

  @Test func unknownConfigurationPartsAreReadByTheirDescription() throws {
    var builder = StreamBuilder()
    builder.header()
    builder.subsection("configuration/future", payload: [1, 2, 3])
    let withoutDescription = builder.octets + [0]
    builder.end(
      description:
        #"{"configuration": {"vmsd_name": "configuration", "version": 1, "fields": [], "subsections": ["#
        + #"{"vmsd_name": "configuration/future", "version": 1, "fields": [{"name": "x", "type": "buffer", "size": 3}]}]}, "#
        + #""page_size": 4096, "devices": []}"#)
    let stream = try QEMUStream(MemoryOctets(builder.octets))
    #expect(stream.damage == nil)
    #expect(stream.configurationParts.map(\.name) == ["configuration/future"])
    let refused = try QEMUStream(MemoryOctets(withoutDescription))
    #expect(refused.damage?.code == .unknownRecord)
    #expect(refused.damage?.path == "configuration/future")
  }

  @Test func packagedRecordsAreOneLevelDeep() throws {
    var inner = StreamBuilder()
    inner.device(id: 3, "dev", payload: [1])
    var builder = StreamBuilder()
    builder.header()
    builder.u8(8)
    builder.u16(7)
    builder.u16(4)
    builder.u32(UInt32(inner.octets.count))
    builder.octets += inner.octets
    builder.end(description: nil)
    let stream = try QEMUStream(MemoryOctets(builder.octets))
    #expect(stream.damage == nil)
    #expect(stream.records.map(\.isPackaged) == [false, false, true, false])

    var nested = StreamBuilder()
    nested.header()
    for size in [16, 7] as [UInt32] {
      nested.u8(8)
      nested.u16(7)
      nested.u16(4)
      nested.u32(size)
    }
    nested.octets += [UInt8](repeating: 0, count: 7)
    let refused = try QEMUStream(MemoryOctets(nested.octets))
    #expect(refused.damage?.code == .limitExceeded)
    #expect(refused.damage?.offset == 26)
  }

  @Test func guestMemoryCannotForgeADescription() throws {
    var builder = StreamBuilder()
    builder.header()
    let forged = #"{"page_size": 256, "devices": []}"#
    builder.section(1, id: 2, "ram", version: 4)
    builder.u64(4_096 | 0x04)
    builder.string8("r0")
    builder.u64(4_096)
    builder.u64(0x08)
    builder.string8("r0")
    var page = [UInt8](repeating: 0, count: 4_096)
    let record = [6, 0, 0, 0, UInt8(forged.utf8.count)] + Array(forged.utf8)
    page.replaceSubrange(1..<(1 + record.count), with: record)
    builder.octets += page
    builder.u64(0x10)
    builder.footer(2)
    builder.end(description: nil)
    let stream = try QEMUStream(MemoryOctets(builder.octets))
    #expect(stream.damage == nil)
    #expect(stream.pageSize == 4_096)
    #expect(stream.memoryBlocks.map(\.name) == ["r0"])
  }

  @Test func headersOfOthersAreRefused() {
    #expect(
      throws: ForeignError(
        .notRecognised, .header, at: 0, expected: 0x5145_564d, found: 0x1122_3344)
    ) {
      try QEMUStream(MemoryOctets([0x11, 0x22, 0x33, 0x44, 0, 0, 0, 3]))
    }
    #expect(throws: ForeignError(.unsupportedVersion, .header, at: 4, expected: 3, found: 2)) {
      try QEMUStream(MemoryOctets([0x51, 0x45, 0x56, 0x4d, 0, 0, 0, 2]))
    }
    #expect(throws: ForeignError(.truncated, .header, at: 0, expected: 4, found: 0)) {
      try QEMUStream(MemoryOctets([]))
    }
    #expect(!QEMUStream.recognises(MemoryOctets([0x51, 0x45])))
  }
}
