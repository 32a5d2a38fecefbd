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
    if !further.channels.isEmpty, normalises || raw != nil {
      throw ValidationError("--channel makes one stream of several channels; normalise its output in a second step.")
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
    if normalises {
      try normalise(&input)
    } else if further.channels.isEmpty {
      try rewrite(&input)
    } else {
      try join(input)
    }
  }

  private func convertQEMU(_ input: consuming InputFile) throws {
    try input.spool()
    let source = FileOctets(input)
    let target = try OutputFileBox(path: output)
    do throws(ForeignError) {
      let stream = try QEMUStream(source)
      var options = QEMUConverter.Options()
      if let identity { options.uuid = identity } else { options.uuid = try stream.identity() }
      options.keepsSourceMap = false
      options.compresses = compress
      options.chunkByteCount = chunk
      _ = try QEMUConverter.convert(stream, options: options) { (octets) throws(ForeignError) in
        try target.write(octets)
      }
    } catch {
      if let failure = target.failure { throw failure }
      for line in ReportText.lines(ReportFault(error, window: source.window(around: error.offset))) {
        ToolStatus.complain(line)
      }
      throw ToolStatus.refused
    }
    try target.commit()
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
    let refusal = try decode(&input, with: &decoder, to: &rewriter) { $0.target.failure == nil }
    if let refusal { throw complain(refusal, decoder.state, input) }
    try rewriter.commit()
  }

  private func normalise(_ input: inout InputFile) throws {
    try input.spool()
    var survey = StreamSurvey()
    var decoder = try makeDecoder(DecoderOptions())
    if let refusal = try decode(&input, with: &decoder, to: &survey) {
      throw complain(refusal, decoder.state, input)
    }
    var normaliser = try Normaliser(
      survey, decoder.state, input, uuid: identity ?? decoder.state.preamble.uuid,
      into: AtomicOutputFile(path: output))
    try normaliser.write(decoder.state, input)
  }

  /// Says why the input was refused.
  ///
  /// - Returns: How the program ends.
  private func complain(
    _ refusal: StreamError, _ state: borrowing StreamState, _ input: borrowing InputFile
  ) -> ToolStatus {
    let path = ReportText.path(of: refusal, state)
    let fault = ReportFault(refusal, path: path, window: input.window(around: refusal.offset))
    for line in ReportText.lines(fault) { ToolStatus.complain(line) }
    return ToolStatus(refusal)
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
