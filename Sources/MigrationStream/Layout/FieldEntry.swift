/// A checked field entry: what a walk needs of it, and where its texts and symbols lie in the canonical octets.
///
/// 32 octets, which is what the memory formula counts for a field; the rest is read by ``LayoutView/attributes(of:)``.
///
/// Source: Specs/20-layouts.md section 3, Specs/40-reader-rules.md section 3.
@frozen
public struct FieldEntry: Equatable, Sendable, BitwiseCopyable {
  public let type: FieldType
  public let shape: FieldShape
  public let mark: FieldMark
  public let flags: FieldFlags
  /// Octets of one element in the block.
  public let width: UInt32
  /// Elements of a fixed array, most elements of a counted one, 0 for one.
  public let count: UInt32
  /// Entries after this one that belong to it, all levels.
  public let numDescendants: UInt32
  /// 1 + number of the array entry this count or index refers to; 0 none.
  public let reference: UInt32
  /// Position of the name in the canonical octets; the unit follows it, then the names of the symbols.
  var textStart: UInt32 = 0
  /// Number of the first symbol entry.
  var symbolStart: UInt32 = 0
  var nameByteCount: UInt8 = 0
  var unitByteCount: UInt8 = 0
  /// Whether any octets are legal here and nothing of the field lies in the variable part, so a check may step over it.
  public internal(set) var isPlain: Bool
  /// Levels of structures that a check steps over with the field: 0 for a leaf. They count as nesting all the same.
  @usableFromInline var plainLevels: UInt8 = 0

  /// Octets that the field takes in the block; at most 16 MiB.
  @inlinable
  public var blockByteCount: Int {
    switch shape {
    case .one: Int(width)
    case .fixedArray: Int(width) &* Int(count)
    case .countedArray: 4
    }
  }
}

/// The attributes of a field entry as the wire has them; what ``LayoutBuilder`` takes and ``LayoutView`` gives.
///
/// Source: Specs/20-layouts.md section 3.
@frozen
public struct FieldAttributes: Equatable, Sendable, BitwiseCopyable {
  public var type: FieldType
  public var shape: FieldShape
  public var mark: FieldMark = .required
  public var flags: FieldFlags = .none
  /// Octets of one element in the block; ``LayoutBuilder`` computes it for structures.
  public var width: UInt32
  public var count: UInt32
  /// Rendering hint: 0 by type, 2, 8, 10, 16.
  public var radix: UInt8 = 0
  /// Clock domain of durations and instants.
  public var clock: UInt8 = 0
  /// The value of a guest address or size is a multiple of 2 to this power.
  public var alignmentLog2: UInt8 = 0
  /// 1 + number of the array entry that a count or index refers to; 0 none.
  public var reference: UInt32 = 0
  /// Bits of the lowest and highest legal value, with the sign of the type; see ``FieldFlags/range``.
  public var minimum: UInt64 = 0
  public var maximum: UInt64 = 0
  /// Bits of the default; see ``FieldFlags/hasDefault``.
  public var defaultValue: UInt64 = 0
  /// First section version that has the field, and last one; 0 in `until`: still present.
  public var since: UInt32 = 0
  public var until: UInt32 = 0

  public init(_ type: FieldType, width: UInt32 = 4, shape: FieldShape = .one, count: UInt32 = 0) {
    self.type = type
    self.shape = shape
    self.width = width
    self.count = count
  }
}

/// Positions inside the canonical octets.
///
/// Source: Specs/20-layouts.md section 3.
enum LayoutOctets {
  static var header: Int { 24 }
  static var entry: Int { 64 }
  static var symbol: Int { 16 }

  enum Header {
    static var numFields: Int { 0 }
    static var numSymbols: Int { 4 }
    static var lenText: Int { 8 }
    static var lenBlock: Int { 12 }
    static var lenName: Int { 16 }
    static var reserved: Int { 18 }
  }

  enum Entry {
    static var type: Int { 0 }
    static var shape: Int { 1 }
    static var mark: Int { 2 }
    static var flags: Int { 3 }
    static var width: Int { 4 }
    static var count: Int { 8 }
    static var numDescendants: Int { 12 }
    static var lenName: Int { 16 }
    static var lenUnit: Int { 18 }
    static var radix: Int { 20 }
    static var clock: Int { 21 }
    static var alignment: Int { 22 }
    static var reserved: Int { 23 }
    static var numSymbols: Int { 24 }
    static var reference: Int { 28 }
    static var minimum: Int { 32 }
    static var maximum: Int { 40 }
    static var defaultValue: Int { 48 }
    static var since: Int { 56 }
    static var until: Int { 60 }
  }

  enum Symbol {
    static var value: Int { 0 }
    static var lenName: Int { 8 }
    static var reserved: Int { 10 }
  }

  static func entryStart(_ number: Int) -> Int { header &+ number &* entry }

  /// The next multiple of 8.
  static func padded(_ count: Int) -> Int { (count &+ 7) & ~7 }
}
