/// Section data in the stream's layout, read by the reader's own: the closed mapping table, row by row.
///
/// It makes trees of everything, and gives what a reader may use in the end.
///
/// Source: Specs/20-layouts.md sections 5 and 6.
public struct ReferenceMapping {
  /// An older name of one of the reader's fields.
  public struct Alias: Sendable {
    public var layout: Int
    public var entry: Int
    public var name: [UInt8]

    public init(layout: Int, entry: Int, name: [UInt8]) {
      self.layout = layout
      self.entry = entry
      self.name = name
    }
  }

  public var aliases: [Alias] = []
  /// The section's version, as it was announced.
  public var version: UInt64 = 1
  public var limits = ReferenceLimits()
  /// The reader's layout that is wanted.
  public var wanted = 0
  /// The reader's local values, section data in the wanted layout.
  public var local: [UInt8]?

  let stream: [ReferenceLayout]
  let reader: [ReferenceLayout]
  var length = 0
  /// Of each name of layouts of elements, one that was seen: its number in the stream.
  private(set) var seen: [(layout: Int, number: Int)] = []

  /// - Parameters: canonical layouts, by number.
  public init(stream: [[UInt8]], reader: [[UInt8]]) throws(ReferenceRefusal) {
    self.init(stream: try ReferenceLayout.parse(stream), reader: try ReferenceLayout.parse(reader))
  }

  init(stream: [ReferenceLayout], reader: [ReferenceLayout]) {
    (self.stream, self.reader) = (stream, reader)
  }

  /// Maps data that is right by its layout.
  ///
  /// - Parameter base: Octets from the start of the stream to the data.
  /// - Returns: Section data in the wanted layout.
  public mutating func map(_ data: [UInt8], layout: Int, base: UInt64) throws(ReferenceRefusal) -> [UInt8] {
    PartWriter(layouts: reader).part(try values(of: data, layout: layout, base: base), wanted)
  }

  /// The same, as the fields of the wanted layout, with their places in the data.
  mutating func values(of data: [UInt8], layout: Int, base: UInt64) throws(ReferenceRefusal) -> [MappedValue] {
    do throws(ReferenceRefusal) {
      var taker = PartTaker(data, stream)
      let part = taker.take(layout: layout, at: 0)
      (length, seen) = (0, [])
      let top = reader[wanted].children(of: nil)
      var values: [MappedValue]
      if isUsedWhereItLies(layout) {
        values = asTheyAre(part)
      } else {
        try grow(fields: top, wanted, at: part.at)
        values = try fields(top, part, wanted, depth: 0)
      }
      let rules = RuleReading(self)
      try rules.judge(values, wanted, rules.local)
      return values
    } catch {
      var fault = error.within(.mapping)
      fault.offset &+= base
      throw fault
    }
  }

  // MARK: Limits

  private mutating func grow(_ count: Int, at offset: Int) throws(ReferenceRefusal) {
    length += count + padding(count, 8)
    let most = limits.recordBodyBytesMax
    try demand(UInt64(length) <= most, .limitExceeded, at: offset, most, UInt64(length))
  }

  private mutating func grow(fields: [Int], _ layout: Int, at offset: Int) throws(ReferenceRefusal) {
    try grow(fields.reduce(0) { $0 + reader[layout].fields[$1].byteCount }, at: offset)
  }

  private func judgeDepth(_ depth: Int, at offset: Int) throws(ReferenceRefusal) {
    try demand(UInt64(depth) < limits.nestingMax, .limitExceeded, at: offset, limits.nestingMax, UInt64(depth + 1))
  }

  // MARK: Pairing

  /// Whether a field of the stream has the name of one of the reader's, or an alias of it.
  func isNamed(_ name: Range<Int>, of layout: Int, like entry: Int, _ ours: Int) -> Bool {
    let octets = stream[layout].octets
    if reader[ours].isName(entry, octets, name) { return true }
    return aliases.contains {
      $0.layout == ours && $0.entry == entry && areEqual(octets, name, $0.name, 0..<$0.name.count)
    }
  }

