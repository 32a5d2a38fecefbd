import ArgumentParser
import StreamIO
import StreamReport

/// Standard output of a report. The first failed write is kept, and ends the work.
struct ToolOutput: ReportOutput, ~Copyable {
  private var writer = DescriptorWriter(.standardOutput())
  private(set) var failure: IOFailure?

  mutating func write(_ text: String) {
    guard failure == nil else { return }
    do throws(IOFailure) { try writer.write(text) } catch { failure = error }
  }

  mutating func flush() {
    guard failure == nil else { return }
    do throws(IOFailure) { try writer.flush() } catch { failure = error }
  }
}

enum ColourChoice: String, CaseIterable, ExpressibleByArgument {
  case auto, always, never

  /// Only on a terminal, and not against NO_COLOR, unless asked for.
  var isOn: Bool {
    switch self {
    case .always: true
    case .never: false
    case .auto: Descriptor.standardOutput().isTerminal && !environmentHas("NO_COLOR")
    }
  }
}

struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document.")
  var json = false

  @Flag(help: "Print one JSON object a line.")
  var jsonl = false

  @Option(help: ArgumentHelp("When to use colour: auto, always or never.", valueName: "when"))
  var color = ColourChoice.auto

  func validate() throws {
    if json && jsonl { throw ValidationError("--json and --jsonl exclude each other; give one of them.") }
  }

  var form: ReportForm { json ? .json : jsonl ? .jsonLines : .text }

  func writer(
    command: String, form: ReportForm? = nil, showsOffsets: Bool = true, showsGaps: Bool = true
  ) -> ToolWriter {
    let writer = ReportWriter(
      ToolOutput(), form: form ?? self.form, command: command, isColoured: color.isOn)
    writer.showsOffsets = showsOffsets
    writer.showsGaps = showsGaps
    return writer
  }
}

struct ChannelOptions: ParsableArguments {
  @Option(
    name: .customLong("channel"),
    help: ArgumentHelp("A file that holds another channel of the stream; once for each, in any order.", valueName: "file"))
  var channels: [String] = []
}

struct InputOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("Files to read; - is standard input.", valueName: "file"))
  var files: [String] = []

  /// The files; standard input when none was named and it is not a terminal.
  func names() throws -> [String] {
    if !files.isEmpty { return files }
    if Descriptor.standardInput().isTerminal {
      throw ValidationError("Name a FILE, or - to read standard input.")
    }
    return ["-"]
  }
}
