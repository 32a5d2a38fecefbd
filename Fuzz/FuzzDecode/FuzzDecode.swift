import FuzzSupport
import Glibc

@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  unsafe Harness<DecodeTarget>.testOneInput(data, size)
}

@c(LLVMFuzzerCustomMutator)
public func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ sizeMax: Int, _ seed: UInt32) -> Int {
  unsafe Harness<DecodeTarget>.mutate(data, size, sizeMax, seed)
}

@c(LLVMFuzzerCustomCrossOver)
public func customCrossOver(
  _ first: UnsafePointer<UInt8>, _ firstSize: Int, _ second: UnsafePointer<UInt8>, _ secondSize: Int,
  _ target: UnsafeMutablePointer<UInt8>, _ sizeMax: Int, _ seed: UInt32
) -> Int {
  unsafe Harness<DecodeTarget>.crossOver(first, firstSize, second, secondSize, target, sizeMax, seed)
}

@main
enum FuzzDecode {
  static func main() {
    if let status = DecodeCommand.run(Array(CommandLine.arguments.dropFirst())) { exit(status) }
    unsafe Harness<DecodeTarget>.run(testOneInput)
  }
}
