import MigrationStream
import StreamTestKit
import Testing

/// Goes wherever the index of a file leads.
private struct IndexWalk {
  /// Octets of memory by region and offset, as the index gives them.
  var memory: [UInt32: [UInt64: [UInt8]]] = [:]
  var zeros: [UInt32: [UInt64: UInt64]] = [:]
  var bytes: [UInt8] = []
  var sections = 0

  private static func octets(_ range: FileRange, _ file: [UInt8]) -> [UInt8] {
    // A caller does not read behind the end of its file.
    let start = Int(min(range.offset, UInt64(file.count)))
    return [UInt8](file[start..<(start + Int(min(range.byteCount, UInt64(file.count - start))))])
  }

  static func open(
    _ file: [UInt8], allocator: StreamAllocator = .system
  ) throws(StreamError) -> IndexReader {
    var reader = IndexReader(fileByteCount: UInt64(file.count), allocator: allocator)
    while let wanted = reader.wanted { try reader.supply(octets(wanted, file).span.octets) }
    return reader
  }

  mutating func everything(_ file: [UInt8], allocator: StreamAllocator = .system) throws(StreamError) {
    var reader = try Self.open(file, allocator: allocator)
    guard reader.hasIndex else { return }
    for number in 0..<reader.layoutCount {
      let range = try reader.range(ofLayout: number)
      try reader.layout(Self.octets(range, file).span.octets)
    }
    for device in 0..<reader.state.manifest.devices.count {
      for section in 0..<reader.state.manifest.devices[device].sectionCount {
        let range = try reader.range(ofSection: section, device: UInt32(device))
        _ = try reader.section(Self.octets(range, file).span.octets, of: section, device: UInt32(device))
        sections += 1
      }
      if let entry = try reader.byteString(device: UInt32(device)) {
        try walk(&reader, entry, file)
      }
    }
    for page in 0..<reader.pageCount {
      let range = try reader.range(ofPage: page)
      try reader.page(page, octets: Self.octets(range, file).span.octets)
      for index in 0..<reader.extentCount { try walk(&reader, reader.extent(index), file) }
    }
  }

  /// Records from the first of a byte string on, those of other kinds stepped over.
  private mutating func walk(
    _ reader: inout IndexReader, _ entry: IndexByteStringEntry, _ file: [UInt8]
  ) throws(StreamError) {
    var offset = entry.firstRecordOffset
    var left = entry.recordCount
    while left > 0 {
      let rest = Self.octets(FileRange(offset: offset, byteCount: UInt64(file.count)), file)
      let header = try reader.header(rest.span.octets, at: offset)
      if header.knownKind == .bytes, header.device == entry.device {
        let octets = try reader.bytes(rest.span.octets, at: offset, device: entry.device)
        for index in octets.byteOffsets { bytes.append(octets.octet(at: index)) }
        left -= 1
      }
      offset += header.recordByteCount
    }
  }

  private mutating func walk(
    _ reader: inout IndexReader, _ indexed: IndexedExtent, _ file: [UInt8]
  ) throws(StreamError) {
    let extent = indexed.extent
    guard extent.kind == .data else {
      zeros[indexed.region, default: [:]][extent.offset] = extent.length
      return
    }
    let rest = Self.octets(FileRange(offset: indexed.recordOffset, byteCount: UInt64(file.count)), file)
    var record = try reader.memory(of: indexed, record: rest.span.octets)
    if reader.state.preamble.profile == .image {
      let digest = try record.digest(of: indexed)
      let data = Self.octets(FileRange(offset: indexed.dataOffset, byteCount: extent.length), file)
      guard data.digest == digest else { throw StreamError(.digestMismatch, .bulk, at: indexed.dataOffset) }
      memory[indexed.region, default: [:]][extent.offset] = data
    } else {
      let range = try record.range(of: indexed)
      let data = record.plain.extracting(range)
      memory[indexed.region, default: [:]][extent.offset] = data.byteOffsets.map { data.octet(at: $0) }
    }
  }
}

