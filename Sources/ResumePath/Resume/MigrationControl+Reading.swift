internal import MigrationStream

extension MigrationControl where Devices: ~Copyable {
  /// Octets to read to a buffer and ``write(_:_:)`` next, so that payloads behind them can be read to where they belong.
  ///
  /// Never beyond a record. 0 while ``writeInPlace(byteCount:_:_:)`` has a place for the next octets, after END, and
  /// without a session.
  public var wantedByteCount: Int {
    guard status == .open else { return 0 }
    switch decoder {
    case .some(let decoder):
      guard let place = decoder.place else { return decoder.wantedByteCount }
      // Octets of a device that is stepped over, or staged, have a place that nobody lends.
      return core.lendsMemory ? 0 : Int(clamping: place.byteCount)
    case .none: return Preamble.byteCount
    }
  }
}
