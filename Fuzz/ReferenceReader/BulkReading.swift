/// What came of a device's byte string.
struct ByteString {
  /// Where its first record stands; 0: none came.
  var start = 0
  var records: UInt64 = 0
  var length: UInt64 = 0
  var isUnitOpen = false
  var initialEnded = false
  var isLast = false
}

struct Barrier {
  var start: Int
  var sequence: UInt64
  /// Where sequence_next stands, and what it says.
  var nextAt: Int
  var next: [UInt64]
}

/// A record that has a pass.
struct PassRecord {
  var sequence: UInt64
  var pass: UInt64
  var offset: Int
}

/// Adjacent extents of one pass.
struct Run {
  var pass: UInt64
  var region: UInt64
  var start: UInt64
  var end: UInt64
}

extension ChannelReading {
  /// On channel 0 a pass is the number of barriers so far; on others it never falls.
  private func judgePass(_ pass: UInt64, at offset: Int) throws(ReferenceRefusal) {
    if number == 0 {
      let now = UInt64(barriers.count)
      return try demand(pass == now, .badPass, at: offset, now, pass)
    }
    let least = passRecords.last?.pass ?? 0
    try demand(pass >= least, .badPass, at: offset, least, pass)
  }

  /// The encoding, and what a compressed payload must turn out to be.
  private func frame(
    _ header: Header, _ encoding: UInt64, _ plain: UInt64, _ plainDigest: UInt64, at plainAt: Int
  ) throws(ReferenceRefusal) -> Frame? {
    let stored = UInt64(header.payload.count)
    guard encoding == 1 else {
      try demand(stored == plain, .badValue, at: header.payloadLengthAt, plain, stored)
      try demand(plainDigest == 0, .badValue, at: plainAt + 8, 0, plainDigest)
      return nil
    }
    try demand(plain <= limits.zstdPlainBytesMax, .limitExceeded, at: plainAt, limits.zstdPlainBytesMax, plain)
    try demand(stored < plain, .badValue, at: header.payloadLengthAt, plain, stored)
    return Frame(plain: plain, digest: plainDigest, digestAt: plainAt + 8)
  }

  /// MEMORY: chapter 10 section 7. PLACED_MEMORY: chapter 30 section 3.2.
  mutating func readMemory(
    _ header: Header, _ cursor: inout Cursor, isPlaced: Bool
  ) throws(ReferenceRefusal) -> Frame? {
    let start = try cursor.take(isPlaced ? 16 : 32)
    func field(_ at: Int, _ size: Int) -> UInt64 { integer(octets, start + at, size) }
    let regions = manifest?.regions ?? []
    let number = field(0, 4)
    try demand(number < UInt64(regions.count), .unknownRegion, at: start, UInt64(regions.count), number)
    let region = regions[Int(number)]
    try demand(header.device == region.owner, .badValue, at: header.deviceAt, region.owner, header.device)
    try judgePass(field(4, 4), at: start + 4)
    let count = field(8, 4)
    try demand(count >= 1, .badValue, at: start + 8, 1, count)
    try demand(count <= limits.extentsMax, .limitExceeded, at: start + 8, limits.extentsMax, count)
    let encoding = isPlaced ? 0 : field(12, 1)
    if !isPlaced {
      try demand(encoding <= 1, .badValue, at: start + 12, 1, encoding)
      try demand(!region.isOpaque || encoding == 0, .badValue, at: start + 12, 0, encoding)
      if encoding == 1 { try mustDeclare(.zstd, at: start + 12) }
    }
    let reserved = isPlaced ? field(12, 4) : field(13, 3)
    try demand(reserved == 0, .reservedNotZero, at: start + (isPlaced ? 12 : 13), 0, reserved)
    let dataLength = try readExtents(header, &cursor, number, region, count, isFrame: encoding == 1)
    try cursor.mustEnd()
    try addToPass(field(4, 4), number, at: start)
    guard !isPlaced else { return nil }
    try demand(field(16, 8) == dataLength, .badValue, at: start + 16, dataLength, field(16, 8))
    return try frame(header, encoding, field(16, 8), field(24, 8), at: start + 16)
  }

  /// - Returns: Octets of the data extents.
  private mutating func readExtents(
    _ header: Header, _ cursor: inout Cursor, _ number: UInt64, _ region: ReferenceManifest.Region, _ count: UInt64,
    isFrame: Bool
  ) throws(ReferenceRefusal) -> UInt64 {
    var after: UInt64 = 0
    var dataLength: UInt64 = 0
    extents.removeAll(keepingCapacity: true)
    for _ in 0..<count {
      let at = try cursor.take(isImage ? 32 : 16)
      let offset = integer(octets, at, 8)
      let length = integer(octets, at + 8, 7)
      let kind = octets[at + 15]
      try demand(offset >= after, .badExtent, at: at, after, offset)
      let isInside = offset < region.byteCount && length <= region.byteCount - offset
      let isKnown = kind == 1 || !region.isOpaque && (kind == 2 || kind == 3)
      try demand(length >= 1 && isInside && isKnown, .badExtent, at: at + 8, region.byteCount, offset)
      after = offset + length
      let isData = kind == 1
      if isImage { try judgePlaced(at, number, region, offset, length, isData) }
      let place = isFrame || isImage ? 0 : header.payload.lowerBound + Int(clamping: dataLength)
      extents.append(
        FinalExtent(
          start: offset, end: after, origin: offset, record: header.start, kind: kind, place: place, entry: at))
      if isData { dataLength += length }
    }
    if collectsContent { for extent in extents { content.name(extent, region: Int(number)) } }
    return dataLength
  }

