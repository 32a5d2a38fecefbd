/// A run of octets of a region, and the extent that names it last.
///
/// Source: Specs/30-channels-passes-images.md section 4.2.
@frozen
public struct FinalExtent: Equatable, Sendable, BitwiseCopyable {
  public var region: UInt32
  /// Position of the extent in its record.
  public var index: UInt32
  /// Octets from the start of the region.
  public var offset: UInt64
  /// Length in bits 0 to 55, kind above.
  var kindAndLength: UInt64
  /// Image: the digest. Stream: where the data starts in the stream, 0 when it does not lie there plain.
  var word: UInt64
  /// Octets from the start of the stream to the record.
  public var recordOffset: UInt64

  public var length: UInt64 { kindAndLength & Extent.lengthMask }
  public var kind: ExtentKind { ExtentKind(rawValue: UInt8(truncatingIfNeeded: kindAndLength >> 56)) ?? .data }
  /// The octet behind the last one.
  public var end: UInt64 { offset &+ length }

  init(region: UInt32, index: Int, _ extent: Extent, word: UInt64, recordOffset: UInt64) {
    self.region = region
    self.index = UInt32(truncatingIfNeeded: index)
    offset = extent.offset
    kindAndLength = extent.kindAndLength
    self.word = word
    self.recordOffset = recordOffset
  }

  func precedes(_ other: FinalExtent) -> Bool {
    region != other.region ? region < other.region : offset < other.offset
  }

  /// Whether it lies whole before the start of another.
  func endsBefore(_ other: FinalExtent) -> Bool {
    region != other.region ? region < other.region : end <= other.offset
  }

  /// What is left when it ends at `border`.
  func cut(at border: UInt64) -> FinalExtent {
    var head = self
    head.kindAndLength = kindAndLength &- (end &- border)
    return head
  }

  /// What is left when it starts at `border`. Data of a stream moves along; granules of an image are never cut.
  func dropped(to border: UInt64) -> FinalExtent {
    var tail = self
    let count = border &- offset
    tail.offset = border
    tail.kindAndLength = kindAndLength &- count
    if word != 0, kind == .data { tail.word = word &+ count }
    return tail
  }
}

/// Collects the extents of records in the order in which they came, and says who names each octet last.
///
/// Each record's extents ascend, so they are a **run**: sorted, without overlap. Runs lie one after the other, older ones
/// first, and two neighbours are laid one over the other as soon as the older is not more than twice as long:
///
///      run 0 ||||||||||||||||||||  run 1 |||||||||  run 2 |||     each is more than twice as long as the next
///
/// So there are few, and n extents cost n log n steps. Records that only go forward extend the last run and cost a step
/// an extent.
///
/// Memory: 40 octets an extent, for at most twice the limit, and as much for laying runs over each other.
public struct FinalContent: ~Copyable {
  private let addressOnly = AddressOnly()
  private var extents: OwnedBuffer<FinalExtent>
  /// Where each run starts in ``extents``.
  private var runs: OwnedBuffer<Int>
  private var merged: OwnedBuffer<FinalExtent>
  /// Extents looked at so far: the measure of its work.
  public private(set) var stepCount: UInt64 = 0

  init(allocator: StreamAllocator) {
    extents = OwnedBuffer(allocator: allocator)
    runs = OwnedBuffer(allocator: allocator)
    merged = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Extents that are held. Once END (or the first INDEX_PAGE or INDEX) has come, those of the final content.
  public var count: Int { extents.count }

  /// The final content, ascending by (region, offset), once END (or the first INDEX_PAGE or INDEX) has come.
  public subscript(index: Int) -> FinalExtent { extents[index] }

  /// Position of the first extent that ends behind an octet of a region; ``count`` if there is none. Once END has come.
  public func firstIndex(region: UInt32, endingAfter offset: UInt64) -> Int {
    var (low, high) = (0, extents.count)
    while low < high {
      let middle = low + (high - low) / 2
      let extent = extents[middle]
      if extent.region < region || (extent.region == region && extent.end <= offset) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// Adds an extent of the current record.
  mutating func add(_ extent: FinalExtent) throws(StreamError) {
    stepCount &+= 1
    try extents.append(extent)
  }

  /// Closes a record of `added` extents, which were just added.
  ///
  /// - Throws: `limitExceeded`, at `offset`, when the final content has more extents than the limit.
  mutating func closeRecord(added: Int, limit: UInt32, at offset: UInt64) throws(StreamError) {
    let start = extents.count - added
    let goesOn = start > 0 && extents[start - 1].endsBefore(extents[start])
    if !goesOn { try runs.append(start) }
    while runs.count > 1, length(ofRun: runs.count - 2) <= 2 * length(ofRun: runs.count - 1) { try mergeLastTwo() }
    // At least `limit` extents come between two such times.
    if extents.count > 2 * Int(limit) { try settle(limit: limit, at: offset) }
  }

  /// Lays all runs over each other.
  mutating func settle(limit: UInt32, at offset: UInt64) throws(StreamError) {
    while runs.count > 1 { try mergeLastTwo() }
    guard extents.count <= Int(limit) else {
      throw StreamError(.limitExceeded, .bulk, at: offset, expected: UInt64(limit), found: UInt64(extents.count))
    }
  }

  private func length(ofRun index: Int) -> Int {
    (index + 1 < runs.count ? runs[index + 1] : extents.count) - runs[index]
  }

  /// Replaces the last two runs by what is seen of both with the newer one on top.
  private mutating func mergeLastTwo() throws(StreamError) {
    let start = runs[runs.count - 2]
    let middle = runs[runs.count - 1]
    merged.removeAll()
    var older = start
    var rest = extents[start]
    for newer in middle..<extents.count {
      let covering = extents[newer]
      while older < middle, rest.precedes(covering) {
        if rest.endsBefore(covering) {
          try merged.append(rest)
          older = next(older, middle, &rest)
        } else {
          try merged.append(rest.cut(at: covering.offset))
          rest = rest.dropped(to: covering.offset)
        }
      }
      while older < middle, rest.region == covering.region, rest.offset < covering.end {
        if rest.end <= covering.end {
          older = next(older, middle, &rest)
        } else {
          rest = rest.dropped(to: covering.end)
        }
      }
      try merged.append(covering)
    }
    while older < middle {
      try merged.append(rest)
      older = next(older, middle, &rest)
    }
    stepCount &+= UInt64(extents.count - start)
    extents.truncate(to: start)
    try extents.reserve(merged.count)
    for index in 0..<merged.count { try extents.append(merged[index]) }
    runs.truncate(to: runs.count - 1)
  }

  /// Takes the next extent of the older run, if there is one.
  private func next(_ position: Int, _ end: Int, _ rest: inout FinalExtent) -> Int {
    if position + 1 < end { rest = extents[position + 1] }
    return position + 1
  }
}
