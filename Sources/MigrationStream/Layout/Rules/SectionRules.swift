/// A section or a subsection of a table.
@frozen
public struct RulePiece: Equatable, Sendable, BitwiseCopyable {
  @usableFromInline let rawValue: UInt32

  @inlinable
  init(rawValue: UInt32) { self.rawValue = rawValue }

  @inlinable
  public static func section(_ number: Int) -> RulePiece { RulePiece(rawValue: position(number)) }

  @inlinable
  public static func subsection(_ number: Int) -> RulePiece { RulePiece(rawValue: position(number) | 1 << 31) }

  /// Where no table has a piece, the largest that there is not.
  @inlinable
  static func position(_ number: Int) -> UInt32 {
    number >= 0 && number < 0x7fff_ffff ? UInt32(number) : 0x7fff_ffff
  }

  public var isSubsection: Bool { rawValue >> 31 == 1 }
  /// Position in the table, each kind by itself.
  public var number: Int { Int(rawValue & ~(1 << 31)) }
}

/// How often a section comes.
@frozen
public enum SectionCardinality: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case one = 1
  /// At most once.
  case optional = 2
  /// At most ``SectionRule/maximumCount`` times.
  case many = 3
}

/// A section that a device has, as its reader knows it.
///
/// Source: Specs/60-section-rules.md section 2.
public struct SectionRule: Equatable, Sendable, BitwiseCopyable {
  /// Number of the reader's layout.
  public var layout: UInt32
  public var version: UInt32
  /// Oldest version that the reader takes.
  public var versionMin: UInt32
  /// Version of the device that introduced the section.
  public var since: UInt32 = 0
  public var cardinality = SectionCardinality.one
  /// Instances of a section that comes many times.
  public var maximumCount: UInt32 = 1
  /// An entry of the layout whose value differs in every instance.
  public var keyEntry: UInt32?
  /// Whether the device's parameters ask for it.
  public var isEnabled = true
  var isMadeOfDefaults = false
  var name = TextRange(start: 0, count: 0)

  public init(layout: UInt32, version: UInt32, versionMin: UInt32) {
    self.layout = layout
    self.version = version
    self.versionMin = versionMin
  }
}

/// A subsection that a device may have.
///
/// Source: Specs/60-section-rules.md section 2.
public struct SubsectionRule: Equatable, Sendable, BitwiseCopyable {
  public var layout: UInt32
  public var version: UInt32
  public var versionMin: UInt32
  public var since: UInt32 = 0
  /// What it lies directly in.
  public var owner: RulePiece
  /// The entry of the owner's layout whose elements it hangs on; nil: the owner itself.
  public var target: UInt32?
  public var isEnabled = true
  var name = TextRange(start: 0, count: 0)
  /// The terms of its condition.
  var firstTerm: UInt32 = 0
  var termCount: UInt32 = 0

  public init(layout: UInt32, version: UInt32, versionMin: UInt32, owner: RulePiece, target: UInt32? = nil) {
    self.layout = layout
    self.version = version
    self.versionMin = versionMin
    self.owner = owner
    self.target = target
  }
}

/// What a reader knows of one device beyond its layouts: which sections come when, and what fields owe one another.
///
/// Made by a ``SectionRulesBuilder`` for a device whose parameters are settled, and used for any number of streams:
///
/// ```swift
/// // At MANIFEST, for a device of the stream:
/// var sections = try DeviceSections(manifest, device: 0, at: manifestOffset, rules: rules)
/// // At each SECTION, when a mapping of its layout to the reader's was made:
/// guard let piece = sections.section(number) else { return }  // unknown and skippable
/// let data = try mapping.apply(
///   section.data, at: offset, of: layouts, judgedBy: rules, as: piece, local: configuration, in: &place,
///   report: &report)
/// try sections.keep(number, data, madeBy: mapping, at: offset, rules: rules, layouts: layouts.reader)
/// try rules.check(subsections, in: piece, data, at: offset, from: section.layout, of: layouts, sections)
/// // For each subsection: sections.subsection(number), and on as for a section. At END:
/// try sections.finish()
/// ```
///
/// The table names the reader's layouts by number; every call wants the layouts that it was made for.
///
/// Source: Specs/60-section-rules.md; memory: Specs/40-reader-rules.md section 3.
public struct SectionRules: ~Copyable {
  private let addressOnly = AddressOnly()
  /// Version of the device, and the oldest that the reader loads.
  public let version: UInt32
  public let versionMin: UInt32

  var names: OwnedBytes
  var sectionTable: OwnedBuffer<SectionRule>
  var subsectionTable: OwnedBuffer<SubsectionRule>
  var orders: OwnedBuffer<SectionOrder>
  /// Once the table is finished, piece by piece; within a piece as they were added.
  var fieldRules: OwnedBuffer<PlacedRule>
  var terms: OwnedBuffer<RuleTerm>
  /// Rules of one piece side by side, sorted by entry.
  var watches: OwnedBuffer<RuleWatch>
  /// Number of the layouts that the table was checked with, and of all their entries.
  var layoutCount = 0
  var entryCount = 0

  init(version: UInt32, versionMin: UInt32, allocator: StreamAllocator) {
    self.version = version
    self.versionMin = versionMin
    names = OwnedBytes(allocator: allocator)
    sectionTable = OwnedBuffer(allocator: allocator)
    subsectionTable = OwnedBuffer(allocator: allocator)
    orders = OwnedBuffer(allocator: allocator)
    fieldRules = OwnedBuffer(allocator: allocator)
    terms = OwnedBuffer(allocator: allocator)
    watches = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// By number.
  public var sections: Span<SectionRule> {
    @_lifetime(borrow self)
    get { sectionTable.span }
  }

  public var subsections: Span<SubsectionRule> {
    @_lifetime(borrow self)
    get { subsectionTable.span }
  }

  /// Traps when there is no such piece.
  @_lifetime(borrow self)
  public func name(of piece: RulePiece) -> RawSpan {
    let range = piece.isSubsection ? subsectionTable[piece.number].name : sectionTable[piece.number].name
    return names.bytes.extracting(Int(range.start)..<Int(range.start + range.count))
  }

  /// The reader's layout of a piece; traps when there is no such piece.
  public func layout(of piece: RulePiece) -> UInt32 {
    piece.isSubsection ? subsectionTable[piece.number].layout : sectionTable[piece.number].layout
  }

  public func contains(_ piece: RulePiece) -> Bool {
    piece.number < (piece.isSubsection ? subsectionTable.count : sectionTable.count)
  }

  /// The section or subsection of that name.
  ///
  /// - Parameter start: Where the search begins: names that come in the order of the table are found at once.
  func find(_ name: RawSpan, isSubsection: Bool, from start: Int = 0) -> RulePiece? {
    let count = isSubsection ? subsectionTable.count : sectionTable.count
    for step in 0..<count {
      let number = start + step < count ? start + step : start + step - count
      let piece = isSubsection ? RulePiece.subsection(number) : .section(number)
      if self.name(of: piece).compare(to: name) == 0 { return piece }
    }
    return nil
  }

  /// - Throws: `wrongCall` for a piece that is none of this table's, and for other layouts.
  func demand(_ piece: RulePiece, _ layouts: LayoutTable) throws(StreamError) {
    guard contains(piece), layouts.count == layoutCount, layouts.entryCount == entryCount else {
      throw StreamError(.wrongCall, .use, at: 0, found: UInt64(piece.rawValue))
    }
  }
}

/// That one section comes before another.
struct SectionOrder: BitwiseCopyable {
  let predecessor: UInt32
  let section: UInt32
}
