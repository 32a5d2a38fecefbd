import MigrationStream
import StreamIO

/// BYTES.
///
/// Source: Specs/30-channels-passes-images.md section 5.3.
extension Normaliser {
  /// Octets of a write unit in one record.
  private static var unitByteCountMax: Int { 1 << 20 }

  /// A byte string while it is written.
  private struct Writing: ~Copyable {
    let device: UInt32
    let byteCount: UInt64
    let initialEnd: UInt64?
    /// Octets that are in no record yet, and those of the byte string up to their end.
    var pending = OwnedBytes()
    var end: UInt64 = 0
    /// The next record is the first of its unit; octets of the unit so far.
    var isFirst = true
    var unitByteCount: UInt64 = 0
  }

  mutating func writeByteString(
    of device: UInt32, _ input: borrowing InputFile, _ limits: StreamLimits
  ) throws {
    let string = survey.byteStrings[Int(device)]
    if string.parts.isEmpty { return }
    var writing = Writing(device: device, byteCount: string.byteCount, initialEnd: string.initialEnd)
    if string.byteCount == 0 || string.initialEnd == 0 { try put(&writing, endsUnit: false) }
    var frame = try FrameReader()
    var octets = OwnedBytes()
    for part in string.parts where part.payload.plainByteCount > 0 {
      try checkOutput()
      let endsUnit = part.flags & RecordFlags.unitLast != 0
      if part.payload.isFrame {
        try frame.open(part.payload, input, limits)
        try take(frame.plain, &writing, endsUnit: endsUnit)
        continue
      }
      var done: UInt64 = 0
      while done < part.payload.byteCount {
        let count = min(UInt64(Self.unitByteCountMax), part.payload.byteCount - done)
        try input.read(at: part.payload.offset + done, count: Int(count), into: &octets)
        done += count
        try take(octets, &writing, endsUnit: endsUnit && done == part.payload.byteCount)
      }
    }
  }

  /// Appends octets, and writes a record wherever one ends.
  private mutating func take(
    _ octets: borrowing OwnedBytes, _ writing: inout Writing, endsUnit: Bool
  ) throws {
    var position = 0
    while position < octets.count {
      let inUnit = UInt64(Self.unitByteCountMax) - writing.unitByteCount % UInt64(Self.unitByteCountMax)
      var count = min(octets.count - position, Int(inUnit))
      if let initialEnd = writing.initialEnd, initialEnd > writing.end {
        count = min(count, Int(clamping: initialEnd - writing.end))
      }
      try writing.pending.append(octets.bytes.extracting(position..<(position + count)))
      position += count
      writing.end += UInt64(count)
      writing.unitByteCount += UInt64(count)
      let endsHere = endsUnit && position == octets.count
      if endsHere || writing.end == writing.initialEnd || UInt64(count) == inUnit {
        try put(&writing, endsUnit: endsHere)
      }
    }
  }

  /// Writes what is pending as a record, without octets where there is nothing.
  private mutating func put(_ writing: inout Writing, endsUnit: Bool) throws(StreamError) {
    var flags: UInt16 = 0
    if writing.pending.count > 0 {
      if writing.isFirst { flags |= RecordFlags.unitFirst }
      if endsUnit { flags |= RecordFlags.unitLast }
      writing.isFirst = endsUnit
      if endsUnit { writing.unitByteCount = 0 }
    }
    if writing.end == writing.initialEnd { flags |= RecordFlags.initialDataEnd }
    if writing.end == writing.byteCount { flags |= RecordFlags.last }
    try target.bytes(&encoder, device: writing.device, octets: writing.pending, flags: flags, compresses: false)
    writing.pending.removeAll()
  }
}
