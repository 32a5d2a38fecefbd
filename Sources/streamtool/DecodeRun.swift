import MigrationStream
import StreamIO
import StreamReport

/// Pushes a whole input through a decoder.
///
/// - Parameters:
///   - work: What a terminal is shown when it takes long, as a participle; nil: nothing.
///   - goesOn: Asked after each piece; false ends the run early.
/// - Returns: Why the stream was refused; nil when it was not.
/// - Throws: ``IOFailure`` of the input.
func decode<Handler: StreamHandler & ~Copyable>(
  _ input: inout InputFile, with decoder: inout PushDecoder, to handler: inout Handler,
  showing work: String? = nil, while goesOn: (borrowing Handler) -> Bool = { _ in true }
) throws(IOFailure) -> StreamError? {
  var progress = ProgressLine(work, of: input.size)
  var isWhole = true
  while isWhole, try input.advance() {
    let piece = input.piece
    do throws(StreamError) {
      isWhole = try decoder.push(piece, to: &handler) == piece.byteCount
    } catch { return error }
    progress.show(decoder.offset)
    guard goesOn(handler) else { return nil }
  }
  do throws(StreamError) { try decoder.finish() } catch { return error }
  return nil
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
