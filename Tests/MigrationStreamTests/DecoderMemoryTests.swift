import MigrationStream
import StreamTestKit
import Testing

/// The memory of a decoder against each term of the specification's formula, at three sizes, however the octets come.
///
/// Source: Specs/40-reader-rules.md section 3.
@Suite struct DecoderMemoryTests {
  /// What a stream makes a decoder hold, in octets, as the formula counts them.
  struct Need {
    /// Octets received of the manifest, and its tables.
    var manifest = 0
    var tables = 0
    /// Canonical octets or identities, entries and places.
    var layouts = 0
    /// While one is checked.
    var checking = 0
    /// The largest body.
    var body = 0
    /// The largest content of a frame, and the largest frame.
    var content = 0
    var frame = 0

    private static let constant = 65536
    private static let decompressor = 256 * 1024

    private var growing: [Int] { [manifest, tables, layouts, checking, body, frame] }

    /// What grows takes up to twice its octets, and one thing at a time three times while it moves.
    var peak: Int {
      Self.constant + 2 * growing.reduce(0, +) + growing.reduce(0, max) + content
        + (content > 0 ? Self.decompressor : 0)
    }
  }

  enum Term: String, CaseIterable {
    case devices, regions, parameters, sections, subsections, layouts, fields, externalLayouts, bodies, frames
    case contents
  }

  @Test(arguments: Term.allCases)
  func term(_ term: Term) {
    var closest = 0.0
    for size in 0..<3 {
      let (records, need) = Self.stream(term, size)
      let stream = RawStream(mandatory: 1 << 3 | 1 << 4, records + [.end]).octets
      for way in Way.allCases {
        let counter = CountingAllocator()
        way.read(stream, counter.allocator)
        #expect(counter.live == 0)
        #expect(counter.peak <= need.peak, "\(term), size \(size), \(way): \(counter.peak) of \(need.peak)")
        closest = max(closest, Double(counter.peak) / Double(need.peak))
      }
    }
    // A formula that says far more than is taken would say nothing.
    #expect(closest > 0.5, "\(term): at most \(closest) of the formula")
  }

  /// Nothing is kept of what needs no keeping, however many records come.
  @Test func recordsTakeNothing() {
    var peaks: Set<Int> = []
    for count in [100, 1000, 10000] {
      let records = (0..<count).map { RawRecord.memory([.zero(UInt64($0), 1)]) }
      let manifest = RawManifest { $0.regions = [RawRegion()] }.record
      let counter = CountingAllocator()
      Way.wholeSegment.read(RawStream([manifest] + records + [.end]).octets, counter.allocator)
      peaks.insert(counter.peak)
    }
    #expect(peaks.count == 1, "\(peaks)")
  }

  // MARK: Streams

  /// Sizes are just above those to which a list grows by doubling, where growing is dearest.
  private static func stream(_ term: Term, _ size: Int) -> ([RawRecord], Need) {
    switch term {
    case .devices, .regions, .parameters, .sections, .subsections: manifest(term, size)
    case .layouts, .fields, .externalLayouts: layouts(term, size)
    case .bodies: bodies(65 << [9, 12, 15][size] + 8)
    case .frames: frames(65 << [6, 8, 10][size] + 1)
    case .contents: contents([100_000, 1_000_000, 4_000_000][size])
    }
  }

  private static func manifest(_ term: Term, _ size: Int) -> ([RawRecord], Need) {
    var need = Need()
    let manifest = RawManifest {
      switch term {
      case .devices:
        let count = [65, 1030, 8200][size]
        $0.devices = (0..<count).map { number in device(number) { _ in } }
        need.tables = count * 128
      case .regions:
        let count = [65, 520, 4096][size]
        $0.regions = .init(repeating: RawRegion(), count: count)
        need.tables = count * 48
      case .parameters:
        let count = [1, 9, 33][size]
        let parameters = (1000..<2000).map { RawParameter("\($0)", type: 2) }
        $0.devices = (0..<count).map { number in device(number) { $0.parameters = parameters } }
        need.tables = count * (128 + 1000 * 32)
      case .sections:
        let count = [1, 5, 17][size]
        let sections = [RawAnnouncement](repeating: RawAnnouncement("s"), count: 4096)
        $0.devices = (0..<count).map { number in device(number) { $0.sections = sections } }
        need.tables = count * (128 + 4096 * 20 + 4096 * 16 + 4096 / 8)
      default:
        let count = [1, 5, 17][size]
        let subsections = [RawAnnouncement](repeating: RawAnnouncement("s"), count: 4096)
        $0.devices = (0..<count).map { number in device(number) { $0.subsections = subsections } }
        need.tables = count * (128 + 4096 * 20)
      }
    }.record
    // It is received as a body, and kept.
    need.manifest = manifest.body.count
    need.body = manifest.body.count
    return ([manifest], need)
  }

