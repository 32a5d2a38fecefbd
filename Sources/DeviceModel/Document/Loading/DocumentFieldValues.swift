import MigrationStream

/// The words of enumerations that belong to the codec.
enum DocumentWords {
  static let marks: [(String, FieldMark)] = [("required", .required), ("skippable", .skippable)]
  static let clocks: [(String, ClockDomain)] = [
    ("none", .none), ("virtual", .virtual), ("monotonic", .monotonic), ("realtime", .realtime),
  ]
  static let applyKinds: [(String, ApplyKind)] = [
    ("staged", .staged), ("inPlace", .inPlace), ("external", .external),
  ]
}

extension ModelFieldType {
  /// Whether rules can be about the values: integers that 64 bits hold.
  var isNumber: Bool {
    width <= 8 && (type.isInteger || type == .bool || type == .mac || type == .pciAddress)
  }

  /// The values that `width` octets hold; meant for types of up to 8 octets.
  var values: ClosedRange<Int128> {
    if type == .bool { return 0...1 }
    let bits = Int128(width) * 8
    return type.isSigned ? -(1 << (bits - 1))...(1 << (bits - 1)) - 1 : 0...(1 << bits) - 1
  }
}

// MARK: - Which keys fit which types

extension FieldReader {
  func checkKeys(of node: DocumentNode, fit field: ModelField) throws(DocumentFault) {
    for (key, value) in try node.members() {
      guard !Self.fits(key, field.type) else { continue }
      throw value.fault("the key `\(key)` does not fit the type `\(field.type.spelling)`: \(Self.home(of: key))")
    }
    let type = field.type.type
    let isArray = node["max_count"] != nil
    if isArray, let value = node["default"] {
      throw value.fault("an array of `max_count` is empty by default; it takes no other")
    }
    if type.takesSymbols, node["symbols"] == nil, node["open"]?.value.content != .bool(true) {
      throw node.fault(
        "a field of type `\(field.type.spelling)` has `symbols`, or says `open`: without either it has no legal value")
    }
  }

  private static func fits(_ key: String, _ field: ModelFieldType) -> Bool {
    let type = field.type
    switch key {
    case "fields": return type.isGroup
    case "elements": return type == .list
    case "symbols", "open": return type.takesSymbols
    case "clock": return type.takesClock
    case "alignment": return type.takesAlignment
    case "ref": return type.takesReference
    case "rules": return type == .structure
    case "range": return type.takesRange && field.width <= 8
    case "default": return type.takesDefault && field.width <= 8
    case "unique", "in", "none", "acyclic", "above": return field.isNumber && type != .bool
    case "aliases": return type != .padding
    default: return true
    }
  }

  /// Which types take a key, for messages.
  private static func home(of key: String) -> String {
    switch key {
    case "fields": "it belongs to `structure`, `union` and `optional`"
    case "elements": "it belongs to `list`"
    case "symbols", "open": "it belongs to enumerations and flags"
    case "clock": "it belongs to `duration` and `instant`"
    case "alignment": "it belongs to `size` and `guestAddress`"
    case "ref": "it belongs to `index` and `count`"
    case "rules": "it belongs to `structure`"
    case "range": "it belongs to integers of up to 64 bits, `countedBytes`, `string` and `list`"
    case "default": "it belongs to numbers of up to 64 bits, `bool`, `mac` and `pciAddress`"
    case "unique", "in", "none", "acyclic", "above": "it belongs to integers of up to 64 bits, `mac` and `pciAddress`"
    default: "padding has no value"
    }
  }
}

// MARK: - Values

extension DocumentNode {
  /// An integer that a field of `type` can have.
  func value(of type: ModelFieldType) throws(DocumentFault) -> Int128 {
    try integer(in: type.values, "a value of type `\(type.spelling)`:")
  }
}

