import MigrationStream

/// Members of structs, and entries of field tables.
extension CSource {
  /// How a field lies in memory.
  private struct Member {
    /// Type and what stands behind the name, of one element: `uint8_t`, `[6]`.
    var type: String
    var suffix = ""
    /// What stands in for the type in the table: a TYPE of the header, or the layout of a group.
    var token: String
    /// Octets of one element, about.
    var size: UInt64
    /// Type and prefix of the member beside it.
    var companion: (type: String, prefix: String)?
    /// Where subsections are that its struct holds.
    var inner: [InnerPlace] = []
  }

  mutating func add(_ field: ModelField, _ identifier: String, to members: inout CMembers) throws(GenerateFault) {
    for line in SourceEscape.comment(field.description) { members.declarations.line("/* \(line) */") }
    let extras = extras(of: field, members)
    let type = field.type.type
    if type == .padding { return addPadding(field, identifier, extras, to: &members) }
    let nested = members.name + "_" + identifier
    let isWrapped = !field.isOne && Self.hasCompanion(type)
    var member: Member
    if isWrapped {
      let group = try group([field.element], field.name, names.claim(nested), member: "value")
      member = Member(type: group.type, token: group.layout, size: group.size)
    } else {
      let inner = members.inner.filter { $0.target == field.name }
      member = try self.member(field, nested, inner)
      if !inner.isEmpty { members.innerPlaces[field.name] = member.inner }
    }
    let count = field.elementCount
    let isPointer =
      field.isCounted && count.multipliedReportingOverflow(by: max(1, member.size)).overflow
      || field.isCounted && count * max(1, member.size) > Self.inPlaceMax
    let companion = field.isCounted ? ("uint32_t", "num_") : member.companion
    declare(identifier, member, companion, isPointer ? .pointer : field.isOne ? .one : .array(count), to: &members)
    let place = Place(
      field, identifier, companion: companion.map { $0.1 + identifier },
      path: members.isUnion && companion != nil ? identifier + "." : "", isPointer: isPointer, isWrapped: isWrapped)
    members.entries.line(entry(place, member, in: members.type, extras) + ",")
  }

  static func hasCompanion(_ type: FieldType) -> Bool {
    switch type {
    case .countedBytes, .string, .list, .union, .optional: true
    default: false
    }
  }

  // MARK: One element

  private mutating func member(
    _ field: ModelField, _ nested: String, _ inner: [Inner]
  ) throws(GenerateFault) -> Member {
    switch field.type.type {
    case .countedBytes, .string:
      let type = field.type.type == .string ? "char" : "uint8_t"
      let companion = ("uint32_t", "num_")
      // A limit of 0 leaves room for one octet: no array is empty.
      guard let most = field.octetsMax, most <= Self.inPlaceMax else {
        return Member(type: type + " *", token: "", size: 8, companion: companion)
      }
      return Member(type: type, suffix: "[\(max(1, most))]", token: "", size: max(1, most), companion: companion)
    case .list:
      let elements = elements(field, nested)
      return Member(
        type: elements.type + " *", token: elements.table ?? "", size: 8, companion: ("uint32_t", "num_"))
    case .structure, .optional, .union:
      let isUnion = field.type.type == .union
      // They are the owner's in the table, and the element's in memory.
      let held = inner.map { Inner(piece: $0.piece, group: $0.group, target: nil) }
      let group = try group(field.fields, field.name, names.claim(nested), isUnion: isUnion, inner: held)
      let companion: (String, String)? =
        switch field.type.type {
        case .optional: ("bool", "has_")
        case .union: ("uint32_t", "choice_")
        default: nil
        }
      return Member(type: group.type, token: group.layout, size: group.size, companion: companion, inner: group.inner)
    default: return Self.leaf(field.type)
    }
  }

  private static func leaf(_ type: ModelFieldType) -> Member {
    let width = UInt64(type.width)
    let bits = width * 8
    func integer(_ token: String, _ sign: String = "u") -> Member {
      let name = width == 16 ? "mgs_u128" : (sign == "u" ? "uint" : "int") + "\(bits)_t"
      return Member(type: name, token: "\(token)\(bits)", size: width)
    }
    func octets(_ token: String) -> Member {
      Member(type: "uint8_t", suffix: "[\(width)]", token: token, size: width)
    }
    return switch type.type {
    case .unsigned: integer("U")
    case .signed: integer("I", "i")
    case .float: Member(type: width == 4 ? "float" : "double", token: "F\(bits)", size: width)
    case .bool: Member(type: "bool", token: "BOOL", size: 1)
    case .enumeration: integer("ENUM")
    case .flags: integer("FLAGS")
    case .bitmap: Member(type: "uint64_t", suffix: "[\(width / 8)]", token: "BITMAP", size: width)
    case .vector: octets("VECTOR")
    case .uuid: octets("UUID")
    case .mac: octets("MAC")
    case .pciAddress: Member(type: "uint32_t", token: "PCI_ADDRESS", size: 4)
    case .guestAddress: integer("ADDRESS")
    case .size: integer("SIZE")
    case .count: integer("COUNT")
    case .index: integer("INDEX")
    case .duration: Member(type: "int64_t", token: "DURATION", size: 8)
    case .instant: Member(type: "uint64_t", token: "INSTANT", size: 8)
    default: octets("BYTES")
    }
  }

