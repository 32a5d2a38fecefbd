import ArgumentParser
import MigrationStream
import StreamIO
import StreamReport

struct GetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Gets one thing from a stream or an image: a field, a section, a device, or the octets of memory.",
    discussion: """
      /devices/... is printed as dump prints it. /memory/REGION and /bytes/DEVICE are octets, as they finally are, to \
      --output or to a pipe. With an index only what is needed is read, and all of that is checked.
      """)

  @Argument(help: ArgumentHelp("File to read; - is standard input.", valueName: "file"))
  var file: String

  @Argument(help: ArgumentHelp("What to get, as ls and dump name it.", valueName: "path"))
  var path: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the octets to this file; zeros become holes.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("First octet of the region or byte string to get.", valueName: "octets"))
  var offset: UInt64?

  @Option(help: ArgumentHelp("Octets to get; without it all to the end.", valueName: "octets"))
  var length: UInt64?

  @Option(help: ArgumentHelp("Octets to show of one value.", valueName: "octets"))
  var maxBytes: Int?

  @Flag(help: "Show fields that are marked secret.")
  var reveal = false

  @OptionGroup var report: OutputOptions
  @OptionGroup var statistics: StatisticsOptions

  /// Whether the path names octets and not values.
  private var isRaw: Bool {
    StatePath.isPath(path, within: "/memory") || StatePath.isPath(path, within: "/bytes")
  }

  func validate() throws {
    if let maxBytes, !(0...1_048_576).contains(maxBytes) { throw ValidationError("--max-bytes is 0 to 1048576.") }
    if isRaw {
      if report.form != .text { throw ValidationError("Octets are written as they are; leave out --json and --jsonl.") }
    } else if output != nil || offset != nil || length != nil {
      throw ValidationError("--output, --offset and --length are for /memory/REGION and /bytes/DEVICE.")
    }
  }

  func run() throws {
    if isRaw {
      if output == nil, Descriptor.standardOutput().isTerminal {
        throw ValidationError("Octets do not go to a terminal; give --output FILE.")
      }
      return try OctetGetter(path: path, output: output ?? "-", offset: offset, length: length)
        .run(file, statistics)
    }
    let writer = report.writer(command: "get", showsGaps: false)
    try reportFiles([file], writer, firstByteCount: StateAccess.firstByteCount) { (input) throws(IOFailure) in
      let tally = input.tally
      let outcome = try show(input, writer)
      statistics.report(tally)
      return outcome
    }
  }

  // MARK: Values

  private var inspection: InspectionOptions {
    var options = InspectionOptions()
    options.octetsMax = maxBytes ?? (report.form == .text ? 32 : Int.max)
    options.reveals = reveal
    return options
  }

  private func show(_ input: consuming InputFile, _ writer: ToolWriter) throws(IOFailure) -> FileOutcome {
    if QEMUDump.recognises(input) { return .foreign }
    let filter = ReportFilter(writer, selection: ReportSelection(path: path))
    var inspector = StreamInspector(filter, options: inspection)
    let places = writer.nodeCount
    var outcome: FileOutcome
    let near: [String]
    switch try StateAccess.open(input) {
    case .refused(let fault, let status):
      writer.fault(fault)
      return FileOutcome(ReportVerdict(.refused), status)
    case .indexed(var indexed):
      if let refusal = try indexed.sections(within: path, to: &inspector) {
        inspector.refuse(refusal, indexed.reader.state, indexed.input.window(around: refusal.offset))
        return FileOutcome(ReportVerdict(.refused), ToolStatus(refusal))
      }
      outcome = FileOutcome(ReportVerdict(.partial, checked: ["digests", "data"], notes: inspector.notes), .good)
      near = writer.nodeCount == places ? try indexed.nearest(to: path) : []
    case .surveyed(var surveyed):
      if let refusal = try surveyed.sections(within: path, to: &inspector) {
        inspector.refuse(refusal, surveyed.decoder.state, surveyed.input.window(around: refusal.offset))
        return FileOutcome(ReportVerdict(.refused), ToolStatus(refusal))
      }
      outcome = FileOutcome(
        ReportVerdict(.partial, checked: ["framing", "digests", "data"], notes: inspector.notes), .good)
      near = writer.nodeCount == places ? try surveyed.nearest(to: path) : []
    }
    if writer.nodeCount == places {
      outcome.verdict.notes.append(Self.nothing(path, near))
      outcome.status = .refused
    }
    return outcome
  }

  /// What is said when a path names nothing.
  static func nothing(_ path: String, _ near: [String]) -> String {
    "nothing has the path \(path)" + (near.isEmpty ? "; ls shows what there is" : "; near it: " + near.joined(separator: ", "))
  }
}