extension FieldReader {
  func readValues(_ node: DocumentNode, into field: inout ModelField) throws(DocumentFault) {
    if let flag = node["open"] { field.isOpen = try flag.bool() }
    if let symbols = node["symbols"] { field.symbols = try self.symbols(symbols, of: field.type) }
    if let range = node["range"] { field.range = try self.range(range, of: field.type) }
    if let alignment = node["alignment"] {
      let value = try alignment.integer(in: 1...(1 << 63), "a power of two")
      guard value & (value - 1) == 0 else { throw alignment.fault("expected a power of two, found \(value)") }
      field.alignmentLog2 = UInt8(value.trailingZeroBitCount)
    }
    if let value = node["default"] { field.defaultValue = try defaultValue(value, of: field) }
  }

  private func range(_ node: DocumentNode, of type: ModelFieldType) throws(DocumentFault) -> FieldRange {
    let ends = try node.elements()
    guard ends.count == 2 else { throw node.fault("a range has two numbers, found \(ends.count)") }
    let values = type.type.isInteger ? type.values : 0...Int128(UInt32.max)
    let what = type.type.isInteger ? "a value of type `\(type.spelling)`:" : "a number of octets or elements:"
    let range = FieldRange(
      try parameters.number(ends[0], in: values, what), try parameters.number(ends[1], in: values, what))
    if case .constant(let lowest) = range.lowest, case .constant(let highest) = range.highest, lowest > highest {
      throw node.fault("the range begins above its end: \(lowest) to \(highest)")
    }
    return range
  }

  private func symbols(_ node: DocumentNode, of type: ModelFieldType) throws(DocumentFault) -> [FieldSymbol] {
    var values: Set<UInt64> = []
    var symbols: [FieldSymbol] = []
    let members = try node.members()
    guard !members.isEmpty else { throw node.fault("expected one symbol or more, found none") }
    for (name, member) in members {
      try member.checkName(name, "a symbol")
      var symbol = FieldSymbol(name, 0)
      var valueNode = member
      if case .object = member.value.content {
        try member.checkKeys(DocumentKeys.symbol)
        valueNode = try member.required("value")
        if let number = member["since"] { symbol.since = try number.version(atMost: version, "a definition") }
        if let text = member["name"] { symbol.name = try text.name("a symbol") }
        if let text = member["description"] { symbol.description = try text.prose() }
        symbol.enabledBy = try parameters.terms(member["enabled_by"])
      }
      symbol.value = UInt64(try valueNode.value(of: type))
      guard type.type != .flags || symbol.value != 0 else {
        throw valueNode.fault("a symbol of flags names one bit or more, found 0")
      }
      guard values.insert(symbol.value).inserted else {
        throw valueNode.fault("the value \(symbol.value) has a symbol already")
      }
      symbols.append(symbol)
    }
    return symbols
  }

  private func defaultValue(_ node: DocumentNode, of field: ModelField) throws(DocumentFault) -> Int128 {
    if field.type.type == .bool { return try node.bool() ? 1 : 0 }
    let value = try node.value(of: field.type)
    if let range = field.range {
      if case .constant(let lowest) = range.lowest, value < lowest {
        throw node.fault("the default \(value) is below the range, which begins at \(lowest)")
      }
      if case .constant(let highest) = range.highest, value > highest {
        throw node.fault("the default \(value) is above the range, which ends at \(highest)")
      }
    }
    guard value & ((1 << Int128(field.alignmentLog2)) - 1) == 0 else {
      throw node.fault("the default \(value) is no multiple of the alignment")
    }
    guard field.type.type.takesSymbols, !field.isOpen else { return value }
    let bits = field.symbols.reduce(0) { $0 | $1.value }
    let isLegal =
      field.type.type == .flags ? UInt64(value) & ~bits == 0 : field.symbols.contains { $0.value == UInt64(value) }
    guard isLegal else { throw node.fault("the default \(value) has no symbol, and the field is not open") }
    return value
  }
}
