public import MigrationStream
public import ReferenceReader
import StreamMutation
import StreamTestKit

/// Reads one stream in every way there is and compares.
///
/// | relation | says |
/// |---|---|
/// | R1 | codec and reference reader have one verdict: code, stage, offset, record, and the values that the code defines |
/// | R2 | so have the pull decoder, the push decoder in any segments, and the verifier |
/// | R4 | what memory held before changes nothing |
/// | R8 | a prefix has one verdict too, and of a right stream each is incomplete |
/// | R9 | a right stream with one bit changed is refused |
/// | A8 | memory follows the octets that came, not what they claim |
/// | index | what the index of a right stream leads to is there |
///
/// R1 and R2 are judged always, the others for one input in a few, chosen by its octets.
public enum DecodeOracle {
  public static func check(_ stream: [UInt8], seed: UInt64) -> FuzzViolation? {
    check(stream, seed: seed, by: CodecReaders.self)
  }

  /// - Parameter seed: Chooses the cuts, what else is judged, and whether content is collected.
  public static func check<Readers: DecodeReaders>(
    _ stream: [UInt8], seed: UInt64, by readers: Readers.Type
  ) -> FuzzViolation? {
    var options = DecoderOptions()
    options.collectsContent = seed & 1 == 1
    var chance = Chance(seed)
    let pulled = Readers.pull(stream.span.octets, options, .system)
    let (reference, verdict) = Readers.reference(stream, options)
    if let violation = compare(reference, verdict, pulled, "pull") { return violation }
    guard isSame(reference.areas, pulled.areas) else {
      return FuzzViolation("R1", "areas: \(describe(pulled.areas)), reference \(describe(reference.areas))")
    }
    let pushed = Readers.push(stream.span.octets, options, .system, seed: seed)
    guard pushed.refusal == pulled.refusal, pushed.recordsDigest == pulled.recordsDigest else {
      return FuzzViolation(
        "R2", "pull \(describe(pulled.refusal)) after \(pulled.recordCount), push \(describe(pushed.refusal)) after "
          + "\(pushed.recordCount)")
    }
    if options.collectsContent {
      if pulled.refusal == nil, let violation = IndexOracle.check(stream.span.octets) { return violation }
      if pulled.refusal != nil, let violation = SeekOracle.check(stream) { return violation }
    } else if case let verified = Readers.verify(stream.span.octets), verified != pulled.refusal {
      return FuzzViolation("R2", "pull \(describe(pulled.refusal)), verify \(describe(verified))")
    }
    if chance.isOne(in: 4), let violation = prefix(stream, pulled, options, &chance, readers) { return violation }
    if chance.isOne(in: 4), pulled.refusal == nil,
      let violation = bit(stream, reference, options, &chance, readers)
    { return violation }
    guard chance.isOne(in: 8) else { return nil }
    return memory(stream, reference, pulled, options, readers)
  }

  /// R8.
  private static func prefix<Readers: DecodeReaders>(
    _ stream: [UInt8], _ whole: DecodeOutcome, _ options: DecoderOptions, _ chance: inout Chance, _: Readers.Type
  ) -> FuzzViolation? {
    guard !stream.isEmpty else { return nil }
    let part = Array(stream.prefix(chance.below(stream.count)))
    let pushed = Readers.push(part.span.octets, options, .system, seed: chance.next())
    let (reference, verdict) = Readers.reference(part, options)
    if let violation = compare(reference, verdict, pushed, "push of \(part.count) octets") { return violation }
    guard whole.refusal == nil, verdict?.isIncomplete != true else { return nil }
    return FuzzViolation("R8", "\(part.count) of \(stream.count) octets: \(describe(verdict)), expected incomplete")
  }

