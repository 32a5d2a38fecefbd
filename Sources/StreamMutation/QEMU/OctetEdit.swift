/// Octets of a stream that others take the place of.
public struct OctetEdit: Equatable, Sendable {
  /// From the start of the untouched stream.
  public var offset: Int
  /// Octets that go; 0: others are put in front of the place.
  public var oldCount: Int
  public var new: [UInt8]

  init(_ offset: Int, _ oldCount: Int, _ new: [UInt8]) {
    self.offset = offset
    self.oldCount = oldCount
    self.new = new
  }

  init(_ range: Range<Int>, _ new: [UInt8]) { self.init(range.lowerBound, range.count, new) }

  var end: Int { offset + oldCount }

  /// How much longer the stream becomes.
  var growth: Int { new.count - oldCount }
}

extension [OctetEdit] {
  /// The octets with all edits made; nil when two of them want the same octets, or one lies outside.
  func applied(to octets: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(Swift.max(0, octets.count + reduce(0) { $0 + $1.growth }))
    var position = 0
    for edit in sorted(by: { $0.offset < $1.offset }) {
      guard edit.offset >= position, edit.oldCount >= 0, edit.end <= octets.count else { return nil }
      result += octets[position..<edit.offset]
      result += edit.new
      position = edit.end
    }
    result += octets[position...]
    return result
  }
}

extension [UInt8] {
  /// The number in big-endian octets.
  init(bigEndian value: UInt64, width: Int) {
    self = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - $0))) }
  }

  /// A big-endian number of at most 8 octets; nil outside.
  func bigEndian(at position: Int, width: Int) -> UInt64? {
    guard position >= 0, width <= 8, position <= count - width else { return nil }
    return self[position..<(position + width)].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
