import DeviceModel
import MigrationStream
import StreamReport

/// What `model resolve` says of a resolved model.
struct ResolvedModelReport: ~Copyable {
  let model: ResolvedModel

  init(_ model: consuming ResolvedModel) { self.model = model }

  /// A table for people.
  func text() -> String {
    var text = "\(model.document.model), definition \(model.document.version)\n"
    text += "version \(model.version) in streams, for readers of definition \(model.versionMin) or later\n"
    text += parameters() + sections() + subsections()
    for number in 0..<model.layouts.count { text += layout(UInt32(number)) }
    for region in model.regions {
      text += "\nregion \(region.name), \(region.byteCount) octets in pages of \(region.region.pageSize)\n"
    }
    if model.hasByteString { text += "\nwith a byte string\n" }
    return text
  }

  private func parameters() -> String {
    guard !model.parameters.complete.isEmpty else { return "" }
    let listed = Set(model.parameters.listed.map(\.name))
    let width = Self.width(model.parameters.complete.map(\.name))
    return model.parameters.complete.reduce("\nparameters\n") { text, setting in
      text
        + ModelOutput.row([
          ("  " + setting.name, width + 2), (setting.value.text, 12), (listed.contains(setting.name) ? "" : "off", 0),
        ])
    }
  }

  private func sections() -> String {
    let width = Self.width(model.sections.map(\.name))
    return model.sections.reduce("\nsections\n") { text, section in
      let count =
        switch section.section.cardinality {
        case .one: "once"
        case .optional: "at most once"
        case .many(_, let key): "at most \(section.maximumCount), each with its \(key)"
        }
      return text
        + ModelOutput.row([
          ("  " + section.name, width + 2), ("layout \(section.layout)", 10),
          ("version \(section.version), least \(section.versionMin)", 22), (count, 12),
          (section.mark == .skippable ? "skippable" : "", 0),
        ])
    }
  }

  private func subsections() -> String {
    guard !model.subsections.isEmpty else { return "" }
    let width = Self.width(model.subsections.map(\.name))
    return model.subsections.reduce("\nsubsections\n") { text, subsection in
      var place = "of \(model.ownerName(of: subsection))"
      if let target = subsection.subsection.target { place += "/\(target)" }
      let row = ModelOutput.row([
        ("  " + subsection.name, width + 2), ("layout \(subsection.layout)", 10),
        ("version \(subsection.version), least \(subsection.versionMin)", 22), (place, 12),
        (subsection.mark == .skippable ? "skippable" : "", 0),
      ])
      let when = (subsection.subsection.when ?? []).map(\.text).joined(separator: " and ")
      let condition = when.isEmpty ? subsection.subsection.condition : when
      return text + row + (condition.isEmpty ? "" : ModelOutput.row([("    when " + condition, 0)]))
    }
  }

  private func layout(_ number: UInt32) -> String {
    let fields = model.readerFields[Int(number)]
    let layouts = model.layouts.table
    let view = layouts.layout(number)
    var text = "\n" + ModelOutput.row([("layout \(number) \(fields.name), \(view.blockByteCount) octets", 0)])
    text += ModelOutput.row([("  offset", 8), ("octets", 8), ("type", 16), ("field", 0)])
    for row in ResolvedFieldRow.rows(fields, view) {
      var notes: [String] = []
      if row.attributes.mark == .skippable { notes.append("skippable") }
      if let range = row.range { notes.append("\(range.lowest) to \(range.highest)") }
      if !row.field.field.unit.isEmpty { notes.append(row.field.field.unit) }
      if let verify = row.field.field.verify { notes.append("verify \(verify.rawValue)") }
      if row.attributes.since > 0 { notes.append("since \(row.attributes.since)") }
      if row.attributes.until > 0 { notes.append("until \(row.attributes.until)") }
      text += ModelOutput.row([
        ("  \(row.offset)", 8), ("\(row.width)", 8), (row.type, 16),
        (String(repeating: "  ", count: row.depth) + row.field.field.name, 24), (notes.joined(separator: ", "), 0),
      ])
    }
    return text
  }

  private static func width(_ names: [String]) -> Int {
    min(names.reduce(0) { max($0, $1.unicodeScalars.count) }, 32)
  }
}

extension ResolvedModel {
  /// The name of what a subsection lies in.
  func ownerName(of subsection: ResolvedSubsection) -> String {
    switch subsection.owner {
    case .section(let number): sections[number].name
    case .subsection(let number): subsections[number].name
    }
  }
}

extension Comparison {
  /// As people write it: `state = 5`.
  var text: String {
    switch relation {
    case .equals: "\(field) = \(value)"
    case .notEquals: "\(field) is not \(value)"
    case .atLeast: "\(field) >= \(value)"
    case .atMost: "\(field) <= \(value)"
    case .anyBits: "\(field) has any bit of \(value)"
    case .noBits: "\(field) has no bit of \(value)"
    }
  }
}
