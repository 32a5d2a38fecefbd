internal import MigrationStream

/// Counts what a reader steps over, to report it once at the end.
struct ReportNotes {
  private var skippedRecords: UInt64 = 0
  private var firstSkipped: RecordHeader?
  private var opaqueSections: UInt64 = 0

  /// A record of a kind that this program does not know.
  mutating func skipped(_ header: RecordHeader) {
    if firstSkipped == nil { firstSkipped = header }
    skippedRecords += 1
  }

  /// A section whose layout the stream only names.
  mutating func opaqueSection() { opaqueSections += 1 }

  var texts: [String] {
    var texts: [String] = []
    if let firstSkipped {
      let kind = ReportValue.hex(UInt64(firstSkipped.kind), width: 2).text
      texts.append(
        "stepped over: \(skippedRecords) skippable records of unknown kinds, the first of kind \(kind), record \(firstSkipped.sequence)"
      )
    }
    if opaqueSections > 0 {
      texts.append("not looked into: \(opaqueSections) sections or subsections of external layouts")
    }
    return texts
  }
}