@Suite struct IndexReaderTests {
  @Test(arguments: UInt64(0)..<24, [false, true])
  func findsWhatAWholeReadingFinds(_ seed: UInt64, _ compresses: Bool) throws {
    let machine = RandomMachine(seed: seed)
    for profile in [Profile.stream, .image] {
      let file = try machine.save(profile, compresses: compresses && profile == .stream).octets
      var walk = IndexWalk()
      try walk.everything(file)
      for region in 0..<2 {
        var memory = [UInt8?](repeating: nil, count: RandomMachine.lengths[region])
        for (offset, octets) in walk.memory[UInt32(region)] ?? [:] {
          for (index, octet) in octets.enumerated() { memory[Int(offset) + index] = octet }
        }
        for (offset, length) in walk.zeros[UInt32(region)] ?? [:] {
          for index in Int(offset)..<Int(offset + length) { memory[index] = 0 }
        }
        #expect(memory == machine.memory(of: region), "seed \(seed), \(profile)")
      }
      #expect(walk.bytes == (0..<100).map { UInt8($0) })
    }
  }

  /// Where things are not, nothing is found.
  @Test func lookups() throws {
    var machine = RandomMachine(seed: 0)
    machine.events = [.write(region: 0, first: 2, fill: [1, 2]), .run(region: 0, first: 6, count: 1, kind: .zero)]
    let file = try machine.save(.image).octets
    var reader = try IndexWalk.open(file)
    let pages = [
      reader.firstPage(region: 1, endingAfter: 0), reader.firstPage(region: 0, endingAfter: 7 * 4096),
      reader.firstPage(region: 0, endingAfter: 7 * 4096 - 1),
    ]
    #expect(pages == [nil, nil, 0])
    let range = try reader.range(ofPage: 0)
    try reader.page(0, octets: file[Int(range.offset)..<Int(range.end)].span.octets)
    #expect(reader.extentCount == 3)
    var found: [Int] = []
    for offset in [UInt64(0), 8191, 8192, 12287, 12288, 16384, 28671, 28672] {
      found.append(reader.firstExtent(endingAfter: offset))
    }
    #expect(found == [0, 0, 0, 0, 1, 2, 2, 3])
    #expect(throws: StreamError.self) { _ = try reader.range(ofPage: 1) }
    #expect(throws: StreamError.self) { _ = try reader.range(ofLayout: 0) }
    #expect(throws: StreamError.self) { _ = try reader.range(ofSection: 0, device: 0) }
    let (first, none) = (try reader.byteString(device: 0), try reader.byteString(device: 1))
    #expect(first?.byteCount == 100)
    #expect(none == nil)
  }

  @Test func aFileWithoutIndex() throws {
    for profile in [Profile.stream, .image] {
      let file = try RandomMachine(seed: 2).save(profile, indexes: false).octets
      let reader = try IndexWalk.open(file)
      let (hasIndex, wanted) = (reader.hasIndex, reader.wanted)
      #expect(!hasIndex && wanted == nil)
    }
  }

  @Test(arguments: try CorpusFolder.presentWithContent.filter { $0.verdict == .accept })
  func everyRightStreamOpens(_ scenario: Scenario) throws {
    var walk = IndexWalk()
    try walk.everything(scenario.octets)
  }

  /// No prefix opens: END is not at its end.
  @Test func everyPrefixIsRefused() throws {
    let scenario = try #require(try CorpusFolder.accepted.first { $0.name == "index/of-an-image" })
    for count in stride(from: 0, to: scenario.octets.count, by: 13) {
      let prefix = [UInt8](scenario.octets[..<count])
      #expect(throws: StreamError.self, "\(count) octets") { _ = try IndexWalk.open(prefix).hasIndex }
    }
  }

  /// Wrong indexes with right digests never lead to anything that a whole reading would refuse without saying so, and
  /// never to a trap; those that full readers refuse may still lead to right records.
  @Test(arguments: try CorpusFolder.presentWithContent.filter { $0.name.hasPrefix("index/") && $0.verdict == .reject })
  func wrongIndexesDoNoHarm(_ scenario: Scenario) throws {
    var walk = IndexWalk()
    do throws(StreamError) { try walk.everything(scenario.octets) } catch {
      #expect(error.code != .wrongCall && error.code != .outOfMemory, "\(scenario): \(error)")
      #expect(error.offset <= UInt64(scenario.octets.count))
    }
  }

