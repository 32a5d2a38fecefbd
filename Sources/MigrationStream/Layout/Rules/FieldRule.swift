/// An entry of one of the reader's layouts.
@frozen
public struct RuleField: Equatable, Sendable, BitwiseCopyable {
  /// Number of the layout: the piece's own, or that of elements of its lists.
  public var layout: UInt32
  public var entry: UInt32

  @inlinable
  public init(_ layout: UInt32, _ entry: UInt32) {
    self.layout = layout
    self.entry = entry
  }
}

/// A comparison of a field's value with a number.
///
/// Source: Specs/60-section-rules.md section 2.
@frozen
public struct RuleTerm: Equatable, Sendable, BitwiseCopyable {
  @frozen
  public enum Relation: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case equals = 1
    case notEquals = 2
    case atLeast = 3
    case atMost = 4
    /// Some bit of the number is set in the value.
    case anyBits = 5
    /// None is.
    case noBits = 6
  }

  public var field: RuleField
  public var relation: Relation
  /// The number, with the sign of the field's type.
  public var number: UInt64

  @inlinable
  public init(_ field: RuleField, _ relation: Relation, _ number: UInt64) {
    self.field = field
    self.relation = relation
    self.number = number
  }

  func holds(_ value: UInt64, isSigned: Bool) -> Bool {
    let turned: UInt64 = isSigned ? 1 << 63 : 0
    return switch relation {
    case .equals: value == number
    case .notEquals: value != number
    case .atLeast: value ^ turned >= number ^ turned
    case .atMost: value ^ turned <= number ^ turned
    case .anyBits: value & number != 0
    case .noBits: value & number == 0
    }
  }
}

/// What the fields of a piece owe one another, or the device.
///
/// A scope is an entry whose every element is looked at by itself; without one it is all data of the piece.
///
/// Source: Specs/60-section-rules.md section 5.
@frozen
public struct FieldRule: Equatable, Sendable, BitwiseCopyable {
  @frozen
  public enum Kind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case index = 1
    case count = 2
    case closed = 3
    case subset = 4
    case atMost = 5
    case unique = 6
    case reference = 7
    case acyclic = 8
    case above = 9
    case implies = 10
  }

  public let kind: Kind
  public let scope: RuleField?
  /// The field that the rule is about: the index, the key of an element, the next number. None of an implication.
  public let field: RuleField?
  /// What it is held against: the array, the keys, the parent, the used numbers.
  public let other: RuleField?
  /// A value that refers to nothing.
  public let none: UInt64?

  private init(
    _ kind: Kind, _ field: RuleField?, _ other: RuleField? = nil, in scope: RuleField? = nil, none: UInt64? = nil
  ) {
    self.kind = kind
    self.field = field
    self.other = other
    self.scope = scope
    self.none = none
  }

  /// Values of `field` are below the number of elements of `array`.
  public static func index(
    _ field: RuleField, of array: RuleField, in scope: RuleField? = nil, none: UInt64? = nil
  ) -> FieldRule { FieldRule(.index, field, array, in: scope, none: none) }

  /// `field` is the number of elements of `array`.
  public static func count(_ field: RuleField, of array: RuleField, in scope: RuleField? = nil) -> FieldRule {
    FieldRule(.count, field, array, in: scope)
  }

  /// An enumeration has only values with a symbol, flags only bits with one.
  public static func closed(_ field: RuleField) -> FieldRule { FieldRule(.closed, field) }

  /// Every bit is set in the local value too.
  public static func subset(_ field: RuleField) -> FieldRule { FieldRule(.subset, field) }

  /// At most the local value.
  public static func atMost(_ field: RuleField) -> FieldRule { FieldRule(.atMost, field) }

  /// No value twice.
  public static func unique(_ field: RuleField) -> FieldRule { FieldRule(.unique, field) }

  /// Values of `field` are values of `key`.
  public static func reference(_ field: RuleField, to key: RuleField, none: UInt64? = nil) -> FieldRule {
    FieldRule(.reference, field, key, none: none)
  }

  /// Elements of `element` with the key `key` name their parents in `parent`, and none is its own ancestor.
  public static func acyclic(
    _ element: RuleField, key: RuleField, parent: RuleField, none: UInt64? = nil
  ) -> FieldRule { FieldRule(.acyclic, key, parent, in: element, none: none) }

  /// `next` is greater than every value of `used`.
  public static func above(_ next: RuleField, all used: RuleField, in scope: RuleField? = nil) -> FieldRule {
    FieldRule(.above, next, used, in: scope)
  }

  /// Where all terms `when` hold, all terms `then` do; they are added to the rule after it.
  public static func implies(in scope: RuleField? = nil) -> FieldRule { FieldRule(.implies, nil, in: scope) }
}

// MARK: - What a table makes of them

/// A rule of a table with the piece that it is about and its terms.
struct PlacedRule: BitwiseCopyable {
  let rule: FieldRule
  let piece: RulePiece
  /// Position in the order in which rules were added.
  let number: UInt32
  /// Terms `when`, and behind them terms `then`.
  var firstTerm: UInt32
  var whenCount: UInt32 = 0
  var thenCount: UInt32 = 0
}

/// That an entry has to be looked at for a rule.
struct RuleWatch: BitwiseCopyable {
  enum Role: UInt8 { case scope, field, other, array, term }

  let field: RuleField
  let piece: RulePiece
  /// Position of the rule in the table.
  let rule: UInt32
  let role: Role
  /// Which term of the rule.
  var term: UInt8 = 0

  func isBefore(_ other: RuleWatch) -> Bool {
    if field != other.field { return field.isBefore(other.field) }
    if rule != other.rule { return rule < other.rule }
    return role != other.role ? role.rawValue < other.role.rawValue : term < other.term
  }
}

extension RuleField {
  func isBefore(_ other: RuleField) -> Bool {
    layout != other.layout ? layout < other.layout : entry < other.entry
  }
}

extension FieldEntry {
  /// Whether a rule may ask for the value: an integer of up to 8 octets, or what is like one.
  var isRuleNumber: Bool {
    (type.isInteger || type == .bool || type == .mac || type == .pciAddress) && width <= 8
  }

  /// Whether it has a number of elements that rules may ask for.
  var isRuleArray: Bool { shape != .one || type == .list }

  /// The octets of a leaf of up to 8 as a number, with the sign of its type.
  func number(in octets: RawSpan, at position: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<Int(width) { value |= UInt64(octets.octet(at: position + index)) << UInt64(8 * index) }
    guard type.isSigned else { return value }
    let unused = UInt64(64 - 8 * Int(width))
    return UInt64(bitPattern: Int64(bitPattern: value << unused) >> Int64(unused))
  }
}

extension LayoutTable {
  /// Whether a mapping left an entry alone, or one around it.
  ///
  /// - Parameter left: ``LayoutMapping/left``.
  func isLeft(_ field: RuleField, _ left: Span<Bool>) -> Bool {
    guard left.count > 0 else { return false }
    let start = firstEntry(of: field.layout)
    let layout = layout(field.layout)
    for number in 0...Int(field.entry) where left[start + number] {
      if Int(field.entry) < layout.sibling(after: number) { return true }
    }
    return false
  }
}
