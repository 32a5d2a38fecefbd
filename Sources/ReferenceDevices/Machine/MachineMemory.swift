import MigrationStream
import ResumePath

/// The memory of a machine: regions of any size, of which only pages that were touched take room.
///
/// ```
///  region ─► leaf of 4096 pages ─► slot ─► arena |page|page|page|...
/// ```
///
/// Pages that are touched one after the other lie side by side, so bulk that comes in order is read into long runs.
struct MachineMemory: ~Copyable {
  static let pageByteCount = 4096
  private static let leafPages = 4096
  private static let zeros = [UInt8](repeating: 0, count: pageByteCount)
  /// Most octets that one question for memory makes room for: a claim of more is met piece by piece.
  private static let runByteCount = 1 << 20

  struct Region {
    let name: String
    /// Number of the device that it belongs to; nil: the machine's own.
    let owner: Int?
    let byteCount: UInt64
    let flags: UInt16
    /// Slots by page, plus 1; an empty leaf has none.
    fileprivate var leaves: [[Int32]]
  }

  /// What a slot of the arena holds.
  struct Page {
    /// -1: free.
    var region: Int
    var number: Int
    /// It was written to since a save gave it.
    var isDirty: Bool
  }

  private(set) var regions: [Region] = []
  private var arena: OwnedBytes
  private(set) var pages: [Page] = []
  private var free: [Int] = []

  /// - Parameter regions: Untouched ones.
  init(_ regions: [Region] = []) {
    arena = OwnedBytes()
    self.regions = regions
  }

  mutating func addRegion(_ name: String, owner: Int?, byteCount: UInt64, flags: UInt16 = 0) {
    let perLeaf = UInt64(Self.pageByteCount * Self.leafPages)
    regions.append(
      Region(
        name: name, owner: owner, byteCount: byteCount, flags: flags,
        leaves: Array(repeating: [], count: Int((byteCount + perLeaf - 1) / perLeaf))))
  }

  func contains(_ region: Int, _ offset: UInt64, _ byteCount: Int) -> Bool {
    regions.indices.contains(region) && byteCount >= 0 && offset <= regions[region].byteCount
      && UInt64(byteCount) <= regions[region].byteCount - offset
  }

  // MARK: Pages

  private func slot(_ region: Int, _ page: Int) -> Int? {
    let leaf = regions[region].leaves[page / Self.leafPages]
    guard !leaf.isEmpty else { return nil }
    let slot = Int(leaf[page % Self.leafPages]) - 1
    return slot < 0 ? nil : slot
  }

  private mutating func setSlot(_ region: Int, _ page: Int, _ slot: Int?) {
    let number = page / Self.leafPages
    if regions[region].leaves[number].isEmpty {
      guard slot != nil else { return }
      let pageCount = (Int(clamping: regions[region].byteCount) + Self.pageByteCount - 1) / Self.pageByteCount
      let count = min(Self.leafPages, pageCount - number * Self.leafPages)
      regions[region].leaves[number] = [Int32](repeating: 0, count: count)
    }
    regions[region].leaves[number][page % Self.leafPages] = Int32(truncatingIfNeeded: (slot ?? -1) + 1)
  }

