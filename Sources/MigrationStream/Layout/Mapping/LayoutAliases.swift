/// The older names of a reader's fields.
///
/// Source: Specs/20-layouts.md section 5.
public struct LayoutAliases: ~Copyable {
  private let addressOnly = AddressOnly()
  private var octets: OwnedBytes
  private var places: OwnedBuffer<AliasPlace>

  public init(allocator: StreamAllocator = .system) {
    octets = OwnedBytes(allocator: allocator)
    places = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Gives a field one more name that streams may know it by.
  ///
  /// - Parameters:
  ///   - layout: Number of the reader's layout.
  ///   - entry: Number of the entry in it; calls come in ascending order of layout and entry.
  /// - Throws: `wrongCall` out of order, `outOfMemory`; nothing was added then.
  public mutating func add(layout: UInt32, entry: UInt32, name: RawSpan) throws(StreamError) {
    let key = AliasPlace.key(layout, entry)
    guard places.count == 0 || places[places.count - 1].key <= key, name.byteCount <= 255 else {
      throw StreamError(.wrongCall, .use, at: UInt64(places.count), found: UInt64(entry))
    }
    try places.reserve(1)
    let start = octets.count
    try octets.append(name)
    try places.append(AliasPlace(key: key, start: start, count: name.byteCount))
  }

  /// All aliases, for reading.
  public var table: AliasTable {
    @_lifetime(borrow self)
    get { AliasTable(octets: octets.bytes, places: places.span) }
  }
}

/// Which field an alias is of, and where its octets lie.
struct AliasPlace: BitwiseCopyable {
  let key: UInt64
  let start: Int
  let count: Int

  static func key(_ layout: UInt32, _ entry: UInt32) -> UInt64 { UInt64(layout) << 32 | UInt64(entry) }
}

/// The aliases of a ``LayoutAliases``, borrowed.
public struct AliasTable: ~Escapable {
  private let octets: RawSpan
  private let places: Span<AliasPlace>

  @_lifetime(copy octets, copy places)
  init(octets: RawSpan, places: Span<AliasPlace>) {
    self.octets = octets
    self.places = places
  }

  /// The numbers of the aliases of a field.
  func aliases(of entry: Int, in layout: UInt32) -> Range<Int> {
    let key = AliasPlace.key(layout, UInt32(entry))
    let start = firstPlace(notBelow: key)
    var end = start
    while end < places.count, places[end].key == key { end += 1 }
    return start..<end
  }

  @_lifetime(copy self)
  func name(_ number: Int) -> RawSpan {
    octets.extracting(places[number].start..<(places[number].start + places[number].count))
  }

  private func firstPlace(notBelow key: UInt64) -> Int {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The two sides of a mapping: the layouts of the stream, and the reader's own with their aliases.
public struct MappingLayouts: ~Escapable {
  public let stream: LayoutTable
  public let reader: LayoutTable
  let aliases: AliasTable

  @_lifetime(copy stream, copy reader, copy aliases)
  public init(stream: LayoutTable, reader: LayoutTable, aliases: AliasTable) {
    self.stream = stream
    self.reader = reader
    self.aliases = aliases
  }
}
