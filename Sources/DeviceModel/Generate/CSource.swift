import MigrationStream

/// C source text of a model: a struct for each group of fields, and the field tables that say where its members are.
///
/// Source: Sources/CMigStream/include/migstream_fields.h.
struct CSource {
  /// Octets up to which a counted array lies in its struct; a longer one is behind a pointer.
  static let inPlaceMax: UInt64 = 4096
  /// Octets of the largest struct: 32-bit offsets reach everywhere.
  private static let structMax: UInt64 = 256 << 20

  /// A struct or union that was written.
  struct Group {
    /// `struct nic_receive`.
    var type: String
    var layout: String
    /// Octets, about.
    var size: UInt64
  }

  private let model: SourceModel
  private let prefix: String
  /// Names at the top of the file, and macros.
  var names = IdentifierScope()
  var macros = IdentifierScope()
  var types = SourceText(step: 4)
  var tables = SourceText(step: 4)
  /// Structs of list elements: they hold the structs of layouts, which point to them.
  private var elementTypes = SourceText(step: 4)
  private var forwards = SourceText(step: 4)
  /// Names of the element layouts' structs, by their names in the document, and positions.
  private var elementStructs: [String: (type: String, position: Int)] = [:]

  private init(_ model: SourceModel, prefix: String?) {
    self.model = model
    let path = model.model.split(separator: "/").last.map(String.init) ?? ""
    self.prefix = Identifier.snake(prefix ?? path, empty: "device")
  }

  /// - Parameter prefix: Of all names in the text; nil: the last step of the model's identifier.
  static func text(of model: SourceModel, prefix: String?) throws(GenerateFault) -> String {
    var source = CSource(model, prefix: prefix)
    return try source.text()
  }

  private mutating func text() throws(GenerateFault) -> String {
    for (position, element) in model.elements.enumerated() {
      elementStructs[element.name] = (names.claim(prefix + "_" + Identifier.snake(element.name)), position)
    }
    var elements: [Group] = []
    for piece in model.elements {
      let type = elementStructs[piece.name]?.type ?? ""
      elements.append(try group(piece.fields, piece.layout, type, description: piece.description))
    }
    var sections: [String] = []
    for piece in model.sections { sections.append(try section(piece)) }
    let modelName = names.claim(prefix + "_model")
    let sectionsName = table("section", sections, names.claim(prefix + "_sections"))
    var elementsName = "NULL"
    if !elements.isEmpty {
      elementsName = names.claim(prefix + "_elements")
      tables.block("static const struct mgs_layout *const \(elementsName)[] = {", "};") { tables in
        for element in elements { tables.line("&\(element.layout),") }
      }
    }
    tables.block("static const struct mgs_model \(modelName) = {", "};") { tables in
      tables.line(".name = \(SourceEscape.c(model.model)), .version = \(model.version), .version_min = \(model.versionMin),")
      tables.line(".sections = \(sectionsName), .num_sections = \(sections.count),")
      tables.line(".elements = \(elementsName), .num_elements = \(elements.count),")
    }
    return file()
  }

  private func file() -> String {
    var file = SourceText(step: 4)
    let guardName = "MGS_GENERATED_" + prefix.uppercased() + "_H"
    file.line("/* State of \(SourceEscape.comment(model.model).joined()), definition \(model.version).")
    for line in SourceEscape.comment(model.description) { file.line(" * \(line)") }
    if !model.parameters.isEmpty {
      for line in SourceEscape.comment("Parameters: " + model.parameters.joined(separator: ", ") + ".") {
        file.line(" * \(line)")
      }
    }
    file.line(" * Written by streamtool model layout --c; not to be edited. */")
    file.line("#ifndef \(guardName)")
    file.line("#define \(guardName)")
    file.line()
    file.line("#include \"migstream_fields.h\"")
    file.line()
    file.append(forwards)
    file.append(types)
    file.append(elementTypes)
    file.line("MGS_TABLES_BEGIN")
    file.line()
    file.append(tables)
    file.line()
    file.line("MGS_TABLES_END")
    file.line()
    file.line("#endif")
    return file.text
  }

  // MARK: Sections

