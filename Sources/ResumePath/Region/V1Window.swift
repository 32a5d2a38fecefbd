public import MigrationStream

/// A part of the data window that its user reaches by a mapping instead of accesses to the region.
@frozen
public struct V1Area: Equatable, Sendable, BitwiseCopyable {
  /// Octets from the start of the region.
  public var offset: UInt64
  public var byteCount: UInt64

  @inlinable
  public init(offset: UInt64, byteCount: UInt64) { (self.offset, self.byteCount) = (offset, byteCount) }
}

/// Where in the region data stands, and its memory.
///
/// Source: Specs/resume-path.md section 11.
public struct V1Window: ~Copyable {
  private let addressOnly = AddressOnly()
  /// Octets of the fields before it.
  static var structureByteCount: UInt64 { 32 }
  /// More areas than anybody maps.
  static var areasMax: Int { 16 }

  public let offset: UInt64
  public let byteCount: Int
  private var areas: OwnedBuffer<V1Area>
  var memory: OwnedBytes

  /// - Parameters:
  ///   - offset: Behind the fields; a multiple of the page size where areas are mapped.
  ///   - areas: Ascending, of whole pages, inside of the window; empty when it is not mapped.
  /// - Throws: `badRange` at the offset of what is wrong, `tooManyRanges`, `outOfMemory`.
  public init(
    offset: UInt64, byteCount: Int, mapped areas: Span<V1Area> = Span(), pageByteCount: UInt64 = 4096,
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    let end = offset.addingReportingOverflow(UInt64(clamping: byteCount))
    guard offset >= Self.structureByteCount, byteCount > 0, !end.overflow, pageByteCount.nonzeroBitCount == 1 else {
      throw StreamError(.badRange, .resume, at: offset, found: UInt64(clamping: byteCount))
    }
    guard areas.count <= Self.areasMax else {
      throw StreamError(
        .tooManyRanges, .resume, at: offset, expected: UInt64(Self.areasMax), found: UInt64(areas.count))
    }
    var list = OwnedBuffer<V1Area>(allocator: allocator)
    var reached = offset
    for index in areas.indices {
      let area = areas[index]
      guard (offset | area.offset | area.byteCount) & (pageByteCount - 1) == 0, area.byteCount > 0,
        area.offset >= reached, area.offset <= end.partialValue, area.byteCount <= end.partialValue - area.offset
      else { throw StreamError(.badRange, .resume, at: area.offset, expected: reached, found: area.byteCount) }
      reached = area.offset + area.byteCount
      try list.append(area)
    }
    var memory = OwnedBytes(allocator: allocator)
    try memory.append(repeating: 0, count: byteCount)
    self.offset = offset
    self.byteCount = byteCount
    self.areas = list
    self.memory = memory
  }

  public var areaCount: Int { areas.count }

  public func area(_ index: Int) -> V1Area { areas[index] }

  /// Lends what a mapping of an area shows.
  public mutating func withMapping<Result>(of index: Int, _ body: (inout MutableSpan<UInt8>) -> Result) -> Result {
    let area = areas[index]
    let start = Int(area.offset - offset)
    var octets = memory.mutableSpan
    var mapped = octets._mutatingExtracting(start..<(start + Int(area.byteCount)))
    return body(&mapped)
  }

  /// Octets of the window from its start on that have been written, when those up to `written` were by accesses: mapped
  /// areas are written behind the region's back.
  func reach(_ written: Int) -> Int {
    var reached = written
    for index in 0..<areas.count {
      let start = Int(areas[index].offset - offset)
      if start <= reached { reached = max(reached, start + Int(areas[index].byteCount)) }
    }
    return reached
  }

  /// Position in the window; nil unless the octets lie inside.
  func position(of offset: UInt64, byteCount: Int) -> Int? {
    guard offset >= self.offset, offset - self.offset <= UInt64(self.byteCount) else { return nil }
    let position = Int(offset - self.offset)
    return byteCount <= self.byteCount - position ? position : nil
  }

  mutating func put(_ octets: RawSpan, at position: Int) { memory.set(octets, at: position) }

  /// Forgets what was written: by accesses up to `written`, and anywhere by a mapping.
  mutating func forget(upTo written: Int) {
    clear(0..<written)
    for index in 0..<areas.count {
      let start = Int(areas[index].offset - offset)
      clear(start..<(start + Int(areas[index].byteCount)))
    }
  }

  /// Forgets octets: nothing of one transaction is seen after another.
  mutating func clear(_ range: Range<Int>) {
    var octets = memory.mutableSpan
    for position in range { octets[position] = 0 }
  }
}