  /// The slot of a page, which gets one when it has none.
  private mutating func touch(_ region: Int, _ page: Int) throws(StreamError) -> Int {
    if let known = slot(region, page) { return known }
    let record = Page(region: region, number: page, isDirty: true)
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      pages[slot] = record
    } else {
      slot = pages.count
      try arena.append(repeating: 0, count: max(0, (slot + 1) * Self.pageByteCount - arena.count))
      pages.append(record)
    }
    setSlot(region, page, slot)
    return slot
  }

  // MARK: Reading and writing

  /// The octets of a page; nil where it reads as zero.
  @_lifetime(borrow self)
  borrowing func page(inSlot slot: Int) -> RawSpan {
    arena.bytes.extracting((slot * Self.pageByteCount)..<((slot + 1) * Self.pageByteCount))
  }

  /// An integer at an address that is a multiple of its size; 0 outside of the region.
  func load<Value: FixedWidthInteger & BitwiseCopyable>(_ region: Int, _ offset: UInt64, as _: Value.Type) -> Value {
    let size = MemoryLayout<Value>.size
    guard contains(region, offset, size), offset % UInt64(size) == 0,
      let slot = slot(region, Int(offset) / Self.pageByteCount)
    else { return 0 }
    return arena.bytes.integer(at: slot * Self.pageByteCount + Int(offset) % Self.pageByteCount, as: Value.self)
  }

  /// Writes an integer to an address that is a multiple of its size; nothing outside of the region.
  mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ region: Int, _ offset: UInt64, _ value: Value) {
    let size = MemoryLayout<Value>.size
    guard contains(region, offset, size), offset % UInt64(size) == 0,
      let slot = try? touch(region, Int(offset) / Self.pageByteCount)
    else { return }
    pages[slot].isDirty = true
    arena.set(value, at: slot * Self.pageByteCount + Int(offset) % Self.pageByteCount)
  }

  /// Octets of a region; zeros outside.
  func load(_ region: Int, _ offset: UInt64, count: Int) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(count)
    var place = offset
    while octets.count < count {
      let within = Int(place % UInt64(Self.pageByteCount))
      let length = min(count - octets.count, Self.pageByteCount - within)
      if contains(region, place, length), let slot = slot(region, Int(place) / Self.pageByteCount) {
        let start = slot * Self.pageByteCount + within
        octets += [UInt8](arena.bytes.extracting(start..<(start + length)))
      } else {
        octets.append(contentsOf: repeatElement(0, count: length))
      }
      place &+= UInt64(length)
    }
    return octets
  }

  /// Writes octets to a region; what lies outside is lost, as on a bus.
  mutating func store(_ region: Int, _ offset: UInt64, _ octets: [UInt8]) {
    var done = 0
    while done < octets.count {
      let place = offset &+ UInt64(done)
      let within = Int(place % UInt64(Self.pageByteCount))
      let length = min(octets.count - done, Self.pageByteCount - within)
      if contains(region, place, length), let slot = try? touch(region, Int(place) / Self.pageByteCount) {
        pages[slot].isDirty = true
        arena.set(octets.span.octets.extracting(done..<(done + length)), at: slot * Self.pageByteCount + within)
      }
      done += length
    }
  }

  /// Memory that octets of a stream belong in: at least one, at most to the end of a run of pages.
  @_lifetime(&self)
  mutating func place(_ region: Int, _ offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    guard byteCount > 0, contains(region, offset, byteCount) else { throw DeviceReason.outsideRegion.failure }
    let within = Int(offset % UInt64(Self.pageByteCount))
    let wanted = min(byteCount, Self.runByteCount)
    let first = Int(offset) / Self.pageByteCount
    var end = within
    var start = 0
    do throws(StreamError) {
      let firstSlot = try touch(region, first)
      start = firstSlot * Self.pageByteCount + within
      var count = 1
      while within + wanted > count * Self.pageByteCount, try touch(region, first + count) == firstSlot + count {
        count += 1
      }
      end = start + min(wanted, count * Self.pageByteCount - within)
    } catch { throw DeviceReason.noMemory.failure }
    return arena.mutableBytes(start..<end)
  }

  // MARK: Zeros

  /// Makes a run read as zero; whole pages are given back.
  mutating func clear(_ region: Int, _ offset: UInt64, byteCount: UInt64) throws(DeviceFailure) {
    guard regions.indices.contains(region), offset <= regions[region].byteCount,
      byteCount <= regions[region].byteCount - offset
    else { throw DeviceReason.outsideRegion.failure }
    let size = UInt64(Self.pageByteCount)
    var place = offset
    let end = offset + byteCount
    while place < end {
      let page = Int(place / size)
      if regions[region].leaves[page / Self.leafPages].isEmpty {
        place = UInt64((page / Self.leafPages + 1) * Self.leafPages) * size
        continue
      }
      let next = min(end, (place / size + 1) * size)
      if let slot = slot(region, page) {
        let isWhole = place % size == 0 && (next % size == 0 || next == regions[region].byteCount)
        if isWhole { release(slot) } else { zero(slot, Int(place % size), Int(next - place)) }
      }
      place = next
    }
  }

  private mutating func zero(_ slot: Int, _ within: Int, _ byteCount: Int) {
    arena.set(Self.zeros.span.octets.extracting(0..<byteCount), at: slot * Self.pageByteCount + within)
    pages[slot].isDirty = true
  }

  private mutating func release(_ slot: Int) {
    zero(slot, 0, Self.pageByteCount)
    setSlot(pages[slot].region, pages[slot].number, nil)
    pages[slot] = Page(region: -1, number: 0, isDirty: false)
    free.append(slot)
  }

  /// Zeroes and gives back all pages of the regions that belong to `owner`.
  mutating func scrub(owner: Int?) {
    for slot in pages.indices.reversed()
    where pages[slot].region >= 0 && regions[pages[slot].region].owner == owner { release(slot) }
    guard free.count == pages.count else { return }
    // Nothing is used: the next pages lie in order again.
    pages.removeAll(keepingCapacity: true)
    free.removeAll(keepingCapacity: true)
  }

  // MARK: Saving

  mutating func markDirty(owner: Int?) {
    for slot in pages.indices where pages[slot].region >= 0 && regions[pages[slot].region].owner == owner {
      pages[slot].isDirty = true
    }
  }

  /// The next run of dirty pages of a region from `slot` on, no longer dirty; nil when there is none.
  mutating func takeDirtyRun(_ region: Int, from slot: inout Int, pagesMax: Int) -> Range<Int>? {
    while slot < pages.count {
      guard pages[slot].region == region, pages[slot].isDirty else {
        slot += 1
        continue
      }
      let first = slot
      repeat {
        pages[slot].isDirty = false
        slot += 1
      } while slot < pages.count && slot - first < pagesMax && pages[slot].region == region && pages[slot].isDirty
        && pages[slot].number == pages[slot - 1].number + 1
      return first..<slot
    }
    return nil
  }

  /// The octets of a run of slots, as many as lie in the region.
  @_lifetime(borrow self)
  borrowing func octets(of run: Range<Int>) -> RawSpan {
    let page = pages[run.lowerBound]
    let start = run.lowerBound * Self.pageByteCount
    let left = regions[page.region].byteCount - UInt64(page.number) * UInt64(Self.pageByteCount)
    let count = min(run.count * Self.pageByteCount, Int(clamping: left))
    return arena.bytes.extracting(start..<(start + count))
  }

  func dirtyByteCount(owner: Int?) -> UInt64 {
    var count: UInt64 = 0
    for page in pages where page.region >= 0 && page.isDirty && regions[page.region].owner == owner { count += 1 }
    return count * UInt64(Self.pageByteCount)
  }

  // MARK: For tests and digests

  /// The same for equal content, whichever pages were touched.
  func digest() -> UInt64 {
    var sum: UInt64 = 0
    for slot in pages.indices where pages[slot].region >= 0 {
      let octets = page(inSlot: slot)
      guard !octets.isZero else { continue }
      let place = UInt64(pages[slot].region) << 48 ^ UInt64(pages[slot].number)
      sum &+= StateDigest.mix(Digest.xxh3(octets) ^ StateDigest.mix(place))
    }
    return sum
  }

  /// Whether the pattern occurs anywhere in the memory that was ever touched, given back or not.
  func contains(_ pattern: [UInt8]) -> Bool { arena.bytes.contains(pattern) }
}

extension RawSpan {
  /// Whether the octets of `pattern` occur one after the other.
  func contains(_ pattern: [UInt8]) -> Bool {
    guard let first = pattern.first, byteCount >= pattern.count else { return false }
    for start in 0...(byteCount - pattern.count) where octet(at: start) == first {
      if extracting(start..<(start + pattern.count)).hasSameOctets(as: pattern.span.octets) { return true }
    }
    return false
  }
}

