public import StreamMutation
import MigrationStream

/// Any octets as a stream: the pull decoder, the push decoder in segments that the input chooses, and the verifier
/// must agree on verdict, code and offset.
///
/// The last octet of the input chooses the segments; it is not part of the stream.
public enum DecodeTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard let last = input.last else { return .uninteresting }
    DecodeOracle.check(input.span.octets.extracting(first: input.count - 1), segmentSeed: UInt64(last))
    return .fine
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    var octets = input + [UInt8](repeating: 0, count: max(byteCountMax - input.count, 1))
    let size = unsafe octets.withUnsafeMutableBufferPointer { buffer in
      unsafe DigestRepair.mutate(buffer.baseAddress.unsafelyUnwrapped, input.count, byteCountMax, &chance)
    }
    input = Array(octets[..<size])
  }
}
