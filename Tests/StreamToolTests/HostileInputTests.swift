import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Inputs that are no streams, and inputs that change or end while they are read.
@Suite struct HostileInputTests {
  private static let seed = UInt64(ProcessInfo.processInfo.environment["MIGSTREAM_SEED"] ?? "1") ?? 1

  /// What noise may pretend to be.
  private static let beginnings: [[UInt8]] = [
    [],
    [0x89, 0x4d, 0x47, 0x53, 0x0d, 0x0a, 0x1a, 0x0a],
    [UInt8]("QEVM".utf8) + [0, 0, 0, 3],
    [0x1f, 0x8b],
    [0x1f, 0x8b, 8, 0],
  ]

  /// Files of noise, some of which begin as something that is known.
  private func noise(_ folder: TemporaryFolder) throws -> [String] {
    var random = SeededGenerator(seed: Self.seed)
    return try (0..<40).map { index in
      let beginning = Self.beginnings[index % Self.beginnings.count]
      return try folder.file("\(index)", beginning + random.octets([3, 60, 500, 70_000][index / 5 % 4]))
    }
  }

  @Test(arguments: [
    ["dump"], ["dump", "--annotate"], ["dump", "--style", "analyze-migration"], ["verify"], ["verify", "--quick"],
    ["verify", "--deep"], ["info"], ["dump", "--json"], ["verify", "--json"],
  ])
  func noiseIsRefused(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    for file in try noise(folder) {
      let run = try ToolRun(arguments + [file])
      #expect(run.status == 1, "seed \(Self.seed), file \(file): \(run.errors)")
      #expect(!(run.output + run.errors).isEmpty, "seed \(Self.seed), file \(file)")
      if arguments.contains("--json") { #expect(try JSONDocument(run.output).verdicts.count == 1) }
    }
  }

  @Test func noiseIsNotConverted() throws {
    let folder = try TemporaryFolder()
    let files = try noise(folder)
    for file in files {
      let run = try ToolRun(["convert", file, "-o", folder.path("out")])
      #expect(run.status == 1, "seed \(Self.seed), file \(file): \(run.errors)")
      #expect(!run.errors.isEmpty, "seed \(Self.seed), file \(file)")
    }
    #expect(folder.names.count == files.count)
  }

  @Test(arguments: ["dump", "verify", "info", "convert"])
  func emptyFile(command: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("empty", [])
    let run = try ToolRun([command, file] + (command == "convert" ? ["-o", folder.path("out")] : []))
    #expect(run.status == 1)
    #expect((run.output + run.errors).contains("truncated"), "\(run.output)\(run.errors)")
    #expect(folder.names == ["empty"])
  }

  /// A directory is no output and no input, for any command.
  @Test func directoryIsNotConverted() throws {
    let folder = try TemporaryFolder()
    let run = try ToolRun(["convert", folder.url.path, "-o", folder.path("out")])
    #expect(run.status == 2)
    #expect(run.errors.contains("is a directory; name a file"))
    #expect(folder.names == [])
  }

  @Test(arguments: ["dump", "verify", "info", "convert"])
  func pipeWithAName(command: String) throws {
    let folder = try TemporaryFolder()
    let octets = try SampleStream.octets()
    let file = try folder.file("whole", octets)
    let output = command == "convert" ? "-o '\(folder.path("out"))'" : ""
    for (count, status) in [(octets.count, 0), (octets.count - 1, 1), (5000, 1), (64, 1), (30, 1), (0, 1)] {
      let pipe = folder.path("pipe \(count)")
      let run = try ToolRun.shell(
        """
        mkfifo '\(pipe)'; head -c \(count) '\(file)' > '\(pipe)' &
        '\(ToolRun.program.path)' \(command) '\(pipe)' \(output); status=$?; wait; exit $status
        """)
      // The overview needs preamble and manifest only.
      let isEnough = command == "info" && count >= 5000
      #expect(run.status == (isEnough ? 0 : Int32(status)), "\(count) octets: \(run.output)\(run.errors)")
      guard run.status == 1 else { continue }
      #expect((run.output + run.errors).contains("truncated"), "\(count) octets: \(run.output)\(run.errors)")
    }
  }

  /// A file that is cut short behind the program's back is trouble with the machine, not a damaged stream.
  @Test func fileThatShrinks() throws {
    let folder = try TemporaryFolder()
    let octets = try Self.manyRecords()
    let file = try folder.file("in", octets)
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = ToolRun.program
    process.arguments = ["dump", "--headers", file]
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    // It has begun; and it cannot have ended, since the pipe holds less than it has to say.
    #expect(try output.fileHandleForReading.read(upToCount: 1)?.count == 1)
    try FileHandle(forWritingTo: URL(filePath: file)).truncate(atOffset: 1000)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 2)
    #expect((text + complaint).contains("\(octets.count) octets when it was opened"), "\(text.suffix(300))\(complaint)")
    #expect(!text.contains("good:"))
  }

  /// A stream of several pieces of input, of which a dump has ten times as much to say.
  private static func manyRecords() throws -> [UInt8] {
    var octets: [UInt8] = []
    var encoder = try StreamEncoder(preamble: Preamble(uuid: SampleStream.uuid))
    append(encoder.preamble, to: &octets)
    append(
      try encoder.manifest(
        ManifestBuilder(
          producer: StaticString("p").octets, producerVersion: RawSpan(), architecture: RawSpan(),
          guestEndianness: 0, pageByteCount: 0)), to: &octets)
    for _ in 0..<30_000 {
      append(
        try encoder.preserved(
          kind: 0x8001, flags: RecordFlags.skippable, device: Format.none32, body: RawSpan(), payload: RawSpan()),
        to: &octets)
    }
    append(try encoder.end(), to: &octets)
    return octets
  }
}

extension HostileInputTests {
  /// A record that says much and holds nothing is shown in few octets; many of them in a fixed number for each octet
  /// that came.
  @Test(arguments: [1, 100, 10000], [["dump"], ["dump", "--json"], ["dump", "--annotate"], ["verify"], ["info"]])
  func outputFollowsTheInput(_ count: UInt64, _ arguments: [String]) throws {
    let huge = UInt64(1) << 56 - 1
    var extents = (0..<(count - 1)).map { RawExtent.zero($0, 1) }
    extents.append(.zero(count, huge - count))
    let manifest = RawManifest { $0.regions = [RawRegion { $0.length = huge }] }.record
    let stream = RawStream([manifest, .memory(extents), .end]).octets
    let folder = try TemporaryFolder()
    let run = try ToolRun(arguments + [try folder.file("sparse", stream)])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.utf8.count < 16384 + 20 * 16 * Int(count), "\(run.output.utf8.count)")
  }
}
