import ArgumentParser
import MigrationStream
import StreamIO
import StreamReport

struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Says what a stream is and what is in it, from its first records and its end.",
    discussion: "Reads the preamble and the manifest, and END where the input can seek; checks nothing else.")

  @OptionGroup var input: InputOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let writer = output.writer(command: "info", showsOffsets: false)
    try reportFiles(input.names(), writer) { (input) throws(IOFailure) in try describe(input, writer) }
  }

  /// Octets pushed at once: what follows the manifest is not looked at.
  private static let stepByteCount = 4_096

  private func describe(
    _ input: consuming InputFile, _ writer: ToolWriter
  ) throws(IOFailure) -> FileOutcome {
    if QEMUDump.recognises(input) {
      try input.spool()
      return QEMUDump.overview(FileOctets(input), writer, showsNodes: true)
    }
    var overview = StreamOverview(writer)
    var options = DecoderOptions()
    options.checksSections = false
    // What comes after the manifest is not read, on whatever channel.
    options.readsChannels = true
    var decoder = try makeDecoder(options)
    var refusal: StreamError?
    while refusal == nil, !overview.hasManifest, try input.advance() {
      var rest = input.piece
      while rest.byteCount > 0, !overview.hasManifest, refusal == nil {
        let step = rest.extracting(first: min(rest.byteCount, Self.stepByteCount))
        rest = rest.extracting(droppingFirst: step.byteCount)
        do throws(StreamError) { _ = try decoder.push(step, to: &overview) } catch { refusal = error }
      }
    }
    if refusal == nil, !overview.hasManifest {
      do throws(StreamError) { try decoder.finish() } catch { refusal = error }
    }
    if overview.hasManifest {
      refusal = nil
      try readEnd(input, &overview)
    }
    if let refusal {
      writer.fault(ReportFault(refusal, path: "", window: input.window(around: refusal.offset)))
      return FileOutcome(ReportVerdict(.refused, octets: decoder.offset), ToolStatus(refusal))
    }
    return FileOutcome(ReportVerdict(.partial, octets: decoder.offset, checked: ["preamble", "manifest"]), .good)
  }

  /// The last record, where the input can seek to it.
  private func readEnd(_ input: borrowing InputFile, _ overview: inout StreamOverview<ToolWriter>) throws(IOFailure) {
    let length = UInt64(StreamOverview<ToolWriter>.endByteCount)
    guard let size = input.size, size >= length else { return }
    var octets = OwnedBytes()
    try input.read(at: size - length, count: Int(length), into: &octets)
    overview.takeEnd(octets.bytes)
  }
}
