import ArgumentParser
import MigrationStream
import StreamIO
import StreamMutation
import StreamReport

struct MutateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mutate", abstract: "Temporary.")
  @Argument var file = "-"
  @Option var seed: UInt64 = 1
  @Option var count = 1
  @Option(name: .shortAndLong) var output: String

  func run() throws {
    var input = try InputFile.open(file)
    let octets = try input.octets(atMost: 1 << 30)
    let mutator = try QEMUMutator(octets)
    try Folder.make(output)
    for number in 0..<count {
      var chance = Chance(seed &+ UInt64(number))
      let (result, note) = mutator.mutate(&chance)
      var name = String(number)
      name = String(repeating: "0", count: max(0, 6 - name.count)) + name
      var target = try AtomicOutputFile(path: "\(output)/\(name)")
      try target.write(result.span.octets)
      try target.commit()
      print("\(name) \(note.text.visible)")
    }
  }
}
