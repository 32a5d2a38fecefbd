import DeviceModel
import MigrationStream

extension ResolvedModelReport {
  /// The document of `model resolve --json`.
  ///
  /// Source: Specs/50-inspection.md section 8.
  func json() -> JSONValue {
    .record([
      "schema": .number(1),
      "command": .text("model resolve"),
      "model": .text(model.document.model),
      "definition": .number(model.document.version),
      "version": .number(model.version),
      "min_version": .number(model.versionMin),
      "listed": .list(model.parameters.listed.map { .setting($0) }),
      "complete": .list(model.parameters.complete.map { .setting($0) }),
      "sections": .list(model.sections.map { section($0) }),
      "subsections": .list(model.subsections.map { subsection($0) }),
      "layouts": .list((0..<model.layouts.count).map { layout(UInt32($0)) }),
      "regions": .list(
        model.regions.map {
          .record([
            "name": .text($0.name), "length": .wide($0.byteCount), "page_size": .wide($0.region.pageSize),
            "shared": .flag($0.region.isShared), "read_only": .flag($0.region.isReadOnly),
            "opaque": .flag($0.region.isOpaque),
          ])
        }),
      "byte_string": .flag(model.hasByteString),
    ])
  }

  private func section(_ section: ResolvedSection) -> JSONValue {
    var (cardinality, key) = ("one", String?.none)
    switch section.section.cardinality {
    case .one: break
    case .optional: cardinality = "optional"
    case .many(_, let name): (cardinality, key) = ("many", name)
    }
    return .record([
      "name": .text(section.name), "layout": .number(section.layout), "version": .number(section.version),
      "min_version": .number(section.versionMin), "mark": section.mark == .skippable ? .text("skippable") : nil,
      "cardinality": .text(cardinality), "max_count": key == nil ? nil : .number(section.maximumCount),
      "key": key.map { .text($0) },
    ])
  }

  private func subsection(_ subsection: ResolvedSubsection) -> JSONValue {
    let when = subsection.subsection.when?.map { comparison in
      JSONValue.record([
        "field": .text(comparison.field), "relation": .text(comparison.relation.rawValue), "value": .wide(comparison.value),
      ])
    }
    return .record([
      "name": .text(subsection.name), "layout": .number(subsection.layout), "version": .number(subsection.version),
      "min_version": .number(subsection.versionMin),
      "mark": subsection.mark == .skippable ? .text("skippable") : nil,
      "owner": .text(model.ownerName(of: subsection)), "target": subsection.subsection.target.map { .text($0) },
      "condition": subsection.subsection.condition.isEmpty ? nil : .text(subsection.subsection.condition),
      "when": when.map { .list($0) },
    ])
  }

  private func layout(_ number: UInt32) -> JSONValue {
    let fields = model.readerFields[Int(number)]
    let layouts = model.layouts.table
    let view = layouts.layout(number)
    let rows = ResolvedFieldRow.rows(fields, view).map { row in
      JSONValue.record([
        "name": .text(row.field.field.name), "depth": .number(row.depth), "type": .text(row.type),
        "offset": .wide(row.offset), "length": .wide(row.width),
        "mark": row.attributes.mark == .skippable ? .text("skippable") : nil,
        "class": .text(row.field.fieldClass.rawValue), "verify": row.field.field.verify.map { .text($0.rawValue) },
        "min": row.range.map { .text($0.lowest) }, "max": row.range.map { .text($0.highest) },
        "unit": row.field.field.unit.isEmpty ? nil : .text(row.field.field.unit),
        "since": row.attributes.since == 0 ? nil : .number(row.attributes.since),
        "until": row.attributes.until == 0 ? nil : .number(row.attributes.until),
      ])
    }
    return .record([
      "number": .number(number), "name": .text(fields.name), "length": .wide(view.blockByteCount), "fields": .list(rows),
    ])
  }
}

extension JSONValue {
  fileprivate static func setting(_ setting: ParameterSetting) -> JSONValue {
    .record(["name": .text(setting.name), "type": .text(setting.value.type.rawValue), "value": .text(setting.value.text)])
  }
}