// MARK: - Sections by path

extension StreamState {
  /// Whether a section lies at or below a path, or the path inside the section.
  borrowing func isSection(_ section: Int, of device: Int, relatedTo path: String) -> Bool {
    let place = StatePath.section(section, of: device, self)
    return StatePath.isPath(place, within: path) || StatePath.isPath(path, within: place)
  }

  /// The paths of everything that can be got.
  borrowing func statePaths(hasBytes: (Int) -> Bool) -> [String] {
    var paths: [String] = []
    for device in 0..<manifest.devices.count {
      paths.append(StatePath.device(device, self))
      for section in 0..<manifest.devices[device].sectionCount {
        paths.append(StatePath.section(section, of: device, self))
      }
      if hasBytes(device) { paths.append(StatePath.byteString(of: device, self)) }
    }
    for region in 0..<manifest.regions.count { paths.append(StatePath.region(region, self)) }
    return paths
  }
}

extension IndexedInput {
  /// Shows the sections that a path names, lies in or lies above.
  mutating func sections<Handler: StreamHandler & ~Copyable>(
    within path: String, to handler: inout Handler
  ) throws(IOFailure) -> StreamError? {
    do {
      for device in 0..<reader.state.manifest.devices.count {
        for section in 0..<reader.state.manifest.devices[device].sectionCount
        where reader.state.isSection(section, of: device, relatedTo: path) {
          try self.section(section, of: UInt32(device), to: &handler)
        }
      }
      return nil
    } catch let refusal as StreamError {
      return refusal
    } catch {
      throw error as? IOFailure ?? IOFailure("read", input.name, .outOfMemory)
    }
  }

  mutating func nearest(to path: String) throws(IOFailure) -> [String] {
    let collector = PathCollector()
    var inspector = StreamInspector(ReportFilter(collector), options: InspectionOptions())
    _ = try sections(within: path, to: &inspector)
    let byteStrings = Set((0..<reader.byteStringCount).map { Int(reader.byteStringEntry($0).device) })
    return StatePath.nearest(
      to: path, among: collector.paths + reader.state.statePaths { byteStrings.contains($0) })
  }
}

extension SurveyedInput {
  /// Shows the sections that a path names, lies in or lies above.
  mutating func sections<Handler: StreamHandler>(
    within path: String, to handler: inout Handler
  ) throws(IOFailure) -> StreamError? {
    var wanted: Set<Int> = []
    for device in 0..<decoder.state.manifest.devices.count {
      let first = decoder.state.manifest.devices[device].firstSection
      for section in 0..<decoder.state.manifest.devices[device].sectionCount
      where decoder.state.isSection(section, of: device, relatedTo: path) {
        wanted.insert(first + section)
      }
    }
    return try sections(to: &handler, at: wanted)
  }

  mutating func nearest(to path: String) throws(IOFailure) -> [String] {
    let collector = PathCollector()
    var inspector = StreamInspector(ReportFilter(collector), options: InspectionOptions())
    _ = try sections(within: path, to: &inspector)
    let strings = survey.byteStrings
    return StatePath.nearest(
      to: path, among: collector.paths + decoder.state.statePaths { !strings[$0].parts.isEmpty })
  }
}
