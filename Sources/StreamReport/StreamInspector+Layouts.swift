internal import MigrationStream

/// The fields of a layout, with all that it says of them.
///
/// ```
/// fields
///   mode: enum8
///     symbols[0] = off (0)
///   sent: u32[<=10]
///     unit = packets
/// ```
///
/// Source: Specs/20-layouts.md section 3.
extension StreamInspector {
  /// - Parameter offset: Where the canonical octets stand in the stream; nil where they are in a frame.
  mutating func writeFields(of layout: LayoutView, at offset: UInt64?) {
    let byteCount = UInt64(layout.octets.byteCount)
    filter.begin(
      ReportNode(
        "fields", at: offset, length: byteCount, type: "canonical layout", meaning: String(octets: layout.name)))
    writeFields(layout.subtree(of: nil), layout, at: offset)
    filter.end()
  }

  /// Siblings with what lies below them; the checker of layouts has limited the levels to 9.
  private mutating func writeFields(_ fields: Range<Int>, _ layout: LayoutView, at offset: UInt64?) {
    var number = fields.lowerBound
    while number < fields.upperBound {
      let entry = layout.entries[number]
      let name = String(octets: layout.name(of: number))
      filter.begin(
        ReportNode(
          name, step: ReportPath.step(name), at: offset.map { $0 + LayoutView.entryOffset(number) },
          length: UInt64(LayoutView.entryByteCount), type: FieldText.typeName(entry),
          isSkippable: entry.mark == .skippable))
      writeAttributes(of: number, layout)
      writeFields(layout.subtree(of: number), layout, at: offset)
      filter.end()
      number = layout.sibling(after: number)
    }
  }

  /// What the entry says besides type, width, count and mark; nothing of it for most fields.
  private mutating func writeAttributes(of number: Int, _ layout: LayoutView) {
    let entry = layout.entries[number]
    let attributes = layout.attributes(of: number)
    let unit = String(octets: layout.unit(of: number))
    attribute("unit", .text(unit), unless: unit.isEmpty)
    if entry.flags.contains(.range) {
      attribute("min", bound(attributes.minimum, entry, attributes))
      attribute("max", bound(attributes.maximum, entry, attributes))
    }
    if entry.flags.contains(.hasDefault) { attribute("default", bound(attributes.defaultValue, entry, attributes)) }
    attribute("secret", .bool(true), unless: !entry.flags.contains(.secret))
    attribute("verify", .bool(true), unless: !entry.flags.contains(.verify))
    attribute("radix", .unsigned(UInt64(attributes.radix)), unless: attributes.radix == 0)
    attribute(
      "clock", .name(ClockDomain(rawValue: attributes.clock).map { "\($0)" } ?? ""), unless: attributes.clock == 0)
    attribute("alignment", .unsigned(1 << UInt64(attributes.alignmentLog2 & 63)), unless: attributes.alignmentLog2 == 0)
    if entry.reference != 0 {
      attribute("reference", .text(String(octets: layout.name(of: Int(entry.reference) - 1))))
    }
    attribute("since", .unsigned(UInt64(attributes.since)), unless: attributes.since == 0)
    attribute("until", .unsigned(UInt64(attributes.until)), unless: attributes.until == 0)
    var symbols: [(value: UInt64, name: String)] = []
    layout.forEachSymbol(of: number) { value, name in
      symbols.append((value, String(octets: name)))
      return true
    }
    for (index, symbol) in symbols.enumerated() {
      attribute(
        "symbols[\(index)]", .text(symbol.name),
        meaning: fields.value(entry, attributes, symbol.value, width: Int(entry.width)).text)
    }
  }

  /// The name of the format starts with `@` in the path: a field may have the same.
  private mutating func attribute(
    _ name: String, _ value: ReportValue, meaning: String = "", unless isAbsent: Bool = false
  ) {
    if isAbsent { return }
    filter.leaf(ReportNode(name, step: "@" + name, value: value, meaning: meaning))
  }

  /// A bound or default as a value of its field; of octets or elements where the field has no value of its own.
  private func bound(_ bits: UInt64, _ entry: FieldEntry, _ attributes: FieldAttributes) -> ReportValue {
    guard entry.type.isLeaf else { return .unsigned(bits) }
    return fields.value(entry, attributes, bits, width: Int(entry.width))
  }
}

extension FieldText {
  /// A value from its bits.
  func value(_ entry: FieldEntry, _ attributes: FieldAttributes, _ bits: UInt64, width: Int) -> ReportValue {
    let octets = (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
    return value(entry, attributes, octets.span.octets.extracting(first: min(8, width)))
  }
}
