public import StreamMutation
import MigrationStream

/// A fault that is always there, for proving that mutator, repair, instrumentation and reporting work together.
///
/// A make-believe device loads a section with the number `capacity`, and a byte string of `level` and entries. It looks
/// whether `level` is at most `capacity`, and then believes it: entries that the byte string does not hold would be read.
/// Three checks stand in front of it: the stream decodes up to END, the byte string came in a zstd frame, and `level`
/// passes. So a fuzzer has to change octets inside a frame, compress them anew, and put plain digest, payload digest,
/// header digest and the chain in END right.
///
/// The last octet of the input is not part of the stream, as in ``DecodeTarget``, whose mutator is the one that is proven.
public enum CanaryTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard !input.isEmpty else { return .uninteresting }
    var device = CanaryDevice()
    // Only what the device takes is worth going on from.
    do throws(StreamError) { try device.load(input.span.octets.extracting(first: input.count - 1)) } catch {
      return .uninteresting
    }
    guard let level = device.level else { return .uninteresting }
    guard level <= device.capacity, level > device.entryCount else { return .fine }
    return .violation(FuzzViolation("canary", "entry \(level) of \(device.entryCount) would be read"))
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    DecodeTarget.mutateStream(&input, byteCountMax: byteCountMax, chance: &chance, plan: plan)
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    DecodeTarget.crossOver(first, second, byteCountMax: byteCountMax, chance: &chance, plan: plan)
  }
}

/// The device that believes.
struct CanaryDevice {
  private(set) var capacity: UInt32 = 0
  /// nil until a byte string came in a frame.
  private(set) var level: UInt32?
  private(set) var entryCount = 0

  mutating func load(_ stream: RawSpan) throws(StreamError) {
    var decoder = try PullDecoder(stream)
    while let item = try decoder.next() {
      switch item.record.header.knownKind {
      case .section:
        let data = SectionHead(item.record.body).data(in: item.record.body)
        if data.byteCount >= 8 { capacity = data.integer(at: 0, as: UInt32.self) }
      case .bytes:
        guard item.record.body.octet(at: 12) == 1, item.payload.byteCount >= 8 else { continue }
        level = item.payload.integer(at: 0, as: UInt32.self)
        entryCount = item.payload.byteCount - 8
      default: break
      }
    }
    try decoder.finish()
  }
}
