/// The layouts of a stream, or those of a reader: canonical octets and checked entries, by number.
///
/// Source: Specs/10-stream-format.md section 5; memory: Specs/40-reader-rules.md section 3.
public struct LayoutStore: ~Copyable {
  private let addressOnly = AddressOnly()
  private var octets: OwnedBytes
  private var entries: OwnedBuffer<FieldEntry>
  private var steps: OwnedBuffer<BlockStep>
  private var places: OwnedBuffer<LayoutPlace>

  public init(allocator: StreamAllocator = .system) {
    octets = OwnedBytes(allocator: allocator)
    entries = OwnedBuffer(allocator: allocator)
    steps = OwnedBuffer(allocator: allocator)
    places = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// The same layouts, which need no second check, in memory of their own.
  public init(copyOf other: borrowing LayoutStore, allocator: StreamAllocator = .system) throws(StreamError) {
    octets = OwnedBytes(allocator: allocator)
    entries = OwnedBuffer(allocator: allocator)
    steps = OwnedBuffer(allocator: allocator)
    places = OwnedBuffer(allocator: allocator)
    try octets.append(contentsOf: other.octets)
    try entries.append(contentsOf: other.entries)
    try steps.append(contentsOf: other.steps)
    try places.append(contentsOf: other.places)
  }

  /// The number that the next layout gets.
  public var count: Int { places.count }

  /// All layouts, for reading.
  public var table: LayoutTable {
    @_lifetime(borrow self)
    get {
      LayoutTable(octets: octets.bytes, entries: entries.span, steps: steps.span, places: places.span)
    }
  }

  /// Checks a canonical layout and keeps a copy of it under the next number.
  ///
  /// - Parameters:
  ///   - offset: Octets from the start of the stream to `canonical`.
  /// - Throws: ``StreamError`` of stage `.layout` at the field at fault, `outOfMemory`; the store is then as before.
  public mutating func add(canonical: RawSpan, at offset: UInt64, limits: StreamLimits) throws(StreamError) {
    try admit(canonical.byteCount, at: offset, limits)
    var place = LayoutPlace(
      octetsStart: octets.count, octetsCount: canonical.byteCount, entriesStart: UInt32(entries.count),
      stepsStart: UInt32(steps.count), form: .known)
    do throws(StreamError) {
      var checker = LayoutChecker(canonical, at: offset, limits: limits)
      try checker.check(appendingTo: &entries)
      if try Self.plan(entries, from: Int(place.entriesStart), canonical, to: &steps) { place.form = .planned }
      try octets.append(canonical)
      try places.append(place)
    } catch let refusal {
      entries.truncate(to: Int(place.entriesStart))
      steps.truncate(to: Int(place.stepsStart))
      octets.truncate(to: place.octetsStart)
      throw refusal
    }
  }

  /// A span of one member would bar all of self; as parameters the two are apart.
  private static func plan(
    _ entries: borrowing OwnedBuffer<FieldEntry>, from first: Int, _ canonical: RawSpan,
    to steps: inout OwnedBuffer<BlockStep>
  ) throws(StreamError) -> Bool {
    let blockByteCount = Int(canonical.integer(at: LayoutOctets.Header.lenBlock, as: UInt32.self))
    return try BlockPlan.append(
      of: entries.span.extracting(first..<entries.count), blockByteCount: blockByteCount, to: &steps)
  }

  /// Keeps the identity of a layout whose octets are not in the stream.
  public mutating func addExternal(
    identity: RawSpan, at offset: UInt64, limits: StreamLimits
  ) throws(StreamError) {
    try admit(identity.byteCount, at: offset, limits)
    guard identity.byteCount > 0 else { throw StreamError(.badLayout, .layout, at: offset, expected: 1) }
    guard identity.isText else { throw StreamError(.badText, .layout, at: offset) }
    let place = LayoutPlace(
      octetsStart: octets.count, octetsCount: identity.byteCount, entriesStart: UInt32(entries.count),
      stepsStart: UInt32(steps.count), form: .external)
    try octets.append(identity)
    do throws(StreamError) { try places.append(place) } catch let refusal {
      octets.truncate(to: place.octetsStart)
      throw refusal
    }
  }

  /// Forgets all layouts and keeps the memory.
  public mutating func removeAll() {
    octets.removeAll()
    entries.removeAll()
    steps.removeAll()
    places.removeAll()
  }

  private func admit(_ byteCount: Int, at offset: UInt64, _ limits: StreamLimits) throws(StreamError) {
    guard places.count < Int(clamping: limits.layoutsMax) else {
      throw StreamError(
        .limitExceeded, .layout, at: offset, expected: UInt64(limits.layoutsMax),
        found: UInt64(places.count) + 1)
    }
    guard UInt64(byteCount) <= limits.layoutBytesMax else {
      throw StreamError(
        .limitExceeded, .layout, at: offset, expected: limits.layoutBytesMax, found: UInt64(byteCount))
    }
    let total = UInt64(octets.count) + UInt64(byteCount)
    guard total <= limits.layoutBytesTotalMax else {
      throw StreamError(
        .limitExceeded, .layout, at: offset, expected: limits.layoutBytesTotalMax, found: total)
    }
  }
}

/// Where a layout lies in its store; 32 octets.
@usableFromInline
struct LayoutPlace: BitwiseCopyable {
  /// Planned: known, and steps settle for most data whether it is right.
  enum Form: UInt8 { case known, planned, external }
  let octetsStart: Int
  let octetsCount: Int
  // All canonical octets are at most 16 MiB, so numbers of entries and steps have 32 bits.
  let entriesStart: UInt32
  let stepsStart: UInt32
  var form: Form
}

/// The layouts of a ``LayoutStore``, borrowed.
@frozen
public struct LayoutTable: ~Escapable {
  let octets: RawSpan
  let entries: Span<FieldEntry>
  let steps: Span<BlockStep>
  let places: Span<LayoutPlace>

