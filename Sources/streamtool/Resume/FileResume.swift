import MigrationStream
import ResumePath
import StreamIO
import StreamReport

/// Resumes a stream of a file.
struct FileResume {
  private let name: String

  init(_ name: String) { self.name = name }

  func resume(_ command: ResumeCommand) throws -> ResumeOutcome {
    var input = try InputFile.open(name)
    var outcome = ResumeOutcome(file: name == "-" ? "standard input" : name)
    var finder = try ManifestFinder()
    do {
      while !finder.hasManifest, try input.advance() { try finder.push(input.piece) }
      if !finder.hasManifest { try finder.finish() }
    } catch let error as StreamError {
      outcome.refuse(error, path: "", input.window(around: error.offset))
      return outcome
    }
    var run = try command.makeRun(finder)
    do {
      try run.take(finder.head.span.octets)
      while try input.advance() { try run.take(input.piece) }
      try run.finish()
    } catch let error as StreamError {
      outcome.refuse(error, path: finder.path(of: error), input.window(around: error.offset))
      try outcome.noteAndReset(&run)
      return outcome
    }
    try command.runOn(&run, &outcome)
    try outcome.note(&run)
    return outcome
  }
}
