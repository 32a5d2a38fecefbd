import MigrationStream

/// What bodies say of their surroundings and of themselves.
///
/// Source: Specs/10-stream-format.md sections 4 to 9, Specs/30-channels-passes-images.md sections 2 and 3.
extension RepairRun {
  mutating func repairContents(_ spot: RecordSpot) {
    guard let kind = spot.knownKind else { return }
    repairHeader(spot, kind)
    let body = spot.body.lowerBound
    switch kind {
    case .manifest where spot.bodyCount >= 24: repairManifest(spot.body)
    case .layout where spot.bodyCount >= 32: repairLayoutRecord(spot)
    case .section where spot.bodyCount >= SectionHead.byteCount:
      put(pass, body + 8, 4)
      put(0, body + 12, 4)
      repairSubsections(spot.body, head: body)
    case .memory where spot.bodyCount >= MemoryHead.byteCount:
      if channel == 0 { put(pass, body + 4, 4) }
      repairPlain(spot)
      repairExtents(spot)
    case .bytes where spot.bodyCount >= BytesHead.byteCount:
      put(byteStringOffset(spot), body, 8)
      if channel == 0 { put(pass, body + 8, 4) }
      repairPlain(spot)
    case .barrier where spot.bodyCount >= 16:
      features |= MandatoryFlags.passes
      put(pass, body, 4)
      put(channels, body + 4, 4)
      put(sequence &+ 1, body + 8, 8)
    case .placement: areas = spot.body
    case .placedMemory where spot.bodyCount >= 16:
      put(pass, body + 4, 4)
      repairPlaced(spot)
    default: break
    }
  }

  /// Mark and device of records that belong to the machine; another kind's mark is one of the two.
  private mutating func repairHeader(_ spot: RecordSpot, _ kind: RecordKind) {
    let flags = octets.word16(spot.start + HeaderPlace.flags)
    switch kind {
    case .section, .memory, .bytes, .placedMemory:
      if Mark(flags: flags) == nil {
        put(UInt64(flags & ~3 | RecordFlags.required), spot.start + HeaderPlace.flags, 2)
      }
      return
    case .index, .indexPage: put(UInt64(RecordFlags.skippable), spot.start + HeaderPlace.flags, 2)
    default: put(UInt64(RecordFlags.required), spot.start + HeaderPlace.flags, 2)
    }
    put(UInt64(Format.none32), spot.start + HeaderPlace.device, 4)
  }

  private mutating func repairLayoutRecord(_ spot: RecordSpot) {
    let body = spot.body.lowerBound
    put(layouts, body, 4)
    let stored = (body + 32)..<spot.body.upperBound
    let count = octets.clamped(body + 24, stored.count)
    switch octets[body + 4] {
    case 0:
      repairLayout(stored)
      put(UInt64(stored.count), body + 8, 8)
      put(octets.digest(stored), body + 16, 8)
      put(UInt64(stored.count), body + 24, 8)
    case 1:
      features |= MandatoryFlags.zstd
      put(UInt64(count), body + 24, 8)
      clear((stored.lowerBound + count)..<stored.upperBound)
      putPlainDigest(stored.lowerBound..<(stored.lowerBound + count), octets.word64(body + 8), body + 16)
    case 2:
      features |= MandatoryFlags.externalLayouts
      put(UInt64(count), body + 24, 8)
      clear((stored.lowerBound + count)..<stored.upperBound)
    default: break
    }
  }

  /// Lengths of data and subsections: each is cut to what there is, the last takes the rest.
  ///
  /// - Parameter head: Where a section's head starts.
  private mutating func repairSubsections(_ body: Range<Int>, head: Int) {
    let first = head + SectionHead.byteCount
    let count = Int(octets.word16(head + 2))
    let most = body.upperBound - first
    var data = count == 0 ? most : octets.clamped(head + 16, most) & ~7
    if count == 0, kept.overlaps(head + 2, 2) { data = octets.clamped(head + 16, most) & ~7 }
    put(UInt64(data), head + 16, 8)
    repairSiblings((first + data)..<body.upperBound, count, level: 1)
  }

