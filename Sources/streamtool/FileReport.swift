import StreamIO
import StreamReport

typealias ToolWriter = ReportWriter<ToolOutput>

/// What a command found out about one file.
struct FileOutcome {
  var verdict: ReportVerdict
  var status: ToolStatus
  /// Octets of the file where they are known.
  var size: UInt64?

  init(_ verdict: ReportVerdict, _ status: ToolStatus, size: UInt64? = nil) {
    self.verdict = verdict
    self.status = status
    self.size = size
  }
}

/// The report of a command over its files. Trouble with one file does not keep the others from being looked at.
///
/// - Parameters:
///   - isSilent: In text, good files are not mentioned.
///   - firstByteCount: The longest first read of a file.
///   - look: Looks at one file, and writes its nodes and its fault.
/// - Throws: the status, unless it is good; the failure of the output.
func reportFiles(
  _ names: [String], _ writer: ToolWriter, isSilent: Bool = false,
  firstByteCount: Int = InputFile.pieceByteCount,
  _ look: (consuming InputFile) throws(IOFailure) -> FileOutcome
) throws {
  var status = ToolStatus.good
  writer.start()
  for name in names {
    guard writer.output.failure == nil else { break }
    writer.startFile(name == "-" ? "standard input" : name, showsName: names.count > 1)
    let outcome: FileOutcome
    do throws(IOFailure) {
      outcome = try look(InputFile.open(name, firstByteCount: firstByteCount))
    } catch {
      outcome = FileOutcome(ReportVerdict(.failed, notes: [error.description]), ToolStatus.report(error))
    }
    status = status.and(outcome.status)
    if isSilent, writer.form == .text, outcome.status == .good { continue }
    writer.endFile(outcome.verdict, size: outcome.size)
  }
  writer.finish()
  writer.output.flush()
  if let failure = writer.output.failure { throw failure }
  if status != .good { throw status }
}
