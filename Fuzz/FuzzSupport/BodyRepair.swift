import MigrationStream

/// Writes into bodies what follows from their place in the stream and from their own octets.
///
/// Source: Specs/10-stream-format.md sections 5 to 8 and 11, Specs/30-channels-passes-images.md section 2.
struct BodyRepair {
  private let octets: FuzzOctets
  private(set) var sequence: UInt64 = 0
  private var chain: UInt64 = 0
  private var layouts: UInt32 = 0
  private var pass: UInt32 = 0
  private var sections: UInt64 = 0
  private var index = 0
  /// The body of PLACEMENT.
  private var areas: Range<Int>?
  /// Octets of the byte strings of the first devices.
  private var totals = InlineArray<8, UInt64>(repeating: 0)

  init(_ octets: FuzzOctets) { self.octets = octets }

  mutating func repair(_ record: FuzzRecord) {
    let least =
      switch RecordKind(rawValue: record.kind) {
      case .layout, .memory, .bytes: 32
      case .section, .manifest: 24
      case .barrier, .placement, .placedMemory: 16
      case .end: 416
      default: 0
      }
    guard record.body.count >= least else { return }
    repairMark(record)
    let body = record.body.lowerBound
    switch RecordKind(rawValue: record.kind) {
    case .manifest: ManifestRepair(octets, record.body).repair()
    case .layout: repairLayout(record)
    case .section:
      octets.store(pass, body + 8)
      let most = record.body.count - 24
      let data = octets.load(body + 2, as: UInt16.self) == 0 ? most : octets.clamped(body + 16, most) & ~7
      octets.store(UInt64(data), body + 16)
    case .memory:
      octets.store(pass, body + 4)
      repairExtents(record)
      repairPlain(record)
    case .placement: areas = record.body
    case .placedMemory:
      octets.store(pass, body + 4)
      repairPlaced(record)
    case .bytes:
      octets.store(totals[device(record)], body)
      octets.store(pass, body + 8)
      repairPlain(record)
    case .barrier:
      octets.store(pass, body)
      octets.store(UInt32(1), body + 4)
      octets.store(sequence + 1, body + 8)
    case .end: repairEnd(record)
    default: break
    }
  }

  /// Counts a record whose octets are final.
  mutating func close(_ record: FuzzRecord, headerDigest: UInt64) {
    chain = Digest.chain(chain, headerDigest)
    sequence += 1
    index = record.kind == RecordKind.index.rawValue ? record.start : 0
    switch RecordKind(rawValue: record.kind) {
    case .layout: layouts += 1
    case .section: sections += 1
    case .barrier: pass += 1
    case .bytes where record.body.count >= 32:
      totals[device(record)] &+= octets.load(record.body.lowerBound + 16, as: UInt64.self)
    default: break
    }
  }

  private func device(_ record: FuzzRecord) -> Int { Int(octets.load(record.start + 12, as: UInt32.self) % 8) }

  private func repairMark(_ record: FuzzRecord) {
    guard let kind = RecordKind(rawValue: record.kind) else { return }
    switch kind {
    case .section, .memory, .bytes, .placedMemory:
      let flags = octets.load(record.start + 6, as: UInt16.self)
      if Mark(flags: flags) == nil { octets.store(flags & ~3 | RecordFlags.required, record.start + 6) }
      return
    case .index, .indexPage: octets.store(RecordFlags.skippable, record.start + 6)
    default: octets.store(RecordFlags.required, record.start + 6)
    }
    octets.store(Format.none32, record.start + 12)
  }

  private func repairLayout(_ record: FuzzRecord) {
    let body = record.body.lowerBound
    octets.store(layouts, body)
    let stored = (body + 32)..<record.body.upperBound
    switch octets.load(body + 4, as: UInt8.self) {
    case 0:
      LayoutRepair(octets, stored).repair()
      octets.store(UInt64(stored.count), body + 8)
      octets.store(octets.digest(stored), body + 16)
      octets.store(UInt64(stored.count), body + 24)
    case 1:
      let count = octets.clamped(body + 24, stored.count)
      let plain = octets.load(body + 8, as: UInt64.self)
      if let digest = plainDigest(stored.lowerBound..<(stored.lowerBound + count), plain) {
        octets.store(digest, body + 16)
      }
    default: break
    }
  }

