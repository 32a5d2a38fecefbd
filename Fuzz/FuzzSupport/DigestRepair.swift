import CFuzzShim
import MigrationStream

/// Mutates octets, then repairs what framing demands, so that the checks behind the digests are reached.
///
/// The repair walks records by their lengths; one input in 32 stays as broken as libFuzzer left it.
public enum DigestRepair {
  private static let header = RecordHeader.byteCount

  @unsafe
  public static func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ sizeMax: Int, _ seed: UInt32
  ) -> Int {
    let count = unsafe fuzz_mutate_bytes(data, size, sizeMax)
    guard seed % 32 != 0, count > 1 else { return count }
    // The last octet chooses segments and is no part of the stream.
    unsafe repair(UnsafeMutableRawBufferPointer(start: data, count: count - 1))
    return count
  }

  /// Repairs preamble, headers, sequence, padding, digests and END's totals; right input stays as it is.
  @unsafe
  public static func repair(_ octets: UnsafeMutableRawBufferPointer) {
    guard octets.count >= Preamble.byteCount else { return }
    unsafe store(Format.magic, octets, 0)
    unsafe store(digest(octets, 0, 56), octets, 56)
    let seed = unsafe StreamUUID(low: load(octets, 40), high: load(octets, 48)).seed
    var position = Preamble.byteCount
    var sequence: UInt64 = 0
    var chain: UInt64 = 0
    while octets.count - position >= header {
      let bodyCount = unsafe clamp(octets, position + 24, octets.count - position - header) & ~7
      let bodyEnd = position + header + bodyCount
      let front = unsafe load(octets, position + 40) == 0 ? 0 : -bodyEnd & 63
      let payloadCount = unsafe clamp(octets, position + 40, max(0, octets.count - bodyEnd - front))
      unsafe repairEnd(octets, position, bodyCount, sequence, chain)
      unsafe store(Format.sync, octets, position)
      unsafe store(UInt16(0), octets, position + 8)
      unsafe store(UInt8(payloadCount == 0 ? 0 : front), octets, position + 10)
      unsafe store(UInt8(-payloadCount & 7), octets, position + 11)
      unsafe store(sequence, octets, position + 16)
      unsafe store(UInt64(bodyCount), octets, position + 24)
      unsafe store(digest(octets, position + header, bodyCount), octets, position + 32)
      unsafe store(UInt64(payloadCount), octets, position + 40)
      let payload = payloadCount == 0 ? bodyEnd : bodyEnd + front
      unsafe store(digest(octets, payload, payloadCount), octets, position + 48)
      let headed = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(octets)[position..<(position + header)])
        .words(at: 0)
      let headerDigest = Digest.xxh3(header: headed, seed: seed)
      unsafe store(headerDigest, octets, position + 56)
      chain = Digest.chain(chain, headerDigest)
      sequence += 1
      position = payload + payloadCount + (-payloadCount & 7)
    }
  }

  /// Totals of END, so that mutated streams can be accepted.
  @unsafe
  private static func repairEnd(
    _ octets: UnsafeMutableRawBufferPointer, _ position: Int, _ bodyCount: Int, _ sequence: UInt64,
    _ chain: UInt64
  ) {
    let kind: UInt16 = unsafe load(octets, position + 4)
    guard kind == RecordKind.end.rawValue, bodyCount >= 56 else { return }
    unsafe store(sequence, octets, position + header + 32)
    unsafe store(UInt64(position), octets, position + header + 40)
    unsafe store(chain, octets, position + header + 48)
  }

  @unsafe
  private static func clamp(_ octets: UnsafeMutableRawBufferPointer, _ position: Int, _ most: Int) -> Int {
    let claim: UInt64 = unsafe load(octets, position)
    return Int(min(claim, UInt64(most)))
  }

  @unsafe
  private static func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ octets: UnsafeMutableRawBufferPointer, _ position: Int
  ) -> Value {
    Value(littleEndian: unsafe octets.loadUnaligned(fromByteOffset: position, as: Value.self))
  }

  @unsafe
  private static func store<Value: FixedWidthInteger & BitwiseCopyable>(
    _ value: Value, _ octets: UnsafeMutableRawBufferPointer, _ position: Int
  ) {
    unsafe octets.storeBytes(of: value.littleEndian, toByteOffset: position, as: Value.self)
  }

  @unsafe
  private static func digest(_ octets: UnsafeMutableRawBufferPointer, _ start: Int, _ count: Int) -> UInt64 {
    unsafe Digest.xxh3(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(octets)[start..<(start + count)]))
  }
}
