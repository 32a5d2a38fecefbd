internal import MigrationStream

/// Turns the octets of a field into a value and what it means, by the field's type.
///
/// Source: Specs/20-layouts.md section 2.
struct FieldText {
  let octetsMax: Int
  let reveals: Bool

  /// The type as a report names it: `u32`, `enum8`, `bytes[6]`.
  static func typeName(_ entry: FieldEntry) -> String {
    let name = elementTypeName(entry)
    return switch entry.shape {
    case .one: name
    case .fixedArray: "\(name)[\(entry.count)]"
    case .countedArray: "\(name)[<=\(entry.count)]"
    }
  }

  private static func elementTypeName(_ entry: FieldEntry) -> String {
    let bits = entry.width * 8
    return switch entry.type {
    case .unsigned: "u\(bits)"
    case .signed: "i\(bits)"
    case .float: "f\(bits)"
    case .bool: "bool"
    case .enumeration: "enum\(bits)"
    case .flags: "flags\(bits)"
    case .bitmap: "bitmap\(bits)"
    case .vector: "vector\(bits)"
    case .bytes: "bytes\(entry.width)"
    case .uuid: "uuid"
    case .mac: "mac"
    case .pciAddress: "pciAddress"
    case .guestAddress: "guestAddress\(bits)"
    case .size: "size\(bits)"
    case .count: "count\(bits)"
    case .index: "index\(bits)"
    case .duration: "duration"
    case .instant: "instant"
    case .padding: "padding"
    case .countedBytes: "countedBytes"
    case .string: "string"
    case .structure: "structure"
    case .list: "list"
    case .union: "union"
    case .optional: "optional"
    }
  }

  /// A leaf, or the contents of counted bytes or a string.
  func node(
    _ name: String, _ entry: FieldEntry, number: Int, _ octets: RawSpan, at offset: UInt64, of layout: LayoutView
  ) -> ReportNode {
    var node = ReportNode(
      name, at: offset, length: UInt64(octets.byteCount), type: Self.elementTypeName(entry),
      isSkippable: entry.mark == .skippable)
    guard reveals || !entry.flags.contains(.secret) else {
      node.value = .redacted
      return node
    }
    let attributes = layout.attributes(of: number)
    node.value = value(entry, attributes, octets)
    let unit = String(octets: layout.unit(of: number))
    let meaning = meaning(entry, attributes, number, octets, layout)
    node.meaning = [meaning, unit].filter { !$0.isEmpty }.joined(separator: ", ")
    return node
  }

  /// All elements of an array of leaves.
  func arrayNode(
    _ name: String, _ entry: FieldEntry, number: Int, count: Int, _ octets: RawSpan, at offset: UInt64,
    of layout: LayoutView
  ) -> ReportNode {
    var node = ReportNode(
      name, at: offset, length: UInt64(octets.byteCount), type: Self.typeName(entry),
      isSkippable: entry.mark == .skippable)
    guard reveals || !entry.flags.contains(.secret) else {
      node.value = .redacted
      return node
    }
    let attributes = layout.attributes(of: number)
    let width = Int(entry.width)
    var elements: [ReportValue] = []
    for index in 0..<min(count, max(1, octetsMax / width)) {
      elements.append(value(entry, attributes, octets.extracting((index * width)..<((index + 1) * width))))
    }
    node.value = .list(elements, count: UInt64(count))
    node.meaning = String(octets: layout.unit(of: number))
    return node
  }

  func value(_ entry: FieldEntry, _ attributes: FieldAttributes, _ octets: RawSpan) -> ReportValue {
    let width = Int(entry.width)
    switch entry.type {
    case .unsigned, .size, .count, .index, .enumeration, .instant:
      if width == 16 { return .wide(octets.integer(at: 0, as: UInt128.self), radix: attributes.radix) }
      return .unsigned(octets.unsigned(at: 0, width: width), radix: attributes.radix, width: width)
    case .flags, .guestAddress:
      let radix = attributes.radix == 0 ? 16 : attributes.radix
      return .unsigned(octets.unsigned(at: 0, width: width), radix: radix, width: width)
    case .signed, .duration:
      if width == 16 { return .wideSigned(octets.integer(at: 0, as: Int128.self), radix: attributes.radix) }
      return .signed(octets.signed(width: width), radix: attributes.radix, width: width)
    case .float: return .float(bits: octets.unsigned(at: 0, width: width), width: width)
    case .bool: return .bool(octets.octet(at: 0) != 0)
    case .uuid: return .name(octets.uuidText)
    case .mac: return .name(Array(octets, max: 6).map { hexadecimal($0) }.joined(separator: ":"))
    case .pciAddress: return .name(Self.pciText(octets.integer(at: 0, as: UInt32.self)))
    case .string: return .text(text(octets))
    case .bitmap, .vector, .bytes, .padding, .countedBytes, .structure, .list, .union, .optional:
      return .octets(Array(octets, max: octetsMax), count: UInt64(octets.byteCount))
    }
  }

