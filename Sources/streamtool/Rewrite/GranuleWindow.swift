import MigrationStream
import StreamIO

/// Neighbouring granules of a region while their octets are put together.
///
/// ```
///  run     run            run
///  |dddd..|dddddddd|zzzzzzzz|dd......|       what no run covers is zero
///  ^offset                            ^ at most byteCountMax behind offset
/// ```
struct GranuleWindow: ~Copyable {
  private let granule: UInt64
  private let byteCountMax: UInt64
  private let regionEnd: UInt64
  /// Octets from the start of the region to the window; a multiple of the granule.
  private(set) var offset: UInt64 = 0
  var octets = OwnedBytes()

  init(granule: UInt64, byteCountMax: UInt64, regionEnd: UInt64) {
    self.granule = granule
    self.byteCountMax = byteCountMax
    self.regionEnd = regionEnd
  }

  private var end: UInt64 { offset + UInt64(octets.count) }

  /// The whole granules that a run of zeros covers, where they are worth a record of their own: all discarded ones,
  /// and those that fill a window.
  func longRun(in run: MemoryRun) -> MemoryRun? {
    let start = (run.offset + granule - 1) / granule * granule
    let end = run.end == regionEnd ? run.end : run.end / granule * granule
    guard start < end, run.zeroKind == .discard || end - start >= byteCountMax else { return nil }
    return run.suffix(from: start).prefix(to: end)
  }

  /// Whether a place lies in the window or right behind it.
  func takes(_ place: UInt64) -> Bool {
    guard octets.count > 0 else { return true }
    let next = (end + granule - 1) / granule * granule
    return place < offset + byteCountMax && place / granule * granule <= next
  }

  /// Where the window that takes this place ends at the latest.
  func end(for place: UInt64) -> UInt64 {
    let start = octets.count > 0 ? offset : place / granule * granule
    return start + byteCountMax
  }

  /// Appends a run, and the zeros in front of it.
  mutating func append(_ run: MemoryRun, _ input: borrowing InputFile, _ spool: borrowing InputFile?) throws {
    if octets.count == 0 { offset = run.offset / granule * granule }
    try octets.append(repeating: 0, count: Int(run.end - end))
    let position = Int(run.offset - offset)
    try run.read(input, spool, into: &octets, position..<(position + Int(run.length)))
  }

  /// Fills the last granule.
  mutating func close() throws(StreamError) {
    let last = min((end + granule - 1) / granule * granule, regionEnd)
    try octets.append(repeating: 0, count: Int(last - end))
  }
}

/// The granules of an image that is made from what a stream mentions of its regions.
///
/// An image names whole granules. So each region gets the largest power of two, up to what is recommended, that all
/// borders of mentioned memory are multiples of; then nothing more is mentioned in the image than in the stream.
///
/// Source: Specs/30-channels-passes-images.md section 3.4.
struct GranuleChoice {
  /// By region.
  private(set) var granules: [UInt64] = []
  /// Regions of which the image mentions more than the stream.
  private(set) var enlarged: [Int] = []

  private static let granuleMin: UInt64 = 4096
  /// Granules of data in all: what a reader with default limits takes in, and one half more.
  private static let granulesMax: UInt64 = 1 << 19

  /// - Parameters:
  ///   - memory: What each region finally holds.
  ///   - wanted: The granule of all regions, whatever the stream mentions.
  init(_ memory: [[MemoryRun]], _ manifest: borrowing Manifest, wanted: UInt64?) {
    let recommended = wanted ?? Placement.recommendedGranule(for: manifest)
    var fitting: [UInt64] = []
    for region in 0..<manifest.regions.count {
      let borders = Self.borders(of: memory[region], regionEnd: manifest.regions[region].byteCount)
      let largest = borders == 0 ? UInt64.max : 1 << UInt64(borders.trailingZeroBitCount)
      fitting.append(largest)
    }
    granules = fitting.map { wanted ?? max(Self.granuleMin, min(recommended, $0)) }
    let count = zip(memory, granules).reduce(UInt64(0)) { $0 + Self.count(of: $1.0, $1.1) }
    if wanted == nil, count > Self.granulesMax { granules = fitting.map { _ in recommended } }
    enlarged = granules.indices.filter { fitting[$0] < granules[$0] }
  }

  /// The bits that are set in any offset where mentioned memory begins or ends, the end of the region excepted.
  private static func borders(of runs: [MemoryRun], regionEnd: UInt64) -> UInt64 {
    var borders: UInt64 = 0
    var end: UInt64?
    for run in runs {
      if run.offset != end { borders |= run.offset | (end ?? 0) }
      end = run.end
    }
    if let end, end != regionEnd { borders |= end }
    return borders
  }

  /// Granules of data that runs touch, at most.
  private static func count(of runs: [MemoryRun], _ granule: UInt64) -> UInt64 {
    runs.reduce(0) { $0 + ($1.isZero ? 0 : ($1.length + granule - 1) / granule + 1) }
  }
}
