import MigrationStream

/// Any octets as a stream: the codec's readers and the reference reader must agree, see ``DecodeOracle``.
///
/// The last octet of the input is not part of the stream: with the stream's octets it chooses where it is cut and what
/// else is judged.
public enum DecodeTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard let last = input.last else { return .uninteresting }
    let stream = Array(input.dropLast())
    let seed = Digest.xxh3(stream.span.octets) << 8 | UInt64(last)
    return DecodeOracle.check(stream, seed: seed).map(FuzzVerdict.violation) ?? .fine
  }
}
