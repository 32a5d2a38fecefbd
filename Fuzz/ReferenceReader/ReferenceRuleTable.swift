/// The rules of one device, as a reader has them.
///
/// Source: Specs/60-section-rules.md sections 2 and 5.
public struct ReferenceRuleTable: Sendable {
  /// An entry of a layout of the reader.
  public struct Field: Hashable, Sendable, CustomStringConvertible {
    public var layout: Int
    public var entry: Int

    public var description: String { "\(layout).\(entry)" }

    public init(_ layout: Int, _ entry: Int) {
      self.layout = layout
      self.entry = entry
    }
  }

  public enum Relation: Int, CaseIterable, Sendable {
    case equals, notEquals, atLeast, atMost, anyBits, noBits
  }

  public struct Term: Sendable, CustomStringConvertible {
    public var field: Field
    public var relation: Relation
    public var number: UInt64

    public var description: String { "\(field) \(relation) \(number)" }

    public init(_ field: Field, _ relation: Relation, _ number: UInt64) {
      self.field = field
      self.relation = relation
      self.number = number
    }
  }

  /// A scope of nil is all data of the piece; a number of nil for "none": no value means it.
  public enum FieldRule: Sendable {
    case index(scope: Field?, field: Field, array: Field, none: UInt64?)
    case count(scope: Field?, field: Field, array: Field)
    case closed(Field)
    case subset(Field)
    case atMost(Field)
    case unique(Field)
    case reference(field: Field, key: Field, none: UInt64?)
    case acyclic(scope: Field, key: Field, parent: Field, none: UInt64?)
    case above(scope: Field?, next: Field, used: Field)
    case implies(scope: Field?, when: [Term], then: [Term])
  }

  /// What sections and subsections have alike.
  public struct Piece: Sendable {
    public var name: [UInt8]
    public var layout: Int
    public var version: UInt64 = 1
    public var minimum: UInt64 = 0
    public var since: UInt64 = 0
    public var isEnabled = true
    public var rules: [FieldRule] = []

    public init(name: [UInt8], layout: Int) {
      self.name = name
      self.layout = layout
    }
  }

  public enum Cardinality: Equatable, Sendable {
    case one
    case optional
    /// - Parameter key: An entry of the layout.
    case many(maximum: UInt64, key: Int?)
  }

  public struct Section: Sendable {
    public var piece: Piece
    public var cardinality = Cardinality.one
    public var predecessors: [Int] = []

    public init(_ piece: Piece) { self.piece = piece }
  }

  /// A section or a subsection, by its number in the table.
  public enum Owner: Hashable, Sendable {
    case section(Int)
    case subsection(Int)
  }

  public struct Subsection: Sendable {
    public var piece: Piece
    public var owner: Owner
    /// An entry of the owner's layout.
    public var target: Int?
    public var condition: [Term] = []

    public init(_ piece: Piece, in owner: Owner) {
      self.piece = piece
      self.owner = owner
    }
  }

  public var version: UInt64 = 1
  public var oldest: UInt64 = 0
  public var sections: [Section] = []
  public var subsections: [Subsection] = []

  public init() {}

  public func layout(of owner: Owner) -> Int { piece(owner).layout }

  func piece(_ owner: Owner) -> Piece {
    switch owner {
    case .section(let number): sections[number].piece
    case .subsection(let number): subsections[number].piece
    }
  }
}

extension ReferenceRuleTable.FieldRule {
  /// Every entry that the rule names.
  var fields: [ReferenceRuleTable.Field] {
    switch self {
    case .index(let scope, let field, let array, _): [scope, field, array].compactMap(\.self)
    case .count(let scope, let field, let array): [scope, field, array].compactMap(\.self)
    case .closed(let field), .subset(let field), .atMost(let field), .unique(let field): [field]
    case .reference(let field, let key, _): [field, key]
    case .acyclic(let scope, let key, let parent, _): [scope, key, parent]
    case .above(let scope, let next, let used): [scope, next, used].compactMap(\.self)
    case .implies(let scope, let when, let then): [scope].compactMap(\.self) + (when + then).map(\.field)
    }
  }
}
