import MigrationStream

/// Octets of an input, read and written in place; traps outside.
@safe
struct FuzzOctets {
  private let base: UnsafeMutableRawPointer
  let count: Int

  @unsafe
  init(_ buffer: UnsafeMutableRawBufferPointer) {
    unsafe base = buffer.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 64).unsafelyUnwrapped
    count = buffer.count
  }

  func load<Value: FixedWidthInteger & BitwiseCopyable>(_ position: Int, as _: Value.Type) -> Value {
    precondition(position >= 0 && position <= count - MemoryLayout<Value>.size, "outside")
    return Value(littleEndian: unsafe base.loadUnaligned(fromByteOffset: position, as: Value.self))
  }

  func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, _ position: Int) {
    precondition(position >= 0 && position <= count - MemoryLayout<Value>.size, "outside")
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: position, as: Value.self)
  }

  func clear(_ range: Range<Int>) {
    for position in range { store(UInt8(0), position) }
  }

  /// Calls `body` with some of the octets, which stay where they are.
  func reading<Result>(_ range: Range<Int>, _ body: (RawSpan) -> Result) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "outside")
    return unsafe body(RawSpan(_unsafeStart: UnsafeRawPointer(base) + range.lowerBound, byteCount: range.count))
  }

  func digest(_ range: Range<Int>) -> UInt64 { reading(range) { Digest.xxh3($0) } }

  /// A length in the input, cut to what there is.
  func clamped(_ position: Int, _ most: Int) -> Int {
    Int(min(load(position, as: UInt64.self), UInt64(max(most, 0))))
  }
}
