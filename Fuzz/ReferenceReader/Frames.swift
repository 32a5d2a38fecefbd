internal import CZstd

/// What exactly one zstd frame holds; its header and blocks are looked at first.
///
/// Source: Specs/10-stream-format.md section 9, RFC 8878 section 3.1.1.
func decompress(
  _ octets: [UInt8], _ range: Range<Int>, plain: UInt64, plainMax: UInt64, limits: ReferenceLimits
) throws(ReferenceRefusal) -> [UInt8] {
  let at = range.lowerBound
  let damaged = ReferenceRefusal(.compressedDataDamaged, at: at)
  var place = at
  func number(_ size: Int) throws(ReferenceRefusal) -> UInt64 {
    guard range.upperBound - place >= size else { throw damaged }
    place += size
    return integer(octets, place - size, size)
  }
  guard try number(4) == 0xfd2f_b528 else { throw damaged }
  let descriptor = try number(1)
  let isSingle = descriptor >> 5 & 1 == 1
  let exponent = isSingle ? 0 : try number(1)
  let window = isSingle ? 0 : (8 + exponent & 7) << (7 + exponent >> 3)
  let dictionary = try number([0, 1, 2, 4][Int(descriptor & 3)])
  let size = [isSingle ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
  let content = try number(size) &+ (size == 2 ? 256 : 0)
  guard descriptor & 8 == 0 else { throw damaged }
  try demand(window <= limits.zstdWindowBytesMax, .limitExceeded, at: at, limits.zstdWindowBytesMax, window)
  guard dictionary == 0, size > 0 else { throw damaged }
  try demand(content == plain, .compressedDataDamaged, at: at, plain, content)
  try demand(content <= plainMax, .limitExceeded, at: at, plainMax, content)
  var isLast = false
  while !isLast {
    let head = try number(3)
    isLast = head & 1 == 1
    guard head >> 1 & 3 != 3 else { throw damaged }
    place += head >> 1 & 3 == 1 ? 1 : Int(head >> 3)
  }
  _ = try number(descriptor & 4 == 4 ? 4 : 0)
  try demand(place == range.upperBound, .compressedDataDamaged, at: place)
  var target = [UInt8](repeating: 0, count: Int(content))
  let written = unsafe octets[range].withUnsafeBytes { frame in
    unsafe target.withUnsafeMutableBytes { unsafe ZSTD_decompress($0.baseAddress, $0.count, frame.baseAddress, frame.count) }
  }
  guard ZSTD_isError(written) == 0, written == target.count else { throw damaged }
  return target
}
