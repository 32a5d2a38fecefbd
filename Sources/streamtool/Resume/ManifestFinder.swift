import MigrationStream
import StreamReport

/// Reads a stream up to its MANIFEST, which says what machine it wants.
struct ManifestFinder: ~Copyable {
  private var decoder: PushDecoder
  private var seen = Seen()
  /// Every octet that was read, to be read again by the machine.
  private(set) var head: [UInt8] = []

  private struct Seen: StreamHandler {
    var hasPreamble = false
    var hasManifest = false

    mutating func preamble(_ preamble: Preamble) { hasPreamble = true }
    mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) { hasManifest = true }
    mutating func payload(_ octets: RawSpan, at position: UInt64) {}
    mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}
  }

  init() throws(StreamError) {
    var options = DecoderOptions()
    options.checksSections = false
    decoder = try PushDecoder(options: options)
  }

  /// Takes octets; those behind MANIFEST are kept and not looked at.
  mutating func push(_ octets: RawSpan) throws(StreamError) {
    head.reserveCapacity(head.count + octets.byteCount)
    for index in 0..<octets.byteCount { head.append(octets.octet(at: index)) }
    var rest = octets
    while !seen.hasManifest, rest.byteCount > 0 {
      // No more than what is needed next: the first record is MANIFEST, or the stream is refused.
      let step = rest.extracting(first: min(rest.byteCount, max(1, decoder.wantedByteCount)))
      rest = rest.extracting(droppingFirst: step.byteCount)
      _ = try decoder.push(step, to: &seen)
    }
  }

  /// The input ends here.
  mutating func finish() throws(StreamError) { try decoder.finish() }

  var hasPreamble: Bool { seen.hasPreamble }
  var hasManifest: Bool { seen.hasManifest }
  var wantedByteCount: Int { max(1, decoder.wantedByteCount) }
  var uuid: StreamUUID { decoder.state.preamble.uuid }

  /// The part of the state that an error of the stream is about.
  func path(of error: StreamError) -> String { ReportText.path(of: error, decoder.state) }

  func withManifest<Result>(_ body: (borrowing Manifest) throws -> Result) rethrows -> Result {
    try body(decoder.state.manifest)
  }
}
