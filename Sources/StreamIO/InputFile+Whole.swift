internal import MigrationStream

extension InputFile {
  /// The octets of the input from the piece at hand on, but no more than `max`.
  public mutating func octets(atMost max: Int) throws(IOFailure) -> [UInt8] {
    var octets: [UInt8] = []
    var goesOn = true
    while goesOn {
      let count = min(piece.byteCount, max - octets.count)
      // Safe: the pointer is used only inside the call.
      unsafe piece.withUnsafeBytes { unsafe octets.append(contentsOf: $0[..<count]) }
      goesOn = octets.count < max
      if goesOn { goesOn = try advance() }
    }
    return octets
  }
}
