/// The header of a record, all of it judged.
struct Header {
  let start: Int
  let kind: UInt16
  let flags: UInt16
  let device: UInt64
  let frontPadding: Int
  let backPadding: Int
  let payloadDigest: UInt64
  let bodyDigest: UInt64
  let headerDigest: UInt64
  let body: Range<Int>
  let payload: Range<Int>

  var end: Int { payload.upperBound + backPadding }
  var byteCount: Int { end - start }
  var mark: UInt16 { flags & 3 }
  var hasDevice: Bool { device != none32 }

  /// Where a field stands.
  var flagsAt: Int { start + 6 }
  var deviceAt: Int { start + 12 }
  var payloadLengthAt: Int { start + 40 }
}

let none32: UInt64 = 0xffff_ffff

/// Chapter 10 section 3.1.
enum Kind: UInt16 {
  case manifest = 1, layout, section, memory, bytes, barrier, placement, placedMemory, indexPage, index, abort
  case channelEnd, end

  /// nil: by manifest.
  var mark: UInt16? {
    switch self {
    case .section, .memory, .bytes, .placedMemory: nil
    case .indexPage, .index: 2
    default: 1
    }
  }

  /// Flags besides the mark.
  var flags: UInt16 {
    switch self {
    case .section: 1 << 2
    case .bytes: 0xf00
    default: 0
    }
  }

  var stage: ReferenceStage {
    switch self {
    case .manifest: .manifest
    case .layout: .layout
    case .section: .section
    case .memory, .bytes, .barrier, .placement, .placedMemory: .bulk
    case .indexPage, .index: .index
    case .abort, .channelEnd, .end: .end
    }
  }
}

extension ChannelReading {
  /// All records of the channel; when END has come, the other channels, then what follows END.
  mutating func readRecords(_ others: [[UInt8]] = []) throws(ReferenceRefusal) {
    while true {
      let header: Header
      do throws(ReferenceRefusal) { header = try readHeader() } catch { throw located(error.within(.record), nil) }
      let kind = Kind(rawValue: header.kind)
      do throws(ReferenceRefusal) {
        try readBody(header, kind, others)
        if kind == .barrier { try judgeLastBarrier() }
        if kind == .end { try judgeOthers(header) }
      } catch {
        throw located(error.within(.record), sequence)
      }
      records.append(
        ReferenceRecord(
          kind: header.kind, flags: header.flags, device: UInt32(header.device), channel: number, offset: header.start,
          body: header.body, payload: header.payload, byteCount: header.byteCount))
      if kind == .end || kind == .channelEnd {
        guard header.end == octets.count else {
          throw located(ReferenceRefusal(.trailingData, at: header.end, stage: .end), nil)
        }
        if let first = faults.first { throw first }
        return
      }
      position = header.end
      sequence += 1
      chain = chained(chain, header.headerDigest)
      guard kind == .placement else { continue }
      // The octets up to the next record belong to no record.
      do throws(ReferenceRefusal) { try need(position, recordsOffset - position) } catch {
        throw located(error, nil)
      }
      position = recordsOffset
    }
  }

  private func located(_ refusal: ReferenceRefusal, _ record: UInt64?) -> ReferenceRefusal {
    var located = refusal
    // What several channels show together names its channel and record itself.
    guard refusal.record == .max, refusal.channel == 0 else { return refusal }
    located.channel = number
    located.record = record ?? .max
    return located
  }

