import MigrationStream

/// What a layout breaks of chapter 20, said of the document that it comes from.
enum LayoutFault {
  /// - Parameters:
  ///   - entry: The field that was being added; nil when the whole layout was checked.
  static func fault(_ error: StreamError, in layout: ResolvedLayout, _ entry: Int? = nil) -> DocumentFault {
    let (entry, place) = entry.map { ($0, 0) } ?? place(error.offset, in: layout)
    let subject = entry.map { "field \(layout.fields[$0].field.name)" } ?? "layout \(layout.name)"
    return DocumentFault(
      "\(subject) cannot be in a stream: \(sentence(error, entry == nil ? nil : place))",
      pointer: entry.map { layout.pointer(to: $0) } ?? layout.pointer, line: 0)
  }

  /// The entry at an offset of the canonical octets, and the octet in it.
  private static func place(_ offset: UInt64, in layout: ResolvedLayout) -> (Int?, Int) {
    let first = LayoutView.entryOffset(0)
    guard offset >= first else { return (nil, 0) }
    let (entry, octet) = (offset - first).quotientAndRemainder(dividingBy: UInt64(LayoutView.entryByteCount))
    return entry < UInt64(layout.fields.count) ? (Int(entry), Int(octet)) : (nil, 0)
  }

  private static func sentence(_ error: StreamError, _ octet: Int?) -> String {
    switch (error.code, octet) {
    case (.limitExceeded, 0): "it lies in more than \(error.expected) groups"
    case (.limitExceeded, 4): "what it lies in takes \(error.found) octets; at most \(error.expected)"
    case (.limitExceeded, 8): "its elements take \(error.found) octets; at most \(error.expected)"
    case (.limitExceeded, _):
      "a limit of \(error.expected) is exceeded by \(error.found) (fields, or octets of the layout)"
    case (.duplicateName, _): "a field beside it has its name"
    case (.badOrder, _): "two of its symbols have one value"
    case (.outOfMemory, _): "no memory is left"
    default: "what chapter 20 section 3 says of a layout does not hold (\(error.code), octet \(error.offset))"
    }
  }
}
