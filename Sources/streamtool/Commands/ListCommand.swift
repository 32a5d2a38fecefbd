import ArgumentParser
import MigrationStream
import StreamIO
import StreamReport

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls",
    abstract: "Lists what can be got from a stream or an image: devices, sections, byte strings, memory regions.",
    discussion: "Through the index, with a few small reads, where there is one; else the whole is read once.")

  @OptionGroup var input: InputOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var statistics: StatisticsOptions

  func run() throws {
    let writer = output.writer(command: "ls")
    try reportFiles(input.names(), writer, firstByteCount: StateAccess.firstByteCount) { (input) throws(IOFailure) in
      let tally = input.tally
      let outcome = try list(input, writer)
      statistics.report(tally)
      return outcome
    }
  }

  private func list(_ input: consuming InputFile, _ writer: ToolWriter) throws(IOFailure) -> FileOutcome {
    if QEMUDump.recognises(input) { return .foreign }
    switch try StateAccess.open(input) {
    case .refused(let fault, let status):
      writer.fault(fault)
      return FileOutcome(ReportVerdict(.refused), status)
    case .surveyed(let surveyed):
      var listing = StateListing(writer, surveyed.facts)
      listing.write(surveyed.decoder.state)
      return FileOutcome(
        ReportVerdict(
          .good, octets: surveyed.decoder.offset, records: surveyed.decoder.state.totals.recordCount,
          checked: ["framing", "digests", "data"]), .good)
    case .indexed(let indexed):
      do throws(StreamError) {
        var listing = StateListing(writer, try indexed.facts())
        listing.write(indexed.reader.state)
      } catch {
        writer.fault(ReportFault(error, path: "/index", window: indexed.input.window(around: error.offset)))
        return FileOutcome(ReportVerdict(.refused), ToolStatus(error))
      }
      return FileOutcome(ReportVerdict(.partial, checked: ["preamble", "manifest", "index"]), .good)
    }
  }
}

struct StatisticsOptions: ParsableArguments {
  @Flag(help: "Say on standard error how often and how much of the file was read.")
  var statistics = false

  func report(_ tally: ReadTally) {
    if statistics { ToolStatus.complain("\(tally.reads) reads, \(tally.octets) octets read") }
  }
}

extension FileOutcome {
  /// Other VMMs' streams have to become ours first.
  static var foreign: FileOutcome {
    FileOutcome(
      ReportVerdict(.refused, notes: ["this is a stream of another VMM; streamtool convert makes one of ours of it"]),
      .refused)
  }
}
