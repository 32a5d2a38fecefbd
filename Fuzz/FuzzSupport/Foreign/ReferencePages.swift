import ForeignStreams

/// The guest pages of a QEMU stream, as a second reader has them: word by word, each page by itself.
///
/// ```
///  | address, flags: 8 octets | length of the name, name, without the flag `same` | content |
/// ```
///
/// Written from facts about QEMU's `migration/ram.c`, without a look at the product's reader of pages.
struct ReferencePages {
  struct Page {
    /// The number of the block among those with octets: its region.
    var region: UInt32
    var offset: UInt64
    var byteCount: UInt64
    /// Where its octets are; nil for a page that is `fill` all over.
    var place: Int?
    var fill: UInt8 = 0
  }

  private typealias Entry = (block: Int, address: UInt64, place: Int?, fill: UInt8)

  private let octets: [UInt8]
  private let pageSize: Int
  private var names: [[UInt8]] = []
  private var lengths: [UInt64] = []
  private var block: Int?
  private var entries: [Entry] = []

  /// - Returns: Pages as they were sent; nil when the stream has some in a form that this reader does not know.
  static func pages(of stream: QEMUStream, _ octets: [UInt8]) -> [Page]? {
    let isPlain = stream.memoryBlocks.allSatisfy { $0.mapping == nil && $0.guestAddress == nil && $0.pageSize == nil }
    guard isPlain, stream.unlistedRecordCount == 0 else { return nil }
    var reader = ReferencePages(octets, stream.pageSize)
    for record in stream.records {
      guard let section = record.section, stream.sections[section].content == .memory else { continue }
      guard reader.read(Int(record.payloadOffset)..<Int(record.payloadOffset + record.payloadLength)) else { return nil }
    }
    // A list that the damage is in may have changed lengths before it.
    if stream.damage != nil {
      for block in stream.memoryBlocks {
        if let known = reader.names.firstIndex(of: block.nameOctets) { reader.lengths[known] = block.length }
      }
    }
    return reader.pages
  }

  private init(_ octets: [UInt8], _ pageSize: Int) { (self.octets, self.pageSize) = (octets, pageSize) }

  /// A block is as long as the last list says, and pages behind its end are nobody's.
  private var pages: [Page] {
    var regions: [UInt32] = []
    var next: UInt32 = 0
    for length in lengths {
      regions.append(next)
      if length > 0 { next += 1 }
    }
    return entries.compactMap { entry in
      guard entry.address < lengths[entry.block] else { return nil }
      return Page(
        region: regions[entry.block], offset: entry.address,
        byteCount: min(UInt64(pageSize), lengths[entry.block] - entry.address), place: entry.place, fill: entry.fill)
    }
  }

  /// - Returns: Whether all words were understood.
  private mutating func read(_ payload: Range<Int>) -> Bool {
    var at = payload.lowerBound
    while at + 8 <= payload.upperBound {
      let word = number(at, 8)
      at += 8
      let flags = word % UInt64(pageSize)
      switch flags & ~0x20 {
      case 0x10: return at == payload.upperBound
      case 0x200: continue
      case 0x04: guard readList(word - flags, &at, payload.upperBound) else { return false }
      case 0x02, 0x08:
        if flags & 0x20 == 0 { block = names.firstIndex(of: name(&at)) }
        let isZero = flags & ~0x20 == 0x02
        guard let block, at + (isZero ? 1 : pageSize) <= payload.upperBound else { return false }
        entries.append((block, word - flags, isZero ? nil : at, isZero ? octets[at] : 0))
        at += isZero ? 1 : pageSize
      default: return false
      }
    }
    return at == payload.upperBound
  }

  /// Names and lengths, until the lengths make up the sum.
  private mutating func readList(_ sum: UInt64, _ at: inout Int, _ end: Int) -> Bool {
    var left = sum
    while left > 0 {
      let name = name(&at)
      guard at + 8 <= end, number(at, 8) <= left else { return false }
      let length = number(at, 8)
      at += 8
      left -= length
      if let known = names.firstIndex(of: name) {
        lengths[known] = length
      } else {
        names.append(name)
        lengths.append(length)
      }
    }
    return true
  }

  private func name(_ at: inout Int) -> [UInt8] {
    let count = at < octets.count ? Int(octets[at]) : 0
    let start = min(at + 1, octets.count)
    at = start + count
    return Array(octets[start..<min(start + count, octets.count)])
  }

  private func number(_ at: Int, _ count: Int) -> UInt64 {
    octets[at..<(at + count)].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Holds memory, as a converted stream brings it, against the pages that it was made of: the same octets at the same places, in
/// the same order.
struct PageComparison {
  private let pages: [ReferencePages.Page]
  private let source: [UInt8]
  /// Nothing is cut off at the end of the stream, and so of the pages.
  private let isWhole: Bool
  private var next = 0
  /// Octets of that page that came.
  private var done: UInt64 = 0
  private(set) var violation: FuzzViolation?

  init(_ pages: [ReferencePages.Page], _ source: [UInt8], isWhole: Bool) {
    (self.pages, self.source, self.isWhole) = (pages, source, isWhole)
  }

  /// - Parameter octets: What came; without them `byteCount` zeros did.
  mutating func take(_ region: UInt32, _ offset: UInt64, _ byteCount: UInt64, _ octets: [UInt8]?) {
    var taken: UInt64 = 0
    while taken < byteCount, violation == nil {
      guard next < pages.count else {
        return isWhole ? fail("octets that no page has, at", region, offset + taken) : ()
      }
      let page = pages[next]
      guard page.region == region, page.offset + done == offset + taken else {
        return fail("region \(page.region), offset \(page.offset + done) is next, and not", region, offset + taken)
      }
      let count = min(page.byteCount - done, byteCount - taken)
      if !isSame(page, Int(count), octets, Int(taken)) { fail("other octets in the page of", region, offset + taken) }
      taken += count
      done += count
      if done == page.byteCount { (next, done) = (next + 1, 0) }
    }
  }

  mutating func finish() {
    if isWhole, violation == nil, next < pages.count {
      fail("nothing came for", pages[next].region, pages[next].offset + done)
    }
  }

  private func isSame(_ page: ReferencePages.Page, _ count: Int, _ octets: [UInt8]?, _ taken: Int) -> Bool {
    // Pages without octets may be many and large.
    if octets == nil, page.place == nil { return page.fill == 0 }
    let wanted: [UInt8]
    if let place = page.place {
      let start = place + Int(done)
      guard start + count <= source.count else { return false }
      wanted = Array(source[start..<(start + count)])
    } else {
      wanted = [UInt8](repeating: page.fill, count: count)
    }
    let found = octets.map { Array($0[taken..<(taken + count)]) } ?? [UInt8](repeating: 0, count: count)
    return BulkOctets.areEqual(wanted, found)
  }

  private mutating func fail(_ what: String, _ region: UInt32, _ offset: UInt64) {
    violation = FuzzViolation("R1", "converted memory: \(what) region \(region), offset \(offset)")
  }
}
