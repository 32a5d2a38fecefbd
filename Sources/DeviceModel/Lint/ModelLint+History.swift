internal import MigrationStream

/// Whether the history leads back to the first definition, and whether `since` tells the same.
///
/// Source: Specs/device-models.md section 7.
extension ModelLint {
  /// Definitions that are derived, and octets of documents that this may take.
  private static let (definitionsMax, octetsMax) = (256, 256 << 20)

  mutating func checkHistory(octetCount: Int) {
    let oldest = document.history.last?.version ?? document.version
    if oldest > 1 {
      add(.historyIncomplete, "The history ends at definition \(oldest), expected 1.", at: root["history"])
    }
    var depth = min(Self.definitionsMax, max(1, Self.octetsMax / max(1, octetCount)))
    var definition = document
    var comparison = SinceComparison(root)
    comparison.compare(document, with: document)
    if let fault = compileFault(of: document) { findings.append(LintFinding(fault)) }
    for (number, entry) in document.history.enumerated() where depth > 0 {
      depth -= 1
      do throws(DocumentFault) { definition = try definition.definition(entry.version) } catch {
        add(
          .historyBroken, "Definition \(entry.version) does not derive: \(error.message) (at \(error.pointer))",
          at: root["history"][number])
        break
      }
      comparison.compare(document, with: definition)
      if let fault = compileFault(of: definition) {
        add(
          .historyBroken, "Definition \(entry.version) does not compile: \(fault.message) (at \(fault.pointer))",
          at: root["history"][number])
      }
    }
    findings += comparison.findings
    if definition.version == 1 { checkLaterParameters(than: definition) }
  }

  /// Why a definition has no state as it is made, with the initial values of its parameters; nil: it has, or an error that
  /// was found already is clearer.
  private func compileFault(of definition: ModelDocument) -> DocumentFault? {
    guard !findings.contains(where: { $0.rule.level == .error }), let parameters = try? ParameterSet(initialOf: definition)
    else { return nil }
    do throws(DocumentFault) {
      _ = try ResolvedModel(definition, parameters)
      return nil
    } catch { return error }
  }

  /// A parameter that came later is off unless somebody asks for it, so that devices go on being as they were.
  private mutating func checkLaterParameters(than first: ModelDocument) {
    let old = Set(first.parameters.map(\.name))
    for (parameter, place) in zip(document.parameters, root["params"].members) where !old.contains(parameter.name) {
      if parameter.offValue == nil {
        add(.noOffValue, "The parameter \(parameter.name) came later and cannot be turned off.", at: place)
      } else if parameter.initValue != parameter.offValue {
        add(
          .defaultEnables,
          "The parameter \(parameter.name) came later and is \(parameter.initValue.text) unless somebody turns it off.",
          at: place["init_value"])
      }
    }
  }
}

/// Compares `since` of the newest definition's pieces with what older definitions have.
private struct SinceComparison {
  private let root: DocumentPlace
  private(set) var findings: [LintFinding] = []
  /// Pieces that have a finding: one is enough.
  private var known: Set<String> = []

  init(_ root: DocumentPlace) { self.root = root }

  mutating func compare(_ newest: ModelDocument, with older: ModelDocument) {
    let version = older.version
    let sections = Dictionary(older.sections.map { ($0.piece.name, $0.piece) }) { first, _ in first }
    for (section, place) in zip(newest.sections, root["sections"].elements) {
      compare(section.piece, with: sections[section.piece.name], since: 1, version, at: place)
    }
    let layouts = Dictionary(older.layouts.map { ($0.name, $0) }) { first, _ in first }
    for (layout, place) in zip(newest.layouts, root["layouts"].members) {
      compare(layout.fields, with: layouts[layout.name]?.fields ?? [], since: 1, version, at: place["fields"])
    }
  }

  private mutating func compare(
    _ piece: StatePiece, with older: StatePiece?, since around: UInt32, _ version: UInt32, at place: DocumentPlace
  ) {
    let since = max(piece.since, around)
    judge(piece.name, since: since, isThere: older != nil, version, at: place)
    guard let older else { return }
    compare(piece.fields, with: older.fields, since: since, version, at: place["fields"])
    let subsections = Dictionary(older.subsections.map { ($0.piece.name, $0.piece) }) { first, _ in first }
    for (subsection, inside) in zip(piece.subsections, place["subsections"].elements) {
      compare(subsection.piece, with: subsections[subsection.piece.name], since: since, version, at: inside)
    }
  }

  private mutating func compare(
    _ fields: [ModelField], with older: [ModelField], since around: UInt32, _ version: UInt32,
    at place: DocumentPlace
  ) {
    let byName = Dictionary(older.map { ($0.name, $0) }) { first, _ in first }
    for (field, inside) in zip(fields, place.elements) {
      let since = max(field.since ?? 1, around)
      let twin = byName[field.name] ?? field.aliases.lazy.compactMap { byName[$0] }.first
      judge(field.name, since: since, isThere: twin != nil, version, at: inside)
      guard let twin, !field.fields.isEmpty else { continue }
      compare(field.fields, with: twin.fields, since: since, version, at: inside["fields"])
    }
  }

  private mutating func judge(
    _ name: String, since: UInt32, isThere: Bool, _ version: UInt32, at place: DocumentPlace
  ) {
    guard isThere != (version >= since), known.insert(place.pointer).inserted else { return }
    let message =
      isThere
      ? "\(name) says since \(since), and definition \(version) has it."
      : "\(name) says since \(since), and definition \(version) does not have it."
    findings.append(
      LintFinding(.sinceAgainstHistory, message, pointer: place.pointer, line: place.line))
  }
}
