import Foundation
import ReferenceDevices
import ResumeOracle
import StreamTestKit
import Testing

/// Traces of the corpus: every expectation holds.
struct TraceCorpusTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Corpus/resume/traces")

  static func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".trace") }.sorted()
  }

  @Test(arguments: try names())
  func holds(name: String) throws {
    let text = try [UInt8](Data(contentsOf: Self.folder.appending(path: name)))
    let trace = try Trace(parsing: text)
    #expect(try Trace(parsing: Array(trace.text.utf8)).text == trace.text)
    var run = TraceRun<ReferenceMachine> { name, max in
      guard let data = try? Data(contentsOf: Self.folder.appending(path: name)), data.count <= max else { return nil }
      return [UInt8](data)
    }
    var expectations = 0
    for step in trace.steps {
      if case .expect = step.operation { expectations += 1 }
      let result = run.perform(step.operation)
      #expect(result.isGood, "line \(step.line): \(step.operation.text): \(result.outcome)")
    }
    #expect(expectations > 0)
  }
}
