import MigrationStream

/// Follows the framing of the octets that a session took, and knows whether they may be committed at all.
///
/// A small second reading of chapter 10: it knows preamble and headers and no contents, so what it calls whole may still
/// be refused, and what it does not call whole must be.
///
/// Source: Specs/10-stream-format.md sections 2, 3, 11.
public struct StreamWitness: Sendable {
  /// Octets that came and were not looked at yet; what they are the start of.
  private var waiting: [UInt8] = []
  /// Where the next piece starts in them.
  private var start = 0
  private var hasPreamble = false
  private var seed: UInt64 = 0
  private var sequence: UInt64 = 0
  private var chain: UInt64 = 0
  /// Octets looked at so far.
  private var position: UInt64 = 0

  /// The last octet of MANIFEST was among the octets.
  public private(set) var hasManifest = false
  /// The last octet of END was among the octets.
  public private(set) var isWhole = false
  /// A digest, a sequence number or a total of END is wrong.
  public private(set) var isDamaged = false
  public private(set) var byteCount: UInt64 = 0
  /// The largest content that a frame with right digests may have claimed, within the limits of readers: they take memory
  /// by it. Source: Specs/40-reader-rules.md section 3.
  public private(set) var frameContentMax = 0

  public init() {}

  /// - Parameter octets: What was consumed, in order.
  public mutating func take(_ octets: ArraySlice<UInt8>) {
    byteCount += UInt64(octets.count)
    guard !isWhole, !isDamaged else { return }
    waiting += octets
    while !isWhole, !isDamaged, step() {}
    waiting.removeFirst(start)
    start = 0
  }

  /// Looks at the next whole piece.
  private mutating func step() -> Bool {
    hasPreamble ? takeRecord() : takePreamble()
  }

  private mutating func takePreamble() -> Bool {
    guard remaining >= 64 else { return false }
    if digest(0..<56) != word(56) { isDamaged = true }
    seed = digest(40..<56)
    drop(64)
    hasPreamble = true
    return true
  }

  private mutating func takeRecord() -> Bool {
    guard remaining >= 64 else { return false }
    guard headerDigest == word(56), word(16) == sequence else {
      isDamaged = true
      return false
    }
    let pads = UInt64(waiting[start + 10]) + UInt64(waiting[start + 11])
    let (sum, overflow) = word(24).addingReportingOverflow(word(40))
    guard !overflow, sum < 1 << 40 else {
      isDamaged = true
      return false
    }
    guard UInt64(remaining) >= 64 + pads + sum else { return false }
    let bodyEnd = 64 + Int(word(24))
    let payload = bodyEnd + Int(waiting[start + 10])
    if digest(64..<bodyEnd) != word(32) || digest(payload..<(payload + Int(word(40)))) != word(48) { isDamaged = true }
    if !isDamaged { noteFrame(bodyByteCount: bodyEnd - 64) }
    if waiting[start + 4] == 0x01, waiting[start + 5] == 0 { hasManifest = true }
    // END: records before it, octets before it, chain.
    if waiting[start + 4] == 0x0d, waiting[start + 5] == 0 {
      isWhole = true
      if bodyEnd < 120 || word(96) != sequence || word(104) != position || word(112) != chain { isDamaged = true }
    }
    chain = Digest.chain(chain, word(56))
    sequence += 1
    drop(64 + Int(pads + sum))
    return true
  }

  /// LAYOUT has its form and its canonical length, MEMORY and BYTES their encoding and their plain length.
  private mutating func noteFrame(bodyByteCount: Int) {
    let body = 64
    guard bodyByteCount >= 32 else { return }
    switch RecordKind(rawValue: UInt16(truncatingIfNeeded: word(4))) {
    case .layout where waiting[start + body + 4] == 1:
      frameContentMax = max(frameContentMax, Int(min(word(body + 8), StreamLimits().layoutBytesMax)))
    case .memory where waiting[start + body + 12] == 1, .bytes where waiting[start + body + 12] == 1:
      frameContentMax = max(frameContentMax, Int(min(word(body + 16), StreamLimits().zstdPlainBytesMax)))
    default: return
    }
  }

  private var remaining: Int { waiting.count - start }

  private func word(_ position: Int) -> UInt64 { waiting.span.octets.integer(at: start + position, as: UInt64.self) }

  private var headerDigest: UInt64 { Digest.xxh3(header: waiting.span.octets.words(at: start), seed: seed) }

  private func digest(_ range: Range<Int>) -> UInt64 {
    Digest.xxh3(waiting.span.octets.extracting((start + range.lowerBound)..<(start + range.upperBound)))
  }

  private mutating func drop(_ count: Int) {
    start += count
    position += UInt64(count)
  }
}
