import ForeignStreams
import Foundation

/// Everything the printer says about a stream.
func analyze(_ stream: QEMUStream) throws(ForeignError) -> String {
  let text = Collected()
  try AnalyzeMigrationPrinter.print(stream) { (piece) throws(ForeignError) in
    for index in piece.indices { text.octets.append(piece[index]) }
  }
  return String(decoding: text.octets, as: UTF8.self)
}

/// Octets that a closure gathers.
private final class Collected {
  var octets: [UInt8] = []
}

/// Splitmix64, seeded, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}

enum TestFiles {
  /// The package's root, found from this file's place.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func corpus(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: root.appending(path: "Corpus/qemu/\(name)")))
  }

  /// Recorded streams that are not part of the repository, since they hold firmware.
  static let recordings = URL(
    filePath: ProcessInfo.processInfo.environment["MIGSTREAM_QEMU_STREAMS"]
      ?? root.appending(path: "../shared/streams/qemu").standardized.path)

  /// Names of the recorded streams with a reference; empty where there are none.
  static let recordedNames: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: recordings.path)) ?? []
    return files.filter { $0.hasSuffix(".bin.gz") }.map { String($0.dropLast(7)) }.sorted()
  }()

  static func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: recordings.appending(path: name).path)
  }

  static func unzipped(_ name: String) throws -> [UInt8] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", recordings.appending(path: name).path]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return [UInt8](data)
  }
}
