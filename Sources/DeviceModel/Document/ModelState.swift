public import MigrationStream

/// What sections and subsections have in common.
public struct StatePiece: Equatable, Sendable {
  public var name: String
  public var description = ""
  /// Name of its layout in streams; nil: `name`.
  public var layout: String?
  /// First definition that has it.
  public var since: UInt32 = 1
  public var mark = FieldMark.required
  public var enabledBy: [ParameterTerm] = []
  /// Of fields that do not say theirs.
  public var fieldClass = FieldClass.guestVisible
  public var fields: [ModelField]
  public var rules: [ModelRule] = []
  public var subsections: [ModelSubsection] = []

  public init(name: String, fields: [ModelField]) {
    self.name = name
    self.fields = fields
  }
}

/// A section of a device model.
///
/// Source: Specs/device-models.md section 5.1.
public struct ModelSection: Equatable, Sendable {
  public enum Cardinality: Equatable, Sendable {
    case one, optional
    /// At most `count`, told apart by the field `key`.
    case many(count: ModelNumber, key: String)
  }

  public var piece: StatePiece
  public var cardinality = Cardinality.one
  /// Names of sections that come earlier where they are announced.
  public var after: [String] = []

  public init(_ piece: StatePiece) { self.piece = piece }

  /// Whether readers want it in every stream: they do without what may be dropped.
  ///
  /// Source: Specs/device-models.md section 5.6.
  var isDemanded: Bool { cardinality == .one && piece.mark == .required }
}

/// A subsection of a device model.
///
/// Source: Specs/device-models.md section 5.3.
public struct ModelSubsection: Equatable, Sendable {
  public var piece: StatePiece
  /// Path of the structure, list, union or optional it hangs on; nil: the parent itself.
  public var target: String?
  /// For people.
  public var condition = ""
  /// nil: either is right.
  public var when: [Comparison]?

  public init(_ piece: StatePiece) { self.piece = piece }
}

/// A comparison of one field's value.
public struct Comparison: Equatable, Sendable {
  public enum Relation: String, Sendable, CaseIterable {
    case equals
    case notEquals = "not_equals"
    case atLeast = "at_least"
    case atMost = "at_most"
    case anyBits = "any_bits"
    case noBits = "no_bits"
  }

  public var field: String
  public var relation: Relation
  /// -2^63 to 2^64 - 1.
  public var value: Int128

  public init(_ field: String, _ relation: Relation, _ value: Int128) {
    self.field = field
    self.relation = relation
    self.value = value
  }
}

/// Whenever all of `when` hold, all of `then` do.
///
/// Source: Specs/device-models.md section 5.7.
public struct ModelRule: Equatable, Sendable {
  public var name: String
  public var description = ""
  public var when: [Comparison]
  public var then: [Comparison]

  public init(name: String, when: [Comparison], then: [Comparison]) {
    self.name = name
    self.when = when
    self.then = then
  }
}

/// What a field is to the guest and to the migration.
public enum FieldClass: String, Sendable, CaseIterable {
  case guestVisible = "guest-visible"
  case `internal` = "internal"
  case externalMigrated = "external-migrated"
  case externalConfigured = "external-configured"
}

/// How a field that is not written to the destination is compared with what is there.
public enum VerifyMode: String, Sendable, CaseIterable {
  case equal, superset
  case atMost = "at-most"
}
