/// MANIFEST, LAYOUT and SECTION.
extension StreamState {
  mutating func takeManifest(_ body: RawSpan, at start: UInt64) throws(StreamError) {
    try manifest.parse(
      body, at: start, mandatoryFlags: preamble.mandatoryFlags, limits: limits)
    try seenSections.append(repeating: 0, count: (manifest.sectionTotal + 63) / 64)
    try byteStrings.append(repeating: ByteString(), count: manifest.devices.count)
    try places.sections.append(repeating: RecordPlace(), count: manifest.sectionTotal)
    phase = preamble.profile == .image ? .placement : .records
    // The caller makes the decoders of the other channels now.
    if isShared { link.hold = .admission }
  }

  mutating func takeLayout(_ body: RawSpan, at start: UInt64) throws(StreamError) {
    var reader = ByteReader(body, at: start, stage: .layout)
    let number = try reader.u32()
    guard number == layoutCount else {
      throw reader.refusal(.badOrder, back: 4, expected: UInt64(layoutCount), found: UInt64(number))
    }
    guard number < limits.layoutsMax else {
      throw reader.refusal(
        .limitExceeded, back: 4, expected: UInt64(limits.layoutsMax), found: UInt64(number) + 1)
    }
    let form = try layoutForm(&reader)
    try reader.reserved(3)
    let canonicalByteCount = try reader.u64()
    guard canonicalByteCount <= limits.layoutBytesMax else {
      throw reader.refusal(
        .limitExceeded, back: 8, expected: limits.layoutBytesMax, found: canonicalByteCount)
    }
    let fingerprint = try reader.u64()
    let storedByteCount = try reader.u64()
    guard storedByteCount <= UInt64(reader.remaining) else {
      throw reader.refusal(
        .truncatedData, back: 8, expected: storedByteCount, found: UInt64(reader.remaining))
    }
    let byteCount = form == .external ? max(canonicalByteCount, storedByteCount) : canonicalByteCount
    let (total, overflow) = layoutByteCount.addingReportingOverflow(byteCount)
    guard !overflow, total <= limits.layoutBytesTotalMax else {
      throw reader.refusal(
        .limitExceeded, back: 24, expected: limits.layoutBytesTotalMax, found: overflow ? UInt64.max : total)
    }
    layoutByteCount = total
    let isRight =
      switch form {
      case .plain: storedByteCount == canonicalByteCount
      case .zstd: storedByteCount < canonicalByteCount
      case .external: storedByteCount >= 1
      }
    guard isRight else {
      throw reader.refusal(.badValue, back: 8, expected: canonicalByteCount, found: storedByteCount)
    }
    let storedOffset = reader.offset
    let stored =
      form == .external
      ? try reader.text(Int(storedByteCount), max: limits.textBytesMax) : try reader.take(Int(storedByteCount))
    try reader.padding()
    try reader.finish()
    layoutCount += 1
    guard options.checksSections else { return }
    try keepLayout(
      stored, form, canonicalByteCount: canonicalByteCount, fingerprint: fingerprint,
      at: storedOffset)
  }

  private enum LayoutForm: UInt8 { case plain, zstd, external }

  private func layoutForm(_ reader: inout ByteReader) throws(StreamError) -> LayoutForm {
    let value = try reader.u8()
    guard let form = LayoutForm(rawValue: value) else {
      throw reader.refusal(.badValue, back: 1, expected: 2, found: UInt64(value))
    }
    let flag: UInt32 =
      switch form {
      case .plain: 0
      case .zstd: MandatoryFlags.zstd
      case .external: MandatoryFlags.externalLayouts
      }
    guard preamble.mandatoryFlags & flag == flag else {
      throw reader.refusal(.undeclaredFeature, back: 1, expected: UInt64(flag), found: UInt64(value))
    }
    return form
  }

  private mutating func keepLayout(
    _ stored: RawSpan, _ form: LayoutForm, canonicalByteCount: UInt64, fingerprint: UInt64,
    at offset: UInt64
  ) throws(StreamError) {
    // The field lies two words before the stored octets.
    let fingerprintOffset = offset &- 16
    switch form {
    case .external:
      try layouts.addExternal(identity: stored, at: offset, limits: limits)
    case .plain:
      try Self.check(fingerprint: fingerprint, of: stored, at: fingerprintOffset)
      try layouts.add(canonical: stored, at: offset, limits: limits)
    case .zstd:
      try decompress(
        stored, plainByteCount: canonicalByteCount, plainMax: limits.layoutBytesMax, at: offset,
        stage: .layout)
      try Self.check(fingerprint: fingerprint, of: plain.bytes, at: fingerprintOffset)
      do throws(StreamError) {
        try Self.add(plain, to: &layouts, limits: limits)
      } catch let refusal {
        // Octets inside a frame have no offset of their own; the frame has. Memory that is refused is no fault of theirs.
        if refusal.code == .outOfMemory { throw refusal }
        throw StreamError(
          refusal.code, refusal.stage, at: offset, expected: refusal.expected, found: refusal.found)
      }
    }
  }

