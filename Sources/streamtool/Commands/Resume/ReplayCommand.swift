import ArgumentParser
import DeviceModel
import MigrationStream
import ReferenceDevices
import ResumeOracle
import StreamIO
import StreamReport

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Plays a text of operations on a reference device, and says what each led to.",
    discussion: """
      A trace says what a caller did to a machine, one operation a line; its "expect" lines make it a test. Fuzzers print \
      what they found as traces. The language is described in Specs/resume-path.md section 14. This one takes a stream with \
      one wrong bit, sees it refused, and then the right one:

        machine serial seed 7
        stream good machine serial seed 9 steps 100
        stream bad copy good
        flip bad r1+70.3
        request resuming
        write bad ..
        expect code digestMismatch
        expect state error
        reset
        request resuming
        write good ..
        finish
        expect like serial seed 9 steps 100

      Exit status: 0 every expectation holds; 1 one does not, the text is no trace, or it asks for too much; 2 usage or input.
      """)

  @OptionGroup var input: InputOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  @Flag(help: "Print the one spelling of each trace, and play nothing.")
  var format = false

  func run() throws {
    var status = ToolStatus.good
    var documents: [JSONValue] = []
    let names = try input.names()
    for name in names {
      do throws(IOFailure) {
        let text = try Self.text(name)
        let replay = TraceReplay(name, isNamed: names.count > 1, form: json ? .json : .text)
        let outcome = format ? try replay.format(text) : try replay.play(text)
        status = status.and(outcome.status)
        if let document = outcome.document { documents.append(document) }
      } catch {
        status = status.and(ToolStatus.report(error))
      }
    }
    if json, !format {
      try ModelOutput.write(
        json: .record([
          "schema": .number(ToolWriter.schema), "command": .text("replay"), "files": .list(documents),
        ]))
    }
    if status != .good { throw status }
  }

  /// The octets of a trace, one more than it may have at most.
  private static func text(_ name: String) throws(IOFailure) -> [UInt8] {
    var input = try InputFile.open(name)
    var text: [UInt8] = []
    while text.count <= TraceLimits.textBytesMax, try input.advance() {
      let piece = input.piece
      for index in 0..<piece.byteCount { text.append(piece.octet(at: index)) }
    }
    return text
  }
}
