import ForeignStreams
import Testing

/// The encodings of guest memory, each on a stream as small as it can be.
@Suite struct MemorySectionTests {
  /// A stream whose RAM section has one block `r0` of two pages and then what `body` writes.
  private func stream(
    capability: String? = nil, listEntry: (inout StreamBuilder) -> Void = { _ in },
    _ body: (inout StreamBuilder) -> Void
  ) throws -> QEMUStream {
    var builder = StreamBuilder()
    builder.header()
    if let capability {
      var part = StreamBuilder()
      part.u32(1)
      part.string8(capability)
      builder.subsection("configuration/capabilities", payload: part.octets)
    }
    builder.section(1, id: 2, "ram", version: 4)
    builder.u64(8_192 | 0x04)
    builder.string8("r0")
    builder.u64(8_192)
    listEntry(&builder)
    body(&builder)
    builder.u64(0x10)
    builder.footer(2)
    builder.end(description: nil)
    return try QEMUStream(MemoryOctets(builder.octets))
  }

  private func runs(_ stream: QEMUStream) throws(ForeignError) -> [QEMUPageRun] {
    var runs: [QEMUPageRun] = []
    try stream.forEachPageRun { (run) throws(ForeignError) in runs.append(run) }
    return runs
  }

  @Test func differencesAndCompressedPagesAreSteppedOver() throws {
    let stream = try stream { builder in
      builder.u64(0x40)
      builder.string8("r0")
      builder.u8(1)
      builder.u16(3)
      builder.octets += [0, 1, 0x55]
      builder.u64(0x1000 | 0x120)
      builder.u32(5)
      builder.octets += [1, 2, 3, 4, 5]
      builder.u64(0x200)
    }
    #expect(stream.damage == nil)
    let runs = try runs(stream)
    #expect(runs.map(\.kind) == [.xbzrle, .compressed])
    #expect(runs.map(\.storedLength) == [3, 5])
    #expect(try stream.source.read(at: runs[1].fileOffset, count: 5) == [1, 2, 3, 4, 5])
  }

  @Test func sharedMemoryHasGuestAddresses() throws {
    let entry = { (builder: inout StreamBuilder) in builder.u64(0x1_0000_0000) }
    let stream = try stream(capability: "x-ignore-shared", listEntry: entry) { _ in }
    #expect(stream.damage == nil)
    #expect(stream.capabilities == ["x-ignore-shared"])
    #expect(stream.memoryBlocks.map(\.guestAddress) == [0x1_0000_0000])
  }

  @Test func mappedPagesAreWhereTheBitmapSays() throws {
    let entry = { (builder: inout StreamBuilder) in
      builder.u32(1)
      builder.u64(4_096)
      let bitmap = UInt64(builder.octets.count + 16)
      builder.u64(bitmap)
      builder.u64(bitmap + 8)
      builder.octets += [2, 0, 0, 0, 0, 0, 0, 0]
      builder.octets += [UInt8](repeating: 0, count: 4_096) + [UInt8](repeating: 7, count: 4_096)
    }
    let stream = try stream(capability: "mapped-ram", listEntry: entry) { _ in }
    #expect(stream.damage == nil)
    let runs = try runs(stream)
    #expect(runs.map(\.kind) == [.zero, .data])
    #expect(runs.map(\.blockOffset) == [0, 4_096])
    #expect(try stream.source.read(at: runs[1].fileOffset, count: 1) == [7])
  }

  @Test func mappedPagesOutsideTheFileAreRefused() throws {
    let entry = { (builder: inout StreamBuilder) in
      builder.u32(1)
      builder.u64(4_096)
      builder.u64(UInt64(builder.octets.count + 16))
      builder.u64(UInt64.max - 4_096)
    }
    let damage = try #require(
      try stream(capability: "mapped-ram", listEntry: entry) { _ in }.damage)
    #expect(damage.code == .badMemoryRecord)
    #expect(damage.found == UInt64.max - 4_096)
  }

  @Test func impossibleRecordsAreRefusedWhereTheyAre() throws {
    let start = 4 + 4 + 5 + 4 + 1 + 4 + 4 + 8 + 8 + 11
    let outside = try #require(try stream { $0.u64(0x2000 | 0x22) }.damage)
    #expect(outside.offset == UInt64(start))
    let unknown = try #require(
      try stream { builder in
        builder.u64(0x02)
        builder.string8("rX")
      }.damage)
    #expect(unknown.offset == UInt64(start + 8))
    #expect(unknown.path == "ram/rX")
    let flags = try #require(try stream { $0.u64(0x18) }.damage)
    #expect(flags.offset == UInt64(start))
    #expect(flags.found == 0x18)
  }

  /// Machine types up to 2.2 send neither configuration nor footers nor a description.
  @Test func oldStreamsAreFoundByTheirHeaders() throws {
    var builder = StreamBuilder()
    builder.header(machine: nil)
    builder.section(1, id: 2, "ram", version: 4)
    builder.u64(0x04)
    builder.u64(0x10)
    for (id, name) in [(7, "timer"), (9, "cpu")] as [(UInt32, String)] {
      builder.section(id: id, name)
      builder.octets += [4, 0, 0, 0, 0, 1, 2]
    }
    builder.end(description: nil)
    let stream = try QEMUStream(MemoryOctets(builder.octets))
    #expect(stream.damage == nil)
    #expect(stream.usesFooters == false)
    #expect(stream.sections.map(\.name) == ["ram", "timer", "cpu"])
    #expect(stream.sections.map(\.payloadLength) == [16, 7, 7])
  }

  @Test func whatEveryRecordCostsIsBounded() throws {
    var limits = ForeignLimits()
    limits.listedRecords = 2
    limits.sections = 1
    var builder = StreamBuilder()
    builder.header()
    builder.device(id: 1, "one", payload: [1])
    builder.device(id: 2, "two", payload: [2])
    builder.end(description: nil)
    let stream = try QEMUStream(MemoryOctets(builder.octets), limits: limits)
    #expect(stream.damage?.code == .limitExceeded)
    #expect(stream.damage?.expected == 1)
    limits.sections = 2
    let short = try QEMUStream(MemoryOctets(builder.octets), limits: limits)
    #expect(short.damage == nil)
    #expect(short.records.count == 2)
    #expect(short.unlistedRecordCount == 2)
  }
}
