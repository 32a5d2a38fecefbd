internal import MigrationStream

extension InputFile {
  /// The octets of all pieces that are still to come, but no more than `max`.
  public mutating func octets(atMost max: Int) throws(IOFailure) -> [UInt8] {
    var octets: [UInt8] = []
    while octets.count < max, try advance() {
      let count = min(piece.byteCount, max - octets.count)
      // Safe: the pointer is used only inside the call.
      unsafe piece.withUnsafeBytes { unsafe octets.append(contentsOf: $0[..<count]) }
    }
    return octets
  }
}
