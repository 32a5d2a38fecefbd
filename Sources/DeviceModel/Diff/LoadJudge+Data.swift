import MigrationStream

/// Data of a piece, and of elements in it, by the mapping table.
extension LoadJudge {
  /// - Parameters:
  ///   - path: Of the writer's piece; `readerPath` of the reader's.
  ///   - condition: When the piece comes; empty: always.
  mutating func data(
    _ writer: borrowing ResolvedModel, _ layout: UInt32, _ reader: borrowing ResolvedModel, _ own: UInt32,
    version: UInt32, _ path: String, readerPath: String, when condition: String
  ) {
    for (number, place) in layouts(from: layout, path, of: writer) {
      if number == Int(layout) {
        judge(writer, number, reader, Int(own), version, place, readerPath, when: condition)
        continue
      }
      let name = writer.writerFields[number].name
      guard let twin = reader.readerFields.firstIndex(where: { $0.name.hasSameOctets(as: name) }) else {
        refuse(place, .unknownRequired, when: "an element has this layout")
        continue
      }
      judge(
        writer, number, reader, twin, version, place, reader.path(ofElement: twin) ?? place,
        when: "an element has this layout")
    }
  }

  private mutating func judge(
    _ writer: borrowing ResolvedModel, _ layout: Int, _ reader: borrowing ResolvedModel, _ own: Int, _ version: UInt32,
    _ path: String, _ readerPath: String, when condition: String
  ) {
    var verdicts: [MappingVerdict] = []
    let tables = MappingLayouts(
      stream: writer.writerLayouts.table, reader: reader.layouts.table, aliases: reader.aliases.table)
    // Only memory may be lacking: the layouts are there.
    try? LayoutMapping.judge(from: UInt32(layout), to: UInt32(own), of: tables, version: version) { verdict in
      verdicts.append(verdict)
    }
    let pair = LayoutPair(
      theirs: writer.writerFields[layout], ours: reader.readerFields[own], path: path, readerPath: readerPath,
      theirClock: writer.document.clock, ourClock: reader.document.clock)
    for verdict in verdicts { note(verdict, pair, when: condition) }
  }

  private mutating func note(_ verdict: MappingVerdict, _ pair: LayoutPair, when condition: String) {
    let path = pair.path(of: verdict)
    switch verdict.row {
    case .value, .group, .leftAlone, .verify: return
    case .skipped: note(path, Outcome(.skipped, when: condition, weight: .safe))
    case .defaulted: note(path, Outcome(.defaulted, when: condition, weight: .safe))
    case .width, .symbols, .count, .range, .lacking, .unknown, .changed, .doubled:
      if verdict.row == .symbols, !pair.mayHave(verdict) { return }
      guard verdict.outcome != .taken else { return }
      let value = verdict.outcome == .depends ? pair.condition(of: verdict) : ""
      let around = verdict.isAlwaysThere ? "" : "the group or array around it has something"
      let parts = [condition, around, value].filter { !$0.isEmpty }
      refuse(path, verdict.code, when: parts.joined(separator: ", and "))
    }
  }
}

/// A layout of a writer and one of a reader, with what their documents say of the fields.
struct LayoutPair {
  let theirs: ResolvedLayout
  let ours: ResolvedLayout
  let path: String
  let readerPath: String
  let theirClock: ClockDomain
  let ourClock: ClockDomain

  /// The field that a verdict is about: of two the reader's, which is what a load names.
  func path(of verdict: MappingVerdict) -> String {
    if let own = verdict.readerEntry, verdict.row == .lacking || verdict.row == .defaulted || verdict.row == .range {
      return readerPath + ours.names(of: topmost(own))
    }
    if isClockOfDocument(verdict) { return "/clock" }
    if let entry = verdict.streamEntry, verdict.row == .unknown || verdict.row == .skipped {
      return path + theirs.names(of: entry)
    }
    if let own = verdict.readerEntry { return readerPath + ours.names(of: own) }
    return path + (verdict.streamEntry.map { theirs.names(of: $0) } ?? "")
  }

  /// The outermost group around a field of the reader that the stream has not, or the field itself.
  private func topmost(_ own: Int) -> Int {
    let chain = ours.entries(to: own)
    var parent: Int?
    for entry in chain {
      let field = ours.fields[entry].field
      let found = ([field.name] + field.aliases).lazy.compactMap { theirs.entry(named: $0, in: parent) }.first
      guard let found else { return entry }
      parent = found
    }
    return own
  }

  /// The clocks of the two documents differ, and the field says none of its own.
  private func isClockOfDocument(_ verdict: MappingVerdict) -> Bool {
    guard verdict.row == .changed, verdict.code == .unitChanged, theirClock != ourClock,
      let own = verdict.readerEntry, let entry = verdict.streamEntry
    else { return false }
    let (field, other) = (ours.fields[own].field, theirs.fields[entry].field)
    return field.clock == nil && other.clock == nil && field.unit == other.unit
  }

  /// Whether a value with other symbols at the reader may come.
  func mayHave(_ verdict: MappingVerdict) -> Bool {
    guard let entry = verdict.streamEntry else { return true }
    let field = theirs.fields[entry]
    if field.field.isOpen { return true }
    if field.field.type.type == .flags {
      return field.symbols.reduce(0) { $0 | $1.value } & verdict.found != 0
    }
    return Self.symbol(verdict.found, of: field) != nil
  }

