import MigrationStream

/// The function that builds a layout.
extension SwiftSource {
  static func appendBuilder(_ piece: SourceModel.Piece, to file: inout SourceText) {
    file.line("/// Builds the layout, which is then `builder.canonical`.")
    file.block(
      "public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {", "}"
    ) { file in
      file.line("try builder.begin(name: StaticString(\(SourceEscape.swift(piece.layout))).octets)")
      file.line("var field: FieldAttributes")
      let positions = Dictionary(paths(piece.fields), uniquingKeysWith: { first, _ in first })
      append(piece.fields, positions, to: &file)
      file.line("try builder.finish()")
    }
  }

  /// Numbers of entries by their paths from the top.
  private static func paths(_ fields: [ModelField]) -> [([UInt8], Int)] {
    var result: [([UInt8], Int)] = []
    func add(_ fields: [ModelField], _ names: [String]) {
      for field in fields {
        result.append((Array(ModelPath(names + [field.name], isAbsolute: true).text.utf8), result.count))
        add(field.fields, names + [field.name])
      }
    }
    add(fields, [])
    return result
  }

  private static func append(_ fields: [ModelField], _ positions: [[UInt8]: Int], to file: inout SourceText) {
    for field in fields {
      attributes(of: field, positions, to: &file)
      let unit = field.unit.isEmpty ? "" : ", unit: StaticString(\(SourceEscape.swift(field.unit))).octets"
      let call = field.type.type.isGroup ? "beginGroup" : "field"
      file.line("try builder.\(call)(field, name: StaticString(\(SourceEscape.swift(field.name))).octets\(unit))")
      for symbol in field.symbols.sorted(by: { $0.value < $1.value }) {
        file.line("try builder.symbol(\(symbol.value), name: StaticString(\(SourceEscape.swift(symbol.name))).octets)")
      }
      if field.type.type.isGroup {
        append(field.fields, positions, to: &file)
        file.line("try builder.endGroup()")
      }
    }
  }

  private static func attributes(of field: ModelField, _ positions: [[UInt8]: Int], to file: inout SourceText) {
    let type = field.type.type
    var arguments = [".\(type)"]
    if type != .structure { arguments.append("width: \(field.type.width)") }
    switch field.count {
    case .one: break
    case .fixed: arguments += ["shape: .fixedArray", "count: \(field.elementCount)"]
    case .atMost: arguments += ["shape: .countedArray", "count: \(field.elementCount)"]
    }
    file.line("field = FieldAttributes(\(arguments.joined(separator: ", ")))")
    if field.mark == .skippable { file.line("field.mark = .skippable") }
    var flags: [String] = []
    if field.isSecret { flags.append(".secret") }
    if field.range != nil { flags.append(".range") }
    if field.defaultValue != nil { flags.append(".hasDefault") }
    if field.verify == .equal { flags.append(".verify") }
    if !flags.isEmpty { file.line("field.flags = \(flags.joined(separator: " | "))") }
    func line(_ name: String, _ value: UInt64) { if value != 0 { file.line("field.\(name) = \(value)") } }
    line("radix", UInt64(field.radix))
    if type.takesClock { line("clock", UInt64(field.clock?.rawValue ?? 0)) }
    line("alignmentLog2", UInt64(field.alignmentLog2))
    if let reference = field.reference, let number = positions[Array(reference.utf8)] { line("reference", UInt64(number) + 1) }
    if let range = field.range {
      line("minimum", UInt64(truncatingIfNeeded: range.lowest.constant))
      line("maximum", UInt64(truncatingIfNeeded: range.highest.constant))
    }
    if let value = field.defaultValue { line("defaultValue", UInt64(truncatingIfNeeded: value)) }
    line("since", UInt64(field.since ?? 0))
    line("until", UInt64(field.until ?? 0))
  }
}
