internal import CMigStream
internal import MigrationStream

/// Writes field tables as layouts in canonical form.
///
/// The tables went through ``StepCompiler`` before, so they end, and nest no deeper than a stream may.
struct TableLayout: ~Copyable {
  private var builder: LayoutBuilder
  /// Entries whose values, or bits, all have symbols: layout and number, as in ``key(_:_:)``.
  private(set) var closed: OwnedBuffer<UInt64>
  private let limits: StreamLimits
  private var layout: UInt32 = 0
  private var count: UInt32 = 0

  init(limits: StreamLimits, allocator: StreamAllocator) {
    builder = LayoutBuilder(allocator: allocator)
    closed = OwnedBuffer(allocator: allocator)
    self.limits = limits
  }

  static func key(_ layout: UInt32, _ entry: Int) -> UInt64 { UInt64(layout) << 32 | UInt64(entry) }

  /// Appends the layout to a store, and its fields' older names to a list.
  ///
  /// - Throws: what a reader would say to the layout, in stage `.use`; `outOfMemory`.
  mutating func write(
    _ given: UnsafePointer<mgs_layout>, number: UInt32, to store: inout LayoutStore, _ aliases: inout LayoutAliases
  ) throws(StreamError) {
    (layout, count) = (number, 0)
    do throws(StreamError) {
      unsafe try builder.begin(name: tableText(given.pointee.name).bytes)
      unsafe try fields(given.pointee, top: given.pointee, parent: given.pointee, first: 0, &aliases)
      try builder.finish(limits: limits)
      try store.add(canonical: builder.canonical, at: 0, limits: limits)
    } catch {
      guard error.code != .outOfMemory else { throw error }
      let entry = error.offset < 24 ? 0 : (error.offset - 24) / UInt64(LayoutView.entryByteCount)
      throw StreamError(error.code, .use, at: 0, expected: UInt64(number), found: min(entry, UInt64(max(count, 1) - 1)))
    }
  }

  /// - Parameter first: Number of the first of the fields.
  private mutating func fields(
    _ given: mgs_layout, top: mgs_layout, parent: mgs_layout, first: UInt32, _ aliases: inout LayoutAliases
  ) throws(StreamError) {
    for index in 0..<Int(unsafe given.num_fields) {
      let entry = unsafe given.fields.unsafelyUnwrapped[index]
      let number = count
      count += 1
      if unsafe entry.was != nil {
        unsafe try aliases.add(layout: layout, entry: number, name: tableText(entry.was).bytes)
      }
      let attributes = unsafe try attributes(of: entry, top, parent, first)
      let (name, unit) = unsafe (tableText(entry.name), tableText(entry.unit))
      guard attributes.type.isGroup, let inside = unsafe Self.inside(entry) else {
        unsafe try builder.field(attributes, name: name.bytes, unit: unit.bytes)
        unsafe try symbols(of: entry, attributes.type, number)
        continue
      }
      unsafe try builder.beginGroup(attributes, name: name.bytes, unit: unit.bytes)
      unsafe try fields(inside, top: top, parent: inside, first: count, &aliases)
      try builder.endGroup()
    }
  }

  /// The fields inside of an entry, which of arrays that are no structures stand in a struct of their own.
  private static func inside(_ entry: mgs_field) -> mgs_layout? {
    guard let layout = unsafe entry.fields?.pointee else { return nil }
    guard unsafe entry.shape != MGS_SHAPE_ONE, unsafe Int32(entry.type) != MGS_TYPE_STRUCT else { return unsafe layout }
    return unsafe layout.fields?.pointee.fields?.pointee
  }

