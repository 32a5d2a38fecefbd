import DeviceModel

/// What holds of the verdict on two information documents.
///
/// Source: Specs/device-models.md section 8.
enum CheckOracle {
  static func violation(
    source: ModelSide, destination: ModelSide, _ relations: ModelRelations
  ) -> FuzzViolation? {
    guard let from = info(source), let to = info(destination), let judge = try? CompatibilityCheck(source: from) else {
      return nil
    }
    let verdict = judge.verdict(of: to)
    let plans = judge.plan(for: to)
    for plan in plans {
      if Set(plan.writes.map(\.name)).count != plan.writes.count {
        return FuzzViolation("I44", "the plan for \(plan.device) writes a parameter twice")
      }
    }
    if let reference = ReferenceCheck(source: from, destination: to),
      let violation = ReferenceComparison.difference(verdict, plans, reference)
    {
      return violation
    }
    if relations.spelling, let violation = respelled(source, destination, from, to, verdict) { return violation }
    return relations.printed ? rewritten(from, to, verdict) : nil
  }

  /// What a text says of a side: itself, or what a document that a side has says of it.
  private static func info(_ side: ModelSide) -> InfoDocument? {
    if let info = side.info { return info }
    guard let document = side.document, let model = try? ModelInfo(document) else { return nil }
    var info = InfoDocument()
    info.models = [model]
    return info
  }

  /// The verdict does not depend on how the documents are spelled.
  private static func respelled(
    _ source: ModelSide, _ destination: ModelSide, _ from: InfoDocument, _ to: InfoDocument, _ verdict: CheckVerdict
  ) -> FuzzViolation? {
    guard source.info != nil, destination.info != nil, let first = source.json, let second = destination.json else {
      return nil
    }
    guard let from = ModelSide(JSONOracle.respelled(first)).info, let to = ModelSide(JSONOracle.respelled(second)).info,
      let judge = try? CompatibilityCheck(source: from)
    else { return FuzzViolation("I43", "whether an information document loads depends on its spelling") }
    return difference(verdict, judge.verdict(of: to), "I43", "spelled otherwise")
  }

  /// The verdict does not change when the documents are printed and read again.
  private static func rewritten(_ from: InfoDocument, _ to: InfoDocument, _ verdict: CheckVerdict) -> FuzzViolation? {
    guard let from = try? InfoDocument(json: from.json()), let to = try? InfoDocument(json: to.json()),
      let judge = try? CompatibilityCheck(source: from)
    else { return FuzzViolation("R3", "a printed information document is refused") }
    return difference(verdict, judge.verdict(of: to), "R3", "printed and read again")
  }

  private static func difference(
    _ first: CheckVerdict, _ second: CheckVerdict, _ oracle: String, _ how: String
  ) -> FuzzViolation? {
    if first == second { return nil }
    if first.interface != second.interface || first.stream != second.stream {
      return FuzzViolation(
        oracle, "\(how): \(second.interface.spelling) and \(second.stream.spelling), expected "
          + "\(first.interface.spelling) and \(first.stream.spelling)")
    }
    // Devices and parameters are members of objects: what is said of them comes in their order.
    let (wanted, found) = (lines(first), lines(second))
    return wanted == found ? nil : FuzzViolation(oracle, "\(how): \(found), expected \(wanted)")
  }

  private static func lines(_ verdict: CheckVerdict) -> [String] {
    let reasons = verdict.reasons.map { "\($0.device) \($0.message)" }
    let conditions = verdict.conditions.map { "\($0.device) \($0.subsection)" }
    let notes = verdict.notes.map { "\($0.device) \($0.message)" }
    return (reasons + conditions + notes).sorted() + ["\(verdict.offCount) \(verdict.definitionSum)"]
  }
}
