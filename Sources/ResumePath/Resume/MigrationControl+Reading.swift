internal import MigrationStream

extension MigrationControl where Devices: ~Copyable {
  /// Octets to read to a buffer and ``write(_:_:)`` next, so that payloads behind them can be read to where they belong.
  ///
  /// 0 while ``writeInPlace(byteCount:_:_:)`` has a place for the next octets, after END, and without a session.
  public var wantedByteCount: Int {
    guard status == .open else { return 0 }
    switch decoder {
    case .some(let decoder): return decoder.wantedByteCount
    case .none: return Preamble.byteCount
    }
  }
}
