/// What the sections and subsections that a device of a stream announced are to its reader.
///
/// Made at MANIFEST, kept to END.
///
/// Source: Specs/60-section-rules.md sections 3 and 6.
public struct DeviceSections: ~Copyable {
  private let addressOnly = AddressOnly()
  /// What an announced subsection is; an error of it is thrown when it comes.
  struct Subsection: BitwiseCopyable {
    enum Verdict: UInt8 { case known, skipped, unknown, tooNew, tooOld }
    var verdict: Verdict
    /// Number in the table.
    var number: UInt32 = 0
    /// A version that does not fit, and the reader's.
    var version: UInt32 = 0
    var bound: UInt32 = 0
  }

  /// The key of a section that comes many times.
  private struct Key: BitwiseCopyable {
    let section: UInt32
    let announced: UInt32
    var value: UInt64
    var offset: UInt64
  }

  /// Device number, and its version in the stream.
  private(set) var device = UInt32.max
  private(set) var version: UInt32 = 0
  /// For each announced section its number in the table; none32: skipped.
  private var sections: OwnedBuffer<UInt32>
  var subsections: OwnedBuffer<Subsection>
  /// For each section of the table, how many were announced.
  private var counts: OwnedBuffer<UInt32>
  /// Subsections of the table.
  private var subsectionCount = 0
  private var keys: OwnedBuffer<Key>

