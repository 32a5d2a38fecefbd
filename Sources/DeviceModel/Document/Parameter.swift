/// What a parameter can be.
///
/// Source: Specs/device-models.md section 4.
public enum ParameterType: String, Sendable, CaseIterable {
  case bool, int, str
}

/// A value of a parameter.
public enum ParameterValue: Equatable, Sendable {
  case bool(Bool)
  case int(Int64)
  case str(String)

  /// Texts are compared octet by octet; two spellings of one character, which `String` takes for equal, differ.
  public static func == (left: ParameterValue, right: ParameterValue) -> Bool {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.str(let left), .str(let right)): left.hasSameOctets(as: right)
    default: false
    }
  }

  public var type: ParameterType {
    switch self {
    case .bool: .bool
    case .int: .int
    case .str: .str
    }
  }

  /// As command lines and plans spell it: `on`, `off`, decimal digits, the characters themselves.
  public var text: String {
    switch self {
    case .bool(let value): value ? "on" : "off"
    case .int(let value): String(value)
    case .str(let value): value
    }
  }

  /// The value that `text` spells; nil for any other spelling of it (`+1`, `01`, `-0`, `0x10`, `true`, `ON`).
  public init?(_ text: String, type: ParameterType) {
    switch type {
    case .bool:
      guard text == "on" || text == "off" else { return nil }
      self = .bool(text == "on")
    case .int:
      guard let value = Int64(text), String(value) == text else { return nil }
      self = .int(value)
    case .str:
      guard text.utf8.count <= 1024, !text.unicodeScalars.contains(where: \.isControl) else { return nil }
      self = .str(text)
    }
  }
}

extension Unicode.Scalar {
  /// Whether names and texts may not have it.
  var isControl: Bool { value < 0x20 || value == 0x7f }
}

/// A value, or a closed range of them.
public enum AllowedValue: Equatable, Sendable {
  case value(ParameterValue)
  case range(ClosedRange<Int64>)

  public func contains(_ value: ParameterValue) -> Bool {
    switch (self, value) {
    case (.value(let own), _): own == value
    case (.range(let range), .int(let value)): range.contains(value)
    case (.range, _): false
    }
  }
}

/// Configuration that the guest or the encoding of the state depends on.
///
/// Source: Specs/device-models.md section 4.
public struct Parameter: Equatable, Sendable {
  public struct Effects: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let interface = Effects(rawValue: 1)
    public static let stream = Effects(rawValue: 2)
    public static let both: Effects = [.interface, .stream]
  }

  /// When this parameter has one of `values` (nil: is not off), `parameter` has one of `allowedValues`.
  public struct Requirement: Equatable, Sendable {
    public var values: [AllowedValue]?
    public var parameter: String
    public var allowedValues: [AllowedValue]

    public init(values: [AllowedValue]?, parameter: String, allowedValues: [AllowedValue]) {
      self.values = values
      self.parameter = parameter
      self.allowedValues = allowedValues
    }
  }

  public var name: String
  public var description = ""
  public var type: ParameterType
  public var initValue: ParameterValue
  /// nil: it cannot be turned off.
  public var offValue: ParameterValue?
  /// nil: any value of the type.
  public var allowedValues: [AllowedValue]?
  public var affects = Effects.both
  public var requires: [Requirement] = []

  public init(name: String, initValue: ParameterValue, offValue: ParameterValue?) {
    self.name = name
    type = initValue.type
    self.initValue = initValue
    self.offValue = offValue
  }

  public func allows(_ value: ParameterValue) -> Bool {
    value.type == type && (allowedValues?.contains { $0.contains(value) } ?? true)
  }
}

/// A parameter's name and a value for it.
public struct ParameterSetting: Equatable, Sendable {
  public var name: String
  public var value: ParameterValue

  public init(_ name: String, _ value: ParameterValue) {
    self.name = name
    self.value = value
  }
}

/// What must hold of one parameter for a piece to exist.
///
/// Source: Specs/device-models.md section 4.2.
public struct ParameterTerm: Equatable, Sendable {
  public var parameter: String
  /// nil: any but the off value.
  public var values: [AllowedValue]?

  public init(_ parameter: String, values: [AllowedValue]? = nil) {
    self.parameter = parameter
    self.values = values
  }
}

/// An integer, or one that follows from a parameter.
///
/// Source: Specs/device-models.md section 4.4.
public enum ModelNumber: Equatable, Sendable {
  /// -2^63 to 2^64 - 1.
  case constant(Int128)
  case parameter(String, times: Int64, plus: Int64)
}
