/// What a judgement by models stepped over, and what a destination has to do: for people, not part of the verdict.
///
/// Source: Specs/device-models.md section 11.
public struct JudgeNotes: Equatable, Sendable {
  /// One kind of thing: how often it was met, and where first.
  public struct Tally: Equatable, Sendable {
    public private(set) var count: UInt64 = 0
    public private(set) var first: Place?

    mutating func add(_ place: @autoclosure () -> Place) {
      if count == 0 { first = place() }
      count += 1
    }

    mutating func add(_ other: Tally) {
      if count == 0 { first = other.first }
      count += other.count
    }
  }

  /// A name on the way from a device to a thing in it.
  public struct Step: Equatable, Sendable {
    public var name: String
    public var isSubsection: Bool
  }

  /// A thing of a device: steps from the section on.
  public struct Place: Equatable, Sendable {
    public var device: UInt32
    public var steps: [Step]
  }

  /// Something outside the device, and what to do when the destination's differs.
  public struct Arrival: Equatable, Sendable {
    public var device: UInt32
    public var external: External
  }

  /// Notes of one kind that are kept whole; of more only the number stays.
  static let countMax = 64

  /// Devices that no model judged, with the model that they name; empty when they name none.
  public private(set) var unknown: [(device: UInt32, model: String)] = []
  public private(set) var unknownCount = 0
  /// Models that judged, with the number of their definition, each once.
  public private(set) var models: [(model: String, version: UInt32)] = []
  public private(set) var arrivals: [Arrival] = []
  public private(set) var arrivalCount = 0
  public private(set) var madeOfDefaults: [Place] = []
  public private(set) var madeOfDefaultsCount = 0
  /// Sections, subsections and fields that the model does not know and that are skippable.
  public private(set) var skipped = Tally()
  /// Fields of the model that streams of this version no longer have.
  public private(set) var leftAlone = Tally()
  /// Configuration that is compared at a destination only.
  public private(set) var notCompared = Tally()

  mutating func unknown(device: Int, model: String) {
    unknownCount += 1
    if unknown.count < Self.countMax { unknown.append((UInt32(truncatingIfNeeded: device), model)) }
  }

  mutating func judged(by model: String, version: UInt32) {
    guard !models.contains(where: { $0.model == model }), models.count < Self.countMax else { return }
    models.append((model, version))
  }

  mutating func arrival(_ external: External, device: UInt32) {
    arrivalCount += 1
    if arrivals.count < Self.countMax { arrivals.append(Arrival(device: device, external: external)) }
  }

  mutating func madeOfDefaults(_ section: String, device: UInt32) {
    madeOfDefaultsCount += 1
    if madeOfDefaults.count < Self.countMax { madeOfDefaults.append(Place(device: device, steps: [Step(name: section, isSubsection: false)])) }
  }

  mutating func skipped(_ place: @autoclosure () -> Place) { skipped.add(place()) }

  mutating func add(_ report: JudgeReport) {
    skipped.add(report.skipped)
    leftAlone.add(report.leftAlone)
    notCompared.add(report.notCompared)
  }

  public static func == (left: JudgeNotes, right: JudgeNotes) -> Bool {
    left.unknown.elementsEqual(right.unknown, by: ==) && left.models.elementsEqual(right.models, by: ==)
      && left.arrivals == right.arrivals && left.madeOfDefaults == right.madeOfDefaults
      && left.skipped == right.skipped && left.leftAlone == right.leftAlone && left.notCompared == right.notCompared
  }
}
