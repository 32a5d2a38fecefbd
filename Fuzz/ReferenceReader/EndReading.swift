extension ChannelReading {
  /// Chapter 10 section 10.
  mutating func readAbort(_ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = cursor.at
    let reason = try cursor.number(4)
    let length = try cursor.number(2)
    try cursor.reserved(2)
    _ = try cursor.text(Int(length), limit: limits.textBytesMax)
    try cursor.zeros(padding(Int(length), 8))
    try cursor.mustEnd()
    aborted = ReferenceRefusal(.aborted, at: start, found: reason)
  }

  /// A byte string that was begun has come to its end.
  private func judgeStrings(_ header: Header) throws(ReferenceRefusal) {
    for string in strings where string.start != 0 && !string.isLast {
      throw ReferenceRefusal(.incompleteBytes, at: header.start)
    }
  }

  private func judgeTotal(_ at: Int, _ size: Int, _ counted: UInt64) throws(ReferenceRefusal) {
    let said = integer(octets, at, size)
    try demand(said == counted, .totalsMismatch, at: at, said, counted)
  }

  /// Records, octets and chain.
  private func judgeTotals(_ at: Int, of channel: ChannelReading) throws(ReferenceRefusal) {
    try judgeTotal(at, 8, channel.sequence)
    try judgeTotal(at + 8, 8, UInt64(channel.position))
    try judgeTotal(at + 16, 8, channel.chain)
  }

  /// Chapter 30 section 1.
  func readChannelEnd(_ header: Header, _ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = try cursor.take(32)
    try cursor.mustEnd()
    try judgeStrings(header)
    try judgeTotals(start, of: self)
    let reserved = integer(octets, start + 24, 8)
    try demand(reserved == 0, .reservedNotZero, at: start + 24, 0, reserved)
  }

  /// Chapter 10 section 11.
  func readEnd(_ header: Header, _ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = try cursor.take(416)
    try cursor.mustEnd()
    for (device, entry) in (manifest?.devices ?? []).enumerated() {
      for section in entry.sections.indices where sections.place(device, section) == nil {
        throw ReferenceRefusal(
          .missingSection, at: header.start, expected: UInt64(device) << 32 | UInt64(section))
      }
    }
    try judgeStrings(header)
    let index = integer(octets, start, 8)
    try demand(index == UInt64(indexOffset), .badValue, at: start, UInt64(indexOffset), index)
    try judgeTotal(start + 8, 4, UInt64(channelCount))
    try judgeTotal(start + 12, 4, UInt64(barriers.count + 1))
    try judgeTotal(start + 16, 8, sections.count)
    let reserved = integer(octets, start + 24, 8)
    try demand(reserved == 0, .reservedNotZero, at: start + 24, 0, reserved)
    try judgeTotals(start + 32, of: self)
    for place in (start + 32 + 24 * channelCount)..<(start + 416) where octets[place] != 0 {
      throw ReferenceRefusal(.reservedNotZero, at: start + 32 + 24 * channelCount, found: UInt64(octets[place]))
    }
  }

  /// What END says of the other channels, once all of it is right.
  func judgeOthers(_ header: Header) throws(ReferenceRefusal) {
    let start = header.body.lowerBound + 56
    do throws(ReferenceRefusal) {
      for (place, channel) in channels.enumerated() { try judgeTotals(start + 24 * place, of: channel) }
    } catch { throw error.within(.end) }
  }
}
