import Foundation
import FuzzSupport
import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath

/// An error as chapter 40 tells them apart.
struct ErrorPair: Hashable, Comparable, CustomStringConvertible {
  var stage: String
  var code: String

  var description: String { "\(stage) \(code)" }

  static func < (left: ErrorPair, right: ErrorPair) -> Bool { left.description < right.description }

  init(_ stage: String, _ code: String) { (self.stage, self.code) = (stage, code) }
  init(_ error: StreamError) { self.init("\(error.stage)", "\(error.code)") }
}

/// What the committed corpus reaches: errors, and steps from one state to another.
struct ReachedErrors {
  private(set) var pairs: Set<ErrorPair> = []
  /// `stop > resuming`.
  private(set) var arcs: Set<String> = []

  init() throws {
    try readScenarios()
    try playTraces()
    for target in ["FuzzDecode", "FuzzTool", "FuzzRoundTrip", "FuzzCanary"] {
      for input in try FuzzCorpus.inputs(of: target) { decode(Array(input.octets.dropLast())) }
    }
    for input in try FuzzCorpus.inputs(of: "FuzzResume") { play(input.octets) }
  }

  /// The verdicts that stand in the files; other tests hold readers to them.
  private mutating func readScenarios() throws {
    let all = try FileManager.default.subpathsOfDirectory(atPath: FuzzCorpus.root.path)
    for name in all where name.hasSuffix(".txt") && !name.hasPrefix("golden/") {
      let text = try String(contentsOf: FuzzCorpus.root.appending(path: name), encoding: .utf8)
      guard text.hasPrefix("expect: reject") else { continue }
      let head = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0 != "" }
      var keys: [Substring: Substring] = [:]
      for line in head {
        guard let colon = line.firstIndex(of: ":") else { continue }
        keys[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == " " }
      }
      if let code = keys["code"] { pairs.insert(ErrorPair(String(keys["stage"] ?? "mapping"), String(code))) }
    }
  }

  private mutating func decode(_ octets: [UInt8]) {
    do throws(StreamError) {
      var decoder = try PullDecoder(octets.span.octets)
      while try decoder.next() != nil {}
      try decoder.finish()
    } catch { pairs.insert(ErrorPair(error)) }
  }

  // MARK: - Traces

  private mutating func playTraces() throws {
    let folder = FuzzCorpus.root.appending(path: "resume/traces")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() where name.hasSuffix(".trace") {
      play(try Trace(parsing: Array(Data(contentsOf: folder.appending(path: name)))).steps.map(\.operation)) { name in
        (try? Data(contentsOf: folder.appending(path: name))).map { Array($0) }
      }
    }
  }

  /// A program as the trace that it is.
  private mutating func play(_ input: [UInt8]) {
    guard let program = ResumeProgram(input) else { return }
    let report = ProgramOracle<ReferenceMachine>.check(program, keepsLines: true)
    play(report.lines) { _ in nil }
  }

  private mutating func play(_ operations: [TraceOperation], files: @escaping (String) -> [UInt8]?) {
    var run = TraceRun<ReferenceMachine> { name, max in files(name).flatMap { $0.count <= max ? $0 : nil } }
    var before: [MigrationState] = []
    for operation in operations {
      let result = run.perform(operation)
      if case .refused(let error) = result.outcome { pairs.insert(ErrorPair(error)) }
      if case .request = operation, result.outcome == .done, before.count == result.states.count {
        for (start, end) in zip(before, result.states) { walk(from: start, to: end) }
      }
      before = result.states
    }
  }

  /// The steps that lead there: reference devices have all optional states.
  private mutating func walk(from start: MigrationState, to end: MigrationState) {
    let capabilities: MigrationCapabilities = [.stopCopy, .p2p, .preCopy]
    var state = start
    while state != end, let next = capabilities.nextState(from: state, toward: end) {
      arcs.insert(Self.arc(state, next))
      state = next
    }
  }

  static func arc(_ start: MigrationState, _ end: MigrationState) -> String { "\(start) > \(end)" }
}
