import CFuzzShim
import MigrationStream
import StreamMutation

/// Mutates octets, then repairs what framing demands, so that the checks behind the digests are reached.
///
/// Three mutations: any octets, octets of one body, whole records. The repair walks records by their lengths; one input
/// in 32 stays as broken as the mutation left it, and of the others one repair in 16 is left out.
enum DigestRepair {
  static let header = RecordHeader.byteCount

  @unsafe
  static func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ sizeMax: Int, _ chance: inout Chance
  ) -> Int {
    // The last octet chooses segments and is no part of the stream.
    let input = unsafe UnsafeMutableRawBufferPointer(start: data, count: sizeMax)
    var count = size
    switch chance.below(8) {
    case 0: count = unsafe fuzz_mutate_bytes(data, size, sizeMax)
    case 1, 2: count = unsafe RecordMutation.records(input, size, &chance)
    default: count = unsafe RecordMutation.body(input, size, &chance)
    }
    if count == size, chance.isOne(in: 4) { count = unsafe fuzz_mutate_bytes(data, size, sizeMax) }
    guard !chance.isOne(in: 32), count > 1 else { return count }
    unsafe repair(UnsafeMutableRawBufferPointer(rebasing: input[..<(count - 1)]), leavingOut: &chance)
    return count
  }

  /// Repairs preamble, headers, sequence, padding, digests, what bodies say of their surroundings, and END's totals.
  ///
  /// Right input stays as it is but for flags: every feature is allowed.
  @unsafe
  static func repair(_ buffer: UnsafeMutableRawBufferPointer, leavingOut chance: inout Chance) {
    let octets = unsafe FuzzOctets(buffer)
    guard octets.count >= Preamble.byteCount else { return }
    repairPreamble(octets, &chance)
    let seed = StreamUUID(low: octets.load(40, as: UInt64.self), high: octets.load(48, as: UInt64.self)).seed
    var bodies = BodyRepair(octets)
    var position = Preamble.byteCount
    while octets.count - position >= header {
      let record = frame(octets, at: position)
      octets.store(Format.sync, position)
      octets.store(UInt16(0), position + 8)
      octets.store(bodies.sequence, position + 16)
      if !chance.isOne(in: 16) { bodies.repair(record) }
      octets.store(octets.digest(record.body), position + 32)
      octets.store(octets.digest(record.payload), position + 48)
      let digest = octets.reading(position..<(position + header)) {
        Digest.xxh3(header: $0.words(at: 0), seed: seed)
      }
      octets.store(digest, position + 56)
      bodies.close(record, headerDigest: digest)
      position = record.next
    }
  }

  private static func repairPreamble(_ octets: FuzzOctets, _ chance: inout Chance) {
    octets.store(Format.magic, 0)
    if !chance.isOne(in: 64) {
      octets.store(Format.major, 8)
      octets.store(UInt16(0), 12)
      if octets.load(14, as: UInt16.self) != Profile.image.rawValue { octets.store(Profile.stream.rawValue, 14) }
      octets.store(Format.digestXXH3, 24)
      octets.store(UInt16(1), 26)
      octets.store(UInt32(0), 28)
      octets.store(UInt64(0), 32)
      let single = octets.load(16, as: UInt32.self) & MandatoryFlags.singleDevice
      octets.store(MandatoryFlags.known & ~MandatoryFlags.channels & ~MandatoryFlags.singleDevice | single, 16)
    }
    octets.store(octets.digest(0..<56), 56)
  }

  /// Cuts the lengths of a record to what there is, and writes the padding that they demand.
  static func frame(_ octets: FuzzOctets, at position: Int) -> FuzzRecord {
    let record = FuzzRecord(octets, at: position)
    octets.store(UInt64(record.body.count), position + 24)
    octets.store(UInt64(record.payload.count), position + 40)
    octets.store(UInt8(record.payload.lowerBound - record.body.upperBound), position + 10)
    octets.store(UInt8(-record.payload.count & 7), position + 11)
    octets.clear(record.body.upperBound..<record.payload.lowerBound)
    octets.clear(record.payload.upperBound..<min(record.end, octets.count))
    return record
  }
}

/// Where the parts of a record lie in an input.
struct FuzzRecord {
  let start: Int
  let kind: UInt16
  let body: Range<Int>
  let payload: Range<Int>
  /// May lie behind the input by a few octets of padding.
  let end: Int
  /// Where the next record starts: at the end, or behind the areas of an image.
  let next: Int

  init(_ octets: FuzzOctets, at position: Int) {
    let bodyStart = position + RecordHeader.byteCount
    let bodyEnd = bodyStart + octets.clamped(position + 24, octets.count - bodyStart) & ~7
    let front = -bodyEnd & 63
    let count = octets.clamped(position + 40, octets.count - bodyEnd - front)
    start = position
    kind = octets.load(position + 4, as: UInt16.self)
    body = bodyStart..<bodyEnd
    let payloadStart = count == 0 ? bodyEnd : bodyEnd + front
    payload = payloadStart..<(payloadStart + count)
    end = payload.upperBound + (-count & 7)
    let isPlacement = kind == RecordKind.placement.rawValue && body.count >= 16
    next = isPlacement ? max(end, octets.clamped(bodyStart + 8, octets.count)) : end
  }
}
