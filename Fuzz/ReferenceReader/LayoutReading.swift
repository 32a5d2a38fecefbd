/// A layout of the stream: its canonical octets and, unless it is external, its fields.
///
/// Source: Specs/20-layouts.md sections 2 and 3.
public struct ReferenceLayout: Sendable {
  /// Octets in which ``canonical`` and all texts lie: the stream, or what a frame held.
  public var octets: [UInt8] = []
  public var canonical = 0..<0
  public var isExternal = false
  public var name = 0..<0
  /// In preorder: the descendants of a field follow it.
  public var fields: [Field] = []
  public var blockByteCount = 0
  /// Where the record stands, and its octets.
  var record = 0..<0

  public struct Symbol: Sendable {
    public var value: UInt64
    public var name: Range<Int>
  }

  public struct Field: Sendable {
    public var type = FieldKind.unsigned
    public var shape = 0
    public var mark: UInt64 = 0
    public var flags: UInt64 = 0
    public var width = 0
    public var count = 0
    public var descendants = 0
    /// Octets in the block.
    public var byteCount = 0
    public var name = 0..<0
    public var unit = 0..<0
    public var clock: UInt64 = 0
    public var alignment: UInt64 = 0
    public var reference: UInt64 = 0
    public var min: UInt64 = 0
    public var max: UInt64 = 0
    public var preset: UInt64 = 0
    public var since: UInt64 = 0
    public var until: UInt64 = 0
    public var symbols: [Symbol] = []

    public var hasRange: Bool { flags & 2 != 0 }
    public var hasDefault: Bool { flags & 4 != 0 }
    public var isVerified: Bool { flags & 8 != 0 }
    public var isCountedArray: Bool { shape == 2 }
  }
}

/// Chapter 20 section 2.
public enum FieldKind: UInt8, Sendable {
  case unsigned = 1, signed, float, bool, enumeration, flags, bitmap, vector, bytes, uuid, mac, pciAddress, guestAddress
  case size, count, index, duration, instant, padding
  case countedBytes = 32, string
  case structure = 48, list, union, optional

  func allows(width: UInt64) -> Bool {
    switch self {
    case .unsigned, .signed: width == 16 || width <= 8 && isPowerOfTwo(width)
    case .float, .guestAddress: width == 4 || width == 8
    case .bool: width == 1
    case .enumeration, .flags, .size, .count, .index: width <= 8 && isPowerOfTwo(width)
    case .bitmap: width > 0 && width % 8 == 0
    case .vector: width == 16 || width == 32 || width == 64
    case .uuid: width == 16
    case .mac: width == 6
    case .duration, .instant: width == 8
    case .pciAddress, .countedBytes, .string, .list, .union, .optional: width == 4
    case .bytes, .padding, .structure: width >= 1
    }
  }

  var isGroup: Bool { self == .structure || self == .union || self == .optional }
  public var isGroupOrList: Bool { isGroup || self == .list }
  var isSigned: Bool { self == .signed || self == .duration }
  var isCounted: Bool { self == .countedBytes || self == .string || self == .list }
  var hasVariablePart: Bool { isGroup || isCounted }
  var hasSymbols: Bool { self == .enumeration || self == .flags }

  var isInteger: Bool {
    switch self {
    case .unsigned, .signed, .enumeration, .flags, .guestAddress, .size, .count, .index, .duration, .instant: true
    default: false
    }
  }
}

extension ChannelReading {
  /// Chapter 10 section 5.
  mutating func readLayout(_ header: Header, _ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = cursor.at
    let count = UInt64(layouts.count)
    let number = try cursor.number(4)
    try demand(number == count, .badOrder, at: start, count, number)
    try demand(count < limits.layoutsMax, .limitExceeded, at: start, limits.layoutsMax, count + 1)
    let form = try cursor.number(1)
    try demand(form <= 2, .badValue, at: start + 4, 2, form)
    if form != 0 { try mustDeclare(form == 1 ? .zstd : .externalLayouts, at: start + 4) }
    try cursor.reserved(3)
    let canonical = try cursor.number(8)
    try demand(
      canonical <= limits.layoutBytesMax, .limitExceeded, at: start + 8, limits.layoutBytesMax, canonical)
    let fingerprint = try cursor.number(8)
    let stored = try cursor.number(8)
    try demand(
      stored <= UInt64(cursor.left), .truncatedData, at: start + 24, stored, UInt64(cursor.left))
    layoutBytes += form == 2 ? max(canonical, stored) : canonical
    let most = limits.layoutBytesTotalMax
    try demand(layoutBytes <= most, .limitExceeded, at: start + 8, most, layoutBytes)
    let isRight = form == 0 ? stored == canonical : form == 1 ? stored < canonical : stored >= 1
    try demand(isRight, .badValue, at: start + 24, canonical, stored)
    let place = cursor.at..<(cursor.at + Int(stored))
    if form == 2 {
      var text = cursor
      _ = try text.text(place.count, limit: limits.textBytesMax)
    }
    try cursor.padded(place.count)
    try cursor.mustEnd()
    var layout = ReferenceLayout()
    switch form {
    case 0: layout = try parsed(octets, place, fingerprint, start + 16)
    case 1:
      let plain = try content(place, canonical, limits.layoutBytesMax)
      do throws(ReferenceRefusal) { layout = try parsed(plain, 0..<plain.count, fingerprint, nil) } catch {
        // The fingerprint stands beside the frame, everything else is in it.
        throw error.at(error.code == .digestMismatch ? start + 16 : place.lowerBound)
      }
    default: (layout.octets, layout.canonical, layout.isExternal) = (octets, place, true)
    }
    layout.record = header.start..<header.end
    layouts.append(layout)
  }

  private func parsed(
    _ octets: [UInt8], _ range: Range<Int>, _ fingerprint: UInt64, _ at: Int?
  ) throws(ReferenceRefusal) -> ReferenceLayout {
    let found = digest(octets, range)
    try demand(found == fingerprint, .digestMismatch, at: at ?? 0, fingerprint, found)
    var parser = LayoutParser(octets, range, limits)
    try parser.parse()
    return parser.layout
  }
}
