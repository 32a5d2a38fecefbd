import ArgumentParser
import DeviceModel
import StreamIO
import StreamReport

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether state loads somewhere else, from documents alone, and finds the best destination.",
    discussion: """
      SOURCE is a stream (preamble and manifest are read, nothing else) or an information document. Each DESTINATION is \
      a file with one information document; - is standard input with one a line.
      Exit status: 0 when a destination fits, 1 when none does.
      """)

  @Argument(help: ArgumentHelp("A stream, or an information document; - is standard input.", valueName: "source"))
  var source: String

  @Argument(help: ArgumentHelp("Information documents; - is one a line on standard input.", valueName: "destination"))
  var destinations: [String]

  @Flag(help: "Print what to write to the best destination before the load.")
  var plan = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !destinations.isEmpty else { throw ValidationError("Name a DESTINATION, or - to read one a line.") }
    guard ([source] + destinations).count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("Standard input is read once; give - in one place only.")
    }
  }

  func run() throws {
    let source = try CheckSource(reading: source)
    let report = CheckReport(output.form, colour: output.color.isOn)
    report.start(source)
    var ranking = DestinationRanking()
    var best: (name: String, plan: [DevicePlan])?
    let status = try DestinationReader(names: destinations).forEach { name, line, document in
      let finding = document.map { source.check.verdict(of: $0) }
      let found = DestinationReport(name: name, line: line, finding: finding)
      report.destination(found)
      if ranking.add(found), plan, case .success(let document) = document, ranking.hasFit {
        best = (name, source.check.plan(for: document))
      }
      if let failure = report.failure { throw failure }
    }
    report.order(ranking.ordered())
    if let best { report.plan(best.plan, for: best.name) }
    report.end(fits: ranking.hasFit)
    if let failure = report.failure { throw failure }
    let outcome = status.and(ranking.hasFit ? .good : .refused)
    if outcome != .good { throw outcome }
  }
}