  @_lifetime(copy octets, copy entries, copy steps, copy places)
  init(
    octets: RawSpan, entries: Span<FieldEntry>, steps: Span<BlockStep>, places: Span<LayoutPlace>
  ) {
    self.octets = octets
    self.entries = entries
    self.steps = steps
    self.places = places
  }

  public var count: Int { places.count }

  /// Entries of all layouts, and the number of a layout's first among them.
  var entryCount: Int { entries.count }
  func firstEntry(of number: UInt32) -> Int { Int(places[Int(number)].entriesStart) }

  public func contains(_ number: UInt32) -> Bool { Int(clamping: number) < places.count }

  /// Whether only the identity of the layout is known; traps when there is no such layout.
  public func isExternal(_ number: UInt32) -> Bool { places[Int(number)].form == .external }

  /// The text that identifies an external layout; traps when there is no such layout.
  @_lifetime(copy self)
  public func identity(of number: UInt32) -> RawSpan { canonical(number) }

  /// A run of the layouts, with numbers from 0: those of one device, of all that a machine's devices write.
  ///
  /// Fields keep their places among those of all layouts, so aliases made for the run alone do not fit it.
  @_lifetime(copy self)
  public func extracting(_ numbers: Range<Int>) -> LayoutTable {
    let isTail = numbers.upperBound == places.count
    let entriesEnd = isTail ? entries.count : Int(places[numbers.upperBound].entriesStart)
    let stepsEnd = isTail ? steps.count : Int(places[numbers.upperBound].stepsStart)
    return LayoutTable(
      octets: octets, entries: entries.extracting(0..<entriesEnd), steps: steps.extracting(0..<stepsEnd),
      places: places.extracting(numbers))
  }

  /// A layout whose fields are known; traps when there is none.
  @_lifetime(copy self)
  public func layout(_ number: UInt32) -> LayoutView {
    let index = Int(number)
    precondition(!isExternal(number), "the fields of an external layout are not known")
    let end = index + 1 < places.count ? Int(places[index + 1].entriesStart) : entries.count
    return LayoutView(
      octets: canonical(number), entries: entries.extracting(Int(places[index].entriesStart)..<end))
  }

  /// The steps that settle whether data is right; nil when only a walk does. Traps when there is no such layout.
  func stepRange(of number: UInt32) -> (first: Int, end: Int)? {
    let index = Int(number)
    guard places[index].form == .planned else { return nil }
    let end = index + 1 < places.count ? Int(places[index + 1].stepsStart) : steps.count
    return (Int(places[index].stepsStart), end)
  }

  @_lifetime(copy self)
  private func canonical(_ number: UInt32) -> RawSpan {
    let place = places[Int(number)]
    return octets.extracting(place.octetsStart..<(place.octetsStart + place.octetsCount))
  }
}