  /// The extents that there is room for; the first data extent takes up the difference to the payload.
  private func repairExtents(_ record: FuzzRecord) {
    let body = record.body.lowerBound
    octets.store(UInt32((record.body.count - 32) / 16), body + 8)
    let isFrame = octets.load(body + 12, as: UInt8.self) == 1
    var sum: UInt64 = 0
    var first: Int?
    for position in stride(from: body + 32, to: record.body.upperBound - 8, by: 16)
    where octets.load(position + 15, as: UInt8.self) == ExtentKind.data.rawValue {
      if first == nil { first = position + 8 }
      sum &+= octets.load(position + 8, as: UInt64.self) & (1 << 56 - 1)
    }
    let wanted = isFrame ? octets.load(body + 16, as: UInt64.self) : UInt64(record.payload.count)
    if let first, sum != wanted {
      let length = octets.load(first, as: UInt64.self) & (1 << 56 - 1)
      let right = (length &+ wanted &- sum) & (1 << 56 - 1)
      octets.store(right | UInt64(ExtentKind.data.rawValue) << 56, first)
    }
    octets.store(wanted, body + 16)
  }

  /// The extents that there is room for: file offsets by their area, digests by the octets that lie there.
  private func repairPlaced(_ record: FuzzRecord) {
    let body = record.body.lowerBound
    octets.store(UInt32((record.body.count - 16) / 32), body + 8)
    let entry = 16 + 24 * Int(octets.load(body, as: UInt32.self) % 64)
    guard let areas, areas.count >= entry + 24 else { return }
    let area = octets.load(areas.lowerBound + entry, as: UInt64.self)
    for position in stride(from: body + 16, to: record.body.upperBound - 31, by: 32) {
      let word = octets.load(position + 8, as: UInt64.self)
      let isData = UInt8(truncatingIfNeeded: word >> 56) == ExtentKind.data.rawValue
      let offset = isData ? area &+ octets.load(position, as: UInt64.self) : 0
      octets.store(offset, position + 16)
      let (start, count) = (Int(clamping: offset), Int(word & (1 << 56 - 1)))
      let isThere = isData && start < octets.count && count <= octets.count - start
      octets.store(isThere ? octets.digest(start..<(start + count)) : 0, position + 24)
    }
  }

  private func repairPlain(_ record: FuzzRecord) {
    let body = record.body.lowerBound
    if octets.load(body + 12, as: UInt8.self) == 1 {
      let plain = octets.load(body + 16, as: UInt64.self)
      if let digest = plainDigest(record.payload, plain) { octets.store(digest, body + 24) }
    } else {
      octets.store(UInt64(record.payload.count), body + 16)
      octets.store(UInt64(0), body + 24)
    }
  }

  /// The digest of what a frame holds; nil for anything but a right frame of that size.
  private func plainDigest(_ frame: Range<Int>, _ plain: UInt64) -> UInt64? {
    octets.reading(frame) { stored in
      do throws(StreamError) {
        var decompressor = try ZstdDecompressor()
        var target = OwnedBytes()
        try decompressor.decompress(
          stored, plainByteCount: plain, plainMax: 1 << 22, windowMax: 1 << 22, at: 0, stage: .bulk, into: &target)
        return Digest.xxh3(target.bytes)
      } catch { return nil }
    }
  }

  private func repairEnd(_ record: FuzzRecord) {
    let body = record.body.lowerBound
    octets.store(UInt64(index), body)
    octets.store(UInt32(1), body + 8)
    octets.store(pass + 1, body + 12)
    octets.store(sections, body + 16)
    octets.store(UInt64(0), body + 24)
    octets.store(sequence, body + 32)
    octets.store(UInt64(record.start), body + 40)
    octets.store(chain, body + 48)
    octets.clear((body + 56)..<record.body.upperBound)
  }
}
