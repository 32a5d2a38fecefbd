import DeviceModel

/// What holds of a device model document, whoever wrote it.
///
/// Source: Specs/device-models.md sections 2, 5, 7 and 10.
enum DocumentOracle {
  static func violation(_ side: ModelSide, _ relations: ModelRelations) -> FuzzViolation? {
    let findings = ModelLint.findings(in: side.octets)
    if let wrong = findings.first(where: { $0.line < 1 }) {
      return FuzzViolation("A9", "lint says \(wrong.rule.rawValue) of line \(wrong.line)")
    }
    if relations.spelling, let json = side.json {
      let again = ModelSide(JSONOracle.respelled(json))
      if (again.document == nil) != (side.document == nil) {
        return FuzzViolation("I43", "whether a document loads depends on its spelling")
      }
    }
    guard let document = side.document else {
      return findings.isEmpty ? FuzzViolation("A9", "lint finds nothing in what the loader refuses") : nil
    }
    if relations.printed, let violation = printed(document, side.octets) { return violation }
    let isClean = findings.allSatisfy { $0.rule.level == .warning }
    // What lint has an error for may refuse its own streams.
    if relations.difference, isClean, let violation = difference(document) { return violation }
    return compiled(document, side.json, isClean: isClean, all: relations.compiled)
  }

  /// What is printed is loaded again as the same, and printed again as the same.
  private static func printed(_ document: ModelDocument, _ octets: [UInt8]) -> FuzzViolation? {
    guard let text = ModelLint.rewritten(octets) else {
      return FuzzViolation("R3", "a document that loads cannot be written anew")
    }
    guard let json = try? JSONValue(parsing: text), let again = try? ModelDocument(json: json) else {
      return FuzzViolation("R3", "the canonical text of a document is refused")
    }
    if again != document { return FuzzViolation("R3", "the canonical text of a document is another document") }
    return ModelLint.rewritten(text) == text ? nil : FuzzViolation("R3", "the canonical text is not its own canonical text")
  }

  /// A document does not differ from itself.
  private static func difference(_ document: ModelDocument) -> FuzzViolation? {
    let difference = ModelDiff(old: document, new: document)
    return difference.findings.isEmpty
      ? nil : FuzzViolation("I42", "a document differs from itself at \(difference.findings[0].path)")
  }

  /// A document that lint has no complaint about compiles as it is made, in each of its definitions.
  ///
  /// - Parameter all: Also older definitions, and other parameters than the initial ones.
  private static func compiled(
    _ document: ModelDocument, _ json: JSONValue?, isClean: Bool, all: Bool
  ) -> FuzzViolation? {
    if !all { return derived(document, json ?? document.json, [], mustCompile: isClean) }
    let definitions: [ModelDocument]
    do throws(DocumentFault) { definitions = try document.definitions } catch {
      return isClean ? FuzzViolation("lint", "its history: \(error.text)") : nil
    }
    for (number, definition) in definitions.enumerated() {
      do throws(ParameterFault) { _ = try ParameterSet(initialOf: definition) } catch {
        if isClean { return FuzzViolation("lint", "initial values of \(definition.version): \(error.message)") }
      }
      let json = (number == 0 ? json : nil) ?? definition.json
      for (place, chosen) in DerivationSettings.choices(of: definition).enumerated() {
        if let violation = derived(definition, json, chosen, mustCompile: isClean && place == 0) { return violation }
      }
    }
    return nil
  }

  /// What is derived is what a second deriver says.
  ///
  /// - Parameter chosen: What is not initial.
  private static func derived(
    _ definition: ModelDocument, _ json: JSONValue, _ chosen: [ParameterSetting], mustCompile: Bool
  ) -> FuzzViolation? {
    guard let parameters = try? ParameterSet(initialOf: definition, but: chosen) else { return nil }
    do throws(DocumentFault) {
      let model = try ResolvedModel(definition, parameters)
      return DerivationOracle.violation(model, json, DerivationSettings(json, but: chosen))
    } catch {
      if mustCompile { return FuzzViolation("lint", "definition \(definition.version): \(error.text)") }
      return DerivationOracle.violation(error, json, DerivationSettings(json, but: chosen))
    }
  }

  /// Compiles with settings that somebody typed.
  static func compile(_ document: ModelDocument, _ json: JSONValue, settings: [UInt8]) -> FuzzViolation? {
    let lines = settings.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    guard let chosen = try? ParameterSet.settings(lines, of: document) else { return nil }
    return derived(document, json, chosen, mustCompile: false)
  }
}
