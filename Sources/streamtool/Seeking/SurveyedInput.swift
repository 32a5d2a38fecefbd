import MigrationStream
import StreamIO
import StreamReport

/// A file without an index, read once to say where everything is, and then read again where it is wanted.
struct SurveyedInput: ~Copyable {
  private(set) var survey = StreamSurvey()
  let decoder: PushDecoder
  private(set) var input: InputFile
  /// Why it was refused; nothing may be taken from it then.
  let refusal: StreamError?

  init(_ input: consuming InputFile) throws(IOFailure) {
    var input = input
    var survey = StreamSurvey()
    var options = DecoderOptions()
    options.collectsContent = input.wantsContent
    if !input.isImage { try input.spool() }
    var decoder = try makeDecoder(options)
    var refusal = try decode(&input, with: &decoder, to: &survey, showing: "reading")
    if refusal == nil { refusal = try checkAreas(of: input, decoder.state, showing: "reading areas") }
    survey.settleMemory()
    self.survey = survey
    self.decoder = decoder
    self.input = input
    self.refusal = refusal
  }

  /// Shows the final state of sections to a handler.
  ///
  /// - Parameter positions: Among all announced sections.
  mutating func sections<Handler: StreamHandler>(
    to handler: inout Handler, at positions: Set<Int>
  ) throws(IOFailure) -> StreamError? {
    guard !positions.isEmpty else { return nil }
    var chosen = ChosenRecords(handler: handler, bodyOffsets: Set(positions.map { survey.sections[$0].offset }))
    var again = try makeDecoder(DecoderOptions())
    input.rewind()
    let refusal = try decode(&input, with: &again, to: &chosen) { !$0.bodyOffsets.isEmpty }
    handler = chosen.handler
    return refusal
  }

  /// Hands over the data in a part of a region, ascending; zeros are left out.
  ///
  /// - Returns: Octets of the part that the stream mentions.
  mutating func memory(
    of region: Int, _ range: Range<UInt64>, to take: (borrowing RawSpan, UInt64) throws -> Void
  ) throws -> UInt64 {
    var mentioned: UInt64 = 0
    var runs: [MemoryRun] = []
    for run in survey.takeMemory(of: region) where run.end > range.lowerBound && run.offset < range.upperBound {
      let part = run.prefix(to: min(run.end, range.upperBound)).suffix(from: max(run.offset, range.lowerBound))
      mentioned += part.length
      if !part.isZero { runs.append(part) }
    }
    let spool = try survey.spoolFrames(of: &runs, input, decoder.state.limits)
    var octets = OwnedBytes()
    for run in runs where !run.isZero {
      var rest = run
      while rest.length > 0 {
        let count = Int(min(rest.length, UInt64(InputFile.pieceByteCount)))
        octets.removeAll()
        try octets.append(repeating: 0, count: count)
        try rest.read(input, spool, into: &octets, 0..<count)
        try take(octets.bytes, rest.offset)
        rest = rest.suffix(from: rest.offset + UInt64(count))
      }
    }
    return mentioned
  }

  /// Hands over a device's byte string in order.
  func byteString(of device: Int, to take: (borrowing RawSpan, UInt64) throws -> Void) throws {
    var done: UInt64 = 0
    var octets = OwnedBytes()
    var frame = try FrameReader()
    for part in survey.byteStrings[device].parts {
      if part.payload.isFrame {
        try frame.open(part.payload, input, decoder.state.limits)
        try take(frame.plain.bytes, done)
      } else {
        try input.read(at: part.payload.offset, count: Int(part.payload.byteCount), into: &octets)
        try take(octets.bytes, done)
      }
      done += part.payload.plainByteCount
    }
  }
}

/// Passes on the records whose bodies start at certain places, each once.
private struct ChosenRecords<Handler: StreamHandler>: StreamHandler {
  var handler: Handler
  var bodyOffsets: Set<UInt64>
  private var isOpen = false

  init(handler: Handler, bodyOffsets: Set<UInt64>) {
    self.handler = handler
    self.bodyOffsets = bodyOffsets
  }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    isOpen = bodyOffsets.remove(record.bodyOffset) != nil
    if isOpen { try handler.record(record, state) }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {}

  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError) {
    if isOpen { try handler.recordEnd(header, at: offset, state) }
    isOpen = false
  }
}