  /// Each word of INDEX, INDEX_PAGE and END, set to what overflows; digests are right.
  @Test(arguments: ["index/of-an-image", "index/of-a-stream", "end/index"])
  func hostileWords(_ name: String) throws {
    let scenario = try #require(try CorpusFolder.accepted.first { $0.name == name })
    for (start, kind) in try Self.records(scenario.octets) where [9, 10, 13].contains(kind) {
      let bodyCount = Int(scenario.octets.span.octets.integer(at: start + 24, as: UInt64.self))
      for position in stride(from: 0, to: min(bodyCount, 240), by: 8) {
        for value in Self.hostile {
          var octets = scenario.octets
          octets.set(.u64(value), at: start + 64 + position)
          Self.redigest(&octets, start, bodyCount)
          var walk = IndexWalk()
          do throws(StreamError) { try walk.everything(octets) } catch {
            #expect(error.code != .outOfMemory && error.offset <= UInt64(octets.count), "\(error)")
          }
        }
      }
    }
  }

  private static let hostile: [UInt64] = [
    .max, 1 << 63, 1 << 62, 0, 64, 0x0100_0000_0000_0001, 0xffff_ffff_0000_0000, 0xffff_ffff,
  ]

  private static func records(_ octets: [UInt8]) throws -> [(Int, UInt16)] {
    var records: [(Int, UInt16)] = []
    var decoder = try PullDecoder(octets.span.octets)
    while let item = try decoder.next() { records.append((Int(item.record.offset), item.record.header.kind)) }
    return records
  }

  private static func redigest(_ octets: inout [UInt8], _ start: Int, _ bodyCount: Int) {
    octets.set(.u64([UInt8](octets[(start + 64)..<(start + 64 + bodyCount)]).digest), at: start + 32)
    let seed = [UInt8](octets[40..<56]).digest
    octets.set(.u64([UInt8](octets[start..<(start + 64)]).headerDigest(seed: seed)), at: start + 56)
  }

  @Test func everyRefusedAllocationIsAnError() throws {
    let names = ["index/of-an-image", "index/of-a-stream", "compat/v0/index"]
    for scenario in try CorpusFolder.accepted where names.contains(scenario.name) {
      let counter = CountingAllocator()
      var walk = IndexWalk()
      try walk.everything(scenario.octets, allocator: counter.allocator)
      #expect(counter.peak < 1 << 20)
      for call in 0..<counter.calls {
        let failing = CountingAllocator(refusing: call)
        var refusal: StreamError?
        do throws(StreamError) { try walk.everything(scenario.octets, allocator: failing.allocator) } catch {
          refusal = error
        }
        #expect(refusal?.code == .outOfMemory, "allocation \(call)")
        #expect(failing.live == 0)
      }
    }
  }

  /// The memory of a decoder against the formula, for indexes as long as they can be.
  @Test(arguments: [100, 1000, 4000])
  func memoryOfAnIndex(_ pages: Int) throws {
    // A page of one extent each: the dearest there are.
    let manifest = RawManifest { $0.regions = [RawRegion { $0.length = UInt64(pages) * 64 }] }
    var records = [manifest.record, .memory((0..<pages).map { RawExtent.zero(UInt64($0) * 64, 8) })]
    let start = 208 + 64 + 32 + 16 * UInt64(pages)
    var entries: [[UInt8]] = []
    for page in 0..<pages {
      let offset = UInt64(page) * 64
      records.append(.indexPage(region: 0, [.joined(.u64(offset), .u64(2 << 56 | 8), .u64(0), .u64(208))]))
      let place: [UInt8] = .joined(.u64(start + 112 * UInt64(page)), .u64(112))
      entries.append(.joined(.u32(0), .u32(1), .u64(offset), .u64(offset + 8), place))
    }
    records.append(.index(pages: entries))
    let octets = RawStream(records + [.end]).octets
    let body = 32 + 40 * pages
    for collects in [false, true] {
      var options = DecoderOptions()
      options.collectsContent = collects
      let counter = CountingAllocator()
      let outcome = Reading.push(
        octets, cuts: Array(stride(from: 0, to: octets.count, by: 1009)), options: options,
        allocator: counter.allocator)
      #expect(outcome.outcome.refusal == nil)
      let content = collects ? 2 * 40 * pages : 0
      #expect(counter.peak <= 65536 + 3 * body + 3 * 40 * pages + 3 * content, "\(pages): \(counter.peak)")
    }
  }
}
