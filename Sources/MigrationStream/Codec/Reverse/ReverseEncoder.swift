/// Writes what a destination tells the source: the hello before the first record, then one record a call.
///
/// Source: Specs/resume-path.md section 9.
public struct ReverseEncoder: Sendable, BitwiseCopyable {
  public let uuid: StreamUUID
  private var phase = ReversePhase.undecided
  private var recordCount: UInt64 = 0

  /// - Parameter uuid: Of the stream that is answered.
  public init(uuid: StreamUUID) { self.uuid = uuid }

  /// Whether a terminal record was written.
  public var hasEnded: Bool { phase == .ended }

  /// Appends the octets of one record.
  ///
  /// - Throws: `wrongCall` when the record may not stand here; `outOfMemory`. Then nothing was appended.
  public mutating func encode(_ event: ReverseEvent, into target: inout OwnedBytes) throws(StreamError) {
    guard let kind = event.kind, let next = phase.after(kind) else {
      throw StreamError(.wrongCall, .use, at: 0).on(channel: ReverseFormat.channel)
    }
    let start = target.count
    do throws(StreamError) {
      if recordCount == 0 { try ReverseHello.encode(uuid, into: &target) }
      try append(event, kind, to: &target)
    } catch {
      target.truncate(to: start)
      throw error.on(channel: ReverseFormat.channel)
    }
    phase = next
    recordCount &+= 1
  }

  private func append(
    _ event: ReverseEvent, _ kind: ReverseKind, to target: inout OwnedBytes
  ) throws(StreamError) {
    let start = target.count
    try target.append(repeating: 0, count: RecordHeader.byteCount)
    var device = Format.none32
    switch event {
    case .refused(let refusal): try refusal.encode(into: &target)
    case .initialLoaded(let loaded): device = loaded
    case .compatible, .resumed, .skipped: break
    }
    let bodyDigest = Digest.xxh3(target.bytes.extracting(droppingFirst: start + RecordHeader.byteCount))
    var header = RecordHeader(
      kind: kind.rawValue, flags: RecordFlags.required, channel: ReverseFormat.channel, device: device,
      sequence: recordCount, at: 0, bodyByteCount: kind.bodyByteCount, bodyDigest: bodyDigest, payloadByteCount: 0,
      payloadDigest: Digest.ofNothing)
    header.encode(seed: uuid.seed, into: &target, at: start)
  }
}
