import MigrationStream
import StreamTestKit

/// One mapping as it is written down: the stream's fields and data, the reader's fields, and the rest by name.
///
/// Offsets count from the first octet of the section's data.
struct MappingLesson {
  var stream: [RawLayout]
  var data: [UInt8]
  var reader: [RawLayout]
  /// Version of the section.
  var version: UInt32 = 1
  var aliases: [MappingScenario.Alias] = []
  var local: [UInt8]?
  var limits: [String] = []
  var skipped: [(layout: UInt32, entry: UInt32, at: UInt64)] = []
  var left: [(layout: UInt32, entry: UInt32, at: UInt64)] = []
  var unverified: [(layout: UInt32, entry: UInt32, at: UInt64)] = []

  init(
    _ stream: [RawField], _ data: [UInt8], _ reader: [RawField], version: UInt32 = 1,
    _ change: (inout MappingLesson) -> Void = { _ in }
  ) {
    self.stream = [RawLayout("l", stream)]
    self.data = data
    self.reader = [RawLayout("l", reader)]
    self.version = version
    change(&self)
  }

  /// MANIFEST 64, LAYOUT records from 248 on with 96 octets before their canonical octets, SECTION: the data lies 88
  /// octets after its start.
  var dataOffset: UInt64 { stream.reduce(248 + 88) { $0 + 96 + UInt64($1.canonical.count) } }

  fileprivate var octets: RawStream {
    var device = RawDevice()
    device.sections[0].version = version
    let layouts = stream.enumerated().map { $0.element.record(UInt32($0.offset)) }
    return RawStream(
      [RawManifest { $0.devices = [device] }.record] + layouts + [RawSection(data: data).record, .end])
  }
}

extension LessonTable {
  mutating func addMappings() {
    folder = MappingScenario.folder
    addMappedIntegers()
    addMappedFields()
    addMappedGroups()
    addMappedRules()
    addEvolution()
  }

  /// Accepted: the section's data in the reader's layout.
  mutating func maps(
    _ name: String, _ rows: String, _ comment: String, _ lesson: MappingLesson, _ result: [UInt8]
  ) {
    add(name, rows, comment, lesson, .result(result))
  }

  /// Refused at an offset from the first octet of the section's data.
  mutating func refuses(
    _ name: String, _ row: String, _ code: StreamError.Code, at offset: UInt64, expected: UInt64 = 0,
    found: UInt64 = 0, _ comment: String, _ lesson: MappingLesson
  ) {
    let refusal = MappingScenario.Refusal(
      code, .mapping, at: lesson.dataOffset + offset, expected: expected, found: found)
    add(name, row, comment, lesson, .refused(refusal))
  }

  private mutating func add(
    _ name: String, _ rows: String, _ comment: String, _ lesson: MappingLesson,
    _ outcome: MappingScenario.Outcome
  ) {
    let (octets, labels) = lesson.octets.assembled()
    var scenario = MappingScenario(
      name: "\(folder)/\(name)", rows: rows.split(separator: " ").map(String.init), comment: comment,
      stream: octets, reader: lesson.reader.map(\.canonical), outcome: outcome)
    func places(_ fields: [(layout: UInt32, entry: UInt32, at: UInt64)]) -> [MappingScenario.Place] {
      fields.map {
        MappingScenario.Place(layout: $0.layout, entry: $0.entry, offset: lesson.dataOffset + $0.at)
      }
    }
    scenario.aliases = lesson.aliases
    scenario.limits = lesson.limits
    scenario.local = lesson.local
    if case .result = outcome {
      scenario.skipped = places(lesson.skipped)
      scenario.left = places(lesson.left)
      scenario.unverified = places(lesson.unverified)
    }
    add(scenario.name, scenario.text(labels: labels))
  }
}
