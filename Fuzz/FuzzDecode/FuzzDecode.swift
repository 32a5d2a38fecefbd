import FuzzSupport
import MigrationStream

/// Any octets as a stream: the pull decoder, the push decoder in segments that the input chooses, and the verifier
/// must agree on verdict, code and offset.
///
/// The last octet of the input chooses the segments; it is not part of the stream.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let octets = unsafe UnsafeRawBufferPointer(start: data, count: size)
  guard size > 0, let last = unsafe octets.last else { return -1 }
  let stream = unsafe RawSpan(_unsafeBytes: octets).extracting(first: size - 1)
  DecodeOracle.check(stream, segmentSeed: UInt64(last))
  return 0
}

@c(LLVMFuzzerCustomMutator)
public func customMutator(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ sizeMax: Int, _ seed: UInt32
) -> Int {
  unsafe DigestRepair.mutate(data, size, sizeMax, seed)
}

@main
enum FuzzDecode {
  static func main() { unsafe Harness.run(testOneInput) }
}
