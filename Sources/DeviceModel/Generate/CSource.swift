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
    /// Table of its subsections.
    var subsections: String?
    /// Where the subsections are that were to be held.
    var inner: [InnerPlace] = []
  }

  /// A subsection that is a member of a struct.
  struct Inner {
    let piece: SourceModel.Piece
    let group: Group
    /// The field whose struct it is a member of.
    let target: String?
  }

  struct InnerPlace {
    let type: String
    let member: String
  }

  private let model: SourceModel
  private let prefix: String
  /// Name of the struct of the device.
  private let state: String
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
    state = names.claim(self.prefix + "_state")
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
    let sectionsName = try writeSections()
    var attributes = [".version = \(model.version), .version_min = \(model.versionMin)"]
    if !elements.isEmpty {
      let elementsName = names.claim(prefix + "_elements")
      tables.block("static const struct mgs_layout *const \(elementsName)[] = {", "};") { tables in
        for element in elements { tables.line("&\(element.layout),") }
      }
      attributes.append("MGS_ELEMENTS(\(elementsName))")
    }
    let start = [SourceEscape.c(model.model), "struct " + state, sectionsName]
    tables.line(
      "static const struct mgs_model \(names.claim(prefix + "_model")) = MGS_MODEL(\((start + attributes).joined(separator: ", ")));")
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

  /// Writes all sections, and the struct of the device that holds theirs.
  ///
  /// - Returns: The name of their table.
  private mutating func writeSections() throws(GenerateFault) -> String {
    var members = StructMembers(type: "struct " + state)
    var entries: [String] = []
    var size: UInt64 = 0
    for piece in model.sections {
      let group = try section(piece)
      let member = members.claim(piece.name)
      var start = [SourceEscape.c(piece.name), members.type, member]
      var macro = "MGS_SECTION_MEMBER"
      var count: UInt64 = 1
      switch piece.cardinality {
      case .one: members.line("\(group.type) \(member);")
      case .optional:
        macro = "MGS_SECTION_OPTIONAL"
        start.append("has_" + member)
        members.line("bool has_\(member);")
        members.line("\(group.type) \(member);")
      case .many(let most, _):
        macro = "MGS_SECTION_MANY"
        start.append("num_" + member)
        count = UInt64(most)
        members.line("uint32_t num_\(member);")
        members.line("\(group.type) \(member)[\(most)];")
      }
      start.append(group.layout)
      if case .many(_, let key) = piece.cardinality { start.append(SourceEscape.c(key)) }
      let (octets, overflow) = group.size.multipliedReportingOverflow(by: count)
      size = overflow ? .max : size.addingReportingOverflow(octets).partialValue
      guard !overflow, size <= Self.structMax else {
        throw GenerateFault("the C struct of the device would take more than \(Self.structMax) octets")
      }
      entries.append("\(macro)(\((start + attributes(of: piece, group)).joined(separator: ", ")))")
    }
    elementTypes.block("\(members.type) {", "};") { $0.append(members.declarations) }
    elementTypes.line()
    return table("section", entries, names.claim(prefix + "_sections"))
  }

  /// What a section or subsection says besides its place.
  private func attributes(of piece: SourceModel.Piece, _ group: Group) -> [String] {
    var attributes: [String] = []
    if piece.isSkippable { attributes.append(".mark = MGS_SKIPPABLE") }
    attributes.append(".version = \(piece.version), .version_min = \(piece.versionMin)")
    if piece.since > 1 { attributes.append(".since = \(piece.since)") }
    if let target = piece.target { attributes.append(".target = \(SourceEscape.c(target))") }
    if let subsections = group.subsections { attributes.append("MGS_SUBSECTIONS(\(subsections))") }
    return attributes
  }

  /// Writes a section or subsection: those that lie in it, which become members of its struct, or of the elements of an
  /// array there, and the struct itself.
  private mutating func section(_ piece: SourceModel.Piece) throws(GenerateFault) -> Group {
    let name = names.claim(prefix + "_" + Identifier.snake(piece.name))
    var inner: [Inner] = []
    for subsection in piece.subsections {
      inner.append(Inner(piece: subsection, group: try section(subsection), target: Self.target(of: subsection, in: piece)))
    }
    var group = try group(piece.fields, piece.layout, name, description: piece.description, inner: inner)
    guard !inner.isEmpty else { return group }
    let entries = zip(inner, group.inner).map { inner, place in
      let start = [SourceEscape.c(inner.piece.name), place.type, place.member, "has_" + place.member, inner.group.layout]
      return "MGS_SUBSECTION_MEMBER(\((start + attributes(of: inner.piece, inner.group)).joined(separator: ", ")))"
    }
    group.subsections = table("section", entries, names.claim(name + "_subsections"))
    return group
  }

  /// The field of the owner whose struct holds a subsection; nil: the owner's own does.
  private static func target(of subsection: SourceModel.Piece, in piece: SourceModel.Piece) -> String? {
    let field = piece.fields.first { $0.name == subsection.target }
    return field?.type.type == .structure ? field?.name : nil
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
    member: String? = nil, inner: [Inner] = []
  ) throws(GenerateFault) -> Group {
    let type = (isUnion ? "union " : "struct ") + name
    var scope = IdentifierScope(reserved: Self.keywords)
    var members = CMembers(type: type, name: name, isUnion: isUnion)
    members.inner = inner
    for field in fields {
      let identifier = scope.claim(member ?? Identifier.snake(field.name), with: ["num_", "has_", "choice_"])
      try add(field, identifier, to: &members)
    }
    var places: [InnerPlace] = []
    for held in inner {
      if let target = held.target, let place = members.innerPlaces[target]?.first {
        members.innerPlaces[target]?.removeFirst()
        places.append(place)
        continue
      }
      let identifier = scope.claim(Identifier.snake(held.piece.name), with: ["has_"])
      members.declarations.line("bool has_\(identifier);")
      members.declarations.line("\(held.group.type) \(identifier);")
      members.size = min(members.size, .max - held.group.size - 8) + held.group.size + 8
      places.append(InnerPlace(type: type, member: identifier))
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
    return Group(type: type, layout: layoutName, size: members.size, inner: places)
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
  static let keywords: Set<String> = Set(
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
  /// Subsections that this struct, or that of a field, is to hold; and where those of fields came to be, by field.
  var inner: [CSource.Inner] = []
  var innerPlaces: [String: [CSource.InnerPlace]] = [:]
}

/// Members of the struct of a device in the making.
struct StructMembers {
  let type: String
  var declarations = SourceText(step: 4)
  private var scope = IdentifierScope(reserved: CSource.keywords)

  init(type: String) { self.type = type }

  mutating func claim(_ name: String) -> String { scope.claim(Identifier.snake(name), with: ["num_", "has_"]) }

  mutating func line(_ text: String) { declarations.line(text) }
}
