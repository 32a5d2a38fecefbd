/// Field types by their number on the wire.
///
/// Source: Specs/20-layouts.md section 2.
public enum RawType: UInt8, Sendable, CaseIterable {
  case unsigned = 1
  case signed, float, bool, enumeration, flags, bitmap, vector, bytes, uuid, mac
  case pciAddress, guestAddress, size, count, index, duration, instant, padding
  case countedBytes = 32
  case string
  case structure = 48
  case list, union, optional
}

/// A value of an enumeration, or a mask of a flags field, with its name.
public struct RawSymbol: Sendable {
  public var value: UInt64
  public var name: [UInt8]

  public init(_ value: UInt64, _ name: String) {
    self.value = value
    self.name = .text(name)
  }
}

/// An entry of a layout with the entries below it.
///
/// Source: Specs/20-layouts.md section 3.
public struct RawField: Sendable {
  public var type: UInt8
  /// 0 one, 1 fixedArray, 2 countedArray.
  public var shape: UInt8 = 0
  public var mark: UInt8 = 1
  public var flags: UInt8 = 0
  /// Octets of one element; nil: the sum of the children, or the width that the type has.
  public var width: UInt32?
  public var count: UInt32 = 0
  public var name: [UInt8]
  public var unit: [UInt8] = []
  public var radix: UInt8 = 0
  public var clock: UInt8 = 0
  public var alignmentLog2: UInt8 = 0
  public var symbols: [RawSymbol] = []
  public var reference: UInt32 = 0
  public var min: UInt64 = 0
  public var max: UInt64 = 0
  public var defaultValue: UInt64 = 0
  public var since: UInt32 = 0
  public var until: UInt32 = 0
  public var children: [RawField]

  public init(
    _ name: String, _ type: RawType, width: UInt32? = nil, _ children: [RawField] = [],
    _ change: (inout RawField) -> Void = { _ in }
  ) {
    self.name = .text(name)
    self.type = type.rawValue
    self.width = width
    self.children = children
    change(&self)
  }

  /// This field as an array of a fixed number of elements.
  public func array(_ count: UInt32) -> RawField { shaped(1, count) }

  /// This field as an array of at most `count` elements.
  public func counted(_ count: UInt32) -> RawField { shaped(2, count) }

  private func shaped(_ shape: UInt8, _ count: UInt32) -> RawField {
    var field = self
    field.shape = shape
    field.count = count
    return field
  }

  var elementWidth: UInt32 {
    if let width { return width }
    switch RawType(rawValue: type) {
    case .structure: return children.reduce(0) { $0 &+ $1.blockBytes }
    case .bool: return 1
    case .uuid: return 16
    case .mac: return 6
    case .duration, .instant: return 8
    default: return 4
    }
  }

  /// Octets that the field takes in its block.
  var blockBytes: UInt32 {
    switch shape {
    case 1: elementWidth &* count
    case 2: 4
    default: elementWidth
    }
  }

  /// This field and everything below it, in preorder.
  var flattened: [RawField] { [self] + children.flatMap(\.flattened) }

  fileprivate var entry: [UInt8] {
    var octets: [UInt8] = .joined([type, shape, mark, flags], .u32(elementWidth), .u32(count))
    octets.put(.u32(UInt32(flattened.count - 1)), .u16(UInt16(name.count)), .u16(UInt16(unit.count)))
    octets.put([radix, clock, alignmentLog2, 0], .u32(UInt32(symbols.count)), .u32(reference))
    octets.put(.u64(min), .u64(max), .u64(defaultValue), .u32(since), .u32(until))
    return octets
  }

  fileprivate var texts: [UInt8] { name + unit + symbols.flatMap(\.name) }
}

/// A layout in canonical octets, and the LAYOUT record that carries it.
public struct RawLayout: Sendable {
  public var name: [UInt8]
  public var fields: [RawField]
  /// Octets behind the last text, counted by len_text.
  public var extraText: [UInt8] = []

  public init(_ name: String, _ fields: [RawField]) {
    self.name = .text(name)
    self.fields = fields
  }

  /// Source: Specs/20-layouts.md section 3.
  public var canonical: [UInt8] {
    let entries = fields.flatMap(\.flattened)
    let symbols = entries.flatMap(\.symbols)
    let text = name + entries.flatMap(\.texts) + extraText
    let block = fields.reduce(UInt32(0)) { $0 &+ $1.blockBytes }
    var octets: [UInt8] = .joined(.u32(UInt32(entries.count)), .u32(UInt32(symbols.count)))
    octets.put(.u32(UInt32(text.count)), .u32(block), .u16(UInt16(name.count)), .zeros(6))
    octets += entries.flatMap(\.entry)
    octets += symbols.flatMap { [UInt8].joined(.u64($0.value), .u16(UInt16($0.name.count)), .zeros(6)) }
    return octets + text.padded()
  }

  /// A plain LAYOUT record.
  ///
  /// Source: Specs/10-stream-format.md section 5.
  public func record(_ number: UInt32) -> RawRecord {
    let octets = canonical
    return Self.record(
      number, form: 0, lenCanonical: octets.count, fingerprint: octets.digest, stored: octets)
  }

  /// A LAYOUT record of the form zstd around a frame made elsewhere.
  public func record(_ number: UInt32, zstd frame: [UInt8]) -> RawRecord {
    Self.record(
      number, form: 1, lenCanonical: canonical.count, fingerprint: canonical.digest, stored: frame)
  }

  /// A LAYOUT record that only names the layout.
  public func record(_ number: UInt32, external identity: String) -> RawRecord {
    Self.record(
      number, form: 2, lenCanonical: canonical.count, fingerprint: canonical.digest,
      stored: .text(identity))
  }

  private static func record(
    _ number: UInt32, form: UInt8, lenCanonical: Int, fingerprint: UInt64, stored: [UInt8]
  ) -> RawRecord {
    var body: [UInt8] = .joined(.u32(number), [form, 0, 0, 0], .u64(UInt64(lenCanonical)))
    body.put(.u64(fingerprint), .u64(UInt64(stored.count)), stored.padded())
    return RawRecord(RawKind.layout, body: body)
  }
}