  /// As much of a text as is shown: whole characters.
  private func text(_ octets: RawSpan) -> String {
    guard octets.byteCount > octetsMax else { return String(octets: octets) }
    var end = octetsMax
    while end > 0, octets.octet(at: end) & 0xc0 == 0x80 { end -= 1 }
    return String(octets: octets.extracting(first: end))
  }

  private func meaning(
    _ entry: FieldEntry, _ attributes: FieldAttributes, _ number: Int, _ octets: RawSpan, _ layout: LayoutView
  ) -> String {
    let width = Int(entry.width)
    switch entry.type {
    case .enumeration:
      return Self.symbol(octets.unsigned(at: 0, width: width), number, layout) ?? "no symbol"
    case .flags: return Self.flagNames(octets.unsigned(at: 0, width: width), number, layout)
    case .size:
      return ReportText.rounded(octets.unsigned(at: 0, width: width))
    case .bitmap: return "\(Self.bitCount(octets)) of \(octets.byteCount * 8) bits set"
    case .duration:
      let value = octets.integer(at: 0, as: Int64.self)
      return (value < 0 ? "-" : "") + ReportText.seconds(value.magnitude)
    case .instant: return Self.instant(octets.integer(at: 0, as: UInt64.self), clock: attributes.clock)
    case .bytes: return Self.printable(octets).map { "'\($0)'" } ?? ""
    case .string, .countedBytes:
      return octets.byteCount > octetsMax ? "\(octets.byteCount) octets, \(octetsMax) shown" : ""
    default: return ""
    }
  }

  /// Octets that are a name: four or more printable ASCII characters, then zeros to the end.
  private static func printable(_ octets: RawSpan) -> String? {
    var count = 0
    while count < min(octets.byteCount, 64), (0x20..<0x7f).contains(octets.octet(at: count)) { count += 1 }
    guard count >= 4, octets.extracting(droppingFirst: count).isZero else { return nil }
    return String(octets: octets.extracting(first: count))
  }

  static func symbol(_ value: UInt64, _ number: Int, _ layout: LayoutView) -> String? {
    var found: String?
    layout.forEachSymbol(of: number) { candidate, name in
      if candidate == value { found = String(octets: name) }
      return candidate < value
    }
    return found
  }

  /// The names of the masks that are set, and the bits without a name.
  private static func flagNames(_ value: UInt64, _ number: Int, _ layout: LayoutView) -> String {
    var names: [String] = []
    var rest = value
    layout.forEachSymbol(of: number) { mask, name in
      if mask != 0, value & mask == mask {
        names.append(String(octets: name))
        rest &= ~mask
      }
      return true
    }
    if rest != 0, !names.isEmpty { names.append("0x" + String(rest, radix: 16)) }
    return names.joined(separator: " | ")
  }

  private static func bitCount(_ octets: RawSpan) -> Int {
    var count = 0
    for index in 0..<octets.byteCount { count += octets.octet(at: index).nonzeroBitCount }
    return count
  }

  private static func instant(_ value: UInt64, clock: UInt8) -> String {
    if value == UInt64.max { return "not set" }
    return switch ClockDomain(rawValue: clock) {
    case .realtime: ReportText.date(value)
    case .virtual: ReportText.seconds(value) + ", virtual clock"
    case .monotonic: ReportText.seconds(value) + ", monotonic clock"
    default: ReportText.seconds(value)
    }
  }

  /// `domain:bus:device.function`.
  private static func pciText(_ value: UInt32) -> String {
    let domain = hexadecimal(UInt8(value >> 24)) + hexadecimal(UInt8(value >> 16 & 0xff))
    let device = hexadecimal(UInt8(value >> 3 & 0x1f))
    return "\(domain):\(hexadecimal(UInt8(value >> 8 & 0xff))):\(device).\(value & 7)"
  }
}

extension RawSpan {
  /// A little-endian signed integer of 1, 2, 4 or 8 octets.
  func signed(width: Int) -> Int64 {
    let unused = 64 - width * 8
    return (Int64(truncatingIfNeeded: unsigned(at: 0, width: width)) << unused) >> unused
  }

  /// 16 octets as a UUID is written.
  var uuidText: String {
    var text = ""
    for index in 0..<byteCount {
      if index == 4 || index == 6 || index == 8 || index == 10 { text += "-" }
      text += hexadecimal(octet(at: index))
    }
    return text
  }
}

extension LayoutTable {
  /// Whether any field is marked secret, so that octets of sections are not shown unasked.
  var hasSecrets: Bool {
    for number in 0..<UInt32(clamping: count) where !isExternal(number) {
      let layout = layout(number)
      for index in layout.entries.indices where layout.entries[index].flags.contains(.secret) { return true }
    }
    return false
  }
}
