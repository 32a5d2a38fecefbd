import MigrationStream
import StreamIO
import StreamReport

/// Pushes a whole input through a decoder; what the decoder does not look at is not read where the input can seek.
///
/// - Parameters:
///   - work: What a terminal is shown when it takes long, as a participle; nil: nothing.
///   - goesOn: Asked after each piece; false ends the run early.
/// - Returns: Why the stream was refused; nil when it was not.
/// - Throws: ``IOFailure`` of the input; `.notSeekable` for an image that comes through a pipe or is compressed.
func decode<Handler: StreamHandler & ~Copyable>(
  _ input: inout InputFile, with decoder: inout PushDecoder, to handler: inout Handler,
  showing work: String? = nil, while goesOn: (borrowing Handler) -> Bool = { _ in true }
) throws(IOFailure) -> StreamError? {
  var progress = ProgressLine(work, of: input.size)
  var isWhole = true
  while isWhole, try input.advance() {
    do throws(StreamError) {
      let piece = input.piece
      isWhole = try decoder.push(piece, to: &handler) == piece.byteCount
    } catch { return error }
    if decoder.state.preamble.profile == .image, !input.isSeekable {
      throw IOFailure("read", input.name, .notSeekable)
    }
    do throws(StreamError) { try skip(&input, with: &decoder) } catch { return error }
    progress.show(decoder.offset)
    guard goesOn(handler) else { return nil }
  }
  do throws(StreamError) { try decoder.finish() } catch { return error }
  return nil
}

private func skip(_ input: inout InputFile, with decoder: inout PushDecoder) throws(StreamError) {
  guard let size = input.size, decoder.skippable > 0 else { return }
  let count = min(decoder.skippable, size - decoder.offset)
  try decoder.skip(count)
  input.skip(count)
}

/// A decoder, or the defect that there is no memory for one.
func makeDecoder(_ options: DecoderOptions) throws(IOFailure) -> PushDecoder {
  do throws(StreamError) { return try PushDecoder(options: options) } catch {
    throw IOFailure("start", "the decoder", .outOfMemory)
  }
}

extension InputFile {
  /// The octets around a place, as far as they are at hand.
  func window(around offset: UInt64) -> HexWindow {
    if let window = HexWindow(around: offset, in: piece, at: pieceOffset) { return window }
    let start = HexWindow.start(around: offset)
    var octets = OwnedBytes()
    guard isSeekable, let _ = try? read(at: start, count: HexWindow.byteCount, into: &octets) else {
      return HexWindow()
    }
    return HexWindow(around: offset, in: octets.bytes, at: start) ?? HexWindow()
  }
}

extension ToolStatus {
  /// Says on standard error why an input was refused.
  ///
  /// - Returns: How the program ends.
  static func complain(
    _ refusal: StreamError, _ state: borrowing StreamState, _ input: borrowing InputFile
  ) -> ToolStatus {
    let path = ReportText.path(of: refusal, state)
    let fault = ReportFault(refusal, path: path, window: input.window(around: refusal.offset))
    for line in ReportText.lines(fault) { complain(line) }
    return ToolStatus(refusal)
  }

  /// What a refusal means for the way the program ends.
  init(_ refusal: StreamError?) {
    switch refusal?.code {
    case nil: self = .good
    case .wrongCall: self = .defect
    case .outOfMemory: self = .trouble
    default: self = .refused
    }
  }
}
