import Foundation
import StreamMutation
import Testing

@Suite struct MutationDictionaryTests {
  @Test("Fuzz/migstream.dict is what the format's constants say")
  func isFresh() throws {
    let file = FuzzCorpus.root.deletingLastPathComponent().appending(path: "Fuzz/migstream.dict")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text == MutationDictionary.text, "stale: run corpusgen --dictionary Fuzz/migstream.dict")
  }

  @Test("Every line is a comment or a word in libFuzzer's spelling")
  func isWellFormed() {
    let lines = MutationDictionary.text.split(separator: "\n")
    #expect(lines.count > 80)
    #expect(Set(lines.map { $0.prefix { $0 != "=" } }).count == lines.count)
    for line in lines.dropFirst() {
      #expect(line.wholeMatch(of: /[A-Za-z0-9_]+="(\\x[0-9a-f]{2})+"/) != nil, "\(line)")
    }
  }
}
