import MigrationStream

/// Where in a SECTION body the number of a layout stands, and which.
struct LayoutUse {
  var position: Int
  var number: UInt32
}

/// Numbers of the layouts of a stream in canonical form.
///
/// Source: Specs/30-channels-passes-images.md section 5.1.
struct LayoutNumbering {
  /// The layouts to write, by their numbers in the input.
  private(set) var order: [UInt32] = []
  /// By number in the input; nil where nothing has used the layout.
  private var numbers: [UInt32?]
  private var known: [Identity: UInt32] = [:]
  /// Whether an external layout is used, whose data may name others.
  private(set) var hasExternal = false

  private struct Identity: Hashable {
    var isExternal: Bool
    var octets: [UInt8]
  }

  init(count: Int) { numbers = Array(repeating: nil, count: count) }

  /// Gives numbers to layouts in order of first use.
  mutating func take(_ uses: [LayoutUse], _ layouts: borrowing LayoutStore) {
    let table = layouts.table
    for use in uses where numbers[Int(use.number)] == nil {
      let isExternal = table.isExternal(use.number)
      let octets = isExternal ? table.identity(of: use.number) : table.layout(use.number).octets
      let identity = Identity(isExternal: isExternal, octets: [UInt8](copying: octets))
      hasExternal = hasExternal || isExternal
      if known[identity] == nil {
        known[identity] = UInt32(order.count)
        order.append(use.number)
      }
      numbers[Int(use.number)] = known[identity]
    }
  }

  /// Ends the taking.
  mutating func finish() {
    known = [:]
    guard hasExternal else { return }
    order = (0..<numbers.count).map { UInt32($0) }
    numbers = order
  }

  /// The new number of a layout that was taken.
  func number(of use: LayoutUse) -> UInt32 { numbers[Int(use.number)] ?? 0 }
}

extension StreamState {
  /// All uses of layouts in the body of a SECTION that a decoder has checked, in the order of their octets.
  borrowing func layoutUses(in body: RawSpan, device: Int) throws(StreamError) -> [LayoutUse] {
    let head = SectionHead(body)
    let device = manifest.devices[device]
    var uses = LayoutUses()
    uses.found = [LayoutUse(position: 4, number: head.layout)]
    let data = head.data(in: body)
    let end = UInt64(SectionHead.byteCount + data.byteCount)
    let subsections = SubsectionReader(
      head.subsections(in: body), at: end, leading: Int(end), count: head.subsectionCount,
      numAnnounced: UInt16(device.subsectionCount), limits: limits)
    try collect(data, at: UInt64(SectionHead.byteCount), layout: head.layout, subsections, &uses)
    return uses.found
  }

  /// The reader counts the levels, at most 8.
  private borrowing func collect(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, _ subsections: SubsectionReader,
    _ uses: inout LayoutUses
  ) throws(StreamError) {
    try SectionWalker(data, at: offset, layouts: layouts.table, limits: limits).walk(layout: layout, visitor: &uses)
    var rest = subsections
    while let subsection = try rest.next() {
      uses.found.append(LayoutUse(position: Int(subsection.offset) + 8, number: subsection.layout))
      try collect(
        subsection.data, at: subsection.dataOffset, layout: subsection.layout, rest.inside(subsection), &uses)
    }
  }
}

/// Collects the layout numbers of list elements; offsets count from the start of the body.
private struct LayoutUses: FieldVisitor {
  static var visitsPlain: Bool { false }
  var found: [LayoutUse] = []

  mutating func enterElement(_ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32) {
    found.append(LayoutUse(position: Int(place.offset), number: number))
  }

  mutating func opaqueElement(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView, number: UInt32) {
    found.append(LayoutUse(position: Int(place.offset), number: number))
  }
}

extension Array where Element == UInt8 {
  init(copying octets: RawSpan) {
    self = octets.byteOffsets.map { octets.octet(at: $0) }
  }
}
