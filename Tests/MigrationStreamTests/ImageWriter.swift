import MigrationStream

/// A file in memory that an encoder writes an image into, or a stream.
struct FileInMemory {
  var octets: [UInt8] = []

  mutating func put(_ span: RawSpan, at offset: Int) {
    if octets.count < offset + span.byteCount {
      octets += [UInt8](repeating: 0, count: offset + span.byteCount - octets.count)
    }
    for index in span.byteOffsets { octets[offset + index] = span.octet(at: index) }
  }

  mutating func put(_ list: borrowing GatherList, at offset: UInt64) {
    var position = Int(offset)
    for index in 0..<list.count {
      put(list[index], at: position)
      position += list[index].byteCount
    }
  }

  /// A record of an image and what it says about the areas.
  mutating func put(_ chunk: borrowing PlacedChunk, at offset: UInt64) {
    put(chunk.record, at: offset)
    for index in 0..<chunk.count {
      let piece = chunk[index]
      if piece.kind == .data {
        put(chunk.octets(of: piece), at: Int(piece.fileOffset))
      } else {
        clear(Int(piece.fileOffset), Int(piece.byteCount))
      }
    }
  }

  /// Punches a hole; what is not there yet needs none.
  private mutating func clear(_ start: Int, _ count: Int) {
    let end = min(start + count, octets.count)
    if start < end { octets.replaceSubrange(start..<end, with: repeatElement(0, count: end - start)) }
  }
}

/// What a machine of two regions and a device saves, by chance.
struct RandomMachine {
  static let page = 4096
  /// Octets, of which the last page is not whole.
  static let lengths = [9 * 4096 + 100, 4 * 4096]

  enum Event {
    /// Pages from `first` on: those of `zeros` have zero octets.
    case write(region: Int, first: Int, fill: [UInt8])
    case run(region: Int, first: Int, count: Int, kind: ExtentKind)
    case barrier
  }

  var events: [Event] = []

  init(seed: UInt64) {
    var random = Chance(seed)
    for _ in 0..<random.below(24) {
      let region = random.below(2)
      let pages = (Self.lengths[region] + Self.page - 1) / Self.page
      let first = random.below(pages)
      let count = 1 + random.below(pages - first)
      switch random.below(8) {
      case 0: events.append(.barrier)
      case 1, 2: events.append(.run(region: region, first: first, count: count, kind: random.below(2) == 0 ? .zero : .discard))
      default:
        let fill = (0..<count).map { _ in random.below(3) == 0 ? 0 : UInt8(1 + random.below(255)) }
        events.append(.write(region: region, first: first, fill: fill))
      }
    }
  }

  /// The region's octets at the end; nil where nothing was said.
  func memory(of region: Int) -> [UInt8?] {
    var memory = [UInt8?](repeating: nil, count: Self.lengths[region])
    for event in events {
      switch event {
      case .write(region, let first, let fill):
        for (page, value) in fill.enumerated() {
          for index in Self.range(first + page, 1, region) { memory[index] = value }
        }
      case .run(region, let first, let count, _):
        for index in Self.range(first, count, region) { memory[index] = 0 }
      default: break
      }
    }
    return memory
  }

  static func range(_ first: Int, _ count: Int, _ region: Int) -> Range<Int> {
    (first * page)..<min((first + count) * page, lengths[region])
  }

  /// Octets of some pages.
  static func octets(_ first: Int, _ fill: [UInt8], _ region: Int) -> [UInt8] {
    fill.enumerated().flatMap { page, value in
      [UInt8](repeating: value, count: range(first + page, 1, region).count)
    }
  }

  struct Chance {
    var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }
    mutating func below(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(count, 1)))
    }
  }
}

extension RandomMachine {
  private static func preamble(_ profile: Profile) -> Preamble {
    var preamble = Preamble(uuid: StreamUUID(low: 7, high: 8))
    preamble.profile = profile
    preamble.mandatoryFlags = MandatoryFlags.passes | MandatoryFlags.zstd
    return preamble
  }

  private static func manifest(_ allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096, allocator: allocator)
    try manifest.region(name: StaticString("ram").octets, byteCount: UInt64(lengths[0]), pageByteCount: 4096)
    try manifest.region(name: StaticString("vram").octets, byteCount: UInt64(lengths[1]), pageByteCount: 4096)
    try manifest.beginDevice(
      path: StaticString("gpu").octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
    try manifest.endDevice()
    return manifest
  }

  /// Saves everything in one profile.
  func save(
    _ profile: Profile, indexes: Bool = true, compresses: Bool = false, source: PayloadSource = .stable,
    allocator: StreamAllocator = .system
  ) throws(StreamError) -> FileInMemory {
    var encoder = try StreamEncoder(preamble: Self.preamble(profile), indexes: indexes, allocator: allocator)
    var file = FileInMemory()
    file.put(encoder.preamble, at: 0)
    file.put(try encoder.manifest(try Self.manifest(allocator)), at: 64)
    var offset = encoder.byteCount
    if profile == .image {
      let granules: [UInt64] = [4096, 4096]
      file.put(try encoder.placement(granules: granules.span), at: offset)
      offset = encoder.byteCount
    }
    for event in events {
      switch (event, profile) {
      case (.write(let region, let first, let fill), .stream):
        let octets = Self.octets(first, fill, region)
        file.put(
          try encoder.memory(
            region: UInt32(region), offset: UInt64(first * Self.page), octets: octets.span.octets, source: source,
            compresses: compresses), at: offset)
      case (.write(let region, let first, let fill), .image):
        let octets = Self.octets(first, fill, region)
        file.put(
          try encoder.placedMemory(
            region: UInt32(region), offset: UInt64(first * Self.page), octets: octets.span.octets, source: source),
          at: offset)
      case (.run(let region, let first, let count, let kind), .stream):
        let range = Self.range(first, count, region)
        file.put(
          try encoder.memory(
            region: UInt32(region), offset: UInt64(range.lowerBound), length: UInt64(range.count), kind: kind),
          at: offset)
      case (.run(let region, let first, let count, let kind), .image):
        let range = Self.range(first, count, region)
        file.put(
          try encoder.placedMemory(
            region: UInt32(region), offset: UInt64(range.lowerBound), length: UInt64(range.count), kind: kind),
          at: offset)
      case (.barrier, _): file.put(try encoder.barrier(), at: offset)
      }
      offset = encoder.byteCount
    }
    try finish(&encoder, &file, at: offset, indexes: indexes)
    return file
  }

  /// A byte string, the index, END.
  private func finish(
    _ encoder: inout StreamEncoder, _ file: inout FileInMemory, at start: UInt64, indexes: Bool
  ) throws(StreamError) {
    let bytes = (0..<100).map { UInt8($0) }
    file.put(
      try encoder.bytes(
        device: 0, octets: bytes.span.octets, flags: RecordFlags.unitFirst | RecordFlags.unitLast | RecordFlags.last),
      at: start)
    var offset = encoder.byteCount
    if indexes {
      while let page = try encoder.indexPage() {
        file.put(page, at: offset)
        offset = offset + UInt64(page.byteCount)
      }
      file.put(try encoder.index(), at: offset)
      offset = encoder.byteCount
    }
    file.put(try encoder.end(), at: offset)
  }
}
