import DeviceModel
import Foundation
@testable import MigrationStream

/// What a definition says with some parameters as lines of text, for files that are compared.
struct ModelGolden: ~Copyable {
  private let model: ResolvedModel

  init(_ model: consuming ResolvedModel) { self.model = model }

  static func text(_ document: ModelDocument, _ parameters: ParameterSet) throws -> String {
    let model = try ResolvedModel(document, parameters)
    return ModelGolden(model).text()
  }

  func text() -> String {
    var lines = [
      "model \(model.document.model), definition \(model.document.version)",
      "listed \(model.parameters.listed.map { "\($0.name)=\($0.value.text)" }.joined(separator: " "))",
      "version \(model.version), least \(model.versionMin)",
    ]
    for (number, section) in model.sections.enumerated() {
      lines.append(
        "section \(number) \(section.name): layout \(section.layout), version \(section.version), "
          + "least \(section.versionMin), \(section.mark == .required ? "required" : "skippable")"
          + section.predecessors.map { ", after \($0)" }.joined() + (section.keyEntry.map { ", key \($0)" } ?? ""))
    }
    for (number, subsection) in model.subsections.enumerated() {
      lines.append(
        "subsection \(number) \(subsection.name): layout \(subsection.layout), version \(subsection.version), "
          + "least \(subsection.versionMin), \(subsection.mark == .required ? "required" : "skippable"), "
          + "of \(subsection.owner)" + (subsection.target.map { ", target \($0)" } ?? ""))
    }
    for region in model.regions {
      lines.append("region \(region.name): \(region.byteCount) octets, pages of \(region.region.pageSize), flags \(region.flags)")
    }
    if model.hasByteString { lines.append("byte string") }
    for number in 0..<model.layouts.count { lines += layout(number) }
    return (lines + rules()).joined(separator: "\n") + "\n"
  }

  private func layout(_ number: Int) -> [String] {
    let (readers, writers) = (model.layouts.table, model.writerLayouts.table)
    let (own, written) = (readers.layout(UInt32(number)), writers.layout(UInt32(number)))
    var lines = ["layout \(number) \(Self.text(own.name)): \(own.blockByteCount) octets"]
    for entry in 0..<own.entries.count {
      let attributes = own.attributes(of: entry)
      let resolved = model.readerFields[number].fields[entry]
      var line = "  \(entry) \(Self.text(own.name(of: entry))): \(resolved.field.type.spelling)"
      if let parent = resolved.parent { line += " in \(parent)" }
      if attributes.shape != .one { line += attributes.shape == .fixedArray ? " x\(attributes.count)" : " <=\(attributes.count)" }
      if attributes.mark == .skippable { line += " skippable" }
      if attributes.flags.contains(.secret) { line += " secret" }
      if attributes.flags.contains(.verify) { line += " verify" }
      if attributes.flags.contains(.range) { line += " range \(attributes.minimum) \(attributes.maximum)" }
      if attributes.flags.contains(.hasDefault) { line += " default \(attributes.defaultValue)" }
      if own.unit(of: entry).byteCount > 0 { line += " unit \(Self.text(own.unit(of: entry)))" }
      if attributes.radix > 0 { line += " radix \(attributes.radix)" }
      if attributes.clock > 0 { line += " clock \(attributes.clock)" }
      if attributes.alignmentLog2 > 0 { line += " alignment 2^\(attributes.alignmentLog2)" }
      if attributes.reference > 0 { line += " refers to \(attributes.reference - 1)" }
      if attributes.since > 0 { line += " since \(attributes.since)" }
      if attributes.until > 0 { line += " until \(attributes.until)" }
      own.forEachSymbol(of: entry) { value, name in
        line += " \(Self.text(name))=\(value)"
        return true
      }
      if !resolved.field.aliases.isEmpty { line += " once \(resolved.field.aliases.joined(separator: " "))" }
      lines.append(line)
    }
    if !written.isSame(as: own) {
      lines.append("  written: \(model.writerFields[number].fields.map(\.field.name).joined(separator: " "))")
    }
    return lines
  }

  private func rules() -> [String] {
    var lines = ["rules: version \(model.rules.version), least \(model.rules.versionMin)"]
    for number in 0..<model.rules.sections.count {
      let section = model.rules.sections[number]
      lines.append(
        "  section \(number) \(Self.text(model.rules.name(of: .section(number)))): layout \(section.layout), since \(section.since), "
          + "\(section.cardinality) \(section.maximumCount)" + (section.isEnabled ? "" : ", not enabled"))
    }
    for number in 0..<model.rules.subsections.count {
      let subsection = model.rules.subsections[number]
      let terms = (subsection.firstTerm..<(subsection.firstTerm + subsection.termCount)).map {
        Self.text(model.rules.terms[Int($0)])
      }
      lines.append(
        "  subsection \(number) \(Self.text(model.rules.name(of: .subsection(number)))): layout \(subsection.layout), "
          + "since \(subsection.since)" + (terms.isEmpty ? "" : ", when \(terms.joined(separator: " and "))")
          + (subsection.isEnabled ? "" : ", not enabled"))
    }
    for position in 0..<model.rules.fieldRules.count { lines.append(rule(model.rules.fieldRules[position])) }
    return lines
  }

  private func rule(_ placed: PlacedRule) -> String {
    let rule = placed.rule
    var line = "  \(placed.piece.isSubsection ? "subsection" : "section") \(placed.piece.number): \(rule.kind)"
    if let field = rule.field { line += " \(Self.text(field))" }
    if let other = rule.other { line += " of \(Self.text(other))" }
    if let scope = rule.scope { line += " in \(Self.text(scope))" }
    if let none = rule.none { line += " none \(none)" }
    let terms = placed.terms.map { Self.text(model.rules.terms[$0]) }
    guard rule.kind == .implies else { return line }
    let when = Int(placed.whenCount)
    return line + ": \(terms.prefix(when).joined(separator: " and ")) -> \(terms.dropFirst(when).joined(separator: " and "))"
  }

  private static func text(_ field: RuleField) -> String { "\(field.layout)/\(field.entry)" }

  private static func text(_ term: RuleTerm) -> String { "\(text(term.field)) \(term.relation) \(term.number)" }

  private static func text(_ octets: RawSpan) -> String {
    String(decoding: octets.byteOffsets.map { octets.octet(at: $0) }, as: UTF8.self)
  }
}
