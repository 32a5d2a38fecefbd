import MigrationStream

/// Swift source text of a model: a struct for each section, subsection and element layout with the fields as stored
/// properties, and a function that builds its layout.
struct SwiftSource {
  private let model: SourceModel
  private let prefix: String
  private var names = IdentifierScope(reserved: Self.typeNames)
  /// Names of the structs of element layouts, by their names in the document.
  private var elementTypes: [String: String] = [:]

  private init(_ model: SourceModel, prefix: String?) {
    self.model = model
    let path = model.model.split(separator: "/").last.map(String.init) ?? ""
    self.prefix = Identifier.upperCamel(prefix ?? path, empty: "Device")
  }

  /// - Parameter prefix: Of all types in the text; nil: the last step of the model's identifier.
  static func text(of model: SourceModel, prefix: String?) -> String {
    var source = SwiftSource(model, prefix: prefix)
    return source.text()
  }

  private mutating func text() -> String {
    var file = SourceText(step: 2)
    file.line("// State of \(SourceEscape.comment(model.model).joined()), definition \(model.version).")
    for line in SourceEscape.comment(model.description) { file.line("// \(line)") }
    if !model.parameters.isEmpty {
      for line in SourceEscape.comment("Parameters: " + model.parameters.joined(separator: ", ") + ".") {
        file.line("// \(line)")
      }
    }
    file.line("// Written by streamtool model layout --swift; not to be edited.")
    file.line()
    file.line("public import MigrationStream")
    for element in model.elements {
      elementTypes[element.name] = names.claim(prefix + Identifier.upperCamel(element.name))
    }
    let sections = model.sections.map { ($0, names.claim(prefix + Identifier.upperCamel($0.name))) }
    for (section, name) in sections { append(section, name, "Section", to: &file) }
    for element in model.elements {
      append(element, elementTypes[element.name] ?? "", "Elements", to: &file)
    }
    return file.text
  }

  private mutating func append(_ piece: SourceModel.Piece, _ name: String, _ kind: String, to file: inout SourceText) {
    file.line()
    let said = SourceEscape.comment("\(kind) \(piece.name), version \(piece.version).")
    for line in said + (piece.description.isEmpty ? [] : [""]) + SourceEscape.comment(piece.description) {
      file.line(line.isEmpty ? "///" : "/// \(line)")
    }
    file.block("public struct \(name): Equatable, Sendable {", "}") { file in
      properties(piece.fields, to: &file)
      file.line()
      Self.appendBuilder(piece, to: &file)
    }
    for subsection in piece.subsections {
      append(subsection, names.claim(prefix + Identifier.upperCamel(subsection.name)), "Subsection", to: &file)
    }
  }

  // MARK: Properties

  private func properties(_ fields: [ModelField], to file: inout SourceText) {
    var (scope, types) = (IdentifierScope(reserved: Self.keywords), IdentifierScope(reserved: Self.typeNames))
    for field in fields where field.type.type != .padding {
      let name = scope.claim(Identifier.lowerCamel(field.name))
      let value = value(field, &types, to: &file)
      for line in SourceEscape.comment(field.description) { file.line("/// \(line)") }
      var (type, initial) = (value.type, value.initial)
      switch field.count {
      case .one: break
      case .fixed:
        (type, initial) = ("[\(type)]", "Array(repeating: \(initial), count: \(field.elementCount))")
      case .atMost: (type, initial) = ("[\(type)]", "[]")
      }
      file.line("public var \(name): \(type) = \(initial)")
    }
    file.line()
    file.line("public init() {}")
  }