  /// What only an image demands of an extent, in the order of chapter 30 section 3.2.
  private func judgePlaced(
    _ at: Int, _ number: UInt64, _ region: ReferenceManifest.Region, _ offset: UInt64, _ length: UInt64, _ isData: Bool
  ) throws(ReferenceRefusal) {
    guard let area = areas?[Int(number)] else { return }
    try demand(offset % area.granule == 0, .badPlacement, at: at, area.granule, offset)
    let end = offset + length
    let endsRegion = end == region.byteCount
    let isWhole =
      isData ? length == area.granule || endsRegion && length < area.granule : end % area.granule == 0 || endsRegion
    try demand(isWhole, .badPlacement, at: at + 8, area.granule, length)
    let place = isData ? area.offset + offset : 0
    try demand(integer(octets, at + 16, 8) == place, .badPlacement, at: at + 16, place, integer(octets, at + 16, 8))
    let digest = integer(octets, at + 24, 8)
    try demand(isData || digest == 0, .badPlacement, at: at + 24, 0, digest)
  }

  /// Of several channels: keeps what has a pass, and the runs that a pass names.
  private mutating func addToPass(_ pass: UInt64, _ region: UInt64, at start: Int) throws(ReferenceRefusal) {
    guard channelCount > 1 else { return }
    passRecords.append(PassRecord(sequence: sequence, pass: pass, offset: start + 4))
    if runs.last?.pass != pass { runsOfPass = 0 }
    for extent in extents {
      if let last = runs.last, last.pass == pass, last.region == region, last.end == extent.start {
        runs[runs.count - 1].end = extent.end
      } else {
        runs.append(Run(pass: pass, region: region, start: extent.start, end: extent.end))
        runsOfPass += 1
        let found = UInt64(runsOfPass)
        try demand(found <= limits.passRunsMax, .limitExceeded, at: start + 8, limits.passRunsMax, found)
      }
    }
  }

  /// Chapter 10 section 8.
  mutating func readBytes(_ header: Header, _ cursor: inout Cursor) throws(ReferenceRefusal) -> Frame? {
    let start = try cursor.take(32)
    func field(_ at: Int, _ size: Int) -> UInt64 { integer(octets, start + at, size) }
    func has(_ bit: Int) -> Bool { header.flags >> bit & 1 == 1 }
    var string = strings[Int(header.device)]
    try demand(!string.isLast, .dataAfterLast, at: header.deviceAt, 0, header.device)
    try demand(field(0, 8) == string.length, .badOffset, at: start, string.length, field(0, 8))
    try judgePass(field(8, 4), at: start + 8)
    try demand(field(12, 1) <= 1, .badValue, at: start + 12, 1, field(12, 1))
    if field(12, 1) == 1 { try mustDeclare(.zstd, at: start + 12) }
    try demand(field(13, 3) == 0, .reservedNotZero, at: start + 13, 0, field(13, 3))
    try cursor.mustEnd()
    let frame = try frame(header, field(12, 1), field(16, 8), field(24, 8), at: start + 16)
    if header.payload.isEmpty {
      try demand(!has(10) && !has(11) && !string.isUnitOpen, .badUnit, at: header.flagsAt, 0, UInt64(header.flags))
    } else {
      try demand(has(10) != string.isUnitOpen, .badUnit, at: header.flagsAt, 0, UInt64(header.flags))
      string.isUnitOpen = !has(11)
    }
    try demand(!(has(9) && string.isUnitOpen), .badUnit, at: header.flagsAt, 0, UInt64(header.flags))
    try demand(!(has(8) && string.initialEnded), .badValue, at: header.flagsAt, 0, UInt64(header.flags))
    if string.start == 0 { string.start = header.start }
    string.records += 1
    string.length += field(16, 8)
    string.initialEnded = string.initialEnded || has(8)
    string.isLast = has(9)
    strings[Int(header.device)] = string
    extents.removeAll(keepingCapacity: true)
    try addToPass(field(8, 4), 0, at: start + 4)
    return frame
  }

  /// Chapter 30 section 2.
  mutating func readBarrier(_ header: Header, _ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = cursor.at
    let pass = try cursor.number(4)
    let found = UInt64(barriers.count)
    try demand(pass == found, .badPass, at: start, found, pass)
    let channels = try cursor.number(4)
    try demand(channels == UInt64(channelCount), .badValue, at: start + 4, UInt64(channelCount), channels)
    var next = [try cursor.number(8)]
    try demand(next[0] == sequence + 1, .badSequence, at: start + 8, sequence + 1, next[0])
    try demand(
      channelCount == 1 || found < limits.barriersMax, .limitExceeded, at: start, limits.barriersMax, found + 1)
    for _ in 1..<channels { next.append(try cursor.number(8)) }
    try cursor.mustEnd()
    barriers.append(Barrier(start: header.start, sequence: sequence, nextAt: start + 8, next: next))
    sections.passEnds()
  }

  /// A matter of several channels, so the record with all its digests comes first.
  func judgeLastBarrier() throws(ReferenceRefusal) {
    guard let barrier = barriers.last, let before = barriers.dropLast().last else { return }
    for (place, value) in barrier.next.enumerated() where value < before.next[place] {
      throw ReferenceRefusal(
        .badSequence, at: barrier.nextAt + 8 * place, expected: before.next[place], found: value, stage: .bulk)
    }
  }
}
