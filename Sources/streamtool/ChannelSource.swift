import MigrationStream
import StreamIO
import StreamReport

/// A place for one of several channels.
final class ChannelSource {
  var reader: ChannelReader

  init(_ input: consuming InputFile, _ decoder: consuming PushDecoder) {
    reader = ChannelReader(input, decoder)
  }

  /// The decoder of another channel.
  func join(_ input: consuming InputFile) throws(StreamError) -> ChannelSource {
    ChannelSource(input, try reader.joined())
  }
}

/// A file that holds one channel of a stream, and the decoder that reads it.
struct ChannelReader: ~Copyable {
  private var input: InputFile
  private var decoder: PushDecoder
  /// Octets of the input's piece that the decoder has taken; nil before the first piece.
  private var taken: Int?
  /// The file has no more octets, or the decoder wants none.
  private var isAtEnd = false

  init(_ input: consuming InputFile, _ decoder: consuming PushDecoder) {
    self.input = input
    self.decoder = decoder
  }

  var name: String { input.name }
  var channel: UInt16 { decoder.state.channel }
  var offset: UInt64 { decoder.offset }
  var isWaiting: Bool { decoder.isWaiting }

  /// Pushes octets until the decoder waits for other channels, or the file or the channel is at its end.
  mutating func readOn<Handler: StreamHandler & ~Copyable>(
    to handler: inout Handler, while goesOn: (borrowing Handler) -> Bool
  ) throws(IOFailure) -> StreamError? {
    while !decoder.isWaiting, !isAtEnd, goesOn(handler) {
      if taken == nil || taken == input.piece.byteCount {
        guard try input.advance() else {
          isAtEnd = true
          break
        }
        taken = 0
      }
      let piece = input.piece.extracting(droppingFirst: taken ?? 0)
      let count: Int
      do throws(StreamError) { count = try decoder.push(piece, to: &handler) } catch { return error }
      taken = (taken ?? 0) + count
      isAtEnd = decoder.state.hasEnded && count < piece.byteCount
    }
    return nil
  }

  func makeGate() throws(StreamError) -> ChannelGate { try ChannelGate(decoder.state) }

  mutating func exchange(_ gate: inout ChannelGate) throws(StreamError) { try gate.exchange(&decoder) }

  func joined() throws(StreamError) -> PushDecoder { try PushDecoder(joining: decoder.state) }

  /// Says whether the channel may end where its file does; one that waits has not been read so far.
  mutating func finish() throws(StreamError) { if isAtEnd { try decoder.finish() } }

  /// What to say besides the verdict; of the channel that has the manifest.
  func notes(of verifier: borrowing DeepVerifier) -> [String] { verifier.notes(decoder.state) }

  func path(of refusal: StreamError) -> String { ReportText.path(of: refusal, decoder.state) }

  func window(around offset: UInt64) -> HexWindow { input.window(around: offset) }
}
