public import MigrationStream

extension QEMUStream {
  /// An identity for conversions of this stream: digests of its device state and of where its records stand.
  ///
  /// Guest memory is left out, which may be large; the state of a machine's clocks is in, so two saves have two
  /// identities. The same saved state always converts to the same octets.
  public func identity() throws(ForeignError) -> StreamUUID {
    guard var state = try? RunningDigest() else {
      throw ForeignError(.refusedByCodec, .conversion, at: 0)
    }
    var places: [UInt8] = []
    for record in records {
      for value in [record.offset, record.length] {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
          places.append(UInt8(truncatingIfNeeded: value >> shift))
        }
      }
      if let section = record.section, sections[section].content == .memory { continue }
      try digest(record, into: &state)
    }
    return StreamUUID(low: state.value, high: Digest.xxh3(places.span.octets))
  }

  private func digest(_ record: QEMURecord, into state: inout RunningDigest) throws(ForeignError) {
    var offset = record.payloadOffset
    var left = record.payloadLength
    while left > 0 {
      let count = Int(min(left, UInt64(ForeignLimits.windowOctets)))
      let octets = try source.read(at: offset, count: count)
      state.update(octets.span.octets)
      offset += UInt64(count)
      left -= UInt64(count)
    }
  }
}
