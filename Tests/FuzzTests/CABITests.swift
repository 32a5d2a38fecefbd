import Foundation
import FuzzSupport
import StreamMutation
import Testing

/// Programs of C calls: the committed ones, and some made by chance from them.
@Suite struct CABITests {
  private let corpus: [[UInt8]]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appending(path: "Corpus/fuzz/cabi")
    corpus = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      Array(try Data(contentsOf: folder.appending(path: $0)))
    }
  }

  @Test func committedProgramsBreakNoRule() {
    #expect(!corpus.isEmpty)
    for program in corpus { #expect(CABITarget.check(program) == .fine) }
  }

  @Test func changedProgramsBreakNoRule() {
    for seed in UInt64(0)..<300 {
      var chance = Chance(seed)
      var program = corpus[chance.below(corpus.count)]
      for _ in 0..<4 { program[chance.below(program.count)] = UInt8(chance.below(256)) }
      #expect(CABITarget.check(program) == .fine, "seed \(seed)")
    }
  }
}
