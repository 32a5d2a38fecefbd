import MigrationStream

/// What an entry says besides type and place, in the order of `struct mgs_field`.
extension CSource {
  mutating func extras(of field: ModelField, _ members: CMembers) -> [String] {
    var extras: [String] = []
    if field.mark == .skippable { extras.append(".mark = MGS_SKIPPABLE") }
    if field.isSecret { extras.append(".secret = true") }
    if field.verify == .equal { extras.append(".verify = true") }
    if field.radix != 0 { extras.append(".radix = \(field.radix)") }
    switch field.clock {
    case .virtual: extras.append(".clock = MGS_CLOCK_VIRTUAL")
    case .monotonic: extras.append(".clock = MGS_CLOCK_MONOTONIC")
    case .realtime: extras.append(".clock = MGS_CLOCK_REALTIME")
    case .some(.none), nil: break
    }
    if field.alignmentLog2 != 0 { extras.append(".alignment_log2 = \(field.alignmentLog2)") }
    if let since = field.since { extras.append(".since = \(since)") }
    if let until = field.until { extras.append(".until = \(until)") }
    if !field.unit.isEmpty { extras.append(".unit = \(SourceEscape.c(field.unit))") }
    if let reference = field.reference { extras.append(".ref = \(SourceEscape.c(reference))") }
    if let range = field.range {
      extras.append("MGS_RANGE(\(Self.literal(range.lowest.constant)), \(Self.literal(range.highest.constant)))")
    }
    if let value = field.defaultValue { extras.append("MGS_PRESET(\(Self.literal(value)))") }
    if !field.symbols.isEmpty {
      extras.append("MGS_SYMBOLS(\(symbols(of: field, members)))")
      if field.isOpen { extras.append(".open = true") }
    }
    return extras
  }

  static func literal(_ value: Int128) -> String {
    if value >= 0 { return value <= Int128(Int32.max) ? "\(value)" : "UINT64_C(\(value))" }
    return value == Int128(Int64.min) ? "INT64_MIN" : value >= -Int128(Int32.max) ? "\(value)" : "INT64_C(\(value))"
  }

  /// Writes the table of a field's symbols, and a macro for each.
  private mutating func symbols(of field: ModelField, _ members: CMembers) -> String {
    let base = members.name + "_" + Identifier.snake(field.name)
    let table = names.claim(base + "_symbols")
    let sorted = field.symbols.sorted { $0.value < $1.value }
    var entries: [String] = []
    for symbol in sorted {
      for line in SourceEscape.comment(symbol.description) { types.line("/* \(line) */") }
      let macro = macros.claim((base + "_" + Identifier.snake(symbol.name, empty: "value")).uppercased())
      let value = Self.literal(Int128(symbol.value))
      types.line("#define \(macro) \(value)")
      entries.append("{ \(macro), \(SourceEscape.c(symbol.name)) },")
    }
    types.line()
    tables.block("static const struct mgs_symbol \(table)[] = {", "};") { tables in
      for entry in entries { tables.line(entry) }
    }
    return table
  }
}
