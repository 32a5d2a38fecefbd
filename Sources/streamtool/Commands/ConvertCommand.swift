import ArgumentParser
import MigrationStream
import StreamIO
import StreamReport

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a stream anew: other chunks, compressed or not, or in canonical form; wraps plain files.",
    discussion: "The output appears whole or not at all. Nothing is written when the input is refused.")

  @Argument(help: ArgumentHelp("File to read; - is standard input.", valueName: "file"))
  var file = "-"

  @Option(name: .shortAndLong, help: ArgumentHelp("File to write; - is standard output.", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "The input is no stream: wrap its octets as this memory region of this device.", valueName: "device/region"))
  var raw: String?

  @Option(help: ArgumentHelp("Octets of memory in one record, a multiple of 4096.", valueName: "octets"))
  var chunk = Format.chunkByteCount

  @Flag(help: "Compress bulk and layouts with zstd where that is shorter.")
  var compress = false

  @Option(help: ArgumentHelp("Identity of the new stream; a random one if not given.", valueName: "uuid"))
  var uuid: String?

  func validate() throws {
    if let uuid, StreamUUID(uuid) == nil { throw ValidationError("--uuid wants 32 hexadecimal digits.") }
    if chunk < 4096 || chunk > 4_194_304 || chunk % 4096 != 0 {
      throw ValidationError("--chunk is a multiple of 4096 up to 4194304.")
    }
    if let raw, RawTarget(raw) == nil {
      throw ValidationError("--raw wants DEVICE/REGION, as in net0/local-memory, or /REGION for memory of the machine.")
    }
  }

  func run() throws {
    var input = try InputFile.open(file)
    var target = try AtomicOutputFile(path: output)
    if let raw, let place = RawTarget(raw) {
      try input.spool()
      let wrapper = RawWrapper(place: place, uuid: identity, chunkByteCount: chunk, compresses: compress)
      try wrapper.wrap(input, into: &target)
    }
    try target.commit()
  }

  private var identity: StreamUUID { uuid.flatMap { StreamUUID($0) } ?? .random() }
}
