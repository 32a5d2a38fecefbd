public import MigrationStream

/// A field of a device model.
///
/// Source: Specs/device-models.md section 5.4.
public struct ModelField: Equatable, Sendable {
  public enum Count: Equatable, Sendable {
    case one
    case fixed(ModelNumber)
    case atMost(ModelNumber)
  }

  public var name: String
  public var description = ""
  public var type: ModelFieldType
  public var count = Count.one
  /// Children of groups.
  public var fields: [ModelField] = []
  /// Names of layouts that elements of a list may have.
  public var elements: [String] = []
  /// nil: that of the group around it, or of the section.
  public var fieldClass: FieldClass?
  public var verify: VerifyMode?
  public var mark = FieldMark.required
  /// nil: the first definition has it.
  public var since: UInt32?
  public var until: UInt32?
  public var enabledBy: [ParameterTerm] = []
  /// -2^63 to 2^64 - 1; a bool's is 0 or 1.
  public var defaultValue: Int128?
  public var range: FieldRange?
  public var unit = ""
  /// 0: by type.
  public var radix: UInt8 = 0
  public var alignmentLog2: UInt8 = 0
  /// nil: that of the document.
  public var clock: ClockDomain?
  public var isSecret = false
  public var symbols: [FieldSymbol] = []
  public var isOpen = false
  /// Names that it had in older definitions.
  public var aliases: [String] = []
  /// Path of the array that an index points into, or whose number a count is.
  public var reference: String?
  public var isUnique = false
  public var link: FieldLink?
  /// Path of the key that the value is above of.
  public var above: String?
  public var rules: [ModelRule] = []

  public init(name: String, type: ModelFieldType) {
    self.name = name
    self.type = type
  }
}

/// Lowest and highest legal value, or fewest and most octets or elements.
public struct FieldRange: Equatable, Sendable {
  public var lowest: ModelNumber
  public var highest: ModelNumber

  public init(_ lowest: ModelNumber, _ highest: ModelNumber) {
    self.lowest = lowest
    self.highest = highest
  }
}

/// A named value of an enumeration, or a named mask of flags. Values differ, names need not.
public struct FieldSymbol: Equatable, Sendable {
  public var name: String
  public var description = ""
  public var value: UInt64
  public var since: UInt32?
  public var enabledBy: [ParameterTerm] = []

  public init(_ name: String, _ value: UInt64) {
    self.name = name
    self.value = value
  }
}

/// The value of a field is one that a key has.
public struct FieldLink: Equatable, Sendable {
  /// Path of the key.
  public var key: String
  /// The value that points to nothing.
  public var none: Int128?
  public var isAcyclic = false

  public init(key: String) { self.key = key }
}

/// Type and width of one element of a field, as documents and reports spell them: `u32`, `bytes6`, `structure`.
public struct ModelFieldType: Equatable, Sendable {
  public var type: FieldType
  /// Octets of one element in the block; 0 for structures, whose children decide.
  public var width: UInt32

  public init(_ type: FieldType, width: UInt32) {
    self.type = type
    self.width = width
  }

  /// nil when `spelling` is no type.
  public init?(_ spelling: String) {
    let digits = spelling.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
    let name = String(spelling.utf8.dropLast(digits)) ?? ""
    let suffix = String(spelling.utf8.suffix(digits)) ?? ""
    guard let form = Self.forms.first(where: { $0.name == name }) else { return nil }
    switch form.suffix {
    case .none(let width):
      guard suffix.isEmpty else { return nil }
      self.init(form.type, width: width)
    case .bits, .octets:
      guard let number = UInt32(suffix), String(number) == suffix else { return nil }
      if form.suffix == .bits, number % 8 != 0 { return nil }
      let width = form.suffix == .bits ? number / 8 : number
      guard form.type.allowsWidth(width) else { return nil }
      self.init(form.type, width: width)
    }
  }

  public var spelling: String {
    guard let form = Self.forms.first(where: { $0.type == type }) else { return "" }
    return switch form.suffix {
    case .none: form.name
    case .bits: "\(form.name)\(width * 8)"
    case .octets: "\(form.name)\(width)"
    }
  }

  private enum Suffix: Equatable { case none(width: UInt32), bits, octets }

  private static let forms: [(name: String, type: FieldType, suffix: Suffix)] = [
    ("u", .unsigned, .bits), ("i", .signed, .bits), ("f", .float, .bits), ("bool", .bool, .none(width: 1)),
    ("enum", .enumeration, .bits), ("flags", .flags, .bits), ("bitmap", .bitmap, .bits),
    ("vector", .vector, .bits), ("bytes", .bytes, .octets), ("uuid", .uuid, .none(width: 16)),
    ("mac", .mac, .none(width: 6)), ("pciAddress", .pciAddress, .none(width: 4)),
    ("guestAddress", .guestAddress, .bits), ("size", .size, .bits), ("count", .count, .bits),
    ("index", .index, .bits), ("duration", .duration, .none(width: 8)), ("instant", .instant, .none(width: 8)),
    ("padding", .padding, .octets), ("countedBytes", .countedBytes, .none(width: 4)),
    ("string", .string, .none(width: 4)), ("structure", .structure, .none(width: 0)),
    ("list", .list, .none(width: 4)), ("union", .union, .none(width: 4)), ("optional", .optional, .none(width: 4)),
  ]
}
