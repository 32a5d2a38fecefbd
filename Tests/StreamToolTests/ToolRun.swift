import Foundation
import StreamIO

/// One run of the built program.
struct ToolRun {
  var status: Int32
  var output: String
  var errors: String

  /// - Parameters:
  ///   - arguments: After the program's name.
  ///   - input: What standard input gives; nil: nothing.
  init(
    program: URL = ToolRun.program, _ arguments: [String], input: [UInt8]? = nil,
    environment: [String: String] = [:]
  ) throws {
    // A program that ends before it has read its input must not end this one.
    ignoreBrokenPipeSignal()
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors, source) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = source
    try process.run()
    let feeding = Thread {
      try? source.fileHandleForWriting.write(contentsOf: Data(input ?? []))
      try? source.fileHandleForWriting.close()
    }
    feeding.start()
    self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationReason == .exit ? process.terminationStatus : -1
  }

  /// The program that was built beside this test.
  static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "streamtool")

  /// The package's root, found from this file's place.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
}

/// A folder that is gone at the end of its test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "streamtool-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a new file with these octets.
  func file(_ name: String, _ octets: [UInt8]) throws -> String {
    let file = url.appending(path: name)
    try Data(octets).write(to: file)
    return file.path
  }

  func path(_ name: String) -> String { url.appending(path: name).path }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: url.path).sorted()) ?? [] }
}

extension ToolRun {
  /// Runs a script of the shell.
  static func shell(_ script: String) throws -> ToolRun {
    try ToolRun(program: URL(filePath: "/bin/bash"), ["-c", script])
  }
}
