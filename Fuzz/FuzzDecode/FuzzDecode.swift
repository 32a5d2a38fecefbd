import FuzzSupport

@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 { 0 }

@main
enum FuzzDecode {
  static func main() { unsafe Harness.run(testOneInput) }
}