  private static func device(_ number: Int, _ change: (inout RawDevice) -> Void) -> RawDevice {
    RawDevice {
      $0.path = .text("\(number)")
      $0.sections = []
      change(&$0)
    }
  }

  private static func layouts(_ term: Term, _ size: Int) -> ([RawRecord], Need) {
    var need = Need()
    let count = [130, 1030, 8200][size]
    let tiny = RawLayout("l", [RawField("a", .bool)])
    let records: [RawRecord]
    switch term {
    case .layouts:
      records = (0..<count).map { tiny.record(UInt32($0)) }
      need.layouts = count * (tiny.canonical.count + 32 + 48)
    case .externalLayouts:
      let identity = String(repeating: "x", count: 97)
      records = (0..<count).map { tiny.record(UInt32($0), external: identity) }
      need.layouts = count * (97 + 48)
    default:
      let layout = RawLayout("l", (0..<count).map { RawField("\($0)", .bool) })
      records = [layout.record(0)]
      need.layouts = layout.canonical.count + 32 * count + 48
      need.checking = 4 * count
    }
    need.body = records.map(\.body.count).max() ?? 0
    return ([RawManifest().record] + records, need)
  }

  private static func bodies(_ count: Int) -> ([RawRecord], Need) {
    var need = Need()
    need.body = count
    return ([RawManifest().record, RawRecord(0x8001, flags: 2, body: .zeros(count))], need)
  }

  /// A frame as long as that, which holds a little more: raw octets, and a run.
  private static func frames(_ count: Int) -> ([RawRecord], Need) {
    var plain: [UInt8] = []
    var octets: [UInt8] = []
    while octets.count < count {
      let raw = [UInt8].ramp(min(65536, max(count - octets.count, 1)))
      octets += block(0, raw.count) + raw
      plain += raw
    }
    octets += block(1, 1000, isLast: true) + [0x61]
    plain += [UInt8](repeating: 0x61, count: 1000)
    return record(.joined(.hex("28b52ffd a0"), .u32(UInt32(plain.count)), octets), plain)
  }

  /// Tiny frames, the largest of which is not the first, and its content.
  private static func contents(_ count: Int) -> ([RawRecord], Need) {
    let small = contents(of: count / 2)
    let large = contents(of: count)
    return (small.0 + [large.0[1]], large.1)
  }

  private static func contents(of count: Int) -> ([RawRecord], Need) {
    var octets: [UInt8] = .joined(.hex("28b52ffd a0"), .u32(UInt32(count)))
    var left = count
    while left > 0 {
      let run = min(left, 128 * 1024)
      left -= run
      octets += block(1, run, isLast: left == 0) + [0x61]
    }
    return record(octets, .init(repeating: 0x61, count: count))
  }

  private static func block(_ type: Int, _ count: Int, isLast: Bool = false) -> [UInt8] {
    [UInt8]([UInt8].u32(UInt32(count << 3 | type << 1 | (isLast ? 1 : 0))).prefix(3))
  }

  private static func record(_ frame: [UInt8], _ plain: [UInt8]) -> ([RawRecord], Need) {
    var need = Need()
    (need.content, need.frame) = (plain.count, frame.count)
    let manifest = RawManifest { $0.regions = [RawRegion { $0.length = 1 << 24 }] }
    return ([manifest.record, .memory(zstd: frame, plain: plain)], need)
  }
}

/// How the octets come.
private enum Way: CaseIterable {
  case wholeSegment, segments, smallSegments, mapped

  func read(_ stream: [UInt8], _ allocator: StreamAllocator) {
    let outcome: StreamError?
    switch self {
    case .wholeSegment: outcome = Reading.push(stream, allocator: allocator).outcome.refusal
    case .segments: outcome = push(stream, 4096, allocator)
    case .smallSegments: outcome = push(stream, 61, allocator)
    case .mapped: outcome = Reading.pull(stream, allocator: allocator).refusal
    }
    // Streams that announce sections end without them.
    #expect(outcome == nil || outcome?.code == .missingSection, "\(String(describing: outcome))")
  }

  private func push(_ stream: [UInt8], _ size: Int, _ allocator: StreamAllocator) -> StreamError? {
    do throws(StreamError) {
      var decoder = try PushDecoder(allocator: allocator)
      var nobody = NoHandler()
      for start in stride(from: 0, to: stream.count, by: size) {
        _ = try decoder.push(stream.span.octets.extracting(start..<min(start + size, stream.count)), to: &nobody)
      }
      try decoder.finish()
      return nil
    } catch { return error }
  }
}
