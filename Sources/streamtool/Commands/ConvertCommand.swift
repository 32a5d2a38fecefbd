import ArgumentParser
import ForeignStreams
import MigrationStream
import StreamIO
import StreamReport

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract:
      "Writes a stream anew: other chunks, compressed or not, one channel; converts QEMU streams; wraps plain files.",
    discussion: "The output appears whole or not at all. Nothing is written when the input is refused.")

  @Argument(help: ArgumentHelp("File to read; - is standard input.", valueName: "file"))
  var file = "-"

  @Option(name: .shortAndLong, help: ArgumentHelp("File to write; - is standard output.", valueName: "file"))
  var output: String

  @OptionGroup var further: ChannelOptions

  @Option(
    help: ArgumentHelp(
      "The input is no stream: wrap its octets as this memory region of this device.", valueName: "device/region"))
  var raw: String?

  @Option(help: ArgumentHelp("Octets of memory in one record, a multiple of 4096.", valueName: "octets"))
  var chunk = Format.chunkByteCount

  @Flag(help: "Compress bulk and layouts with zstd where that is shorter.")
  var compress = false

  @Option(
    name: .customLong("to"),
    help: ArgumentHelp(
      "image: memory regions lie in place, so that a VMM can map them, with an index; stream: records one after the "
        + "other. Passes become one. Without it: a stream, passes and all.", valueName: "profile"))
  var profile: OutputProfile?

  @Option(
    help: ArgumentHelp(
      "Octets of an image under one digest, a power of two from 4096 to 67108864; without it what suits the stream.",
      valueName: "octets"))
  var granule: UInt64?

  @Flag(
    name: [.customLong("normalise"), .customLong("normalize")],
    help: "Write the canonical form: streams of the same state become the same octets.")
  var normalises = false

  @Option(
    help: ArgumentHelp(
      "Identity of the new stream; if not given, that of the stream that is read, for QEMU's one made from its device "
        + "state, for --raw a random one.",
      valueName: "uuid"))
  var uuid: String?

  func validate() throws {
    if let uuid, StreamUUID(uuid) == nil { throw ValidationError("--uuid wants 32 hexadecimal digits.") }
    if chunk < 4096 || chunk > 4_194_304 || chunk % 4096 != 0 {
      throw ValidationError("--chunk is a multiple of 4096 up to 4194304.")
    }
    if normalises, raw != nil || compress || chunk != Format.chunkByteCount {
      throw ValidationError("--normalise leaves no choice of --raw, --compress and --chunk.")
    }
    if !further.channels.isEmpty, normalises || raw != nil || profile != nil {
      throw ValidationError("--channel makes one stream of several channels; do the rest in a second step.")
    }
    if normalises || raw != nil, profile != nil || granule != nil {
      throw ValidationError("--normalise and --raw write streams; leave out --to and --granule.")
    }
    if granule != nil, profile != .image { throw ValidationError("--granule is for --to image.") }
    if let granule, granule.nonzeroBitCount != 1 || granule < 4096 || granule > 64 << 20 {
      throw ValidationError("--granule is a power of two from 4096 to 67108864.")
    }
    if profile == .image, chunk != Format.chunkByteCount {
      throw ValidationError("--chunk is for streams; an image has --granule.")
    }
    if let raw, RawTarget(raw) == nil {
      throw ValidationError(
        "--raw wants DEVICE/REGION, as in net0/local-memory, or /REGION for memory of the machine.")
    }
  }

  func run() throws {
    var input = try InputFile.open(file)
    if let raw, let place = RawTarget(raw) {
      try input.spool()
      var target = try AtomicOutputFile(path: output)
      let wrapper = RawWrapper(
        place: place, uuid: identity ?? .random(), chunkByteCount: chunk, compresses: compress)
      try wrapper.wrap(input, into: &target)
      return try target.commit()
    }
    if QEMUDump.recognises(input) {
      if normalises { throw ValidationError("--normalise wants a stream of ours; convert this one first.") }
      if !further.channels.isEmpty { throw ValidationError("A QEMU stream has no channels of ours.") }
      return try convertQEMU(input)
    }
    if normalises { return try normalise(&input) }
    if !further.channels.isEmpty { return try join(input) }
    if profile != nil || input.isImage { return try writeState(&input) }
    try rewrite(&input)
  }

  private func convertQEMU(_ input: consuming InputFile) throws {
    try input.spool()
    let source = FileOctets(input)
    if profile == .image {
      let spool = try TemporaryFileBox()
      do { try convertQEMU(source) { (octets) throws(ForeignError) in try spool.write(octets) } } catch {
        throw spool.failure ?? error
      }
      var converted = try spool.reread()
      return try writeState(&converted)
    }
    let target = try OutputFileBox(path: output)
    do { try convertQEMU(source) { (octets) throws(ForeignError) in try target.write(octets) } } catch {
      throw target.failure ?? error
    }
    try target.commit()
  }

  private func convertQEMU(_ source: FileOctets, to sink: @escaping QEMUConverter.Sink) throws {
    do throws(ForeignError) {
      let stream = try QEMUStream(source)
      var options = QEMUConverter.Options()
      if let identity { options.uuid = identity } else { options.uuid = try stream.identity() }
      options.keepsSourceMap = false
      options.compresses = compress
      options.chunkByteCount = chunk
      _ = try QEMUConverter.convert(stream, options: options, to: sink)
    } catch {
      if error.code == .sinkRefused { throw error }
      for line in ReportText.lines(ReportFault(error, window: source.window(around: error.offset))) {
        ToolStatus.complain(line)
      }
      throw ToolStatus.refused
    }
  }

  private var identity: StreamUUID? { uuid.flatMap { StreamUUID($0) } }

  /// What writes the input anew, in the form that was asked for.
  private func makeRewriter(_ input: inout InputFile) throws -> StreamRewriter {
    // The first piece of a slow pipe can be shorter than a preamble.
    if input.piece.byteCount < Preamble.byteCount { try input.spool() }
    let head = try input.isSeekable ? input.octets(at: 0, count: Preamble.byteCount) : []
    let preamble =
      try input.isSeekable
      ? Preamble(head.span.octets) : Preamble(input.piece.extracting(first: Preamble.byteCount))
    let encoder = try StreamEncoder(preamble: rewritten(preamble))
    var target = try AtomicOutputFile(path: output)
    try target.begin(encoder)
    return StreamRewriter(encoder, into: target, chunkByteCount: chunk, compresses: compress)
  }

  /// Makes one channel of several: the records of each pass, then its barrier.
  private func join(_ input: consuming InputFile) throws {
    var rewriter = try makeRewriter(&input)
    var run = try ChannelRun(input, others: further.channels, options: DecoderOptions())
    if let refusal = try run.decode(to: &rewriter, while: { $0.target.failure == nil }) {
      let (fault, file) = run.fault(refusal)
      for line in ReportText.lines(fault) + (file.map { ["the fault is in \($0)"] } ?? []) {
        ToolStatus.complain(line)
      }
      throw ToolStatus(refusal)
    }
    try rewriter.commit()
  }

  private func rewrite(_ input: inout InputFile) throws {
    var rewriter = try makeRewriter(&input)
    var decoder = try makeDecoder(DecoderOptions())
    let refusal = try decode(&input, with: &decoder, to: &rewriter, showing: "converting") { $0.target.failure == nil }
    if let refusal { throw ToolStatus.complain(refusal, decoder.state, input) }
    try rewriter.commit()
  }

  private func normalise(_ input: inout InputFile) throws {
    var survey = StreamSurvey()
    let decoder = try verify(&input, &survey)
    var normaliser = try Normaliser(
      survey, decoder.state, input, uuid: identity ?? decoder.state.preamble.uuid,
      into: AtomicOutputFile(path: output))
    try normaliser.write(decoder.state, input)
  }

  /// Writes the final state in the profile that was asked for.
  private func writeState(_ input: inout InputFile) throws {
    var options = StateWriter.Options()
    options.profile = profile == .image ? .image : .stream
    options.uuid = identity
    options.chunkByteCount = chunk
    options.compresses = compress
    options.granule = granule
    let target = try AtomicOutputFile(path: output)
    if profile == .image { try target.checkSeekable() }
    var survey = StreamSurvey()
    let decoder = try verify(&input, &survey)
    var writer = try StateWriter(survey, decoder.state, options, into: target)
    try writer.write(decoder.state, input)
    for note in writer.notes { ToolStatus.complain("note: " + note) }
  }

  /// Reads the whole input, areas of an image too, and says where everything is.
  private func verify(_ input: inout InputFile, _ survey: inout StreamSurvey) throws -> PushDecoder {
    let isImage = input.isImage
    if !isImage { try input.spool() }
    var options = DecoderOptions()
    options.collectsContent = isImage
    var decoder = try makeDecoder(options)
    var refusal = try decode(&input, with: &decoder, to: &survey, showing: "reading")
    if refusal == nil { refusal = try checkAreas(of: input, decoder.state, showing: "reading areas") }
    if let refusal { throw ToolStatus.complain(refusal, decoder.state, input) }
    return decoder
  }

  /// The input's preamble without the features that the output does not use.
  private func rewritten(_ preamble: Preamble) -> Preamble {
    var preamble = preamble
    preamble.uuid = identity ?? preamble.uuid
    preamble.recordByteCountMax = 0
    preamble.channelCount = 1
    preamble.mandatoryFlags &= ~(MandatoryFlags.zstd | MandatoryFlags.channels)
    if compress { preamble.mandatoryFlags |= MandatoryFlags.zstd }
    preamble.optionalFlags &= ~(OptionalFlags.indexed | OptionalFlags.canonical)
    return preamble
  }
}

enum OutputProfile: String, CaseIterable, ExpressibleByArgument {
  case stream, image
}
