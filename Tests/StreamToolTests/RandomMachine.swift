import Foundation
import MigrationStream
import StreamTestKit

/// A whole stream that a seed chose: regions that are sent in passes, with zeros and discards, plain and in frames;
/// sections that are replaced; a byte string in units; a record of an unknown kind.
struct RandomMachine {
  static let pageByteCount = 4096
  static let regionNames = ["ram", "vram"]
  /// The last page of the second one is short.
  static let regionByteCounts = [48 * 4096, 40 * 4096 + 100]

  private(set) var octets: [UInt8] = []
  /// What each region finally holds; nil: not mentioned.
  private(set) var memory: [[UInt8?]]
  private(set) var byteString: [UInt8] = []

  /// - Parameter unit: What extents start and end at multiples of.
  init(seed: UInt64, unit: Int = pageByteCount) throws {
    memory = Self.regionByteCounts.map { Array(repeating: nil, count: $0) }
    var random = SeededGenerator(seed: seed)
    var stream = try Recorder(mandatory: MandatoryFlags.passes | MandatoryFlags.zstd)
    try stream.manifest(Self.manifest())
    try stream.layout(ModelLayout("numbers", [LayoutField("value", FieldAttributes(.unsigned, width: 8))]))
    let passes = random.pick(1...3)
    for pass in 0..<passes {
      for _ in 0..<random.pick(1...12) { try send(&stream, &random, unit) }
      for device in 0..<2 where pass == passes - 1 || pass == 0 && random.once(in: 2) {
        let isAgain = sent.contains(device)
        sent.insert(device)
        let data = [UInt8](random.octets(8))
        try stream.section(UInt32(device), 0, layout: 0, data, replaces: isAgain)
      }
      if pass < passes - 1 { try stream.barrier() }
    }
    let unitCount = random.pick(0...3)
    for index in 0..<unitCount {
      let data = random.octets(random.pick(1...5000))
      byteString += data
      try stream.bytes(
        1, data,
        RecordFlags.unitFirst | RecordFlags.unitLast | (index == unitCount - 1 ? RecordFlags.last : 0),
        compresses: random.once(in: 2))
    }
    try stream.unknown(0x8001, random.octets(16), random.octets(5))
    try stream.end()
    octets = stream.octets
  }

  private var sent: Set<Int> = []

  private mutating func send(_ stream: inout Recorder, _ random: inout SeededGenerator, _ unit: Int) throws {
    let region = random.pick(0...1)
    let units = (memory[region].count + unit - 1) / unit
    let first = random.pick(0...(units - 1))
    let start = first * unit
    let end = min(memory[region].count, start + random.pick(1...min(12, units - first)) * unit)
    if random.once(in: 3) {
      try stream.empty(
        UInt64(start), UInt64(end - start), random.once(in: 2) ? .zero : .discard, region: UInt32(region))
      for index in start..<end { memory[region][index] = 0 }
      return
    }
    var data = [UInt8](repeating: UInt8(random.pick(1...255)), count: end - start)
    for page in stride(from: 0, to: data.count, by: Self.pageByteCount) where random.once(in: 3) {
      for index in page..<min(data.count, page + Self.pageByteCount) { data[index] = 0 }
    }
    try stream.data(UInt64(start), data, compresses: random.once(in: 3), region: UInt32(region))
    for index in start..<end { memory[region][index] = data[index - start] }
  }

  private static func manifest() throws -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("random").octets, producerVersion: RawSpan(), architecture: RawSpan(),
      guestEndianness: 0, pageByteCount: UInt32(pageByteCount))
    for (name, byteCount) in zip(regionNames, regionByteCounts) {
      try manifest.region(
        name: Array(name.utf8).span.octets, byteCount: UInt64(byteCount), pageByteCount: UInt64(pageByteCount))
    }
    for path in ["bus/one", "two"] {
      try manifest.beginDevice(
        path: Array(path.utf8).span.octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
      try manifest.section(name: StaticString("state").octets, version: 1, versionMin: 1)
      try manifest.endDevice()
    }
    return manifest
  }

  /// What a region reads as.
  func octets(of region: Int) -> [UInt8] { memory[region].map { $0 ?? 0 } }
}
