import DeviceModel

/// Verdict and plans of the product beside those of ``ReferenceCheck``: oracle R1.
enum ReferenceComparison {
  static func difference(
    _ verdict: CheckVerdict, _ plans: [DevicePlan], _ reference: ReferenceCheck
  ) -> FuzzViolation? {
    difference(
      verdict.reasons.map { ReferenceFinding($0.code.rawValue, $0.device, $0.name, $0.concerns) }, reference.reasons)
      ?? difference(
        verdict.conditions.map { ReferenceFinding("unless", $0.device, $0.subsection) }, reference.conditions)
      ?? difference(verdict.notes.map { ReferenceFinding($0.code.rawValue, $0.device) }, reference.notes)
      ?? difference(
        [
          "interface \(verdict.interface.spelling)", "stream \(verdict.stream.spelling)",
          "reasons \(verdict.reasonCount)", "conditions \(verdict.conditionCount)",
        ],
        [
          "interface \(reference.interface.spelling)", "stream \(reference.stream.spelling)",
          "reasons \(reference.reasons.count)", "conditions \(reference.conditions.count)",
        ])
      ?? difference(plans.flatMap(lines), reference.plans.flatMap(\.lines))
      ?? order(verdict, reference)
  }

  /// Of more findings than a verdict keeps only the number is there.
  private static func difference(_ found: [ReferenceFinding], _ wanted: [ReferenceFinding]) -> FuzzViolation? {
    if found.count == CheckVerdict.detailsMax, wanted.count >= CheckVerdict.detailsMax { return nil }
    return difference(sorted(found), sorted(wanted))
  }

  /// What the order of section 8.4 looks at, of a destination that fits.
  private static func order(_ verdict: CheckVerdict, _ reference: ReferenceCheck) -> FuzzViolation? {
    if verdict.outcome == .incompatible { return nil }
    return difference(
      ["off \(verdict.offCount)", "definitions \(verdict.definitionSum)"],
      ["off \(reference.offCount)", "definitions \(reference.definitionSum)"])
  }

  private static func sorted(_ findings: [ReferenceFinding]) -> [String] {
    findings.map(\.line).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func lines(_ plan: DevicePlan) -> [String] {
    var copy = ReferencePlan(device: plan.device, versionName: plan.versionName)
    copy.writes = plan.writes.map { ($0.name, $0.value, $0.was) }
    return copy.lines
  }

  /// Octet by octet, as names are compared.
  private static func difference(_ found: [String], _ wanted: [String]) -> FuzzViolation? {
    if found.count == wanted.count, zip(found, wanted).allSatisfy(ReferenceNames.areSame) { return nil }
    return FuzzViolation("R1", "a verdict has \(found), by the reference \(wanted)")
  }
}
