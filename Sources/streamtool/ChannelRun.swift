import MigrationStream
import StreamIO
import StreamReport

/// Reads a saved stream whose channels lie in several files.
///
/// In each pass the other channels are read first, until they wait for the next pass, then channel 0: so a handler
/// that all share sees every record of a pass before the pass's barrier.
struct ChannelRun {
  private var sources: [ChannelSource]
  private let others: [String]
  /// Where reading stopped.
  private var current = 0

  /// - Parameter others: Names of the files that hold the other channels, in any order.
  init(_ input: consuming InputFile, others: [String], options: DecoderOptions) throws(IOFailure) {
    var options = options
    options.readsChannels = true
    sources = [ChannelSource(input, try makeDecoder(options))]
    self.others = others
  }

  /// Octets of all channels that were read.
  var octets: UInt64 { sources.reduce(0) { $0 + $1.reader.offset } }

  /// Pushes all of it.
  ///
  /// - Parameter goesOn: Asked after each piece; false ends the run early.
  /// - Returns: Why the stream was refused; nil when it was not.
  mutating func decode<Handler: StreamHandler & ~Copyable>(
    to handler: inout Handler, while goesOn: (borrowing Handler) -> Bool = { _ in true }
  ) throws(IOFailure) -> StreamError? {
    if let refusal = try sources[0].reader.readOn(to: &handler, while: goesOn) { return refusal }
    do throws(StreamError) {
      // A stream of one channel has been read as a whole.
      guard sources[0].reader.isWaiting else {
        try sources[0].reader.finish()
        return others.isEmpty ? nil : StreamError(.foreignChannel, .preamble, at: 26, expected: 1)
      }
    } catch { return error }
    var gate: ChannelGate
    do throws(StreamError) { gate = try sources[0].reader.makeGate() } catch { return error }
    for name in others {
      let input = try InputFile.open(name)
      do throws(StreamError) { sources.append(try sources[0].join(input)) } catch { return error }
    }
    if let refusal = try readAll(&gate, to: &handler, while: goesOn) { return refusal }
    do throws(StreamError) {
      for index in sources.indices {
        current = index
        try sources[index].reader.finish()
      }
      try gate.finish()
    } catch { return error }
    return nil
  }

  private mutating func readAll<Handler: StreamHandler & ~Copyable>(
    _ gate: inout ChannelGate, to handler: inout Handler, while goesOn: (borrowing Handler) -> Bool
  ) throws(IOFailure) -> StreamError? {
    var before: UInt64
    repeat {
      before = octets
      for index in sources.indices.dropFirst() {
        if let refusal = try read(index, &gate, to: &handler, while: goesOn) { return refusal }
      }
      if let refusal = try step(0, &gate, to: &handler, while: goesOn) { return refusal }
    } while octets != before && goesOn(handler)
    return nil
  }

  /// Reads a channel until it waits for what channel 0 has to say.
  private mutating func read<Handler: StreamHandler & ~Copyable>(
    _ index: Int, _ gate: inout ChannelGate, to handler: inout Handler, while goesOn: (borrowing Handler) -> Bool
  ) throws(IOFailure) -> StreamError? {
    var before: UInt64
    repeat {
      before = sources[index].reader.offset
      if let refusal = try step(index, &gate, to: &handler, while: goesOn) { return refusal }
    } while sources[index].reader.offset != before
    return nil
  }

  private mutating func step<Handler: StreamHandler & ~Copyable>(
    _ index: Int, _ gate: inout ChannelGate, to handler: inout Handler, while goesOn: (borrowing Handler) -> Bool
  ) throws(IOFailure) -> StreamError? {
    current = index
    do throws(StreamError) { try sources[index].reader.exchange(&gate) } catch { return error }
    if let refusal = try sources[index].reader.readOn(to: &handler, while: goesOn) { return refusal }
    do throws(StreamError) { try sources[index].reader.exchange(&gate) } catch { return error }
    return nil
  }

  /// What to say besides the verdict.
  func notes(of verifier: borrowing DeepVerifier) -> [String] { sources[0].reader.notes(of: verifier) }

  /// What to say of a refusal: with the octets of the channel at fault, where its file is known.
  func fault(_ refusal: StreamError) -> (fault: ReportFault, file: String?) {
    let isUnknown = refusal.channel == StreamError.noChannel
    let source = isUnknown ? sources[current] : sources.first { $0.reader.channel == refusal.channel }
    let window = source?.reader.window(around: refusal.offset) ?? HexWindow()
    return (ReportFault(refusal, path: sources[0].reader.path(of: refusal), window: window), source?.reader.name)
  }
}
