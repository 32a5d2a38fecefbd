import MigrationStream
import StreamIO
import StreamReport

/// How the program ends.
enum ToolStatus: Int32, Error {
  case good = 0
  /// Refused, different, incompatible.
  case refused = 1
  /// Usage, input or output.
  case trouble = 2
  /// Our own mistake.
  case defect = 3

  func exit() -> Never { endProcess(status: rawValue) }

  /// The worse of two: what a call over several files ends with.
  func and(_ other: ToolStatus) -> ToolStatus { rawValue >= other.rawValue ? self : other }

  /// Says on standard error what failed; a reader who left is no news.
  static func report(_ failure: IOFailure) -> ToolStatus {
    if !failure.isBrokenPipe { complain(failure.description) }
    return failure.isDamage ? .refused : .trouble
  }

  /// Says on standard error why a stream was refused, where no report does.
  static func report(_ refusal: StreamError) -> ToolStatus {
    for line in ReportText.lines(ReportFault(refusal, path: "")) { complain(line) }
    return ToolStatus(refusal)
  }

  static func complain(_ text: String) {
    var writer = DescriptorWriter(.standardError())
    try? writer.write("streamtool: " + text.visible(keeping: "\"\\") + "\n")
    try? writer.flush()
  }
}
