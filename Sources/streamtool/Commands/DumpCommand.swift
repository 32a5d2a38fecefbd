import ArgumentParser
import ForeignStreams
import MigrationStream
import StreamIO
import StreamReport

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Shows what is in a stream, with the offset and length of everything.",
    discussion: "Damaged streams are shown up to the damage; then comes what is wrong, where, and the octets there.")

  @OptionGroup var input: InputOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Print a table with one row for every run of octets: offset, octets, type, value, meaning; gaps too.")
  var annotate = false

  @Option(help: ArgumentHelp("Show only this path and what lies below it.", valueName: "path"))
  var path = ""

  @Option(help: ArgumentHelp("Levels to show.", valueName: "levels"))
  var depth: Int?

  @Flag(help: "Show the headers of records too, and unfold preamble, manifest, layouts and end.")
  var headers = false

  @Option(
    help: ArgumentHelp(
      "Octets to show of one value; without it 32, and in JSON all of a field's and 32 of a payload's.",
      valueName: "octets"))
  var maxBytes: Int?

  @Option(
    help: ArgumentHelp(
      "own, or analyze-migration: for QEMU streams, what QEMU's script prints, octet for octet.", valueName: "style"))
  var style = DumpStyle.own

  @Flag(help: "Show what layouts say of their fields: types, units, ranges, marks, symbols.")
  var layouts = false

  @Flag(help: "Show fields that are marked secret.")
  var reveal = false

  func validate() throws {
    if annotate, output.form != .text {
      throw ValidationError("--annotate is a table of its own; leave out --json and --jsonl.")
    }
    if annotate, depth != nil {
      throw ValidationError("--annotate accounts for every octet; leave out --depth.")
    }
    if annotate, layouts { throw ValidationError("--annotate shows a layout's octets; leave out --layouts.") }
    if let depth, depth < 1 { throw ValidationError("--depth counts from 1.") }
    if let maxBytes, !(0...1_048_576).contains(maxBytes) { throw ValidationError("--max-bytes is 0 to 1048576.") }
  }

  func run() throws {
    if style == .analyzeMigration { return try analyze() }
    let writer = output.writer(
      command: "dump", form: annotate ? .annotated : output.form, showsGaps: path.isEmpty)
    try reportFiles(input.names(), writer) { (input) throws(IOFailure) in
      let places = writer.nodeCount
      var outcome = try dump(input, writer)
      if !path.isEmpty, writer.nodeCount == places {
        outcome.verdict.notes.append("nothing has the path \(path)")
        outcome.status = outcome.status.and(.refused)
      }
      return outcome
    }
  }

  private var inspection: InspectionOptions {
    var options = InspectionOptions()
    options.showsHeaders = headers
    options.accountsForAll = annotate
    options.octetsMax = maxBytes ?? (output.form == .text ? 32 : Int.max)
    options.payloadOctetsMax = maxBytes ?? 32
    options.reveals = reveal
    options.listsLayouts = layouts
    options.foldsFraming = output.form == .text && !annotate && !headers && path.isEmpty && depth == nil
    return options
  }

  /// Prints QEMU streams one after the other, as the script would.
  private func analyze() throws {
    let output = OutputBox()
    var status = ToolStatus.good
    for name in try input.names() where output.failure == nil {
      do {
        var input = try InputFile.open(name)
        try input.spool()
        if let damage = try QEMUDump.analyze(FileOctets(input), to: output) { throw damage }
      } catch let failure as IOFailure {
        status = status.and(ToolStatus.report(failure))
      } catch let error as ForeignError {
        for line in ReportText.lines(ReportFault(error)) { ToolStatus.complain("\(name): \(line)") }
        status = status.and(.refused)
      }
    }
    if let failure = output.failure { throw failure }
    try output.flush()
    if status != .good { throw status }
  }

  private func dump(_ input: consuming InputFile, _ writer: ToolWriter) throws(IOFailure) -> FileOutcome {
    let filter = ReportFilter(writer, selection: ReportSelection(path: path, depth: depth))
    if QEMUDump.recognises(input) {
      try input.spool()
      let source = FileOctets(input)
      // A table of octets has to follow the original's order; everything else is said of the conversion.
      if annotate { return QEMUDump.report(source, filter, octetsMax: maxBytes ?? 32, showsPages: headers) }
      return try QEMUConvertedDump.report(source, filter, options: inspection)
    }
    var inspector = StreamInspector(filter, options: inspection)
    var options = DecoderOptions()
    options.leavesSectionsToHandler = true
    options.collectsContent = input.wantsContent
    var decoder = try makeDecoder(options)
    var refusal: StreamError?
    do throws(IOFailure) {
      refusal = try decode(&input, with: &decoder, to: &inspector) { _ in writer.output.failure == nil }
      if refusal == nil, decoder.state.hasEnded { refusal = try checkAreas(of: input, decoder.state) }
    } catch {
      inspector.close()
      throw error
    }
    if let refusal { inspector.refuse(refusal, decoder.state, input.window(around: refusal.offset)) }
    let verdict = ReportVerdict(
      refusal == nil ? .good : .refused, octets: decoder.offset, records: decoder.state.totals.recordCount,
      checked: ["framing", "digests", "data"], notes: inspector.notes)
    return FileOutcome(verdict, ToolStatus(refusal), size: input.size)
  }
}

enum DumpStyle: String, CaseIterable, ExpressibleByArgument {
  case own
  case analyzeMigration = "analyze-migration"
}