  /// Rows A to G for the reader's fields in their order, then rows U.
  private mutating func fields(
    _ entries: [Int], _ part: SectionPart, _ layout: Int, depth: Int
  ) throws(ReferenceRefusal) -> [MappedValue] {
    var made: [MappedValue] = []
    var taken: Set<Int> = []
    let theirs = part.values.filter { stream[part.layout].fields[$0.field].type != .padding }
    for entry in entries {
      var ours: [SectionValue] = []
      if reader[layout].fields[entry].type != .padding {
        ours = theirs.filter { isNamed(stream[part.layout].fields[$0.field].name, of: part.layout, like: entry, layout) }
      }
      // A2.
      if let second = ours.count > 1 ? ours[1] : ours.first(where: { taken.contains($0.field) }) {
        throw ReferenceRefusal(.duplicateName, at: second.at, expected: UInt64(entry), found: UInt64(second.field))
      }
      if let value = ours.first {
        taken.insert(value.field)
        made.append(try pair(entry, value, part.layout, layout, depth))
      } else {
        made.append(try absent(entry, part.at, layout, since: 0, depth))
      }
    }
    for value in theirs where !taken.contains(value.field) {
      // U1 is skipped, U2 refused.
      let isSkippable = stream[part.layout].fields[value.field].mark == 2
      try demand(isSkippable, .unknownRequired, at: value.at, 0, UInt64(value.field))
    }
    return made
  }

  private mutating func pair(
    _ entry: Int, _ value: SectionValue, _ theirs: Int, _ layout: Int, _ depth: Int
  ) throws(ReferenceRefusal) -> MappedValue {
    let (field, other) = (reader[layout].fields[entry], stream[theirs].fields[value.field])
    try judge(field, layout, other, theirs, at: value.at)
    if field.isCountedArray {
      let (most, count) = (UInt64(field.count), UInt64(value.elements.count))
      try demand(count <= most, .countAboveMaximum, at: value.at, most, count)
      try grow(value.elements.count * field.width, at: value.at)
    }
    var mapped = MappedValue(field: entry, source: value.field, at: value.at, places: [], elements: [])
    for (number, element) in value.elements.enumerated() {
      let place = value.first + number * other.width
      mapped.places.append(place)
      mapped.elements.append(try self.element(entry, layout, element, value.field, theirs, place, depth))
    }
    return mapped
  }

  /// Steps 2 to 7 of a pair, which need no values.
  func judge(
    _ field: ReferenceLayout.Field, _ layout: Int, _ other: ReferenceLayout.Field, _ theirs: Int, at offset: Int
  ) throws(ReferenceRefusal) {
    func must(_ isRight: Bool, _ code: ReferenceCode, _ ours: UInt64 = 0, _ its: UInt64 = 0) throws(ReferenceRefusal) {
      try demand(isRight, code, at: offset, ours, its)
    }
    let (kind, its) = (field.type, other.type)
    let (widths, types) = ((UInt64(field.width), UInt64(other.width)), (UInt64(kind.rawValue), UInt64(its.rawValue)))
    try must(field.shape == other.shape, .typeChanged, UInt64(field.shape), UInt64(other.shape))
    let isSignChange = kind == .signed && its == .unsigned || kind == .unsigned && its == .signed
    try must(!isSignChange, .signChanged, types.0, types.1)
    let isReferring = kind == .unsigned && its.isReferring || its == .unsigned && kind.isReferring
    try must(kind == its || isReferring && field.width == other.width, .typeChanged, types.0, types.1)
    let isFixed = kind == .bytes || kind == .bitmap || kind == .vector
    try must(!isFixed || field.width == other.width, .countChanged, widths.0, widths.1)
    try must(kind != .float || field.width >= other.width, .typeChanged, widths.0, widths.1)
    try must(field.shape != 1 || field.count == other.count, .countChanged, UInt64(field.count), UInt64(other.count))
    try must(areEqual(reader[layout].octets, field.unit, stream[theirs].octets, other.unit), .unitChanged)
    try must(field.clock == other.clock, .unitChanged, field.clock, other.clock)
  }

