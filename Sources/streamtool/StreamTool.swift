import ArgumentParser
import MigrationStream
import StreamIO
import StreamReport

struct StreamTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streamtool",
    abstract: "Looks into saved device state: dumps, verifies and converts migration streams.",
    discussion: """
      Every FILE may be - for standard input, and may be compressed with gzip.
      Exit status: 0 good; 1 refused, different or incompatible; 2 usage or input/output; 3 a defect of this program.
      """,
    version: toolVersion,
    subcommands: [
      DumpCommand.self, InfoCommand.self, VerifyCommand.self, ListCommand.self, GetCommand.self, IndexCommand.self,
      ConvertCommand.self, MutateCommand.self, CheckCommand.self, ModelCommand.self,
      SaveCommand.self, ResumeCommand.self, ReplayCommand.self,
    ])
}

/// The version of the program, also named as producer of what it writes.
let toolVersion = "0.1.0"

/// Arguments to one call, output, exit status.
@main
enum Main {
  static func main() {
    ignoreBrokenPipeSignal()
    do {
      var command = try StreamTool.parseAsRoot()
      try command.run()
    } catch let status as ToolStatus {
      status.exit()
    } catch let failure as IOFailure {
      ToolStatus.report(failure).exit()
    } catch let refusal as StreamError {
      ToolStatus.report(refusal).exit()
    } catch let trouble as ModelTrouble {
      trouble.report().exit()
    } catch let unknown as MachineUnknown {
      unknown.report().exit()
    } catch {
      leave(error)
    }
  }

  /// Help and version end well; everything else the parser says is a mistake in the call.
  private static func leave(_ error: any Error) {
    let message = StreamTool.fullMessage(for: error)
    let isHelp = StreamTool.exitCode(for: error) == .success
    let text = message.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).visible(keeping: "\"\\") }.joined(separator: "\n")
    var writer = DescriptorWriter(isHelp ? .standardOutput() : .standardError())
    try? writer.write(text + "\n")
    try? writer.flush()
    (isHelp ? ToolStatus.good : .trouble).exit()
  }
}
