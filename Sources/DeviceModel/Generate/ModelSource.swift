import MigrationStream

/// Source text made from a model with the values of all parameters.
///
/// The same model gives the same text. Fields that are only read from old streams are in it.
public enum ModelSource {
  /// C: structs, and field tables over `migstream_fields.h`.
  ///
  /// - Parameter prefix: Of all names; nil: the last step of the model's identifier.
  public static func c(_ model: borrowing ResolvedModel, prefix: String? = nil) throws(GenerateFault) -> String {
    try CSource.text(of: SourceModel(model), prefix: prefix)
  }

  /// Swift: structs, and functions that build their layouts.
  public static func swift(_ model: borrowing ResolvedModel, prefix: String? = nil) -> String {
    SwiftSource.text(of: SourceModel(model), prefix: prefix)
  }
}

extension SourceModel {
  init(_ resolved: borrowing ResolvedModel) {
    let document = resolved.document
    model = document.model
    description = document.description
    version = document.version
    versionMin = document.versionMin
    parameters = document.parameters.map { parameter in
      "\(parameter.name)=\(resolved.parameters.value(of: parameter.name)?.text ?? "")"
    }
    var children: [Int: [Int]] = [:]
    var owned: [Int: [Int]] = [:]
    for (position, subsection) in resolved.subsections.enumerated() {
      switch subsection.owner {
      case .section(let section): owned[section, default: []].append(position)
      case .subsection(let parent): children[parent, default: []].append(position)
      }
    }
    sections = []
    for (position, section) in resolved.sections.enumerated() {
      var piece = Self.piece(section.section.piece, section.layout, resolved)
      (piece.version, piece.versionMin) = (section.version, section.versionMin)
      switch section.section.cardinality {
      case .one: break
      case .optional: piece.cardinality = .optional
      case .many(_, let key): piece.cardinality = .many(max: section.maximumCount, key: key)
      }
      piece.subsections = (owned[position] ?? []).map { Self.subsection($0, children, resolved) }
      sections.append(piece)
    }
    elements = []
    let first = resolved.sections.count + resolved.subsections.count
    var number = first
    for layout in document.layouts where number < resolved.readerFields.count {
      var pointer = "/layouts"
      JSONPointer.append(layout.name, to: &pointer)
      guard resolved.readerFields[number].pointer == pointer else { continue }
      elements.append(
        Piece(
          name: layout.name, description: layout.description, layout: layout.layout ?? layout.name,
          fields: Self.fields(number, resolved)))
      number += 1
    }
  }

  private static func subsection(
    _ position: Int, _ children: [Int: [Int]], _ resolved: borrowing ResolvedModel
  ) -> Piece {
    let subsection = resolved.subsections[position]
    var piece = piece(subsection.subsection.piece, subsection.layout, resolved)
    (piece.version, piece.versionMin) = (subsection.version, subsection.versionMin)
    piece.target = subsection.subsection.target
    piece.subsections = (children[position] ?? []).map { self.subsection($0, children, resolved) }
    return piece
  }

  private static func piece(_ piece: StatePiece, _ layout: UInt32, _ resolved: borrowing ResolvedModel) -> Piece {
    Piece(
      name: piece.name, description: piece.description, layout: piece.layout ?? piece.name,
      fields: fields(Int(layout), resolved), isSkippable: piece.mark == .skippable, since: piece.since)
  }

  /// The fields of a layout with the document's texts.
  private static func fields(_ number: Int, _ resolved: borrowing ResolvedModel) -> [ModelField] {
    let texts = resolved.readerFields[number].fields
    var lists: [Int: [String]] = [:]
    for (entry, field) in texts.enumerated() where !field.field.elements.isEmpty { lists[entry] = field.field.elements }
    let layout = LayoutFields(resolved.layouts.table.layout(UInt32(number)), clock: .none, elements: lists)
    var entry = 0
    return described(layout.fields(of: nil), texts, &entry)
  }

  private static func described(
    _ fields: [ModelField], _ texts: [ResolvedField], _ entry: inout Int
  ) -> [ModelField] {
    fields.map { field in
      var field = field
      let text = texts[entry]
      entry += 1
      field.description = text.field.description
      field.isOpen = text.field.isOpen
      for (index, symbol) in zip(field.symbols.indices, text.symbols) {
        field.symbols[index].description = symbol.description
      }
      field.fields = described(field.fields, texts, &entry)
      return field
    }
  }
}
