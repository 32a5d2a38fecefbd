import MigrationStream

extension MutationNote {
  /// One line: what was done, to which record and field, where, and from which value to which.
  ///
  /// - Parameter result: The octets that the note is about; names of fields come from the layouts in them.
  public func text(in result: [UInt8]) -> String {
    var text = "\(mutation)"
    if let record { text += " record \(record) \(kindName)" } else { text += " stream" }
    let path = path(in: result)
    if !path.isEmpty { text += " \(path)" }
    text += " at \(offset)"
    if old != new { text += ": \(old) -> \(new)" }
    switch repair {
    case .none: text += "; nothing repaired"
    case .framing: text += "; framing repaired"
    case .all: break
    }
    return text
  }

  /// The kind of the record as the specification names it.
  public var kindName: String {
    guard let known = RecordKind(rawValue: kind) else { return "kind " + String(kind, radix: 16) }
    return "\(known)"
  }

  /// `extents.offset[2]`, `data.queue_sel`; empty: no field.
  public func path(in result: [UInt8]) -> String {
    guard field.name.utf8CodeUnitCount > 0 else { return "" }
    var text = "\(field.name)"
    if let entry = field.entry, let record = field.layoutRecord {
      let tree = RecordTree(result)
      let name = record < tree.records.count ? tree.layout(inRecord: record)?.name(entry) : nil
      text += "." + (name ?? "field\(entry)")
    }
    if let element = field.element { text += "[\(element)]" }
    return text
  }
}
