import ArgumentParser
import MigrationStream
import StreamIO
import StreamReport

struct MutateCommand: ParsableCommand {
  /// Octets of an input, which is held in memory whole.
  private static let inputBytesMax = 256 << 20

  static let configuration = CommandConfiguration(
    commandName: "mutate",
    abstract: "Writes broken copies of a stream, ours or QEMU's, for testing readers; says of each what was broken.",
    discussion: """
      One thing is broken at a time, and what follows from it (lengths, digests, totals) is put right, so that a reader \
      gets as far as the check that should refuse it. The same seed gives the same octets.
      """)

  @Argument(help: ArgumentHelp("File to read; - is standard input.", valueName: "file"))
  var file = "-"

  @Option(help: ArgumentHelp("Number that all chances come from; the next mutant has the next.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("How many files to write.", valueName: "number"))
  var count = 100

  @Option(name: .shortAndLong, help: ArgumentHelp("Folder to write to; made when it is not there.", valueName: "folder"))
  var output: String

  @Option(help: ArgumentHelp("Of 100 mutants so many have a digest broken, or left stale.", valueName: "share"))
  var brokenDigests = 0

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if !(1...1_000_000).contains(count) { throw ValidationError("--count wants a number from 1 to 1000000.") }
    if !(0...100).contains(brokenDigests) { throw ValidationError("--broken-digests wants a share from 0 to 100.") }
  }

  func run() throws {
    var input = try InputFile.open(file)
    let octets = try input.octets(atMost: Self.inputBytesMax + 1)
    guard octets.count <= Self.inputBytesMax else {
      ToolStatus.complain("\(file): more than \(Self.inputBytesMax) octets; mutate a smaller stream")
      throw ToolStatus.refused
    }
    guard let maker = MutantMaker(octets) else {
      ToolStatus.complain("\(file): neither a migration stream nor one of QEMU's")
      throw ToolStatus.refused
    }
    try Folder.make(output)
    var report = ToolOutput()
    if json {
      let input = JSONText.string(file)
      report.write("{\"schema\":1,\"command\":\"mutate\",\"input\":\(input),\"seed\":\"\(seed)\",\"mutants\":[")
    }
    var separator = "\n"
    for number in 0..<count {
      guard let mutant = maker.mutant(seed: seed &+ UInt64(number), brokenDigests: brokenDigests) else {
        ToolStatus.complain("\(file): nothing in it can be broken")
        throw ToolStatus.refused
      }
      let name = Self.name(number, maker.suffix)
      var target = try AtomicOutputFile(path: "\(output)/\(name)")
      try target.write(mutant.octets.span.octets)
      try target.commit()
      report.write(json ? separator + mutant.json(file: name) : "\(name) \(mutant.line.visible(keeping: "\"\\"))\n")
      separator = ",\n"
    }
    if json { report.write("\n]}\n") }
    report.flush()
    if let failure = report.failure { throw failure }
  }

  private static func name(_ number: Int, _ suffix: String) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "." + suffix
  }
}
