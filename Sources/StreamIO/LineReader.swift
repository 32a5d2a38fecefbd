internal import Glibc
internal import MigrationStream

/// Lines of an input, one after the other, each held whole up to a limit.
public struct LineReader: ~Copyable {
  public enum Line {
    /// Without its line feed.
    case octets([UInt8])
    /// Longer than the limit; its octets are gone.
    case tooLong
  }

  private var input: InputFile
  private let byteCountMax: Int
  /// Octets of the piece that have been given out.
  private var taken = 0
  private var hasPiece = false
  /// Number of the line given out last, from 1.
  public private(set) var number = 0

  public init(_ input: consuming InputFile, byteCountMax: Int) {
    self.input = input
    self.byteCountMax = byteCountMax
  }

  /// - Returns: nil at the end of the input.
  public mutating func next() throws(IOFailure) -> Line? {
    var line: [UInt8] = []
    var isTooLong = false
    var hasBegun = false
    while true {
      if !hasPiece {
        guard try input.advance() else { break }
        (hasPiece, taken) = (true, 0)
      }
      hasBegun = true
      let rest = input.piece.extracting(droppingFirst: taken)
      let end = rest.firstLineFeed
      let count = end ?? rest.byteCount
      isTooLong = isTooLong || line.count + count > byteCountMax
      if isTooLong {
        line = []
      } else {
        // Safe: the pointer is used only inside the call.
        unsafe rest.withUnsafeBytes { unsafe line.append(contentsOf: $0[..<count]) }
      }
      taken += count + 1
      hasPiece = taken < input.piece.byteCount
      if end != nil { break }
    }
    guard hasBegun else { return nil }
    number += 1
    return isTooLong ? .tooLong : .octets(line)
  }
}

extension RawSpan {
  /// Place of the first line feed.
  fileprivate var firstLineFeed: Int? {
    // Safe: memchr looks at the octets that the pointer has, and the place is taken before the call ends.
    unsafe withUnsafeBytes { octets in
      guard let base = octets.baseAddress, let place = unsafe memchr(base, 0x0a, octets.count) else { return nil }
      return unsafe UnsafeRawPointer(place) - base
    }
  }
}