  /// R9.
  private static func bit<Readers: DecodeReaders>(
    _ stream: [UInt8], _ whole: ReferenceReader, _ options: DecoderOptions, _ chance: inout Chance, _: Readers.Type
  ) -> FuzzViolation? {
    let place = chance.below(stream.count)
    // What lies in no record of an image is judged by who looks at its content.
    guard place < 64 || whole.records.contains(where: { place >= $0.offset && place < $0.offset + $0.byteCount }) else {
      return nil
    }
    var changed = stream
    changed[place] ^= 1 << chance.below(8)
    let pulled = Readers.pull(changed.span.octets, options, .system)
    guard pulled.refusal != nil else { return FuzzViolation("R9", "accepted with another bit in octet \(place)") }
    let (reference, verdict) = Readers.reference(changed, options)
    return compare(reference, verdict, pulled, "pull with another bit in octet \(place)")
  }

  /// R4 and A8.
  private static func memory<Readers: DecodeReaders>(
    _ stream: [UInt8], _ reference: ReferenceReader, _ outcome: DecodeOutcome, _ options: DecoderOptions, _: Readers.Type
  ) -> FuzzViolation? {
    for filling in [0x5a, 0xff] as [UInt8] {
      let allocator = CountingAllocator(filling: filling)
      let again = Readers.pull(stream.span.octets, options, allocator.allocator)
      guard again == outcome else {
        return FuzzViolation("R4", "memory of \(filling): \(describe(again.refusal)), else \(describe(outcome.refusal))")
      }
      guard allocator.live == 0 else { return FuzzViolation("A10", "\(allocator.live) octets are left") }
      let most = bound(stream.count, reference)
      guard allocator.peak <= most else {
        return FuzzViolation("A8", "\(allocator.peak) octets of memory for \(stream.count), expected at most \(most)")
      }
    }
    return nil
  }

  /// The formula of chapter 40 section 3, made simple: everything of which octets came takes a fixed factor of them, and
  /// what frames hold is known once they came.
  private static func bound(_ count: Int, _ reference: ReferenceReader) -> Int {
    let frames = reference.frameContentMax.map { (1 << 18) + 3 * $0 } ?? 0
    return (1 << 16) + 16 * count + frames
  }
}

extension DecodeOracle {
  /// R1: one verdict, and the same records before it.
  public static func compare(
    _ reference: ReferenceReader, _ verdict: ReferenceRefusal?, _ outcome: DecodeOutcome,
    _ reader: @autoclosure () -> String
  ) -> FuzzViolation? {
    var digest: UInt64 = 0
    for record in reference.records { digest = Digest.chain(digest, UInt64(record.offset) << 16 | UInt64(record.kind)) }
    guard !isSame(verdict, outcome.refusal) || digest != outcome.recordsDigest else { return nil }
    return FuzzViolation(
      "R1", "\(reader()): \(describe(outcome.refusal)) after \(outcome.recordCount), reference \(describe(verdict)) "
        + "after \(reference.records.count)")
  }

  private static func isSame(_ reference: ReferenceRefusal?, _ refusal: StreamError?) -> Bool {
    guard let reference, let refusal else { return reference == nil && refusal == nil }
    return matches(reference, refusal)
  }

  /// Whether it is the same refusal, with the values that chapter 40 section 4 defines for its code.
  public static func matches(_ reference: ReferenceRefusal, _ refusal: StreamError) -> Bool {
    guard reference.code.rawValue == refusal.code.rawValue, reference.stage?.rawValue == refusal.stage.rawValue,
      reference.offset == refusal.offset, reference.channel == refusal.channel, reference.record == refusal.sequence
    else { return false }
    switch refusal.code {
    case .limitExceeded, .unexpectedData, .truncatedData, .digestMismatch, .totalsMismatch, .truncated:
      return reference.expected == refusal.expected && reference.found == refusal.found
    case .recordOutOfOrder, .unknownMandatoryFlag, .aborted: return reference.found == refusal.found
    case .undeclaredFeature, .missingSection: return reference.expected == refusal.expected
    default: return true
    }
  }

  static func describe(_ refusal: StreamError?) -> String {
    refusal.map { "\($0)" } ?? "accepted"
  }

  static func describe(_ refusal: ReferenceRefusal?) -> String {
    guard let refusal else { return "accepted" }
    let stage = refusal.stage.map { "\($0)" } ?? "none"
    return "\(refusal.code) \(stage) at \(refusal.offset), expected \(refusal.expected), found \(refusal.found), record "
      + "\(refusal.record)"
  }
}
