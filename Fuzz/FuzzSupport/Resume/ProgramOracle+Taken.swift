import MigrationStream
import ResumeOracle
import ResumePath

/// R3: what a machine took it gives again.
extension ProgramOracle where Base: ~Copyable {
  /// A fresh machine takes the octets that a session committed, and is saved before it does anything: each section that
  /// came is given with the same data, and each subsection in the piece that it came in. So a piece that was left out,
  /// was put in another's place or was taken in spite of a refusal shows, whatever the codec said of it.
  static func checkTaken(_ session: SessionRecord, like run: borrowing Run, _ report: inout ProgramReport) {
    let octets = Array(session.offered.prefix(Int(clamping: session.offset)))
    var options = run.options
    (options.isStrict, options.windowByteCount) = (false, nil)
    var taker = load(octets, like: run, filling: 0x44, options: options)
    let outcome = taker.perform(.save("Z", precopy: false))
    let given = taker.run.streams["Z"]?.octets ?? []
    settle(&taker, &report)
    close(&taker, &report)
    guard outcome == .done, !report.hasViolation, let came = SectionContents(octets), let gives = SectionContents(given),
      let missing = came.missing(in: gives)
    else { return }
    report.verdict = .violation(FuzzViolation("R3", "what came is not what the machine gives: \(missing)"))
  }
}
