import DeviceModel
import Foundation

/// Files of the repository.
enum RepositoryFile {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Paths of the files below `folder` that are JSON, sorted.
  static func documents(below folder: String) -> [String] {
    let base = root.appending(path: folder)
    let found = FileManager.default.enumerator(atPath: base.path(percentEncoded: false))
    return (found?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".json") }.sorted().map {
      "\(folder)/\($0)"
    }
  }
}

/// A document that uses every construct of the chapter once, for tests that break one thing of it.
enum SampleDocument {
  static let path = "Corpus/models/refused/sample.json"

  static func text() throws -> String { try RepositoryFile.text(path) }
}

/// CI sets MIGSTREAM_LONG_TESTS: every octet and every value of it, where a developer's run samples.
enum LongTests {
  static let areOn = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil
}

/// The document that a text holds.
func document(_ text: String) throws(DocumentFault) -> ModelDocument {
  try ModelDocument(json: JSONValue(parsing: Array(text.utf8)))
}

/// The fault that octets have as a document.
func documentFault(_ octets: [UInt8]) -> DocumentFault? {
  do throws(DocumentFault) {
    _ = try ModelDocument(json: JSONValue(parsing: octets))
    return nil
  } catch {
    return error
  }
}