  /// The symbol of an enumeration's value; they stand in ascending order.
  private static func symbol(_ value: UInt64, of field: ResolvedField) -> FieldSymbol? {
    var (low, high) = (0, field.symbols.count)
    while low < high {
      let middle = (low + high) / 2
      if field.symbols[middle].value < value { low = middle + 1 } else { high = middle }
    }
    return low < field.symbols.count && field.symbols[low].value == value ? field.symbols[low] : nil
  }

  func condition(of verdict: MappingVerdict) -> String {
    let own = verdict.readerEntry.map { ours.fields[$0].field }
    let entry = verdict.streamEntry.map { theirs.fields[$0] }
    switch verdict.row {
    case .width: return "the value does not fit \(own?.type.spelling ?? "")"
    case .symbols:
      if entry?.field.type.type == .flags {
        return "a bit of 0x\(String(verdict.found, radix: 16)) is set"
      }
      let name = entry.flatMap { Self.symbol(verdict.found, of: $0) }?.name
      return "the value is \(verdict.found)" + (name.map { " (\($0))" } ?? "")
    case .count:
      let what = own?.count == .one && own?.type.type != .list ? "octets" : "elements"
      return verdict.code == .countAboveMaximum
        ? "there are more than \(verdict.expected) \(what)" : "there are fewer than \(verdict.expected) \(what)"
    case .range:
      guard let own, own.range != nil else { return "the value is no multiple of the reader's alignment" }
      let isSigned = own.type.type.isSigned
      let (low, high) = isSigned
        ? ("\(Int64(bitPattern: verdict.expected))", "\(Int64(bitPattern: verdict.found))")
        : ("\(verdict.expected)", "\(verdict.found)")
      return "the value is not in \(low) to \(high)" + (own.alignmentLog2 > 0 ? ", or not aligned" : "")
    case .unknown: return "the union has this child"
    default: return ""
    }
  }
}

// MARK: - Names

extension ResolvedLayout {
  /// Entries from the top to one, itself the last.
  func entries(to entry: Int) -> [Int] {
    var chain = [entry]
    while let parent = fields[chain[chain.count - 1]].parent { chain.append(parent) }
    return chain.reversed()
  }

  func chain(of entry: Int) -> [ModelField] { entries(to: entry).map { fields[$0].field } }

  /// The part of a path behind the piece.
  func names(of entry: Int) -> String {
    chain(of: entry).reduce("") { $0.member("fields", $1.name) }
  }
}

extension ModelField {
  func isCalled(_ other: String) -> Bool {
    name.hasSameOctets(as: other) || aliases.contains { $0.hasSameOctets(as: other) }
  }
}

extension ResolvedModel {
  /// The number of the layout of elements with that name in the document.
  borrowing func element(_ name: String, isWritten: Bool) -> Int? {
    guard let layout = document.layouts.first(where: { $0.name.hasSameOctets(as: name) }) else { return nil }
    let wanted = layout.layout ?? layout.name
    let first = sections.count + subsections.count
    return (isWritten ? writerFields : readerFields).indices.dropFirst(first).first {
      (isWritten ? writerFields : readerFields)[$0].name.hasSameOctets(as: wanted)
    }
  }

  /// Path of a layout of elements; nil for that of a piece.
  borrowing func path(ofElement number: Int) -> String? {
    guard number >= sections.count + subsections.count else { return nil }
    let name = readerFields[number].name
    return document.layouts.first { ($0.layout ?? $0.name).hasSameOctets(as: name) }.map { "/layouts".member($0.name) }
  }

  borrowing func path(of subsection: ResolvedSubsection) -> String {
    var names: [String] = []
    var next = subsection
    while true {
      names = ["subsections", next.name] + names
      switch next.owner {
      case .section(let position):
        return names.reduce("/sections".member(sections[position].name)) { $0.member($1) }
      case .subsection(let position): next = subsections[position]
      }
    }
  }

  borrowing func ownerName(of subsection: ResolvedSubsection) -> String {
    switch subsection.owner {
    case .section(let position): sections[position].name
    case .subsection(let position): subsections[position].name
    }
  }

  borrowing func ownerLayout(of subsection: ResolvedSubsection) -> Int {
    switch subsection.owner {
    case .section(let position): Int(sections[position].layout)
    case .subsection(let position): Int(subsections[position].layout)
    }
  }
}

extension ModelSubsection {
  /// Whether something says when it comes.
  var isConditional: Bool { !isAlwaysSent && (when != nil || !condition.isEmpty) }

  /// Whether it comes in every state.
  var isAlwaysSent: Bool { when?.isEmpty ?? false }
}

extension Comparison {
  var text: String {
    switch relation {
    case .equals: "\(field) is \(value)"
    case .notEquals: "\(field) is not \(value)"
    case .atLeast: "\(field) is at least \(value)"
    case .atMost: "\(field) is at most \(value)"
    case .anyBits: "\(field) has a bit of \(value)"
    case .noBits: "\(field) has no bit of \(value)"
    }
  }
}
