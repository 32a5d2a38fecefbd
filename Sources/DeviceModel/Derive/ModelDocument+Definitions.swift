extension ModelDocument {
  /// The definition of that number.
  ///
  /// - Throws: ``DocumentFault`` at `/history` when there is no way back to it, and at the element of the history whose
  ///   operations do not fit or whose result is wrong.
  public func definition(_ version: UInt32) throws(DocumentFault) -> ModelDocument {
    guard version != self.version else { return self }
    let oldest = history.last?.version ?? self.version
    guard version < self.version, version >= oldest else {
      throw DocumentFault(
        "\(model) has no definition \(version); expected \(oldest) to \(self.version)", pointer: "/history", line: 0)
    }
    var walk = try DefinitionWalk(self)
    var position = -1
    repeat {
      position += 1
      try walk.undo(position)
    } while history[position].version != version
    return try walk.load(position)
  }

  /// All definitions, newest first; the document itself is the first.
  public var definitions: [ModelDocument] {
    get throws(DocumentFault) {
      var all = [self]
      guard !history.isEmpty else { return all }
      var walk = try DefinitionWalk(self)
      for position in history.indices {
        try walk.undo(position)
        all.append(try walk.load(position))
      }
      return all
    }
  }
}

/// Goes back from a document to its older definitions, one after the other.
private struct DefinitionWalk {
  private let document: ModelDocument
  /// The definition that was reached, without its history.
  private var json: JSONValue

  /// Steps that going back through a whole history may take.
  private static var workMax: Int { 1 << 25 }

  init(_ document: ModelDocument) throws(DocumentFault) {
    self.document = document
    var newest = document
    newest.history = []
    json = newest.json
    let operations = document.history.reduce(0) { $0 + 1 + $1.undo.count }
    let added = document.history.lazy.flatMap(\.undo).reduce(0) { $0 + $1.valueCount }
    let (work, overflow) = operations.multipliedReportingOverflow(by: json.valueCount + added)
    guard !overflow, work <= Self.workMax else {
      throw DocumentFault(
        "the history is too long for a document of this size: \(operations) elements and operations times "
          + "\(json.valueCount + added) values; at most \(Self.workMax)", pointer: "/history", line: 0)
    }
  }

  /// Applies the operations of one element of the history.
  mutating func undo(_ position: Int) throws(DocumentFault) {
    let entry = document.history[position]
    for (number, operation) in entry.undo.enumerated() {
      do throws(UndoOperation.Mistake) {
        try UndoOperation(operation).apply(to: &json)
      } catch {
        throw DocumentFault(error.message, pointer: "/history/\(position)/undo/\(number)", line: operation.line)
      }
    }
    guard case .object(var members) = json.content,
      let place = members.firstIndex(where: { $0.key == "version" })
    else { return }
    members[place].value = JSONValue(.integer(Int128(entry.version)))
    json.content = .object(members)
  }

  /// The definition that was reached, with the rest of the history.
  func load(_ position: Int) throws(DocumentFault) -> ModelDocument {
    var definition: ModelDocument
    do throws(DocumentFault) {
      definition = try ModelDocument(json: json)
    } catch {
      throw DocumentFault(
        "definition \(document.history[position].version), which this leads to, is wrong at \(error.pointer): "
          + error.message, pointer: "/history/\(position)", line: error.line)
    }
    definition.history = Array(document.history[(position + 1)...])
    return definition
  }
}

extension HistoryEntry.Operation {
  fileprivate var value: JSONValue? {
    switch self {
    case .remove: nil
    case .replace(_, let value), .add(_, let value, _): value
    }
  }

  fileprivate var valueCount: Int { value?.valueCount ?? 0 }

  /// Where its value stands; 0 when it has none.
  fileprivate var line: Int { value?.line ?? 0 }
}
