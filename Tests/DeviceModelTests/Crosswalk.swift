import DeviceModel
import Foundation

/// A crosswalk: which piece of foreign state lies where in a model.
///
/// Tables have four columns (part or item, item or octets, verdict, where or why not) or, for fields that no other side
/// has, two (path, reason).
struct Crosswalk {
  struct Row {
    /// Device part, such as `0x104`; empty in other tables.
    var part: String
    var item: String
    /// Width of one occurrence in the foreign stream.
    var octetCount: Int?
    var verdict: String
    /// Paths in the model.
    var paths: [String]
    /// Reason, or the paths as they stand.
    var text: String
  }

  var rows: [Row] = []
  /// Paths that no foreign state has.
  var additions: [String] = []

  init(_ text: String) {
    for line in text.split(separator: "\n") where line.hasPrefix("|") {
      let cells = line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      if cells.count == 2, cells[0].hasPrefix("`") { additions += Self.paths(in: cells[0]) }
      guard cells.count == 4, cells[2] != "verdict", !cells[0].hasPrefix("--") else { continue }
      let isPart = cells[0].hasPrefix("0x")
      rows.append(
        Row(
          part: isPart ? cells[0] : "", item: isPart ? cells[1] : cells[0], octetCount: isPart ? nil : Int(cells[1]),
          verdict: cells[2], paths: cells[2] == "mapped" ? Self.paths(in: cells[3]) : [], text: cells[3]))
    }
  }

  /// What stands between backquotes and is a path: parameters have no `/`.
  private static func paths(in cell: String) -> [String] {
    cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 && $0.element.contains("/") }.map { String($0.element) }
  }
}

/// Paths of everything that a document holds.
struct DocumentPaths {
  /// Fields that hold a value.
  var leaves: Set<String> = []
  /// Sections, subsections and fields with fields inside.
  var groups: Set<String> = []

  init(_ document: ModelDocument) {
    for section in document.sections { add(section.piece, below: "") }
  }

  private mutating func add(_ piece: StatePiece, below path: String) {
    let own = path.isEmpty ? piece.name : path + "/" + piece.name
    groups.insert(own)
    add(piece.fields, below: own)
    for subsection in piece.subsections { add(subsection.piece, below: own) }
  }

  private mutating func add(_ fields: [ModelField], below path: String) {
    for field in fields {
      let own = path + "/" + field.name
      if field.fields.isEmpty {
        leaves.insert(own)
      } else {
        groups.insert(own)
        add(field.fields, below: own)
      }
    }
  }
}