  private func attributes(
    of entry: mgs_field, _ top: mgs_layout, _ parent: mgs_layout, _ first: UInt32
  ) throws(StreamError) -> FieldAttributes {
    guard let type = unsafe FieldType(rawValue: entry.type), let shape = unsafe FieldShape(rawValue: entry.shape),
      unsafe entry.mark <= MGS_SKIPPABLE
    else { throw StreamError(.badLayout, .use, at: LayoutView.entryOffset(Int(count) - 1)) }
    var made = unsafe FieldAttributes(type, width: entry.width, shape: shape, count: entry.count)
    made.mark = unsafe entry.mark == MGS_SKIPPABLE ? .skippable : .required
    unsafe (made.radix, made.clock, made.alignmentLog2) = (entry.radix, entry.clock, entry.alignment_log2)
    unsafe (made.since, made.until) = (entry.since, entry.until)
    if unsafe entry.secret { made.flags = made.flags | .secret }
    if unsafe entry.verify { made.flags = made.flags | .verify }
    if unsafe entry.has_range {
      made.flags = made.flags | .range
      unsafe (made.minimum, made.maximum) = (entry.min, entry.max)
    } else if type == .countedBytes || type == .string, shape == .one {
      // As many as there is room for.
      made.flags = made.flags | .range
      made.maximum = unsafe UInt64(entry.capacity)
    }
    if unsafe entry.has_preset {
      made.flags = made.flags | .hasDefault
      unsafe made.defaultValue = entry.preset
    }
    if unsafe entry.ref != nil {
      let path = unsafe tableText(entry.ref).bytes
      let isAbsolute = path.byteCount > 0 && path.octet(at: 0) == 0x2f
      let found = unsafe isAbsolute ? Self.find(path, in: top, first: 0) : Self.find(path, in: parent, first: first)
      guard let found else { throw StreamError(.badLayout, .use, at: LayoutView.entryOffset(Int(count) - 1)) }
      made.reference = found + 1
    }
    return made
  }

  private mutating func symbols(of entry: mgs_field, _ type: FieldType, _ number: UInt32) throws(StreamError) {
    guard let symbols = unsafe entry.symbols else { return }
    for index in 0..<Int(unsafe entry.num_symbols) {
      unsafe try builder.symbol(symbols[index].value, name: tableText(symbols[index].name).bytes)
    }
    if unsafe !entry.open, type.takesSymbols { try closed.append(Self.key(layout, Int(number))) }
  }

  // MARK: Paths

  /// The number of the field that a path leads to: names with "/" in front of each but the first, in which "~0" is "~"
  /// and "~1" is "/".
  private static func find(_ path: RawSpan, in given: mgs_layout, first: UInt32) -> UInt32? {
    var (level, number) = unsafe (given, first)
    var start = path.byteCount > 0 && path.octet(at: 0) == 0x2f ? 1 : 0
    while true {
      var end = start
      while end < path.byteCount, path.octet(at: end) != 0x2f { end += 1 }
      let step = path.extracting(start..<end)
      var next: mgs_layout?
      var isFound = false
      for index in 0..<Int(unsafe level.num_fields) {
        let entry = unsafe level.fields.unsafelyUnwrapped[index]
        if isNamed(unsafe tableText(entry.name).bytes, step) {
          isFound = true
          unsafe next = Self.inside(entry)
          break
        }
        number += unsafe Self.entryCount(entry)
      }
      guard isFound else { return nil }
      guard end < path.byteCount else { return number }
      guard let inner = unsafe next else { return nil }
      unsafe level = inner
      number += 1
      start = end + 1
    }
  }

  private static func isNamed(_ name: RawSpan, _ step: RawSpan) -> Bool {
    var (index, position) = (0, 0)
    while position < step.byteCount {
      var octet = step.octet(at: position)
      position += 1
      if octet == 0x7e, position < step.byteCount {
        octet = step.octet(at: position) == 0x31 ? 0x2f : 0x7e
        position += 1
      }
      guard index < name.byteCount, name.octet(at: index) == octet else { return false }
      index += 1
    }
    return index == name.byteCount
  }

  /// Entries of a field with all that is inside of it.
  private static func entryCount(_ entry: mgs_field) -> UInt32 {
    guard let type = unsafe FieldType(rawValue: entry.type), type.isGroup, let inside = unsafe inside(entry) else {
      return 1
    }
    var count: UInt32 = 1
    for index in 0..<Int(unsafe inside.num_fields) {
      count += unsafe entryCount(inside.fields.unsafelyUnwrapped[index])
    }
    return count
  }
}
