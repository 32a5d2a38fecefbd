import Foundation
import MigrationStream
import Testing

/// QEMU streams: the small ones of the corpus, and recorded ones where they are at hand.
@Suite struct QEMUToolTests {
  static let files: [String] = {
    let corpus = ToolRun.root.appending(path: "Corpus/qemu")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []
    return names.filter { $0.hasSuffix(".bin") }.sorted().map { corpus.appending(path: $0).path }
  }()

  /// Recordings hold firmware and are not part of the repository.
  static let recordings: [String] = {
    guard let folder = ProcessInfo.processInfo.environment["MIGSTREAM_QEMU_STREAMS"] else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".analyze.json.gz") }.sorted()
      .map { "\(folder)/\($0.dropLast(".analyze.json.gz".count))" }
  }()

  @Test(arguments: files)
  func reportsAreWhole(file: String) throws {
    for command in [["dump"], ["info"], ["verify"]] {
      let run = try ToolRun(command + ["--json", file])
      #expect(run.status <= 1)
      #expect(try JSONDocument(run.output).verdicts.count == 1)
      #expect(try ToolRun(command + [file]).status == run.status)
    }
    let piped = try ToolRun(["dump", "--json"], input: [UInt8](try Data(contentsOf: URL(filePath: file))))
    #expect(piped.output.replacing("standard input", with: file) == (try ToolRun(["dump", "--json", file])).output)
  }

  /// What becomes one of our streams is right to its last octet.
  @Test(arguments: files)
  func conversion(file: String) throws {
    let folder = try TemporaryFolder()
    let run = try ToolRun(["convert", file, "-o", folder.path("out"), "--compress"])
    guard run.status == 0 else {
      #expect(run.status == 1)
      #expect(folder.names == [])
      return
    }
    #expect(try ToolRun(["verify", "--deep", folder.path("out")]).status == 0)
    // The description alone shrinks to a frame; both files say the same.
    #expect(try ToolRun(["convert", file, "-o", folder.path("plain")]).status == 0)
    let (small, plain) = (try Data(contentsOf: URL(filePath: folder.path("out"))), try Data(contentsOf: URL(filePath: folder.path("plain"))))
    #expect(small.count < plain.count)
    #expect(small[16] & 8 != 0 && plain[16] & 8 == 0, "mandatory flag zstd")
    #expect(try ToolRun(["dump", "--annotate", folder.path("out")]).output.contains(" gap ") == false)
  }

  /// `--chunk` cuts guest memory where it says, and changes nothing of it.
  @Test(arguments: recordings)
  func chunks(recording: String) throws {
    let folder = try TemporaryFolder()
    let file = recording + ".bin.gz"
    guard try ToolRun(["convert", file, "-o", folder.path("large")]).status == 0 else { return }
    #expect(try ToolRun(["convert", "--chunk", "8192", file, "-o", folder.path("small")]).status == 0)
    let octets = [UInt8](try Data(contentsOf: URL(filePath: folder.path("small"))))
    for offset in SampleDamage.records(octets) where SampleDamage.kind(octets, offset) == RecordKind.memory.rawValue {
      let body = octets.span.octets.extracting(droppingFirst: offset + 64)
      let head = MemoryHead(body)
      let first = MemoryHead.extent(0, in: body)
      let last = MemoryHead.extent(Int(head.extentCount) - 1, in: body)
      let isCut = head.plainByteCount == 0 || (last.offset + last.length - 1) / 8192 == first.offset / 8192
      #expect(isCut, "record at \(offset)")
    }
    for name in ["large", "small"] {
      #expect(try ToolRun(["convert", "--normalise", folder.path(name), "-o", folder.path(name + ".n")]).status == 0)
    }
    #expect(FileManager.default.contentsEqual(atPath: folder.path("large.n"), andPath: folder.path("small.n")))
  }

  /// The path is judged as in our own streams.
  @Test func aPathThatNothingHas() throws {
    let file = ToolRun.root.appending(path: "Corpus/qemu/72-none-S.bin").path
    let run = try ToolRun(["dump", "--path", "/nope", file])
    #expect(run.status == 1)
    #expect(run.output.contains("nothing has the path /nope"))
    #expect(try ToolRun(["dump", "--path", "/devices/timer", file]).status == 0)
  }

  /// A file that was cut inside its description is not whole, and is not converted.
  @Test func cutInsideTheDescription() throws {
    let octets = try Data(contentsOf: ToolRun.root.appending(path: "Corpus/qemu/72-none-S.bin"))
    let folder = try TemporaryFolder()
    for command in [["dump"], ["verify"], ["convert", "-", "-o", folder.path("out")]] {
      let run = try ToolRun(command, input: [UInt8](octets.prefix(500)))
      #expect(run.status == 1, "\(command)")
      #expect((run.output + run.errors).contains("0x000001f4"), "\(command)")
    }
    #expect(folder.names == [])
  }

  @Test(arguments: recordings)
  func asTheScriptPrints(recording: String) throws {
    let tool = "'\(ToolRun.program.path)'"
    let run = try ToolRun.shell(
      "cmp <(\(tool) dump --style analyze-migration '\(recording).bin.gz') <(gzip -dc '\(recording).analyze.json.gz')"
    )
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }
}
