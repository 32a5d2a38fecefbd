import MigrationStream

/// Any octets as a stream: the codec's readers and the reference reader must agree, see ``DecodeOracle``.
///
/// The last octet of the input is not part of the stream: with the stream's octets it chooses where it is cut and what
/// else is judged. An input that begins with a number of channels has these, see ``ChannelInput`` and ``ChannelOracle``.
public enum DecodeTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard let last = input.last else { return .uninteresting }
    if let several = ChannelInput(input) {
      let seed = Digest.xxh3(input.span.octets) << 8 | UInt64(last)
      return ChannelOracle.check(several.channels, seed: seed).map(FuzzVerdict.violation) ?? .fine
    }
    let stream = Array(input.dropLast())
    let seed = Digest.xxh3(stream.span.octets) << 8 | UInt64(last)
    return DecodeOracle.check(stream, seed: seed).map(FuzzVerdict.violation) ?? .fine
  }
}