  /// Type and first value of one element; nested types are written in front.
  private func value(
    _ field: ModelField, _ types: inout IdentifierScope, to file: inout SourceText
  ) -> (type: String, initial: String) {
    let bits = field.type.width * 8
    switch field.type.type {
    case .unsigned, .enumeration, .flags, .guestAddress, .size, .count, .index: return ("UInt\(bits)", "0")
    case .signed: return ("Int\(bits)", "0")
    case .float: return (bits == 32 ? "Float" : "Double", "0")
    case .bool: return ("Bool", "false")
    case .pciAddress: return ("UInt32", "0")
    case .duration: return ("Int64", "0")
    case .instant: return ("UInt64", "0")
    case .bitmap: return ("[UInt64]", "Array(repeating: 0, count: \(field.type.width / 8))")
    case .vector, .bytes, .uuid, .mac, .padding:
      return ("[UInt8]", "Array(repeating: 0, count: \(field.type.width))")
    case .countedBytes: return ("[UInt8]", "[]")
    case .string: return ("String", "\"\"")
    case .structure, .optional:
      let name = types.claim(Identifier.upperCamel(field.name))
      file.block("public struct \(name): Equatable, Sendable {", "}") { properties(field.fields, to: &$0) }
      return field.type.type == .structure ? (name, "\(name)()") : ("\(name)?", "nil")
    case .union:
      let name = types.claim(Identifier.upperCamel(field.name))
      return (name, union(field, name, to: &file))
    case .list:
      let name = types.claim(Identifier.upperCamel(field.name))
      list(field, name, to: &file)
      return ("[\(name)]", "[]")
    }
  }

  /// An enum with a case for each child; gives the first value.
  private func union(_ field: ModelField, _ name: String, to file: inout SourceText) -> String {
    var first = ""
    file.block("public enum \(name): Equatable, Sendable {", "}") { file in
      var (scope, types) = (IdentifierScope(reserved: Self.keywords), IdentifierScope(reserved: Self.typeNames))
      for child in field.fields {
        let identifier = scope.claim(Identifier.lowerCamel(child.name))
        guard child.type.type != .padding else {
          file.line("case \(identifier)")
          if first.isEmpty { first = ".\(identifier)" }
          continue
        }
        var value = value(child, &types, to: &file)
        if child.type.type == .structure || child.type.type == .union {
          value.initial = value.initial.hasPrefix(".") ? value.initial : "\(name).\(value.initial)"
        }
        switch child.count {
        case .one: break
        case .fixed:
          value = ("[\(value.type)]", "Array(repeating: \(value.initial), count: \(child.elementCount))")
        case .atMost: value = ("[\(value.type)]", "[]")
        }
        file.line("case \(identifier)(\(value.type))")
        if first.isEmpty { first = ".\(identifier)(\(value.initial))" }
      }
    }
    return first
  }

  private func list(_ field: ModelField, _ name: String, to file: inout SourceText) {
    file.block("public enum \(name): Equatable, Sendable {", "}") { file in
      var scope = IdentifierScope(reserved: Self.keywords)
      for element in field.elements {
        guard let type = elementTypes[element] else { continue }
        file.line("case \(scope.claim(Identifier.lowerCamel(element)))(\(type))")
      }
    }
  }

  // MARK: Names

  private static let keywords: Set<String> = Set(
    """
    actor any as associatedtype async await break case catch class consume continue copy default defer deinit do else \
    enum extension fallthrough false fileprivate final for func get guard if import in indirect infix init inout \
    internal is isolated lazy let mutating nil nonisolated open operator override package postfix precedencegroup \
    prefix private protocol public repeat rethrows return self sending set some static struct subscript super switch \
    throw throws true try typealias unsafe unowned var weak where while yield describe builder field hash hashValue
    """.split { $0 == " " || $0 == "\n" }.map(String.init))

  /// Types that the text uses, and names that types cannot have.
  private static let typeNames: Set<String> = [
    "Any", "Array", "Bool", "Double", "Equatable", "FieldAttributes", "Float", "Int", "Int8", "Int16", "Int32", "Int64",
    "Int128", "LayoutBuilder", "MigrationStream", "Optional", "Protocol", "Self", "Sendable", "StaticString",
    "StreamError", "String", "Swift", "Type", "UInt", "UInt8", "UInt16", "UInt32", "UInt64", "UInt128",
  ]
}
