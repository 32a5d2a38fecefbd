/// A device of a stream judged by the reader's own table: manifest, sections with what lies in them, keys.
///
/// Everything is kept, and looked at as often as a sentence of the chapter asks for it.
///
/// Source: Specs/60-section-rules.md.
public struct ReferenceRules {
  /// A section or subsection, as the manifest announces it.
  public struct Announcement {
    /// Where its first octet stands.
    public var offset: Int
    public var name: [UInt8]
    public var isRequired: Bool
    public var version: UInt64
    public var versionMin: UInt64

    public init(offset: Int, name: [UInt8], isRequired: Bool, version: UInt64, versionMin: UInt64) {
      self.offset = offset
      self.name = name
      self.isRequired = isRequired
      self.version = version
      self.versionMin = versionMin
    }
  }

  /// A device's entry of the manifest.
  public struct Device {
    public var number = 0
    public var offset = 0
    public var version: UInt64 = 0
    public var versionMin: UInt64 = 0
    public var sections: [Announcement] = []
    public var subsections: [Announcement] = []
  }

  /// What a reader reports besides its verdict.
  public struct Report: Equatable, Sendable {
    /// Places of subsections that are skipped.
    public var skipped: [Int] = []
    /// Sections of the table that are made of defaults.
    public var defaults: [Int] = []

    public init() {}
  }

  public private(set) var report = Report()
  /// Of each announced section its number in the table; nil: it is skipped.
  public private(set) var numbers: [Int?] = []
  public var aliases: [ReferenceMapping.Alias] = []
  /// Local values of pieces, in the reader's layouts.
  public var locals: [ReferenceRuleTable.Owner: [UInt8]] = [:]
  let table: ReferenceRuleTable
  let reader: [ReferenceLayout]
  let device: Device
  /// Of each announced instance of a *many* the key that it was sent with last, and where its data stood.
  private var keys: [Int: (value: ReferenceRuleData.Leaf, offset: Int)] = [:]

  /// - Parameter layouts: canonical layouts of the reader, by number.
  public init(_ table: ReferenceRuleTable, layouts: [[UInt8]], device: Device) throws(ReferenceRefusal) {
    self.table = table
    self.device = device
    reader = try ReferenceLayout.parse(layouts)
  }

  // MARK: Manifest

  /// Section 3.
  public mutating func judgeManifest() throws(ReferenceRefusal) {
    do throws(ReferenceRefusal) {
      try judgeVersions(device.version, device.versionMin, table.version, table.oldest, device.offset + 24, device.offset + 28)
      for position in device.sections.indices { try judgeSection(position) }
      for (position, announced) in device.subsections.enumerated() {
        let isKnown = table.subsections.contains { $0.piece.name == announced.name }
        let isAgain = device.subsections[..<position].contains { $0.name == announced.name }
        try demand(!isKnown || !isAgain, .duplicateName, at: announced.offset, 0, UInt64(position))
      }
      try judgeMissing()
    } catch { throw error.within(.rules) }
  }

  private func judgeVersions(
    _ version: UInt64, _ least: UInt64, _ known: UInt64, _ oldest: UInt64, _ versionAt: Int, _ leastAt: Int
  ) throws(ReferenceRefusal) {
    try demand(least <= known, .versionTooNew, at: leastAt, known, least)
    try demand(version >= oldest, .versionTooOld, at: versionAt, oldest, version)
  }

  /// Steps 3 to 9.
  private mutating func judgeSection(_ position: Int) throws(ReferenceRefusal) {
    let announced = device.sections[position]
    let at = announced.offset
    guard let number = table.sections.firstIndex(where: { $0.piece.name == announced.name }) else {
      try demand(!announced.isRequired, .unknownRequired, at: at, 0, UInt64(position))
      return numbers.append(nil)
    }
    let section = table.sections[number]
    try judgeVersions(
      announced.version, announced.versionMin, section.piece.version, section.piece.minimum, at + 4, at + 8)
    try demand(section.piece.isEnabled, .notEnabled, at: at, 0, UInt64(number))
    let count = numbers.count { $0 == number }
    if case .many(let maximum, _) = section.cardinality {
      try demand(UInt64(count) < maximum, .countAboveMaximum, at: at, maximum, UInt64(count + 1))
    } else {
      try demand(count == 0, .duplicateSection, at: at, 0, UInt64(number))
    }
    let follower = numbers.compactMap(\.self).filter { table.sections[$0].predecessors.contains(number) }.min()
    if let follower { throw ReferenceRefusal(.sectionOutOfOrder, at: at, expected: UInt64(follower), found: UInt64(number)) }
    numbers.append(number)
  }

  /// Step 11.
  private mutating func judgeMissing() throws(ReferenceRefusal) {
    for (number, section) in table.sections.enumerated() {
      guard section.cardinality == .one, section.piece.isEnabled, !numbers.contains(number) else { continue }
      let layout = section.piece.layout
      let hasDefaults = reader[layout].children(of: nil).allSatisfy { hasDefault(reader[layout], $0) }
      let expected = UInt64(device.number) << 32 | UInt64(number)
      try demand(section.piece.since > device.version && hasDefaults, .missingSection, at: device.offset, expected)
      report.defaults.append(number)
    }
  }

  /// Rows D1, D5 and D6, whatever its since.
  private func hasDefault(_ layout: ReferenceLayout, _ entry: Int) -> Bool {
    let field = layout.fields[entry]
    if field.type == .padding || field.isCountedArray || field.hasDefault { return true }
    switch field.type {
    case .optional: return true
    case .countedBytes, .string, .list: return !field.hasRange || field.min == 0
    case .structure: return layout.children(of: entry).allSatisfy { hasDefault(layout, $0) }
    default: return false
    }
  }

  /// The data of a section of the table that is made of defaults.
  public func defaults(_ number: Int) throws(ReferenceRefusal) -> [UInt8] {
    var mapping = ReferenceMapping(stream: [], reader: reader)
    mapping.version = 0
    return try mapping.defaults(table.sections[number].piece.layout)
  }

  // MARK: Sections

  /// Sections 4 and 5.
  ///
  /// - Parameters:
  ///   - position: Of its announcement.
  ///   - body: From the section's head on; what framing demands holds.
  ///   - base: Octets before the body in the stream.
  ///   - stream: The stream's layouts, by number.
  public mutating func judgeSection(
    _ position: Int, _ body: [UInt8], at base: Int, stream: [[UInt8]]
  ) throws(ReferenceRefusal) {
    guard let number = numbers[position] else { return }
    keys[position] = nil
    do throws(ReferenceRefusal) {
      let head = ReferenceSubsection(section: body)
      var judge = ReferencePieceJudge(self, stream: try ReferenceLayout.parse(stream), body: body, base: base)
      let data = try judge.judge(head, .section(number), version: device.sections[position].version)
      report.skipped += judge.skipped
      guard case .many(_, let key?) = table.sections[number].cardinality else { return }
      let field = ReferenceRuleTable.Field(table.sections[number].piece.layout, key)
      if let value = data.the(field, of: 0), !data.isLeft(field) { keys[position] = (value, base + head.data.lowerBound) }
    } catch { throw error.within(.rules) }
  }

  /// Section 6.
  public func judgeEnd() throws(ReferenceRefusal) {
    for position in numbers.indices {
      guard let (value, offset) = keys[position] else { continue }
      for before in 0..<position where numbers[before] == numbers[position] && keys[before]?.value.value == value.value {
        throw ReferenceRefusal(.duplicateKey, at: offset, found: value.named, stage: .rules)
      }
    }
  }
}
