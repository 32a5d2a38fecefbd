import Foundation
import StreamTestKit

/// The committed inputs of the fuzz targets.
enum FuzzCorpus {
  /// The scenarios of the formats.
  static let scenarios = Result { try Scenario.all(below: path) }
  static var path: String { root.path }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Corpus").standardized

  struct Input {
    let name: String
    let octets: [UInt8]
  }

  /// The inputs of a target, by name; none where the target has no folder yet.
  static func inputs(of target: String) throws -> [Input] {
    let folder = root.appending(path: "fuzz/\(target)")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
      Input(name: name, octets: Array(try Data(contentsOf: folder.appending(path: name))))
    }
  }

  /// Writes an input that is made, when asked to.
  static func update(_ name: String, _ octets: [UInt8]) throws {
    guard ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil else { return }
    let file = root.appending(path: "fuzz/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(octets).write(to: file)
  }
}
