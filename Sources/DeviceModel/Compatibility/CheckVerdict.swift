/// How well something fits, best first.
public enum CheckOutcome: UInt8, Comparable, Sendable {
  case compatible, compatibleUnless, incompatible

  public static func < (left: CheckOutcome, right: CheckOutcome) -> Bool { left.rawValue < right.rawValue }

  /// As reports spell it.
  public var spelling: String {
    switch self {
    case .compatible: "compatible"
    case .compatibleUnless: "compatible_unless"
    case .incompatible: "incompatible"
    }
  }
}

/// What a destination makes of a source.
///
/// Source: Specs/device-models.md section 8.3.
public struct CheckVerdict: Equatable, Sendable {
  /// Reasons, conditions and notes that a verdict keeps of each; all are counted.
  public static let detailsMax = 1000

  public private(set) var reasons: [CheckReason] = []
  public private(set) var conditions: [CheckCondition] = []
  public private(set) var notes: [CheckNote] = []
  public private(set) var reasonCount = 0
  public private(set) var conditionCount = 0
  public private(set) var interface = CheckOutcome.compatible
  public private(set) var stream = CheckOutcome.compatible
  /// Parameters that the plan turns off.
  public internal(set) var offCount = 0
  /// Numbers of the definitions of the models that take the source's devices, added up.
  public internal(set) var definitionSum: UInt64 = 0

  init() {}

  public var outcome: CheckOutcome { max(interface, stream) }

  mutating func add(_ reason: CheckReason) {
    reasonCount += 1
    if reason.concerns.contains(.interface) { interface = .incompatible }
    if reason.concerns.contains(.stream) { stream = .incompatible }
    if reasons.count < Self.detailsMax { reasons.append(reason) }
  }

  mutating func add(_ condition: CheckCondition) {
    conditionCount += 1
    stream = max(stream, .compatibleUnless)
    if conditions.count < Self.detailsMax { conditions.append(condition) }
  }

  mutating func add(_ note: CheckNote) {
    if notes.count < Self.detailsMax { notes.append(note) }
  }

  /// Takes what was found out about one more device.
  mutating func add(_ other: CheckVerdict) {
    reasonCount += other.reasonCount - other.reasons.count
    conditionCount += other.conditionCount - other.conditions.count
    for reason in other.reasons { add(reason) }
    for condition in other.conditions { add(condition) }
    for note in other.notes { add(note) }
    interface = max(interface, other.interface)
    stream = max(stream, other.stream)
    offCount += other.offCount
    definitionSum += other.definitionSum
  }
}