  /// In the order of chapter 10 section 3.
  private mutating func readHeader() throws(ReferenceRefusal) -> Header {
    let start = position
    try need(start, 64)
    func field(_ at: Int, _ size: Int) -> UInt64 { integer(octets, start + at, size) }
    try demand(field(0, 4) == 0x5247_4dd6, .badSync, at: start, 0x5247_4dd6, field(0, 4))
    let found = digest(octets, start..<(start + 56), seed: seed)
    try demand(found == field(56, 8), .digestMismatch, at: start + 56, field(56, 8), found)
    try demand(field(8, 2) == UInt64(number), .foreignChannel, at: start + 8, UInt64(number), field(8, 2))
    try demand(field(16, 8) == sequence, .badSequence, at: start + 16, sequence, field(16, 8))
    let mark = field(6, 2) & 3
    try demand(mark == 1 || mark == 2, .badMark, at: start + 6, 0, field(6, 2))
    let (body, payload) = (field(24, 8), field(40, 8))
    try demand(body <= limits.recordBodyBytesMax, .limitExceeded, at: start + 24, limits.recordBodyBytesMax, body)
    try demand(payload <= limits.payloadBytesMax, .limitExceeded, at: start + 40, limits.payloadBytesMax, payload)
    let length = 64 + body + field(10, 1) + payload + field(11, 1)
    try demand(recordMax == 0 || length <= recordMax, .limitExceeded, at: start + 24, recordMax, length)
    try demand(body % 8 == 0, .badValue, at: start + 24, 0, body)
    let bodyEnd = start + 64 + Int(body)
    let (front, back) = payload == 0 ? (0, 0) : (padding(bodyEnd, 64), padding(Int(payload), 8))
    try demand(field(10, 1) == UInt64(front), .badPadding, at: start + 10, UInt64(front), field(10, 1))
    try demand(field(11, 1) == UInt64(back), .badPadding, at: start + 11, UInt64(back), field(11, 1))
    let header = Header(
      start: start, kind: UInt16(field(4, 2)), flags: UInt16(field(6, 2)), device: field(12, 4), frontPadding: front,
      backPadding: back, payloadDigest: field(48, 8), bodyDigest: field(32, 8), headerDigest: field(56, 8),
      body: (start + 64)..<bodyEnd, payload: (bodyEnd + front)..<(bodyEnd + front + Int(payload)))
    try judgeKind(header)
    return header
  }

  /// Kind, flags, device and the mark of the manifest.
  private func judgeKind(_ header: Header) throws(ReferenceRefusal) {
    let kindAt = header.start + 4
    let kind = Kind(rawValue: header.kind)
    try demand(isInPlace(kind), .recordOutOfOrder, at: kindAt, 0, UInt64(header.kind))
    guard let kind else {
      try demand(header.mark == 2, .unknownRequired, at: kindAt, 0, UInt64(header.kind))
      return
    }
    if kind == .barrier { try mustDeclare(.passes, at: kindAt) }
    let reserved = header.flags & ~(kind.flags | 3)
    try demand(reserved == 0, .reservedNotZero, at: header.flagsAt, 0, UInt64(header.flags))
    if let mark = kind.mark { try judgeMark(header, mark) }
    let devices = manifest?.devices ?? []
    switch kind {
    case .section, .bytes, .memory, .placedMemory:
      let mayLack = kind == .memory || kind == .placedMemory
      try demand(
        header.device < UInt64(devices.count) || mayLack && !header.hasDevice, .unknownDevice, at: header.deviceAt,
        UInt64(devices.count), header.device)
      if kind != .section { try judgeMark(header, header.hasDevice ? devices[Int(header.device)].mark : 1) }
    default:
      try demand(!header.hasDevice, .badValue, at: header.deviceAt, none32, header.device)
    }
    try demand(
      header.payload.isEmpty || kind == .memory || kind == .bytes, .badValue, at: header.payloadLengthAt, 0,
      UInt64(header.payload.count))
  }

  /// A wrong mark is a matter of the record, wherever the right one is written.
  func judgeMark(_ header: Header, _ mark: UInt16) throws(ReferenceRefusal) {
    guard header.mark == mark else {
      throw ReferenceRefusal(
        .badMark, at: header.flagsAt, expected: UInt64(mark), found: UInt64(header.mark), stage: .record)
    }
  }

