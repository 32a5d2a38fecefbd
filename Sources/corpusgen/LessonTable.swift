import MigrationStream
import StreamTestKit

/// The scenarios of the corpus as they are written down, folder by folder.
///
/// Code, stage and offset are literals taken from the specification; nothing here asks a decoder.
struct LessonTable {
  /// A file below `Corpus/`.
  struct File {
    var path: String
    var text: String
  }

  private(set) var files: [File] = []
  var folder = ""

  mutating func accept(
    _ name: String, _ spec: String, _ comment: String, limits: [String] = [], later: Bool = false,
    content: Bool = false, _ stream: RawStream
  ) {
    let (octets, labels) = stream.assembled()
    var scenario = Scenario(
      name: "\(folder)/\(name)", verdict: .accept, spec: spec, comment: comment, octets: octets)
    scenario.limits = limits
    scenario.isForLaterReader = later
    scenario.needsContent = content
    add(scenario, labels)
  }

  mutating func reject(
    _ name: String, _ code: StreamError.Code, _ stage: StreamError.Stage, _ offset: UInt64,
    released: Int, expected: UInt64? = nil, found: UInt64? = nil, _ spec: String, _ comment: String,
    limits: [String] = [], later: Bool = false, content: Bool = false, _ stream: RawStream
  ) {
    let (octets, labels) = stream.assembled()
    var scenario = Scenario(
      name: "\(folder)/\(name)", verdict: .reject, spec: spec, comment: comment, octets: octets)
    scenario.code = code
    scenario.stage = stage
    scenario.offset = offset
    scenario.expected = expected
    scenario.found = found
    scenario.released = released
    scenario.limits = limits
    scenario.isForLaterReader = later
    scenario.needsContent = content
    add(scenario, labels)
  }

  private mutating func add(_ scenario: Scenario, _ labels: [RawLabel]) {
    precondition(!files.contains { $0.path == scenario.name + ".txt" }, "twice: \(scenario.name)")
    files.append(File(path: scenario.name + ".txt", text: scenario.text(labels: labels)))
  }

  /// Every scenario but those of `compat`.
  static var whole: LessonTable {
    var table = LessonTable()
    table.addPreamble()
    table.addRecordHeaders()
    table.addRecordOrder()
    table.addReaderRules()
    table.addManifestHeads()
    table.addManifestDevices()
    table.addLayoutRecords()
    table.addLayoutEntries()
    table.addLayoutClaims()
    table.addSections()
    table.addSectionData()
    table.addSectionNumbers()
    table.addSubsections()
    table.addMemory()
    table.addBytes()
    table.addPasses()
    table.addBulkMarks()
    table.addEnds()
    table.addIndexes()
    table.addZstd()
    table.addProfiles()
    table.addPlacements()
    table.addPlacedMemory()
    table.addAreas()
    table.addIndexLists()
    table.addIndexPages()
    return table
  }
}
