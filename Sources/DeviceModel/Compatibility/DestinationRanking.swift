/// The place of a destination among others: less is better. Total, since no two have the same ordinal.
///
/// Source: Specs/device-models.md section 8.4.
public struct DestinationRank: Comparable, Sendable {
  /// nil: the document cannot be read.
  let outcome: CheckOutcome?
  let conditionCount: Int
  /// What was not judged, since one side does not say it.
  let noteCount: Int
  let offCount: Int
  let definitionSum: UInt64
  let reasonCount: Int
  /// Position in the order given, from 0.
  let ordinal: Int

  public init(_ verdict: CheckVerdict?, ordinal: Int) {
    outcome = verdict?.outcome
    conditionCount = verdict?.conditionCount ?? 0
    noteCount = verdict?.notes.count ?? 0
    offCount = verdict?.offCount ?? 0
    definitionSum = verdict?.definitionSum ?? 0
    reasonCount = verdict?.reasonCount ?? 0
    self.ordinal = ordinal
  }

  public static func < (left: DestinationRank, right: DestinationRank) -> Bool {
    guard left.place == right.place else { return left.place < right.place }
    if left.outcome == .incompatible {
      if left.reasonCount != right.reasonCount { return left.reasonCount < right.reasonCount }
    } else {
      if left.conditionCount != right.conditionCount { return left.conditionCount < right.conditionCount }
      if left.noteCount != right.noteCount { return left.noteCount < right.noteCount }
      if left.offCount != right.offCount { return left.offCount < right.offCount }
      if left.definitionSum != right.definitionSum { return left.definitionSum > right.definitionSum }
    }
    return left.ordinal < right.ordinal
  }

  private var place: UInt8 { outcome?.rawValue ?? .max }
}

/// What is said of one destination.
public struct DestinationReport: Sendable {
  /// `host` of its document, else the file, else the line.
  public var name: String
  /// Of JSON lines, from 1; 0: none.
  public var line: Int
  public var finding: Result<CheckVerdict, DocumentFault>

  public init(name: String, line: Int, finding: Result<CheckVerdict, DocumentFault>) {
    self.name = name
    self.line = line
    self.finding = finding
  }

  public var verdict: CheckVerdict? { try? finding.get() }

  /// Reasons, conditions and notes at hand, and the fault.
  var detailCount: Int {
    guard let verdict else { return 1 }
    return verdict.reasons.count + verdict.conditions.count + verdict.notes.count
  }
}

/// Orders destinations as they come. Of each a summary stays; details stay for the best.
///
/// Memory: 200 octets and the name a destination, and twice ``detailsMax`` details.
///
/// Source: Specs/device-models.md sections 8.4 and 8.6.
public struct DestinationRanking: Sendable {
  /// Details that the best destinations may have together.
  public static let detailsMax = 10_000

  public struct Place: Sendable {
    public fileprivate(set) var name: String
    public fileprivate(set) var line: Int
    public let rank: DestinationRank
    public let interface: CheckOutcome
    public let stream: CheckOutcome
    public let reasonCount: Int
    public let conditionCount: Int
    /// Of the best destinations.
    public fileprivate(set) var details: Result<CheckVerdict, DocumentFault>?

    public var isReadable: Bool { rank.outcome != nil }
    public var outcome: CheckOutcome { max(interface, stream) }
  }

  private var places: [Place] = []
  /// Positions in `places` of those that have details.
  private var detailed: [Int] = []
  private var detailCount = 0
  private var best: DestinationRank?

  public init() {}

  public var count: Int { places.count }

  /// Whether any destination takes all of the source.
  public var hasFit: Bool { best?.outcome.map { $0 != .incompatible } ?? false }

  /// - Returns: Whether none that came before is better.
  @discardableResult
  public mutating func add(_ report: DestinationReport) -> Bool {
    let verdict = report.verdict
    let rank = DestinationRank(verdict, ordinal: places.count)
    places.append(
      Place(
        name: report.name, line: report.line, rank: rank, interface: verdict?.interface ?? .incompatible,
        stream: verdict?.stream ?? .incompatible, reasonCount: verdict?.reasonCount ?? 0,
        conditionCount: verdict?.conditionCount ?? 0, details: report.finding))
    detailed.append(places.count - 1)
    detailCount += report.detailCount
    if detailCount > 2 * Self.detailsMax || detailed.count > 2 * Self.detailsMax { forgetDetails() }
    guard best.map({ rank < $0 }) ?? true else { return false }
    best = rank
    return true
  }

  /// Best first.
  public mutating func ordered() -> [Place] {
    forgetDetails()
    return places.sorted { $0.rank < $1.rank }
  }

  /// Keeps the details of the best; those of one alone are always few enough.
  private mutating func forgetDetails() {
    detailed.sort { places[$0].rank < places[$1].rank }
    var kept = 0
    detailCount = 0
    for position in detailed {
      let count = places[position].detailCount
      guard detailCount + count <= Self.detailsMax, kept < Self.detailsMax else { break }
      detailCount += count
      kept += 1
    }
    for position in detailed[kept...] { places[position].details = nil }
    detailed.removeSubrange(kept...)
  }
}

extension DestinationRanking.Place {
  fileprivate var detailCount: Int {
    details.map { DestinationReport(name: "", line: 0, finding: $0).detailCount } ?? 0
  }
}