  private mutating func repairSiblings(_ range: Range<Int>, _ count: Int, level: Int) {
    var position = range.lowerBound
    for number in 0..<count {
      let rest = range.upperBound - position
      guard rest >= 24 else { return }
      let claim = Int(octets.word32(position)) & ~7
      let length = number == count - 1 || claim > rest || claim < 24 ? rest : claim
      put(UInt64(length), position, 4)
      let targets = min(Int(octets.word16(position + 12)), (length - 24) / 8)
      put(UInt64(targets), position + 12, 2)
      let first = position + 24 + 8 * targets
      let end = position + length
      let nested = Int(octets.word16(position + 6))
      let data = nested == 0 ? end - first : octets.clamped(position + 16, end - first) & ~7
      put(UInt64(data), position + 16, 8)
      if level < 10 { repairSiblings((first + data)..<end, nested, level: level + 1) }
      position = end
    }
  }

  /// The extents that there is room for; the first data extent takes up the difference to the payload.
  private mutating func repairExtents(_ spot: RecordSpot) {
    let body = spot.body.lowerBound
    let mask: UInt64 = 1 << 56 - 1
    put(UInt64((spot.bodyCount - MemoryHead.byteCount) / Extent.byteCount), body + 8, 4)
    var sum: UInt64 = 0
    var first: Int?
    for position in stride(from: body + MemoryHead.byteCount, to: spot.body.upperBound - 15, by: Extent.byteCount)
    where octets[position + 15] == ExtentKind.data.rawValue {
      if first == nil, !kept.overlaps(position + 8, 8) { first = position + 8 }
      sum &+= octets.word64(position + 8) & mask
    }
    let wanted = octets[body + 12] == 1 ? octets.word64(body + 16) : UInt64(spot.payloadCount)
    guard let first, sum != wanted else { return }
    let right = (octets.word64(first) & mask &+ wanted &- sum) & mask
    put(right | UInt64(ExtentKind.data.rawValue) << 56, first, 8)
  }

  func area(of body: Range<Int>) -> UInt64? {
    guard let areas, UInt64(octets.word32(body.lowerBound)) < UInt64(max(0, areas.count - 16) / 24) else { return nil }
    return octets.word64(areas.lowerBound + 16 + 24 * Int(octets.word32(body.lowerBound)))
  }

  mutating func findLastExtents(_ records: [RecordSpot]) {
    for spot in records {
      if spot.knownKind == .placement { areas = spot.body }
      guard spot.knownKind == .placedMemory, spot.bodyCount >= 48, let area = area(of: spot.body) else { continue }
      for position in stride(from: spot.body.lowerBound + 16, to: spot.body.upperBound - 31, by: 32) {
        lastExtents[area &+ octets.word64(position)] = position
      }
    }
    areas = nil
  }

  /// The extents that there is room for: file offsets by their area, digests by the octets that lie there.
  private mutating func repairPlaced(_ spot: RecordSpot) {
    let body = spot.body.lowerBound
    put(UInt64((spot.bodyCount - 16) / 32), body + 8, 4)
    guard let areas, let area = area(of: spot.body) else { return }
    for position in stride(from: body + 16, to: spot.body.upperBound - 31, by: 32) {
      let word = octets.word64(position + 8)
      guard word >> 56 == UInt64(ExtentKind.data.rawValue) else {
        put(0, position + 16, 8)
        put(0, position + 24, 8)
        continue
      }
      let offset = area &+ octets.word64(position)
      put(offset, position + 16, 8)
      let (start, count) = (Int(clamping: offset), Int(word & (1 << 56 - 1)))
      guard start <= octets.count, count <= octets.count - start else { continue }
      // The area is looked at only where one granule lies: the work stays linear.
      let granule = octets.word64(areas.lowerBound + 24 + 24 * Int(octets.word32(body)))
      guard UInt64(count) <= granule, lastExtents[offset] == position else { continue }
      put(octets.digest(start..<(start + count)), position + 24, 8)
    }
  }

  private mutating func repairPlain(_ spot: RecordSpot) {
    let body = spot.body.lowerBound
    if octets[body + 12] == 1 {
      features |= MandatoryFlags.zstd
      putPlainDigest(spot.payload, octets.word64(body + 16), body + 24)
    } else {
      put(UInt64(spot.payloadCount), body + 16, 8)
      put(0, body + 24, 8)
    }
  }

  /// The digest of what a frame holds; nothing for anything but a right frame of that size.
  private mutating func putPlainDigest(_ frame: Range<Int>, _ plainCount: UInt64, _ position: Int) {
    guard let digest = Frames.plainDigest(octets, frame, plainCount) else { return }
    put(digest, position, 8)
  }
}
