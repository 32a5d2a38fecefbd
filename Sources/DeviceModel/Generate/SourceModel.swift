/// What source text is made from: a definition with the values of all parameters put in.
struct SourceModel {
  /// A section, a subsection, or a layout of list elements.
  struct Piece {
    var name: String
    var description: String
    /// Name of the layout.
    var layout: String
    /// Every number in them is a constant.
    var fields: [ModelField]
    var isSkippable = false
    var version: UInt32 = 1
    var versionMin: UInt32 = 1
    /// First definition that has it; 0: the first.
    var since: UInt32 = 0
    var cardinality = Cardinality.one
    var target: String?
    var subsections: [Piece] = []
  }

  enum Cardinality { case one, optional, many(max: UInt32, key: String) }

  var model: String
  var description: String
  var version: UInt32
  var versionMin: UInt32
  /// `NAME=VALUE`, in the order of their names.
  var parameters: [String]
  var sections: [Piece]
  var elements: [Piece]
}

/// Why a model has no source text.
public struct GenerateFault: Error, Equatable, Sendable {
  /// One sentence.
  public var message: String

  init(_ message: String) { self.message = message }
}

extension ModelNumber {
  /// The value, which is a constant in what source text is made from.
  var constant: Int128 {
    guard case .constant(let value) = self else { preconditionFailure("a number was not resolved") }
    return value
  }
}

extension ModelField {
  /// Elements of an array; 0 for shape one.
  var elementCount: UInt64 {
    switch count {
    case .one: 0
    case .fixed(let number), .atMost(let number): UInt64(clamping: number.constant)
    }
  }

  var isOne: Bool { count == .one }
  var isCounted: Bool { if case .atMost = count { true } else { false } }

  /// The field without its shape and without what does not decide how it lies in memory.
  var element: ModelField {
    var element = ModelField(name: name, type: type)
    (element.fields, element.elements, element.range) = (fields, elements, range)
    return element
  }

  /// Most octets of counted bytes and strings; nil: no limit.
  var octetsMax: UInt64? { range.map { UInt64(clamping: $0.highest.constant) } }
}
