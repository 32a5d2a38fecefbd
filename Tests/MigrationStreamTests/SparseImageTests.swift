import MigrationStream
import StreamTestKit
import Testing

/// An image of 64 GiB of which only what was written is held; reads are counted.
private struct SparseFile {
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private var tailOffset: UInt64 = .max
  private let fill: [UInt8]
  private(set) var reads = 0
  private(set) var octetsRead: UInt64 = 0

  /// - Parameter fill: What every data granule holds.
  init(fill: [UInt8]) { self.fill = fill }

  var byteCount: UInt64 { tailOffset + UInt64(tail.count) }

  mutating func put(_ list: borrowing GatherList, at offset: UInt64) {
    for index in 0..<list.count { put(list[index]) }
  }

  mutating func put(_ span: RawSpan) {
    let octets = span.byteOffsets.map { span.octet(at: $0) }
    if tailOffset == .max { head += octets } else { tail += octets }
  }

  mutating func recordsStart(at offset: UInt64) { tailOffset = offset }

  mutating func read(_ range: FileRange) -> [UInt8] {
    reads += 1
    octetsRead += range.byteCount
    if range.offset >= tailOffset {
      let start = Int(range.offset - tailOffset)
      return [UInt8](tail[start..<(start + Int(range.byteCount))])
    }
    if range.end <= UInt64(head.count) { return [UInt8](head[Int(range.offset)..<Int(range.end)]) }
    if range.offset == 0 { return head + [UInt8](repeating: 0, count: Int(range.byteCount) - head.count) }
    return fill
  }
}

/// Finding things in a large image through its index.
@Suite struct SparseImageTests {
  private static let gibibyte: UInt64 = 1 << 30
  private static let granule: UInt64 = 128 << 10

  /// Every 64th run of 32 granules has data, the others are zero; 64 layouts, 64 devices.
  private static func image(_ fill: [UInt8]) throws -> SparseFile {
    var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
    preamble.profile = .image
    var encoder = try StreamEncoder(preamble: preamble, indexes: true)
    var file = SparseFile(fill: [UInt8](fill[..<Int(granule)]))
    file.put(encoder.preamble)
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
    try manifest.region(name: StaticString("ram").octets, byteCount: 64 * gibibyte, pageByteCount: 4096)
    for device in 0..<64 {
      let path = "uart\(device)"
      try manifest.beginDevice(
        path: path.utf8Span.span.octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
      try manifest.section(name: StaticString("state").octets, version: 1, versionMin: 1)
      try manifest.endDevice()
    }
    file.put(try encoder.manifest(manifest), at: 64)
    file.put(try encoder.placement(), at: 0)
    file.recordsStart(at: encoder.byteCount)
    for device in 0..<64 {
      let layout = Self.layout(device)
      file.put(try encoder.layout(canonical: layout.span.octets), at: 0)
    }
    let run = UInt64(fill.count)
    var offset: UInt64 = 0
    while offset < 64 * gibibyte {
      file.put(try encoder.placedMemory(region: 0, offset: offset, octets: fill.span.octets).record, at: 0)
      file.put(
        try encoder.placedMemory(region: 0, offset: offset + run, length: 63 * run, kind: .zero).record, at: 0)
      offset += 64 * run
    }
    for device in 0..<64 {
      let data: [UInt8] = [UInt8(device), 0, 0, 0, 0, 0, 0, 0]
      file.put(
        try encoder.section(device: UInt32(device), section: 0, layout: UInt32(device), data: data.span.octets), at: 0)
    }
    while let page = try encoder.indexPage() { file.put(page, at: 0) }
    file.put(try encoder.index(), at: 0)
    file.put(try encoder.end(), at: 0)
    return file
  }

  private static func layout(_ number: Int) -> [UInt8] {
    RawLayout("uart\(number)", [RawField("lcr", .unsigned, width: 1)]).canonical
  }

  private static func open(_ file: inout SparseFile) throws -> IndexReader {
    var reader = IndexReader(fileByteCount: file.byteCount)
    while let wanted = reader.wanted { try reader.supply(file.read(wanted).span.octets) }
    return reader
  }

  @Test func budgetOfReads() throws {
    let fill = [UInt8](repeating: 7, count: 32 * Int(Self.granule))
    let written = try Self.image(fill)

    // ls: what there is.
    var file = written
    var reader = try Self.open(&file)
    let (hasIndex, layoutCount, pageCount) = (reader.hasIndex, reader.layoutCount, reader.pageCount)
    #expect(hasIndex && layoutCount == 64 && pageCount == 5)
    #expect(file.reads <= 6 && file.octetsRead <= 512 << 10, "\(file.reads) reads, \(file.octetsRead) octets")

    // get of a section: the layouts in one read, then its record.
    let (first, last) = (try reader.range(ofLayout: 0), try reader.range(ofLayout: 63))
    let layouts = file.read(FileRange(offset: first.offset, byteCount: last.end - first.offset))
    for number in 0..<64 {
      let range = try reader.range(ofLayout: number)
      let start = Int(range.offset - first.offset)
      let record = layouts.span.octets.extracting(start..<(start + Int(range.byteCount)))
      try reader.layout(record)
    }
    let place = try reader.range(ofSection: 0, device: 37)
    let octets = file.read(place)
    let section = octets.span.octets
    let record = try reader.section(section, of: 0, device: 37)
    let value = SectionHead(record.body).data(in: record.body).octet(at: 0)
    #expect(value == 37)
    #expect(file.reads <= 6 && file.octetsRead <= 512 << 10, "\(file.reads) reads, \(file.octetsRead) octets")

    // get of a page of memory, checked by its digest.
    var memoryFile = written
    var other = try Self.open(&memoryFile)
    let wanted = 48 * Self.gibibyte + 3 * Self.granule + 5
    let found = other.firstPage(region: 0, endingAfter: wanted)
    let page = try #require(found)
    let pageRange = try other.range(ofPage: page)
    try other.page(page, octets: memoryFile.read(pageRange).span.octets)
    let extent = other.extent(other.firstExtent(endingAfter: wanted))
    #expect(extent.extent.kind == .data)
    #expect(extent.extent.offset == wanted / Self.granule * Self.granule)
    let memory = memoryFile.read(FileRange(offset: extent.recordOffset, byteCount: 64 << 10))
    var named = try other.memory(of: extent, record: memory.span.octets)
    let digest = try named.digest(of: extent)
    let data = memoryFile.read(FileRange(offset: extent.dataOffset, byteCount: extent.extent.length))
    #expect(Digest.xxh3(data.span.octets) == digest)
    #expect(memoryFile.reads <= 6 && memoryFile.octetsRead <= 512 << 10, "\(memoryFile.reads) reads, \(memoryFile.octetsRead) octets")
  }
}
