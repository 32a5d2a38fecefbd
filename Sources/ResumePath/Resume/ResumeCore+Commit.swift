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
        try Self.prepare(position, range, session, &devices)
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
    _ position: Int, _ pieces: Range<Int>, _ session: borrowing ResumeSession, _ devices: inout Devices
  ) throws(DeviceFailure) {
    try devices.prepare(
      session.taken[position].own,
      StagedState(
        pieces: session.staging.pieces.span.extracting(pieces), octets: session.staging.octets.bytes,
        byteString: session.byteStrings[position].bytes))
  }
}
