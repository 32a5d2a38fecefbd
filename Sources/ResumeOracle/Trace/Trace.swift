/// A text of operations.
///
/// Source: Specs/resume-path.md section 14.
public struct Trace: Equatable, Sendable {
  /// An operation, and the line that it stands in.
  public struct Step: Equatable, Sendable {
    public var operation: TraceOperation
    /// From 1.
    public var line: Int
  }

  public var steps: [Step]

  /// A trace whose operations stand in lines of their own.
  public init(_ operations: [TraceOperation]) {
    steps = operations.enumerated().map { Step(operation: $1, line: $0 + 1) }
  }

  /// - Throws: for text that is no trace.
  public init(parsing text: [UInt8]) throws(TraceFault) {
    guard text.count <= TraceLimits.textBytesMax else {
      throw TraceFault(line: 1, column: 1, "a trace has at most \(TraceLimits.textBytesMax) octets")
    }
    steps = []
    for (index, line) in text.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
      var words = try TraceWords(line, number: index + 1)
      guard !words.isAtEnd else { continue }
      guard steps.count < TraceLimits.operationsMax else {
        throw TraceFault(line: index + 1, column: 1, "a trace has at most \(TraceLimits.operationsMax) operations")
      }
      let operation = try TraceOperation(parsing: &words)
      try words.end()
      steps.append(Step(operation: operation, line: index + 1))
    }
  }

  /// The one spelling of the trace: an operation a line.
  public var text: String { steps.map { $0.operation.text + "\n" }.joined() }
}

/// Why a text is no trace, and where.
public struct TraceFault: Error, Equatable, Sendable {
  /// Both from 1; columns count octets.
  public var line: Int
  public var column: Int
  /// What is wrong; may quote the text.
  public var message: String

  init(line: Int, column: Int, _ message: String) {
    self.line = line
    self.column = column
    self.message = message
  }
}

/// What a trace may ask for.
public enum TraceLimits {
  public static var textBytesMax: Int { 4 << 20 }
  public static var operationsMax: Int { 65_536 }
  /// Octets that stand in one operation.
  public static var inlineBytesMax: Int { 65_536 }
  /// Octets of a name, or of a parameter's value.
  public static var nameBytesMax: Int { 64 }
  public static var parametersMax: Int { 64 }
  public static var streamsMax: Int { 64 }
  public static var streamBytesMax: Int { 1 << 26 }
  /// An octet that is made, changed or written is one unit of work, a call 64, a step of a device 1024.
  public static var workMax: UInt64 { 1 << 28 }
}
