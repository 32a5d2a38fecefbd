import ArgumentParser
import MigrationStream
import StreamIO
import StreamReport

struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Shows the index of a stream or image and compares it with the records; writes one anew, or removes it.",
    discussion: "An index that is missing is legal, one that is wrong is damage.")

  @Argument(help: ArgumentHelp("File to read; - is standard input.", valueName: "file"))
  var file = "-"

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the same records with a fresh index to this file.", valueName: "file"))
  var output: String?

  @Flag(help: "With --output: write the records without an index.")
  var remove = false

  @OptionGroup var report: OutputOptions

  func validate() throws {
    if remove, output == nil { throw ValidationError("--remove wants --output: the file itself is never changed.") }
    if output != nil, report.form != .text { throw ValidationError("--output writes a stream; leave out --json.") }
  }

  func run() throws {
    if let output { return try write(to: output) }
    let writer = report.writer(command: "index", showsGaps: false)
    try reportFiles([file], writer) { (input) throws(IOFailure) in try show(input, writer) }
  }

  private func show(_ input: consuming InputFile, _ writer: ToolWriter) throws(IOFailure) -> FileOutcome {
    if QEMUDump.recognises(input) { return .foreign }
    var options = InspectionOptions()
    options.octetsMax = Int.max
    var handler = IndexRecords(inspector: StreamInspector(ReportFilter(writer), options: options))
    var decoding = DecoderOptions()
    decoding.collectsContent = true
    var decoder = try makeDecoder(decoding)
    let refusal = try decode(&input, with: &decoder, to: &handler, showing: "reading")
    if let refusal { handler.inspector.refuse(refusal, decoder.state, input.window(around: refusal.offset)) }
    let notes =
      handler.hasIndex || refusal != nil ? [] : ["there is no index, which is legal; index FILE -o FILE writes one"]
    return FileOutcome(
      ReportVerdict(
        refusal == nil ? .good : .refused, octets: decoder.offset, records: decoder.state.totals.recordCount,
        checked: ["framing", "digests", "data", "index"], notes: notes), ToolStatus(refusal))
  }

  // MARK: Writing

  private func write(to output: String) throws {
    var input = try InputFile.open(file)
    if QEMUDump.recognises(input) { throw ValidationError("convert this stream of another VMM first.") }
    if !input.isImage { try input.spool() }
    var target = try AtomicOutputFile(path: output)
    if input.isImage { try target.checkSeekable() }
    let head = try input.octets(at: 0, count: Preamble.byteCount)
    var preamble = try Preamble(head.span.octets)
    preamble.recordByteCountMax = 0
    preamble.optionalFlags &= ~(remove ? OptionalFlags.indexed : OptionalFlags.canonical)
    var adopter = RecordAdopter(
      try StreamEncoder(preamble: preamble, checksSections: false, indexes: !remove))
    var decoder = try makeDecoder(DecoderOptions())
    // The index that is there is thrown away, so a wrong one does no harm.
    if let refusal = try decode(&input, with: &decoder, to: &adopter, showing: "reading"), refusal.code != .badIndex {
      throw ToolStatus.complain(refusal, decoder.state, input)
    }
    try target.begin(adopter.encoder)
    try target.copy(
      input, UInt64(Preamble.byteCount)..<adopter.encoder.byteCount, keepsHoles: preamble.profile == .image)
    if !remove { try target.index(&adopter.encoder) }
    try target.end(&adopter.encoder)
    try target.commit()
  }
}

/// Takes the records of a stream, its index excepted, into an encoder that goes on behind them.
private struct RecordAdopter: StreamHandler, ~Copyable {
  var encoder: StreamEncoder

  init(_ encoder: consuming StreamEncoder) { self.encoder = encoder }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    switch record.header.knownKind {
    case .index, .indexPage, .end, .abort: break
    default: try encoder.adopt(record)
    }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}
}

/// Passes on the records of an index.
private struct IndexRecords: StreamHandler {
  var inspector: StreamInspector<ToolWriter>
  private(set) var hasIndex = false
  private var isOpen = false

  init(inspector: StreamInspector<ToolWriter>) { self.inspector = inspector }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    isOpen = record.header.knownKind == .index || record.header.knownKind == .indexPage
    if isOpen { try inspector.record(record, state) }
    hasIndex = hasIndex || record.header.knownKind == .index
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {}

  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError) {
    if isOpen { try inspector.recordEnd(header, at: offset, state) }
    isOpen = false
  }
}
