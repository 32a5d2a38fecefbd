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
    _ name: String, _ spec: String, _ comment: String, limits: [String] = [],
    content: Bool = false, _ stream: RawStream
  ) {
    let (octets, labels) = stream.assembled()
    var scenario = Scenario(
      name: "\(folder)/\(name)", verdict: .accept, spec: spec, comment: comment, octets: octets)
    scenario.limits = limits
    scenario.needsContent = content
    add(scenario, labels, stream)
  }

  mutating func reject(
    _ name: String, _ code: StreamError.Code, _ stage: StreamError.Stage, on channel: UInt16 = 0, _ offset: UInt64,
    released: Int, expected: UInt64? = nil, found: UInt64? = nil, _ spec: String, _ comment: String,
    limits: [String] = [], content: Bool = false, _ stream: RawStream
  ) {
    let (octets, labels) = stream.assembled()
    var scenario = Scenario(
      name: "\(folder)/\(name)", verdict: .reject, spec: spec, comment: comment, octets: octets)
    scenario.code = code
    scenario.stage = stage
    scenario.channel = channel
    scenario.offset = offset
    scenario.expected = expected
    scenario.found = found
    scenario.released = released
    scenario.limits = limits
    scenario.needsContent = content
    add(scenario, labels, stream)
  }

  private mutating func add(_ scenario: Scenario, _ labels: [RawLabel], _ stream: RawStream) {
    var scenario = scenario
    let channels = stream.assembledChannels()
    scenario.furtherChannels = channels.map(\.octets)
    add(scenario.name, scenario.text(labels: labels, further: channels.map(\.labels)))
  }

  mutating func add(_ name: String, _ text: String) {
    precondition(!files.contains { $0.path == name + ".txt" }, "twice: \(name)")
    files.append(File(path: name + ".txt", text: text))
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
    table.addChannels()
    table.addChannelFaults()
    table.addSharedPasses()
    table.addBulkMarks()
    table.addEnds()
    table.addIndexes()
    table.addZstd()
    table.addZstdKinds()
    table.addProfiles()
    table.addMappings()
    table.addPlacements()
    table.addPlacedMemory()
    table.addAreas()
    table.addIndexLists()
    table.addIndexPages()
    table.addReverseHellos()
    table.addReverseRecords()
    return table
  }
}
