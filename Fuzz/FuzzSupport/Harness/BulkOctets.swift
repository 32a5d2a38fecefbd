import Glibc

/// What is done to many octets at once: loops over single octets count their edges in an instrumented build, and take most
/// of an execution's time.
enum BulkOctets {
  static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    guard first.count == second.count else { return false }
    return unsafe first.withUnsafeBytes { first in
      unsafe second.withUnsafeBytes { second in
        guard let start = first.baseAddress, let other = second.baseAddress else { return true }
        return unsafe memcmp(start, other, first.count) == 0
      }
    }
  }

  static func areEqual(_ first: [[UInt8]], _ second: [[UInt8]]) -> Bool {
    first.count == second.count && zip(first, second).allSatisfy { areEqual($0, $1) }
  }

  /// Puts `source` into `place`, from `start` on, where it must fit.
  static func put(_ source: [UInt8], into place: inout [UInt8], at start: Int) {
    put(source, 0..<source.count, into: &place, at: start)
  }

  /// Puts some of the octets of `source` into `place`.
  static func put(_ source: [UInt8], _ range: Range<Int>, into place: inout [UInt8], at start: Int) {
    precondition(start >= 0 && start <= place.count && range.count <= place.count - start)
    unsafe place.withUnsafeMutableBytes { place in
      unsafe source.withUnsafeBytes { unsafe place[start...].copyBytes(from: $0[range]) }
    }
  }
}