  /// Judges the announcements of a device.
  ///
  /// - Parameters:
  ///   - number: Of the device in the manifest.
  ///   - base: Octets from the start of the stream to the body of MANIFEST.
  /// - Throws: in stage `.rules`, at the announcement or its field: `versionTooNew`, `versionTooOld`,
  ///   `unknownRequired`, `notEnabled`, `duplicateSection`, `countAboveMaximum`, `sectionOutOfOrder`, `duplicateName`;
  ///   at the device `missingSection`; `wrongCall` when there is no such device; `outOfMemory`.
  public init(
    _ manifest: borrowing Manifest, device number: Int, at base: UInt64, rules: borrowing SectionRules,
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    self.init(allocator)
    guard number >= 0, number < manifest.devices.count else {
      throw StreamError(
        .wrongCall, .use, at: 0, expected: UInt64(manifest.devices.count), found: UInt64(clamping: number))
    }
    let entry = manifest.devices[number]
    (device, version) = (UInt32(truncatingIfNeeded: number), entry.version)
    let start = base &+ UInt64(entry.path.start) &- 48
    try counts.append(repeating: 0, count: rules.sectionTable.count)
    subsectionCount = rules.subsectionTable.count
    try demand(entry.version, entry.versionMin, rules.version, rules.versionMin, at: start &+ 24)
    for position in 0..<entry.sectionCount {
      let announced = manifest.section(position, of: entry)
      try judge(announced, manifest.name(of: announced), position, at: base &+ announced.start, rules)
    }
    try judgeSubsections(of: entry, manifest, at: base, rules)
    for section in 0..<counts.count where counts[section] == 0 {
      try judgeMissing(rules.sectionTable[section], section, at: start)
    }
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  private init(_ allocator: StreamAllocator) {
    sections = OwnedBuffer(allocator: allocator)
    subsections = OwnedBuffer(allocator: allocator)
    counts = OwnedBuffer(allocator: allocator)
    keys = OwnedBuffer(allocator: allocator)
  }

  /// What an announced section is in the table; nil: unknown, and skipped.
  public func section(_ announced: Int) -> RulePiece? {
    guard announced >= 0, announced < sections.count, sections[announced] != Format.none32 else { return nil }
    return .section(Int(sections[announced]))
  }

  /// What an announced subsection is in the table; nil: unknown, or a version of it that is refused when it comes.
  public func subsection(_ announced: Int) -> RulePiece? {
    guard announced >= 0, announced < subsections.count, subsections[announced].verdict == .known else { return nil }
    return .subsection(Int(subsections[announced].number))
  }

  /// Whether it may be of that table: numbers of pieces fit.
  func fits(_ rules: borrowing SectionRules) -> Bool {
    counts.count == rules.sectionTable.count && subsectionCount == rules.subsectionTable.count
  }

  /// Where a subsection of the table was announced.
  func position(of number: Int) -> Int? {
    for position in 0..<subsections.count {
      let subsection = subsections[position]
      if subsection.number == number, subsection.verdict == .known { return position }
    }
    return nil
  }

  /// Whether a section of the table does not come because the device is older than it: its data are
  /// ``LayoutView/defaults(in:)``.
  public func isMadeOfDefaults(_ piece: RulePiece, rules: borrowing SectionRules) -> Bool {
    guard fits(rules), !piece.isSubsection, rules.contains(piece), counts[piece.number] == 0 else { return false }
    let section = rules.sectionTable[piece.number]
    return section.cardinality == .one && section.isEnabled
  }

  /// Remembers the key of a section that came, if it has one; that of an earlier pass is forgotten.
  ///
  /// - Parameters:
  ///   - data: In the reader's layout, and right.
  ///   - offset: Octets from the start of the stream to the section's data there.
  ///   - mapping: What made the data: a key that it left alone is none.
  /// - Throws: `wrongCall` for another table or other layouts, what ``SectionWalker`` throws for data that is not
  ///   right, `outOfMemory`.
  public mutating func keep(
    _ announced: Int, _ data: RawSpan, madeBy mapping: borrowing LayoutMapping, at offset: UInt64,
    rules: borrowing SectionRules, layouts: LayoutTable
  ) throws(StreamError) {
    try keep(announced, data, at: offset, rules: rules, layouts: layouts, left: mapping.left)
  }

  /// The same for data that were not mapped.
  public mutating func keep(
    _ announced: Int, _ data: RawSpan, at offset: UInt64, rules: borrowing SectionRules, layouts: LayoutTable
  ) throws(StreamError) {
    try keep(announced, data, at: offset, rules: rules, layouts: layouts, left: Span())
  }

  private mutating func keep(
    _ announced: Int, _ data: RawSpan, at offset: UInt64, rules: borrowing SectionRules, layouts: LayoutTable,
    left: Span<Bool>
  ) throws(StreamError) {
    guard fits(rules) else { throw StreamError(.wrongCall, .use, at: 0) }
    guard let piece = section(announced) else { return }
    let section = rules.sectionTable[piece.number]
    guard let entry = section.keyEntry else { return }
    try rules.demand(piece, layouts)
    let own = UInt32(truncatingIfNeeded: announced)
    for index in 0..<keys.count where keys[index].announced == own {
      keys[index] = keys[keys.count - 1]
      keys.truncate(to: keys.count - 1)
      break
    }
    guard !layouts.isLeft(RuleField(section.layout, entry), left) else { return }
    let walker = SectionWalker(data, at: 0, layouts: layouts, limits: StreamLimits())
    guard let value = try walker.number(Int(entry), of: section.layout) else { return }
    try keys.append(
      Key(section: UInt32(piece.number), announced: own, value: value, offset: offset))
  }

  /// Judges what can be said when all sections came.
  ///
  /// - Throws: `duplicateKey` in stage `.rules`, at the data of the section announced later.
  public mutating func finish() throws(StreamError) {
    keys.sort { left, right in
      if left.section != right.section { return left.section < right.section }
      return left.value != right.value ? left.value < right.value : left.announced < right.announced
    }
    var first: Key?
    for index in 1..<max(keys.count, 1) {
      let (before, key) = (keys[index - 1], keys[index])
      guard before.section == key.section, before.value == key.value else { continue }
      if key.announced < first?.announced ?? UInt32.max { first = key }
    }
    guard let first else { return }
    throw refusal(.duplicateKey, at: first.offset, found: first.value)
  }
}

// MARK: - Announcements

extension DeviceSections {
  func refusal(
    _ code: StreamError.Code, at offset: UInt64, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    StreamError(code, .rules, at: offset, expected: expected, found: found, device: device)
  }

  /// Versions stand side by side in the manifest.
  private func demand(
    _ version: UInt32, _ versionMin: UInt32, _ own: UInt32, _ ownMin: UInt32, at offset: UInt64
  ) throws(StreamError) {
    guard versionMin <= own else {
      throw refusal(.versionTooNew, at: offset &+ 4, expected: UInt64(own), found: UInt64(versionMin))
    }
    guard version >= ownMin else {
      throw refusal(.versionTooOld, at: offset, expected: UInt64(ownMin), found: UInt64(version))
    }
  }

