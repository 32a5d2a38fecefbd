import MigrationStream

/// Where the octets of a value come from.
enum ConvertedValue {
  /// From the QEMU stream.
  case stream(Extent)
  /// Made by the converter; `offset` says where in the QEMU stream it was read, if anywhere.
  case literal([UInt8], offset: UInt64?)

  struct Extent {
    /// Octets from the start of the QEMU stream.
    var offset: UInt64
    var count: Int
    /// Octets of each number whose order is turned round; 1: none.
    var wordByteCount = 1
    /// Any octet but 0 means true, and becomes 1.
    var isTruth = false
  }
}

/// A field of a converted layout with its content.
struct ConvertedField {
  indirect enum Content {
    /// One leaf, or all elements of an array of leaves.
    case value(ConvertedValue)
    /// The elements of an array of counted bytes or strings.
    case items([ConvertedValue])
    /// A structure, or the elements of an array of structures, each described on its own and all of equal layout.
    case groups([ConvertedGroup])
    /// The elements of a counted array of structures, and one that tells of their fields also when there are none.
    case array([ConvertedGroup], model: ConvertedGroup)
    /// The first element of an array of structures; each further one lies `stride` octets behind the one before.
    case repeated(ConvertedGroup, stride: UInt64)
    /// The elements of a list.
    case list([ConvertedGroup])
  }

  /// Unique among its siblings.
  var name: String
  var attributes: FieldAttributes
  var content: Content

  /// Whether the field is the mark of a pointer that is null, which has a symbol.
  var isNullPointer: Bool { attributes.type == .enumeration }

  /// The structure that stands for all elements; nil for anything but structures.
  var model: ConvertedGroup? {
    switch content {
    case .groups(let groups): groups.first
    case .repeated(let group, _), .array(_, let group): group
    case .value, .items, .list: nil
    }
  }

  /// Entries that the field takes in the field table: itself and its descendants.
  var entryCount: Int {
    1 + (model?.fields.reduce(0) { $0 + $1.entryCount } ?? 0)
  }
}

/// Fields side by side: those of a section or subsection, of a structure, or of a list's element.
struct ConvertedGroup {
  /// The name of the layout, for groups that have one of their own.
  var name: String
  var fields: [ConvertedField]
  var subsections: [ConvertedSubsection] = []
  /// The number of the layout once it was sent, for groups that have one of their own.
  var layout: UInt32 = 0
}

/// A subsection of a section, a structure, or another subsection.
struct ConvertedSubsection {
  var name: String
  var version: UInt32
  var group: ConvertedGroup
}

extension ConvertedField {
  /// Octets at a place of the QEMU stream, as many as there are.
  static func counted(_ name: String, _ value: ConvertedValue) -> ConvertedField {
    ConvertedField(name: name, attributes: FieldAttributes(.countedBytes), content: .value(value))
  }

  /// What stands for a field, or for all fields of a group, that take no octet: the format knows no width of 0.
  static func weightless(_ name: String) -> ConvertedField {
    counted(name, .literal([], offset: nil))
  }

  /// Whether both have the same entries in a field table.
  func hasSameLayout(as other: ConvertedField) -> Bool {
    guard name == other.name, attributes == other.attributes else { return false }
    guard let model, let otherModel = other.model else { return self.model == nil && other.model == nil }
    return model.hasSameLayout(as: otherModel)
  }
}

extension ConvertedGroup {
  func hasSameLayout(as other: ConvertedGroup) -> Bool {
    fields.count == other.fields.count
      && zip(fields, other.fields).allSatisfy { $0.hasSameLayout(as: $1) }
  }

  /// Calls `body` with the canonical octets of this group's layout.
  ///
  /// - Throws: ``StreamError`` `limitExceeded` when there are too many fields, or too wide ones.
  func describe(with builder: inout LayoutBuilder, limits: StreamLimits) throws(StreamError) {
    let name = Array(name.utf8)
    try builder.begin(name: name.span.octets)
    for field in fields { try field.describe(with: &builder) }
    try builder.finish(limits: limits)
  }
}

extension ConvertedField {
  fileprivate func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    let name = Array(name.utf8)
    if let model {
      try builder.beginGroup(attributes, name: name.span.octets)
      for field in model.fields { try field.describe(with: &builder) }
      return try builder.endGroup()
    }
    guard attributes.type == .instant else {
      try builder.field(attributes, name: name.span.octets)
      if isNullPointer { try builder.symbol(UInt64(QEMUFormat.nullPointer), name: StaticString("null").octets) }
      return
    }
    try builder.field(attributes, name: name.span.octets, unit: StaticString("ns").octets)
  }
}