  // MARK: Declarations

  private enum Extent { case one, array(UInt64), pointer }

  private func declare(
    _ identifier: String, _ member: Member, _ companion: (type: String, prefix: String)?, _ extent: Extent,
    to members: inout CMembers
  ) {
    let space = member.type.hasSuffix("*") ? "" : " "
    let declaration: String
    var size = member.size
    switch extent {
    case .one: declaration = member.type + space + identifier + member.suffix
    case .array(let count):
      declaration = member.type + space + identifier + "[\(count)]" + member.suffix
      size = size.multipliedReportingOverflow(by: count).overflow ? .max : size * count
    case .pointer:
      let pointer = member.suffix.isEmpty ? "*\(identifier)" : "(*\(identifier))\(member.suffix)"
      declaration = member.type + space + pointer
      size = 8
    }
    let total = members.size.addingReportingOverflow(size)
    members.size = total.overflow ? .max : total.partialValue
    guard let companion else { return members.declarations.line(declaration + ";") }
    members.size = members.size > .max - 8 ? .max : members.size + 8
    let first = "\(companion.type) \(companion.prefix)\(identifier);"
    guard members.isUnion else {
      members.declarations.line(first)
      return members.declarations.line(declaration + ";")
    }
    // The number belongs to this child alone.
    members.declarations.block("struct {", "} \(identifier);") { text in
      text.line(first)
      text.line(declaration + ";")
    }
  }

  // MARK: Entries

  /// Where a field's member is, as macros are told.
  private struct Place {
    let field: ModelField
    /// From the struct to the member and to the one beside it.
    let member: String
    let companion: String?
    let isPointer: Bool
    let isWrapped: Bool
    /// Whether the short macros say all of it.
    let isShort: Bool

    init(
      _ field: ModelField, _ identifier: String, companion: String?, path: String, isPointer: Bool, isWrapped: Bool
    ) {
      self.field = field
      member = path + identifier
      self.companion = companion.map { path + $0 }
      self.isPointer = isPointer
      self.isWrapped = isWrapped
      isShort = path.isEmpty && !isWrapped && field.name == identifier
    }
  }

  private func entry(_ place: Place, _ member: Member, in type: String, _ extras: [String]) -> String {
    let field = place.field
    let name = SourceEscape.c(field.name)
    let number = place.isShort ? [] : place.companion.map { [$0] } ?? []
    let start = (place.isShort ? [] : [name]) + [type, place.member] + number
    let most = place.isPointer ? ["\(field.elementCount)"] : []
    let shape = field.isOne ? "" : place.isPointer ? "_POINTER" : field.isCounted ? "_COUNTED" : "_ARRAY"
    func call(_ macro: String, _ arguments: [String]) -> String {
      "\(macro)(\((arguments + extras).joined(separator: ", ")))"
    }
    if place.isWrapped {
      return call("MGS_FIELD_WRAPPED\(shape)", start + most + [Self.kind(field.type.type), member.token])
    }
    let long = place.isShort ? "MGS_" : "MGS_FIELD_"
    switch field.type.type {
    case .structure: return call("\(long)STRUCT\(shape)", start + most + [member.token])
    case .optional: return call("\(long)OPTIONAL", start + [member.token])
    case .union: return call("\(long)UNION", start + [member.token])
    case .list where member.token.isEmpty:
      return call("MGS_FIELD_EMPTY_LIST", [name, type, place.member, place.companion ?? ""])
    case .list: return call("\(long)LIST", start + [member.token])
    case .countedBytes, .string:
      let isAway = member.suffix.isEmpty ? "_POINTER" : ""
      let kind = Self.kind(field.type.type)
      if place.isShort { return call("MGS_\(kind)\(isAway)", start) }
      return call("MGS_FIELD_OCTETS\(isAway)", start + ["MGS_TYPE_\(kind)"])
    default:
      if field.isOne, place.isShort { return call("MGS_\(member.token)", start) }
      let macro = field.isOne ? "MGS_FIELD" : (place.isShort ? "MGS" : "MGS_FIELD") + shape
      return call(macro, start + most + [member.token])
    }
  }

  private static func kind(_ type: FieldType) -> String {
    switch type {
    case .countedBytes: "COUNTED_BYTES"
    case .string: "STRING"
    case .list: "LIST"
    case .union: "UNION"
    case .optional: "OPTIONAL"
    default: "STRUCT"
    }
  }

  private func addPadding(_ field: ModelField, _ identifier: String, _ extras: [String], to members: inout CMembers) {
    let start = [SourceEscape.c(field.name), "\(field.type.width)"]
    func line(_ macro: String, _ arguments: [String]) {
      members.entries.line("\(macro)(\((arguments + extras).joined(separator: ", "))),")
    }
    guard !field.isOne else { return line("MGS_PADDING", start) }
    guard field.isCounted else { return line("MGS_PADDING_ARRAY", start + ["\(field.elementCount)"]) }
    members.declarations.line("uint32_t num_\(identifier);")
    line("MGS_PADDING_COUNTED", start + ["\(field.elementCount)", members.type, "num_\(identifier)"])
  }
}
