import MigrationStream

/// What old and new readers do about the difference of two definitions of a device model.
///
/// Both are resolved with every parameter set that is worth looking at, and each reads what the other writes; besides,
/// the documents are compared for what no load would notice.
///
/// ```swift
/// let diff = ModelDiff(old: published, new: draft)
/// for finding in diff.findings where finding.isBreaking { print(finding.path, finding.changes) }
/// ```
///
/// Source: Specs/device-models.md, Specs/50-inspection.md section 9.
public struct ModelDiff: Sendable {
  /// The worst first.
  public let findings: [ModelFinding]
  /// Parameter sets that were looked at, of both sides.
  public private(set) var setCount = 0
  /// Whether there are more sets worth looking at than are looked at.
  public private(set) var isCut = false

  public init(old: ModelDocument, new: ModelDocument) {
    let renames = FieldRenames(old, new)
    var notes = DocumentDifferences(old, new, renames).notes
    for direction in LoadDirection.allCases {
      let (writer, reader) = direction == .forward ? (new, old) : (old, new)
      let sets = DiffSets(writer, beside: reader)
      setCount += sets.sets.count
      isCut = isCut || sets.isCut
      var isTaken = false
      for set in sets.sets {
        let taken: ParameterSet
        do throws(ParameterFault) {
          taken = try ParameterSet(listed: set.listed, of: reader)
        } catch {
          Self.note(error, set, writer, reader, direction, &notes)
          continue
        }
        isTaken = true
        Self.judge(writer, set, reader, taken, direction, renames, &notes)
      }
      // What a load would find behind the parameters, which it never gets past.
      if !isTaken, let set = sets.sets.first, let own = DiffSets(reader, beside: writer).sets.first {
        Self.judge(writer, set, reader, own, direction, renames, &notes)
      }
    }
    findings = notes.sorted
  }

  public var isBreaking: Bool { findings.contains { $0.isBreaking } }

  /// Sets that lead to something no stream can have are no device's: nothing is written with them.
  private static func judge(
    _ writer: ModelDocument, _ set: ParameterSet, _ reader: ModelDocument, _ taken: ParameterSet,
    _ direction: LoadDirection, _ renames: FieldRenames, _ notes: inout FindingNotes
  ) {
    guard let theirs = try? ResolvedModel(writer, set) else { return }
    do throws(DocumentFault) {
      LoadJudge.judge(writer: theirs, reader: try ResolvedModel(reader, taken), direction, renames, &notes)
    } catch {
      notes.say(
        "/params", "with some of them the definition leads to something that no stream can have: \(error.message)",
        next: "Do not allow these values.")
      var outcome = ModelFinding.Outcome(.refused, .parameterRefused, when: "they have these values", weight: .breaks)
      outcome.parameters = set.listed
      notes.note("/params", direction, outcome)
    }
  }

  /// A parameter set that the reader cannot have.
  ///
  /// New values of new devices refuse themselves to old ones: nobody has to use them. What an old device has, a new one
  /// must be able to have, and what every device lists, all must know.
  private static func note(
    _ fault: ParameterFault, _ set: ParameterSet, _ writer: ModelDocument, _ reader: ModelDocument,
    _ direction: LoadDirection, _ notes: inout FindingNotes
  ) {
    var name = fault.parameter
    if fault.reason == .requirement {
      var values: [ExactName: ParameterValue] = [:]
      for parameter in reader.parameters { values[ExactName(parameter.name)] = parameter.offValue }
      for setting in set.listed { values[ExactName(setting.name)] = setting.value }
      name = reader.violated(values)?.parameter.name ?? name
    }
    let isFixed = writer.parameters.first { $0.name.hasSameOctets(as: name) }.map { $0.offValue == nil } ?? false
    let weight: ModelFinding.Weight
    let condition: String
    switch fault.reason {
    case .notListed: (weight, condition) = (.breaks, isFixed ? "" : "it is not listed")
    case .offValueListed, .wrongType: (weight, condition) = (.breaks, "it is \(fault.value)")
    case .unknownParameter where isFixed: (weight, condition) = (.breaks, "")
    default:
      weight = direction == .backward ? .breaks : .safe
      condition = fault.value.isEmpty ? "" : "it is \(fault.value)"
    }
    var outcome = ModelFinding.Outcome(.refused, .parameterRefused, when: condition, weight: weight)
    outcome.parameters = set.listed
    notes.note("/params".member(name), direction, outcome)
  }
}
