internal import MigrationStream

extension ResumeCore where Devices: ~Copyable {
  /// Prepares all devices, then commits all.
  ///
  /// - Parameter offset: Octets of the stream.
  /// - Throws: `deviceFailed`; without effect when a device refused to prepare.
  mutating func apply(at offset: UInt64) throws(StreamError) {
    var run = 0
    for position in 0..<session.taken.count {
      let device = session.taken[position]
      let range = session.staging.pieceRange(of: position, from: &run)
      do throws(DeviceFailure) {
        try Self.prepare(device.own, range, session.staging, session.byteStrings[position], &devices)
      } catch {
        throw Self.refusal(error, at: offset, device: UInt32(truncatingIfNeeded: device.own))
      }
    }
    for position in 0..<session.taken.count {
      let device = session.taken[position].own
      do throws(DeviceFailure) {
        try devices.commit(device)
      } catch {
        throw Self.refusal(error, at: offset, device: UInt32(truncatingIfNeeded: device))
      }
    }
  }

  /// Spans of members would bar all of self; as parameters the members are apart.
  private static func prepare(
    _ device: Int, _ pieces: Range<Int>, _ staging: borrowing Staging, _ byteString: borrowing OwnedBytes,
    _ devices: inout Devices
  ) throws(DeviceFailure) {
    try devices.prepare(
      device,
      StagedState(
        pieces: staging.pieces.span.extracting(pieces), octets: staging.octets.bytes, byteString: byteString.bytes))
  }
}
