/// What a field holds. Raw values are those of the wire.
///
/// Source: Specs/20-layouts.md section 2.
@frozen
public enum FieldType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case unsigned = 1
  case signed = 2
  case float = 3
  case bool = 4
  case enumeration = 5
  case flags = 6
  case bitmap = 7
  case vector = 8
  case bytes = 9
  case uuid = 10
  case mac = 11
  case pciAddress = 12
  case guestAddress = 13
  case size = 14
  case count = 15
  case index = 16
  case duration = 17
  case instant = 18
  case padding = 19
  case countedBytes = 32
  case string = 33
  case structure = 48
  case list = 49
  case union = 50
  case optional = 51
}

extension FieldType {
  /// Whether the value lies in the block, whole and with no fields of its own.
  @inlinable
  public var isLeaf: Bool { rawValue < 32 }

  /// Whether entries below this one belong to it.
  @inlinable
  public var isGroup: Bool { self == .structure || self == .union || self == .optional }

  /// Whether the value is an integer that tools may calculate with.
  public var isInteger: Bool {
    switch self {
    case .unsigned, .signed, .enumeration, .flags, .guestAddress, .size, .count, .index, .duration,
      .instant:
      true
    default: false
    }
  }

  public var isSigned: Bool { self == .signed || self == .duration }

  /// Whether `min` and `max` may hold: of the value, or of the number of octets or elements.
  public var takesRange: Bool {
    isInteger || self == .countedBytes || self == .string || self == .list
  }

  /// Whether a default may be given, up to 8 octets.
  public var takesDefault: Bool {
    isInteger || self == .float || self == .bool || self == .mac || self == .pciAddress
  }

  public var takesSymbols: Bool { self == .enumeration || self == .flags }
  public var takesReference: Bool { self == .count || self == .index }
  public var takesClock: Bool { self == .duration || self == .instant }
  public var takesAlignment: Bool { self == .guestAddress || self == .size }

  /// Whether one element may take `width` octets of the block; a structure's width is the sum of its children.
  public func allowsWidth(_ width: UInt32) -> Bool {
    switch self {
    case .unsigned, .signed: width == 1 || width == 2 || width == 4 || width == 8 || width == 16
    case .enumeration, .flags, .size, .count, .index: width == 1 || width == 2 || width == 4 || width == 8
    case .float, .guestAddress: width == 4 || width == 8
    case .bool: width == 1
    case .bitmap: width != 0 && width % 8 == 0
    case .vector: width == 16 || width == 32 || width == 64
    case .bytes, .padding, .structure: width != 0
    case .uuid: width == 16
    case .mac: width == 6
    case .duration, .instant: width == 8
    case .pciAddress, .countedBytes, .string, .list, .union, .optional: width == 4
    }
  }
}

/// How many elements a field has.
///
/// Source: Specs/20-layouts.md section 2.
@frozen
public enum FieldShape: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case one = 0
  /// Exactly `count` elements, in the block.
  case fixedArray = 1
  /// At most `count` elements: their number in the block, they themselves in the variable part.
  case countedArray = 2
}

/// What a reader does that does not know the field.
@frozen
public enum FieldMark: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case required = 1
  case skippable = 2
}

/// Flags of a field entry.
///
/// Source: Specs/20-layouts.md section 3.
@frozen
public struct FieldFlags: Equatable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static var none: FieldFlags { FieldFlags(rawValue: 0) }
  /// Shown to people only when they ask for it.
  public static var secret: FieldFlags { FieldFlags(rawValue: 1) }
  /// `min` and `max` hold.
  public static var range: FieldFlags { FieldFlags(rawValue: 2) }
  /// The default holds.
  public static var hasDefault: FieldFlags { FieldFlags(rawValue: 4) }
  /// Configuration that must be equal at the destination and is not written to it.
  public static var verify: FieldFlags { FieldFlags(rawValue: 8) }
  static var all: FieldFlags { FieldFlags(rawValue: 15) }

  public func contains(_ other: FieldFlags) -> Bool { rawValue & other.rawValue == other.rawValue }

  public static func | (left: FieldFlags, right: FieldFlags) -> FieldFlags {
    FieldFlags(rawValue: left.rawValue | right.rawValue)
  }
}