  // MARK: Values

  private mutating func element(
    _ entry: Int, _ layout: Int, _ element: SectionElement, _ number: Int, _ theirs: Int, _ at: Int, _ depth: Int
  ) throws(ReferenceRefusal) -> MappedElement {
    let field = reader[layout].fields[entry]
    switch element {
    case .octets(let octets):
      guard field.type.isCounted else { return .octets(try scalar(field, layout, octets, number, theirs, at)) }
      try judgeCount(field, octets.count, at: at)
      try grow(octets.count, at: at)
      return .octets(octets)
    case .absent: return .absent
    case .list(let parts):
      try judgeCount(field, parts.count, at: at)
      var made: [(layout: Int, fields: [MappedValue], head: Int)] = []
      for part in parts { made.append(try listElement(part, depth)) }
      return .list(made)
    case .group(let part):
      try judgeDepth(depth, at: at)
      let children = reader[layout].children(of: entry)
      if field.type == .optional { try grow(fields: children, layout, at: at) }
      return .group(try fields(children, part, layout, depth: depth + 1))
    case .union(let child, let part):
      try judgeDepth(depth, at: at)
      return try union(entry, layout, child, part, number, at, depth)
    }
  }

  private func judgeCount(_ field: ReferenceLayout.Field, _ count: Int, at offset: Int) throws(ReferenceRefusal) {
    guard field.hasRange else { return }
    try demand(UInt64(count) <= field.max, .countAboveMaximum, at: offset, field.max, UInt64(count))
    try demand(UInt64(count) >= field.min, .valueOutOfRange, at: offset, field.min, UInt64(count))
  }

  /// G3.
  private mutating func union(
    _ entry: Int, _ layout: Int, _ child: Int, _ part: SectionPart, _ number: Int, _ at: Int, _ depth: Int
  ) throws(ReferenceRefusal) -> MappedElement {
    let (ours, theirs) = (reader[layout].children(of: entry), stream[part.layout].children(of: number))
    func isTwin(_ our: Int, _ their: Int) -> Bool {
      isNamed(stream[part.layout].fields[their].name, of: part.layout, like: our, layout)
    }
    for our in ours {
      let twins = theirs.filter { isTwin(our, $0) }
      guard twins.count > 1 else { continue }
      throw ReferenceRefusal(.duplicateName, at: at, expected: UInt64(our), found: UInt64(twins[1]))
    }
    let value = part.values[0]
    let found = ours.indices.filter { isTwin(ours[$0], value.field) }
    guard let first = found.first else { throw ReferenceRefusal(.unknownRequired, at: at, found: UInt64(child)) }
    let our = ours[first]
    if found.count > 1 {
      throw ReferenceRefusal(.duplicateName, at: at, expected: UInt64(ours[found[1]]), found: UInt64(value.field))
    }
    try grow(fields: [our], layout, at: at)
    let isPadding = reader[layout].fields[our].type == .padding && stream[part.layout].fields[value.field].type == .padding
    if isPadding { return .union(first, try emptiest(our, value.at, layout, depth + 1)) }
    return .union(first, try pair(our, value, part.layout, layout, depth + 1))
  }

  /// G4 and G5.
  private mutating func listElement(
    _ part: SectionPart, _ depth: Int
  ) throws(ReferenceRefusal) -> (layout: Int, fields: [MappedValue], head: Int) {
    let theirs = stream[part.layout]
    let found = reader.firstIndex { areEqual($0.octets, $0.name, theirs.octets, theirs.name) }
    guard let found, !theirs.isExternal else {
      throw ReferenceRefusal(.unknownRequired, at: part.head, found: UInt64(part.layout))
    }
    if let known = seen.first(where: { $0.layout == found }) {
      try demand(
        known.number == part.layout, .duplicateName, at: part.head, UInt64(known.number), UInt64(part.layout))
    } else {
      seen.append((found, part.layout))
    }
    try judgeDepth(depth, at: part.head)
    let top = reader[found].children(of: nil)
    try grow(8, at: part.head)
    try grow(fields: top, found, at: part.head)
    return (found, try fields(top, part, found, depth: depth + 1), part.head)
  }

