import DeviceModel
import Foundation

/// The published models and what lies beside them.
enum ShippedModels {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appending(path: "Specs/devices")

  /// Paths below the folder, in octet order.
  static let paths: [String] = {
    let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".json") }.sorted()
  }()

  static func octets(of path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: path)))
  }

  static func document(_ path: String) throws -> ModelDocument {
    try ModelDocument(json: JSONValue(parsing: octets(of: path)))
  }

  /// What a device that was just reset has other than its smallest values: a transmitter with nothing to send says so.
  static func reset(_ path: String) -> [WrittenSection] {
    path.contains("serial") ? [WrittenSection("registers", ["line_status": 0x60])] : []
  }
}
