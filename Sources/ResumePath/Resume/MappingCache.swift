internal import MigrationStream

/// Mappings of a session's layouts, made when they are needed and kept for sections that come again.
///
/// Bounded: the oldest gives way, and all do when together they are too large. A mapping that is made anew gives the same.
struct MappingCache: ~Copyable {
  /// What a mapping is of.
  struct Key: Equatable, BitwiseCopyable {
    /// Number of the layout in the stream.
    var stream: UInt32
    /// Own number of the device, and of its layout.
    var device: UInt32
    var reader: UInt32
    /// Of the section or subsection, as announced.
    var version: UInt32
  }

  static let countMax = 64
  /// Octets that mappings may take together, beside the one that is used last.
  static let byteCountMax = 8 << 20

  private var keys: OwnedBuffer<Key>
  var mappings: OwnedList<LayoutMapping>
  private var next = 0

  init(allocator: StreamAllocator) {
    keys = OwnedBuffer(allocator: allocator)
    mappings = OwnedList(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// The position of a mapping in ``mappings``; valid until the next call.
  mutating func position(
    of key: Key, _ layouts: MappingLayouts, limits: StreamLimits
  ) throws(StreamError) -> Int {
    if byteCount > Self.byteCountMax { release() }
    for position in 0..<keys.count where keys[position] == key { return position }
    let mapping = try LayoutMapping(
      from: key.stream, to: key.reader, of: layouts, version: key.version, limits: limits, allocator: keys.allocator)
    guard keys.count == Self.countMax else {
      try keys.reserve(1)
      try mappings.append(mapping)
      try keys.append(key)
      return keys.count - 1
    }
    let position = next
    next = (next + 1) % Self.countMax
    mappings[position] = mapping
    keys[position] = key
    return position
  }

  /// Counted anew: steps for elements of lists are added when a mapping is used.
  private var byteCount: Int {
    var sum = 0
    for position in 0..<mappings.count { sum += mappings[position].byteCount }
    return sum
  }

  mutating func release() {
    mappings.release()
    keys.release()
    next = 0
  }
}