  // MARK: What the stream has nothing for

  /// Data in which every entry has its default, whatever its since.
  mutating func defaults(_ layout: Int) throws(ReferenceRefusal) -> [UInt8] {
    var values: [MappedValue] = []
    for entry in reader[layout].children(of: nil) { values.append(try absent(entry, 0, layout, since: .max, 0)) }
    return PartWriter(layouts: reader).part(values, layout)
  }

  /// Rows D.
  private mutating func absent(
    _ entry: Int, _ at: Int, _ layout: Int, since: UInt64, _ depth: Int
  ) throws(ReferenceRefusal) -> MappedValue {
    let field = reader[layout].fields[entry]
    if field.type == .padding { return try emptiest(entry, at, layout, depth) }
    if field.until != 0, field.until < version {
      try demand(hasEmptiest(entry, layout), .missingField, at: at, UInt64(entry), version)
      return try emptiest(entry, at, layout, depth)
    }
    let since = max(since, field.since)
    let count = field.isCountedArray ? 0 : max(1, field.count)
    var made = MappedValue(field: entry, at: at, places: [Int](repeating: at, count: count), elements: [])
    if field.type == .structure, !field.isCountedArray {
      for _ in 0..<count {
        try judgeDepth(depth, at: at)
        var children: [MappedValue] = []
        for child in reader[layout].children(of: entry) {
          children.append(try absent(child, at, layout, since: since, depth + 1))
        }
        made.elements.append(.group(children))
      }
      return made
    }
    let isEmpty = field.type.isCounted && !(field.hasRange && field.min > 0)
    let isKnown = field.hasDefault || field.type == .optional || count == 0 || isEmpty
    try demand(isKnown && since > version, .missingField, at: at, UInt64(entry), version)
    var preset = MappedElement.absent
    if field.hasDefault {
      preset = .octets((0..<field.width).map { UInt8(truncatingIfNeeded: field.preset >> (8 * UInt64($0))) })
    } else if isEmpty {
      preset = field.type == .list ? .list([]) : .octets([])
    }
    made.elements = [MappedElement](repeating: preset, count: count)
    return made
  }

  /// Elements of a list cannot be made up.
  private func hasEmptiest(_ entry: Int, _ layout: Int) -> Bool {
    let (field, children) = (reader[layout].fields[entry], reader[layout].children(of: entry))
    if field.isCountedArray { return true }
    switch field.type {
    case .list: return !field.hasRange || field.min == 0
    case .structure: return children.allSatisfy { hasEmptiest($0, layout) }
    case .union: return hasEmptiest(children[0], layout)
    default: return true
    }
  }

  private func emptiest(
    _ entry: Int, _ at: Int, _ layout: Int, _ depth: Int
  ) throws(ReferenceRefusal) -> MappedValue {
    let field = reader[layout].fields[entry]
    let count = field.isCountedArray ? 0 : max(1, field.count)
    var made = MappedValue(
      field: entry, at: at, places: [Int](repeating: at, count: count), elements: [], isLeft: true)
    let least = field.hasRange && field.type.isCounted ? Int(field.min) : 0
    let children = reader[layout].children(of: entry)
    for _ in 0..<count {
      switch field.type {
      case .structure:
        try judgeDepth(depth, at: at)
        var values: [MappedValue] = []
        for child in children { values.append(try emptiest(child, at, layout, depth + 1)) }
        made.elements.append(.group(values))
      case .union:
        try judgeDepth(depth, at: at)
        made.elements.append(.union(0, try emptiest(children[0], at, layout, depth + 1)))
      case .list: made.elements.append(.list([]))
      case .optional: made.elements.append(.absent)
      default:
        let octets = field.type.isCounted ? least : field.width
        made.elements.append(.octets([UInt8](repeating: 0, count: octets)))
      }
    }
    return made
  }
}