  /// Writes a section or subsection, and gives its initialiser.
  private mutating func section(_ piece: SourceModel.Piece) throws(GenerateFault) -> String {
    let name = names.claim(prefix + "_" + Identifier.snake(piece.name))
    let group = try group(piece.fields, piece.layout, name, description: piece.description)
    var subsections: [String] = []
    for subsection in piece.subsections { subsections.append(try section(subsection)) }
    var members = [
      ".name = \(SourceEscape.c(piece.name))", ".layout = &\(group.layout)",
      piece.isSkippable ? ".mark = MGS_SKIPPABLE" : ".mark = MGS_REQUIRED",
    ]
    switch piece.cardinality {
    case .one: break
    case .optional: members.append(".cardinality = MGS_CARDINALITY_OPTIONAL")
    case .many: members.append(".cardinality = MGS_CARDINALITY_MANY")
    }
    members.append(".version = \(piece.version), .version_min = \(piece.versionMin)")
    if case .many(let count, let key) = piece.cardinality {
      members.append(".max_count = \(count), .key = \(SourceEscape.c(key))")
    }
    if let target = piece.target { members.append(".target = \(SourceEscape.c(target))") }
    if !subsections.isEmpty {
      let table = table("section", subsections, names.claim(name + "_subsections"))
      members.append(".subsections = \(table), .num_subsections = \(subsections.count)")
    }
    return "{ \(members.joined(separator: ", ")) }"
  }

  /// Writes a table of initialisers.
  private mutating func table(_ type: String, _ entries: [String], _ name: String) -> String {
    tables.block("static const struct mgs_\(type) \(name)[] = {", "};") { tables in
      for entry in entries { tables.line(entry + ",") }
    }
    tables.line()
    return name
  }

  // MARK: Groups

  /// Writes the struct, or the union, of fields that stand side by side, and their table.
  ///
  /// - Parameters:
  ///   - layout: Name of the layout in streams.
  ///   - name: Of the struct.
  ///   - members: Names of the members; nil: made of those of the fields.
  mutating func group(
    _ fields: [ModelField], _ layout: String, _ name: String, description: String = "", isUnion: Bool = false,
    member: String? = nil
  ) throws(GenerateFault) -> Group {
    let type = (isUnion ? "union " : "struct ") + name
    var scope = IdentifierScope(reserved: Self.keywords)
    var members = CMembers(type: type, name: name, isUnion: isUnion)
    for field in fields {
      let identifier = scope.claim(member ?? Identifier.snake(field.name), with: ["num_", "has_", "choice_"])
      try add(field, identifier, to: &members)
    }
    guard members.size <= Self.structMax else {
      throw GenerateFault("the C struct of \(layout) would take \(members.size) octets, more than \(Self.structMax)")
    }
    for line in SourceEscape.comment(description) { types.line("/* \(line) */") }
    types.block("\(type) {", "};") { types in
      types.append(members.declarations)
      // Padding has no member, and a struct needs one.
      if members.declarations.lines.isEmpty { types.line("uint8_t unused_;") }
    }
    types.line()
    let table = names.claim(name + "_fields")
    tables.block("static const struct mgs_field \(table)[] = {", "};") { $0.append(members.entries) }
    let layoutName = names.claim(name + "_layout")
    tables.line(
      "static const struct mgs_layout \(layoutName) = MGS_LAYOUT(\(SourceEscape.c(layout)), \(type), \(table));")
    tables.line()
    return Group(type: type, layout: layoutName, size: members.size)
  }

  /// Writes the struct of a list's elements and the table of their layouts.
  mutating func elements(_ field: ModelField, _ name: String) -> (type: String, table: String?) {
    let structName = names.claim(name + "_element")
    let known = field.elements.compactMap { elementStructs[$0] }
    forwards.line("struct \(structName);")
    elementTypes.block("struct \(structName) {", "};") { text in
      text.line("uint32_t layout;")
      guard !known.isEmpty else { return }
      text.block("union {", "} u;") { text in
        var scope = IdentifierScope(reserved: Self.keywords)
        for (element, name) in zip(known, field.elements) {
          text.line("struct \(element.type) \(scope.claim(Identifier.snake(name)));")
        }
      }
    }
    elementTypes.line()
    guard !known.isEmpty else { return ("struct \(structName)", nil) }
    let table = names.claim(name + "_elements")
    tables.line(
      "static const uint32_t \(table)[] = { \(known.map { String($0.position) }.joined(separator: ", ")) };")
    return ("struct \(structName)", table)
  }

  /// Words that C and C++ keep for themselves, alternative spellings included, and lower-case macros of the headers.
  private static let keywords: Set<String> = Set(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl \
    concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete \
    do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable \
    namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast \
    requires restrict return short signed sizeof static static_assert static_cast struct switch template this \
    thread_local throw true try typedef typeid typename typeof typeof_unqual union unsigned using virtual void volatile \
    wchar_t while xor xor_eq offsetof linux unix i386 errno assert stdin stdout stderr unused_
    """.split(separator: " ").map(String.init))
}

/// Members of a struct or union in the making.
struct CMembers {
  let type: String
  let name: String
  let isUnion: Bool
  var declarations = SourceText(step: 4)
  var entries = SourceText(step: 4)
  /// Octets, about.
  var size: UInt64 = 0
}