  /// A span of one member would bar all of self; as parameters the two are apart.
  private static func add(
    _ canonical: borrowing OwnedBytes, to layouts: inout LayoutStore, limits: StreamLimits
  ) throws(StreamError) {
    try layouts.add(canonical: canonical.bytes, at: 0, limits: limits)
  }

  private static func check(
    fingerprint: UInt64, of canonical: RawSpan, at offset: UInt64
  ) throws(StreamError) {
    let digest = Digest.xxh3(canonical)
    guard digest == fingerprint else {
      throw StreamError(.digestMismatch, .layout, at: offset, expected: fingerprint, found: digest)
    }
  }

  /// Replaces ``plain`` by what a frame holds.
  mutating func decompress(
    _ stored: RawSpan, plainByteCount: UInt64, plainMax: UInt64, at offset: UInt64,
    stage: StreamError.Stage
  ) throws(StreamError) {
    if decompressor == nil { decompressor = try ZstdDecompressor(allocator: plain.allocator) }
    try decompressor?.decompress(
      stored, plainByteCount: plainByteCount, plainMax: plainMax,
      windowMax: limits.zstdWindowBytesMax, at: offset, stage: stage, into: &plain)
  }

  mutating func takeSection(
    _ body: RawSpan, of header: RecordHeader, at start: UInt64
  ) throws(StreamError) {
    let device = manifest.devices[Int(header.device)]
    var reader = ByteReader(body, at: start, stage: .section)
    let section = Int(try reader.u16())
    guard section < device.sectionCount else {
      throw reader.refusal(
        .unknownSection, back: 2, expected: UInt64(device.sectionCount), found: UInt64(section))
    }
    let mark = manifest.section(section, of: device).mark
    try Self.check(mark: mark, header, at: start &- UInt64(RecordHeader.byteCount))
    let subsectionCount = try reader.u16()
    let layout = try reader.u32()
    guard layout < layoutCount else {
      throw reader.refusal(.unknownLayout, back: 4, expected: UInt64(layoutCount), found: UInt64(layout))
    }
    let recordPass = try reader.u32()
    guard recordPass == pass else {
      throw reader.refusal(.badPass, back: 4, expected: UInt64(pass), found: UInt64(recordPass))
    }
    try reader.reserved(4)
    let dataByteCount = try reader.u64()
    guard dataByteCount & 7 == 0 else {
      throw reader.refusal(.badValue, back: 8, expected: dataByteCount & ~7, found: dataByteCount)
    }
    guard dataByteCount <= UInt64(reader.remaining) else {
      throw reader.refusal(
        .truncatedData, back: 8, expected: dataByteCount, found: UInt64(reader.remaining))
    }
    try takeOrder(of: device.firstSection + section, header, at: start)
    sectionRecordCount &+= 1
    guard options.checksSections, !options.leavesSectionsToHandler else { return }
    let dataOffset = reader.offset
    let data = try reader.take(Int(dataByteCount))
    try checkSection(
      data, at: dataOffset, layout: layout, subsections: try reader.take(reader.remaining),
      subsectionCount: subsectionCount, of: device)
  }

  /// Sections come in manifest order, once; again only in a later pass and saying so.
  private mutating func takeOrder(
    of position: Int, _ header: RecordHeader, at start: UInt64
  ) throws(StreamError) {
    guard position > lastSection else {
      throw StreamError(
        position == lastSection ? .duplicateSection : .sectionOutOfOrder, .section, at: start,
        expected: UInt64(lastSection) + 1, found: UInt64(position))
    }
    let bit = UInt64(1) << UInt64(position & 63)
    let wasSeen = seenSections[position / 64] & bit != 0
    let replaces = header.flags & RecordFlags.replaces != 0
    if wasSeen, !replaces { throw StreamError(.duplicateSection, .section, at: start) }
    if replaces, !wasSeen {
      throw StreamError(
        .badValue, .section, at: start &- UInt64(RecordHeader.byteCount) &+ 6, expected: 0,
        found: UInt64(header.flags))
    }
    seenSections[position / 64] |= bit
    places.sections[position] = RecordPlace(header, at: start &- UInt64(RecordHeader.byteCount))
    lastSection = position
  }

  /// Whether an announced section of a device has come.
  public func hasSection(_ section: UInt16, of device: UInt32) -> Bool {
    guard Int(clamping: device) < manifest.devices.count else { return false }
    let entry = manifest.devices[Int(device)]
    guard Int(section) < entry.sectionCount else { return false }
    let position = entry.firstSection + Int(section)
    return seenSections[position / 64] & (1 << UInt64(position & 63)) != 0
  }

  /// The first announced section that has not come, as device and position; nil when all have.
  func missingSection() -> (device: UInt32, section: Int)? {
    for index in 0..<manifest.devices.count {
      let device = manifest.devices[index]
      for section in 0..<device.sectionCount {
        let position = device.firstSection + section
        if seenSections[position / 64] & (1 << UInt64(position & 63)) == 0 {
          return (UInt32(index), section)
        }
      }
    }
    return nil
  }
}
