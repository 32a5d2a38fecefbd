/// Why a parameter set is none of a model.
///
/// Source: Specs/device-models.md section 4.1.
public struct ParameterFault: Error, Equatable, Sendable {
  public enum Reason: String, Sendable, CaseIterable {
    /// The model has no parameter of that name.
    case unknownParameter
    /// Listed more than once.
    case duplicate
    case wrongType
    /// The text spells no value of the type, or is no `NAME=VALUE`.
    case badSpelling
    case notAllowed
    /// Listed with its off value.
    case offValueListed
    /// Not listed, and it has no off value.
    case notListed
    /// The value of another parameter demands another value.
    case requirement
    /// The model has no alias of that name.
    case unknownAlias
  }

  public var reason: Reason
  /// Name of the parameter, or of the alias.
  public var parameter: String
  /// What the parameters at fault affect; nil where nobody says.
  public var affects: Parameter.Effects?
  /// The value at fault as text; empty where there is none.
  public var value: String
  /// The parameter whose value demands another one; empty for other reasons.
  public var demandedBy = ""
  /// What would be right: `off, 1-4, 8`; empty where nothing would.
  public var allowed: String
  /// One sentence: what is wrong, what was expected and found.
  public var message: String

  public init(
    _ reason: Reason, _ parameter: String, affects: Parameter.Effects? = nil, value: String = "", allowed: String = "",
    message: String
  ) {
    self.reason = reason
    self.parameter = parameter
    self.affects = affects
    self.value = value
    self.allowed = allowed
    self.message = message
  }
}

extension AllowedValue {
  /// As documents spell it, without quotes: `off`, `-3--1`.
  public var text: String {
    switch self {
    case .value(let value): value.text
    case .range(let range): "\(range.lowerBound)-\(range.upperBound)"
    }
  }
}

extension Parameter {
  /// The values that it may have, for people.
  public var allowedText: String {
    guard let allowedValues else {
      return switch type {
      case .bool: "on, off"
      case .int: "any integer of 64 bits"
      case .str: "any text of at most 1024 octets"
      }
    }
    return Self.text(allowedValues)
  }

  static func text(_ values: [AllowedValue]) -> String { values.map(\.text).joined(separator: ", ") }
}
