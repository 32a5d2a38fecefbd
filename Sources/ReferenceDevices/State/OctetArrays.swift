package import MigrationStream

extension [UInt8] {
  /// A copy of octets, made in one go.
  package init(_ octets: RawSpan) {
    self.init(repeating: 0, count: octets.byteCount)
    var copy = mutableSpan
    var target = copy.octets
    target.update(from: octets)
  }

  /// Adds all that is to be written.
  package mutating func append(_ list: borrowing GatherList) {
    for index in 0..<list.count { self += [UInt8](list[index]) }
  }
}
