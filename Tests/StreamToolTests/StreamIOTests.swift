import Foundation
import MigrationStream
import StreamIO
import Testing

/// Reading and writing files, without the program around it.
@Suite struct StreamIOTests {
  private func octets(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) } }

  /// All pieces of an input, each at its offset modulo 64.
  private func readAll(_ input: inout InputFile) throws -> [UInt8] {
    var all: [UInt8] = []
    while try input.advance() {
      #expect(input.pieceOffset == UInt64(all.count))
      #expect(input.piece.byteCount <= InputFile.pieceByteCount)
      append(input.piece, to: &all)
    }
    return all
  }

  @Test(arguments: [0, 1, 2, 63, 524_288, 524_289, 1_500_000])
  func piecesAndPlaces(count: Int) throws {
    let folder = try TemporaryFolder()
    let content = octets(count)
    var input = try InputFile.open(folder.file("in", content))
    #expect(input.size == UInt64(count))
    #expect(try readAll(&input) == content)
    input.rewind()
    #expect(try readAll(&input) == content)
    for start in [0, count / 2, count] {
      #expect(try input.octets(at: UInt64(start), count: 100) == Array(content[start..<min(start + 100, count)]))
    }
  }

  @Test func gzipIsInflatedAndSpooled() throws {
    let folder = try TemporaryFolder()
    let content = octets(1_500_000)
    let file = try folder.file("in", content)
    #expect(try ToolRun.shell("gzip '\(file)'").status == 0)
    var input = try InputFile.open(file + ".gz")
    #expect(input.isGzip && !input.isSeekable)
    #expect(try readAll(&input) == content)
    var spooled = try InputFile.open(file + ".gz")
    try spooled.spool()
    #expect(spooled.size == UInt64(content.count))
    #expect(try spooled.octets(at: 1_000_000, count: 9) == Array(content[1_000_000..<1_000_009]))
    #expect(try readAll(&spooled) == content)
  }

  /// A file that somebody cuts short while it is read is said to be so, not taken for a short stream.
  @Test func shrinkingFile() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", octets(2_000_000))
    var input = try InputFile.open(file)
    #expect(try input.advance())
    try FileHandle(forWritingTo: URL(filePath: file)).truncate(atOffset: 1000)
    let failure = IOFailure("read", file, .shrank(from: 2_000_000, to: 524_288))
    #expect(throws: failure) { try readAll(&input) }
    #expect(throws: IOFailure("read", file, .shrank(from: 2_000_000, to: 1000))) {
      _ = try input.octets(at: 900, count: 200)
    }
    #expect(failure.description.contains("2000000 octets when it was opened"))
  }

  @Test func outputThatIsNotCommittedIsGone() throws {
    let folder = try TemporaryFolder()
    do {
      var output = try AtomicOutputFile(path: folder.path("out"))
      try output.write(octets(100_000).span.octets)
    }
    #expect(folder.names == [])
    var output = try AtomicOutputFile(path: folder.path("out"))
    let content = octets(100_000)
    try output.write(content.span.octets)
    #expect(folder.names != ["out"])
    try output.commit()
    #expect(folder.names == ["out"])
    #expect(try Data(contentsOf: URL(filePath: folder.path("out"))) == Data(content))
  }
}
