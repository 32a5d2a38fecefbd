internal import MigrationStream

/// Compares the values of a section with what its own layout claims of them: ranges, alignment, references.
///
/// The claims are the producer's: a stream that breaks them was made by a program that contradicts itself.
///
/// Source: Specs/20-layouts.md section 3.
struct ClaimChecker: FieldVisitor {
  /// A count or index, to be compared when all arrays have been met.
  private struct Reference {
    var field: UInt32
    var value: UInt64
    var isIndex: Bool
    var offset: UInt64
  }

  /// Elements of the arrays of the layout in force, by entry number.
  private var counts: [UInt32: UInt64] = [:]
  private var references: [Reference] = []
  /// Arrays and list elements around the walk: inside them entry numbers mean one of several.
  private var depth = 0

  /// Checks what had to wait for the end of the data.
  func finish() throws(StreamError) {
    for reference in references {
      guard let count = counts[reference.field - 1] else { continue }
      guard reference.isIndex ? reference.value < count : reference.value == count else {
        throw StreamError(
          .valueOutOfRange, .section, at: reference.offset, expected: count, found: reference.value)
      }
    }
  }

  mutating func value(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView) throws(StreamError) {
    let entry = layout.entries[place.number]
    guard entry.type.isInteger, entry.width <= 8 else { return }
    let attributes = layout.attributes(of: place.number)
    try check(entry, attributes, octets, at: place.offset)
    if attributes.reference != 0, depth == 0, place.element == nil {
      references.append(
        Reference(
          field: attributes.reference, value: octets.unsigned(at: 0, width: Int(entry.width)),
          isIndex: entry.type == .index, offset: place.offset))
    }
  }

  mutating func values(
    _ octets: RawSpan, count: Int, at place: FieldPlace, of layout: LayoutView
  ) throws(StreamError) {
    note(count, place)
    let entry = layout.entries[place.number]
    guard entry.type.isInteger, entry.width <= 8 else { return }
    let attributes = layout.attributes(of: place.number)
    guard attributes.flags.contains(.range) || attributes.alignmentLog2 > 0 else { return }
    let width = Int(entry.width)
    for index in 0..<count {
      let element = octets.extracting((index * width)..<((index + 1) * width))
      try check(entry, attributes, element, at: place.offset + UInt64(index * width))
    }
  }

  mutating func beginArray(count: Int, at place: FieldPlace, of layout: LayoutView) {
    note(count, place)
    depth += 1
  }

  mutating func endArray(at place: FieldPlace, of layout: LayoutView) { depth -= 1 }

  private mutating func note(_ count: Int, _ place: FieldPlace) {
    if depth == 0 { counts[UInt32(truncatingIfNeeded: place.number)] = UInt64(count) }
  }

  private func check(
    _ entry: FieldEntry, _ attributes: FieldAttributes, _ octets: RawSpan, at offset: UInt64
  ) throws(StreamError) {
    let width = Int(entry.width)
    let value = octets.unsigned(at: 0, width: width)
    if attributes.flags.contains(.range) {
      let (low, high) = (attributes.minimum, attributes.maximum)
      let isBelow =
        entry.type.isSigned ? octets.signed(width: width) < Int64(bitPattern: low) : value < low
      let isAbove =
        entry.type.isSigned ? octets.signed(width: width) > Int64(bitPattern: high) : value > high
      guard !isBelow, !isAbove else {
        throw StreamError(
          .valueOutOfRange, .section, at: offset, expected: isBelow ? low : high, found: value)
      }
    }
    let unit = UInt64(1) << UInt64(attributes.alignmentLog2)
    guard value & (unit - 1) == 0 else {
      throw StreamError(.valueOutOfRange, .section, at: offset, expected: value & ~(unit - 1), found: value)
    }
  }

  // MARK: Sections

  /// Checks a section that the decoder has found right, with its subsections.
  static func check(
    _ record: borrowing Record, _ state: borrowing StreamState
  ) throws(StreamError) {
    let head = SectionHead(record.body)
    let device = state.manifest.devices[Int(record.header.device)]
    let dataOffset = record.bodyOffset + UInt64(SectionHead.byteCount)
    let subsections = SubsectionReader(
      head.subsections(in: record.body), at: dataOffset + head.dataByteCount,
      leading: SectionHead.byteCount + Int(head.dataByteCount), count: head.subsectionCount,
      numAnnounced: UInt16(device.subsectionCount), limits: state.limits)
    try check(head.data(in: record.body), at: dataOffset, layout: head.layout, subsections, state)
  }

  private static func check(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, _ subsections: SubsectionReader,
    _ state: borrowing StreamState
  ) throws(StreamError) {
    var checker = ClaimChecker()
    try SectionWalker(data, at: offset, layouts: state.layouts.table, limits: state.limits)
      .walk(layout: layout, visitor: &checker)
    try checker.finish()
    var rest = subsections
    while let subsection = try rest.next() {
      try check(
        subsection.data, at: subsection.dataOffset, layout: subsection.layout, rest.inside(subsection), state)
    }
  }
}