  /// Whether a record of this kind, nil for an unknown one, may stand here.
  private func isInPlace(_ kind: Kind?) -> Bool {
    if number != 0 {
      switch kind {
      case .memory, .bytes, .channelEnd, nil: return true
      default: return false
      }
    }
    if manifest == nil { return kind == .manifest }
    if isImage, areas == nil { return kind == .placement }
    if indexOffset != 0 { return kind == .end }
    let isIndex = kind == .index || kind == .indexPage
    if isIndex, channelCount > 1 { return false }
    if !pages.isEmpty { return isIndex || kind == .abort }
    switch kind {
    case .manifest, .placement, .channelEnd: return false
    case .memory: return !isImage
    case .placedMemory: return isImage
    default: return true
    }
  }

  /// Body, payload and padding.
  private mutating func readBody(
    _ header: Header, _ kind: Kind?, _ others: [[UInt8]]
  ) throws(ReferenceRefusal) {
    try need(header.body.lowerBound, header.body.count)
    let found = digest(octets, header.body)
    try demand(found == header.bodyDigest, .digestMismatch, at: header.start + 32, header.bodyDigest, found)
    if kind == .end, channelCount > 1 { readOthers(others, header) }
    var frame: Frame?
    if let kind {
      do throws(ReferenceRefusal) { frame = try readContents(header, kind) } catch { throw error.within(kind.stage) }
    }
    try readZeros(header.body.upperBound, header.frontPadding)
    try need(header.payload.lowerBound, header.payload.count)
    let stored = digest(octets, header.payload)
    try demand(stored == header.payloadDigest, .digestMismatch, at: header.start + 48, header.payloadDigest, stored)
    if let frame {
      do throws(ReferenceRefusal) { try judge(frame, header) } catch { throw error.within(.bulk) }
    }
    try readZeros(header.payload.upperBound, header.backPadding)
    // What ABORT says counts when all of it is right.
    if let aborted { throw aborted.within(.end) }
  }

  private func readZeros(_ start: Int, _ count: Int) throws(ReferenceRefusal) {
    for place in start..<max(start, min(start + count, octets.count)) where octets[place] != 0 {
      throw ReferenceRefusal(.badPadding, at: place, expected: 0, found: UInt64(octets[place]))
    }
    try need(start, count)
  }

  private mutating func judge(_ frame: Frame, _ header: Header) throws(ReferenceRefusal) {
    let plain = try content(header.payload, frame.plain, limits.zstdPlainBytesMax)
    let found = digest(plain, 0..<plain.count)
    try demand(found == frame.digest, .digestMismatch, at: frame.digestAt, frame.digest, found)
  }

  /// What a frame holds.
  mutating func content(
    _ frame: Range<Int>, _ plain: UInt64, _ plainMax: UInt64
  ) throws(ReferenceRefusal) -> [UInt8] {
    let most = frameContentMax ?? 0
    // Whoever decompresses may take memory for a content that turns out damaged.
    frameContentMax = max(most, Int(min(plain, plainMax)))
    return try decompress(octets, frame, plain: plain, plainMax: plainMax, limits: limits)
  }

  private mutating func readContents(_ header: Header, _ kind: Kind) throws(ReferenceRefusal) -> Frame? {
    var cursor = Cursor(octets, header.body.lowerBound, header.body.upperBound)
    switch kind {
    case .manifest: try readManifest(&cursor)
    case .layout: try readLayout(header, &cursor)
    case .section: try readSection(header, &cursor)
    case .memory, .placedMemory: return try readMemory(header, &cursor, isPlaced: kind == .placedMemory)
    case .bytes: return try readBytes(header, &cursor)
    case .barrier: try readBarrier(header, &cursor)
    case .placement: try readPlacement(&cursor)
    case .indexPage: try readPage(header, &cursor)
    case .index: try readIndex(header, &cursor)
    case .abort: try readAbort(&cursor)
    case .channelEnd: try readChannelEnd(header, &cursor)
    case .end: try readEnd(header, &cursor)
    }
    return nil
  }
}

/// What a compressed payload must turn out to be.
struct Frame {
  let plain: UInt64
  let digest: UInt64
  let digestAt: Int
}