  private mutating func judge(
    _ announced: Announcement, _ name: RawSpan, _ position: Int, at start: UInt64, _ rules: borrowing SectionRules
  ) throws(StreamError) {
    let after = position > 0 && sections[position - 1] != Format.none32 ? Int(sections[position - 1]) + 1 : 0
    guard let number = rules.find(name, isSubsection: false, from: after)?.number else {
      guard announced.mark == .skippable else {
        throw refusal(.unknownRequired, at: start, found: UInt64(position))
      }
      return try sections.append(Format.none32)
    }
    let section = rules.sectionTable[number]
    try demand(announced.version, announced.versionMin, section.version, section.versionMin, at: start &+ 4)
    guard section.isEnabled else { throw refusal(.notEnabled, at: start, found: UInt64(number)) }
    let count = counts[number] + 1
    if section.cardinality == .many {
      guard count <= section.maximumCount else {
        throw refusal(
          .countAboveMaximum, at: start, expected: UInt64(section.maximumCount), found: UInt64(count))
      }
    } else if count > 1 {
      throw refusal(.duplicateSection, at: start, found: UInt64(number))
    }
    for index in 0..<rules.orders.count {
      let order = rules.orders[index]
      guard order.predecessor == number, counts[Int(order.section)] > 0 else { continue }
      throw refusal(.sectionOutOfOrder, at: start, expected: UInt64(order.section), found: UInt64(number))
    }
    counts[number] = count
    try sections.append(UInt32(number))
  }

  private mutating func judgeSubsections(
    of entry: DeviceEntry, _ manifest: borrowing Manifest, at base: UInt64, _ rules: borrowing SectionRules
  ) throws(StreamError) {
    var isKnown = OwnedBuffer<Bool>(allocator: subsections.allocator)
    try isKnown.append(repeating: false, count: rules.subsectionTable.count)
    var after = 0
    for position in 0..<entry.subsectionCount {
      let announced = manifest.subsection(position, of: entry)
      guard let piece = rules.find(manifest.name(of: announced), isSubsection: true, from: after) else {
        try subsections.append(Subsection(verdict: announced.mark == .required ? .unknown : .skipped))
        continue
      }
      guard !isKnown[piece.number] else {
        throw refusal(.duplicateName, at: base &+ announced.start, found: UInt64(position))
      }
      isKnown[piece.number] = true
      after = piece.number + 1
      let own = rules.subsectionTable[piece.number]
      var subsection = Subsection(verdict: .known, number: UInt32(piece.number))
      if announced.versionMin > own.version {
        (subsection.verdict, subsection.version, subsection.bound) = (.tooNew, announced.versionMin, own.version)
      } else if announced.version < own.versionMin {
        (subsection.verdict, subsection.version, subsection.bound) = (.tooOld, announced.version, own.versionMin)
      }
      try subsections.append(subsection)
    }
  }

  private func judgeMissing(_ section: SectionRule, _ number: Int, at offset: UInt64) throws(StreamError) {
    guard section.cardinality == .one, section.isEnabled else { return }
    if section.isMadeOfDefaults, section.since > version { return }
    throw refusal(.missingSection, at: offset, expected: UInt64(device) << 32 | UInt64(number))
  }
}

extension Announcement {
  /// Octets from the start of the body of MANIFEST: the name follows 16 octets of numbers.
  var start: UInt64 { UInt64(name.start) &- 16 }
}

extension SectionWalker {
  /// A field that no array or list stands around; nil where the data has it not.
  func only(_ entry: Int, of number: UInt32) throws(StreamError) -> WalkCursor? {
    var group = try top(number)
    while true {
      var child = group.fields.lowerBound
      while child < group.fields.upperBound, group.scope.layout.sibling(after: child) <= entry {
        child = group.scope.layout.sibling(after: child)
      }
      // A union has one of its children only.
      guard child <= entry, child < group.fields.upperBound else { return nil }
      let slot = try slot(child, in: group)
      if child == entry { return slot.cursor }
      guard let inner = try self.group(in: slot) else { return nil }
      group = inner
    }
  }

  /// The value of such a field.
  func number(_ entry: Int, of number: UInt32) throws(StreamError) -> UInt64? {
    guard let cursor = try only(entry, of: number) else { return nil }
    return layouts.layout(number).entries[entry].number(in: data, at: cursor.block)
  }
}
