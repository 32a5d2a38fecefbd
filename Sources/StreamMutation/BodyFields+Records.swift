import MigrationStream

/// The fields of preamble, headers and bodies.
///
/// Source: Specs/10-stream-format.md sections 2 to 11, Specs/30-channels-passes-images.md.
extension BodyFields {
  /// The preamble, or the hello of a further channel.
  init(preambleOf tree: RecordTree) {
    add(0, 8, .fixed, "magic")
    add(8, 2, .version, "major")
    if tree.isFurtherChannel {
      add(10, 2, .index, "channel")
      add(12, 2, .count, "num_channels")
      add(14, 2, .fixed, "reserved")
      add(16, 16, .octets, "uuid")
      add(32, 8, .fixed, "reserved")
      add(56, 8, .digest, "digest_hello")
      return
    }
    add(10, 2, .version, "minor")
    add(12, 2, .version, "minor_reader_min")
    add(14, 2, .enumeration, "profile", limit: 2)
    add(16, 4, .flags, "flags_mandatory")
    add(20, 4, .flags, "flags_optional")
    add(24, 2, .enumeration, "digest_kind", limit: 1)
    add(26, 2, .count, "num_channels", limit: 16)
    add(28, 4, .fixed, "reserved")
    add(32, 8, .size, "len_record_max")
    add(40, 16, .octets, "uuid")
    add(56, 8, .digest, "digest_preamble")
  }

  init(headerAt start: Int) {
    add(start, 4, .fixed, "sync")
    add(start + HeaderPlace.kind, 2, .enumeration, "kind", limit: 13)
    add(start + HeaderPlace.flags, 2, .flags, "flags")
    add(start + HeaderPlace.channel, 2, .index, "channel")
    add(start + HeaderPlace.frontPadding, 1, .length, "num_pad_front")
    add(start + HeaderPlace.backPadding, 1, .length, "num_pad_back")
    add(start + HeaderPlace.device, 4, .index, "device")
    add(start + HeaderPlace.sequence, 8, .sequence, "sequence")
    add(start + HeaderPlace.bodyLength, 8, .length, "len_body")
    add(start + HeaderPlace.bodyDigest, 8, .digest, "digest_body")
    add(start + HeaderPlace.payloadLength, 8, .length, "len_payload")
    add(start + HeaderPlace.payloadDigest, 8, .digest, "digest_payload")
    add(start + HeaderPlace.headerDigest, 8, .digest, "digest_header")
  }

  init(bodyOf spot: RecordSpot, in tree: RecordTree) {
    let body = spot.body
    let start = body.lowerBound
    fields.reserveCapacity(64)
    switch spot.knownKind {
    case .manifest where body.count >= 24: addManifest(tree.octets, body)
    case .layout where body.count >= 32: addLayoutRecord(tree.octets, body)
    case .section where body.count >= SectionHead.byteCount: addSection(spot, tree)
    case .memory where body.count >= MemoryHead.byteCount: addMemory(tree.octets, spot)
    case .bytes where body.count >= BytesHead.byteCount:
      add(start, 8, .address, "offset")
      add(start + 8, 4, .index, "pass")
      add(start + 12, 1, .enumeration, "encoding", limit: 1)
      add(start + 13, 1, .fixed, "reserved")
      add(start + 16, 8, .length, "len_plain", limit: UInt64(spot.payloadCount))
      add(start + 24, 8, .digest, "digest_plain")
    case .barrier where body.count >= 16:
      add(start, 4, .index, "pass")
      add(start + 4, 4, .count, "num_channels", limit: 16)
      for (number, position) in stride(from: start + 8, to: body.upperBound - 7, by: 8).enumerated() {
        add(position, 8, .sequence, "sequence_next", number)
      }
    case .placement where body.count >= 16:
      addList(tree.octets, body, count: (start, "num_areas"), first: start + 16, unit: 24, "areas") {
        $0.add($1, 8, .address, "areas.file_offset", $2)
        $0.add($1 + 8, 8, .size, "areas.granule", $2)
        $0.add($1 + 16, 8, .fixed, "areas.reserved", $2)
      }
      add(start + 4, 4, .fixed, "reserved")
      add(start + 8, 8, .address, "ofs_records")
    case .placedMemory where body.count >= 16: addExtentsOfImage(tree.octets, body)
    case .indexPage where body.count >= 16:
      add(start, 4, .index, "region")
      add(start + 8, 8, .fixed, "reserved")
      addList(tree.octets, body, count: (start + 4, "num_extents"), first: start + 16, unit: 32, "extents") {
        $0.addExtent($1, $2)
        $0.add($1 + 16, 8, .address, "extents.data_offset", $2)
        $0.add($1 + 24, 8, .address, "extents.record_offset", $2)
      }
    case .index where body.count >= 32: addIndex(tree.octets, body)
    case .abort where body.count >= 8:
      add(start, 4, .enumeration, "reason", limit: 6)
      add(start + 4, 2, .length, "len_text")
      add(start + 6, 2, .fixed, "reserved")
      if body.count > 8 { add(start + 8, body.count - 8, .octets, "text") }
    case .channelEnd where body.count >= 32: addTotals(start, nil)
    case .end where body.count >= 416:
      add(start, 8, .address, "ofs_index")
      add(start + 8, 4, .count, "num_channels", limit: 16)
      add(start + 12, 4, .count, "num_passes")
      add(start + 16, 8, .count, "num_sections")
      add(start + 24, 8, .fixed, "reserved")
      for channel in 0..<16 { addTotals(start + 32 + 24 * channel, channel) }
    default:
      for position in stride(from: start, to: min(body.upperBound, start + 256), by: 8) {
        add(position, 8, .number, "body", (position - start) / 8)
      }
    }
  }

  private mutating func addTotals(_ start: Int, _ channel: Int?) {
    add(start, 8, .count, "records", channel)
    add(start + 8, 8, .length, "octets", channel)
    add(start + 16, 8, .digest, "chain", channel)
  }

  /// Items of one size behind each other, with their number.
  private mutating func addList(
    _ octets: [UInt8], _ body: Range<Int>, count: (position: Int, name: StaticString), first: Int, unit: Int,
    _ name: StaticString, _ each: (inout BodyFields, Int, Int) -> Void
  ) {
    let claim = Int(octets.word32(count.position))
    let there = max(0, body.upperBound - first) / unit
    let number = min(claim, there)
    let field = FieldSpot(
      position: count.position, width: 4, kind: .count, label: FieldLabel(count.name), limit: UInt64(there))
    fields.append(field)
    for index in 0..<number {
      if isFull { return }
      let position = first + unit * index
      each(&self, position, index)
      items.append(
        ItemSpot(list: .others, range: position..<(position + unit), count: field, label: FieldLabel(name, index)))
    }
  }

  mutating func addExtent(_ position: Int, _ index: Int) {
    add(position, 8, .address, "extents.offset", index)
    add(position + 8, 7, .size, "extents.length", index)
    add(position + 15, 1, .enumeration, "extents.kind", index, limit: 3)
  }

  private mutating func addMemory(_ octets: [UInt8], _ spot: RecordSpot) {
    let start = spot.body.lowerBound
    add(start, 4, .index, "region")
    add(start + 4, 4, .index, "pass")
    add(start + 12, 1, .enumeration, "encoding", limit: 1)
    add(start + 13, 1, .fixed, "reserved")
    add(start + 16, 8, .length, "len_plain", limit: UInt64(spot.payloadCount))
    add(start + 24, 8, .digest, "digest_plain")
    addList(octets, spot.body, count: (start + 8, "num_extents"), first: start + 32, unit: 16, "extents") {
      $0.addExtent($1, $2)
    }
  }

  private mutating func addExtentsOfImage(_ octets: [UInt8], _ body: Range<Int>) {
    let start = body.lowerBound
    add(start, 4, .index, "region")
    add(start + 4, 4, .index, "pass")
    add(start + 12, 4, .fixed, "reserved")
    addList(octets, body, count: (start + 8, "num_extents"), first: start + 16, unit: 32, "extents") {
      $0.addExtent($1, $2)
      $0.add($1 + 16, 8, .address, "extents.file_offset", $2)
      $0.add($1 + 24, 8, .digest, "extents.digest", $2)
    }
  }

  /// The lists of an INDEX have the sizes that its head gives.
  private mutating func addIndex(_ octets: [UInt8], _ body: Range<Int>) {
    let start = body.lowerBound
    add(start + 16, 8, .address, "ofs_manifest")
    add(start + 24, 8, .fixed, "reserved")
    var first = start + 32
    addList(octets, body, count: (start, "num_layouts"), first: first, unit: 16, "layouts") {
      $0.add($1, 8, .address, "layouts.offset", $2)
      $0.add($1 + 8, 8, .length, "layouts.octets", $2)
    }
    first += 16 * Int(octets.word32(start))
    addList(octets, body, count: (start + 4, "num_sections"), first: first, unit: 24, "sections") {
      $0.add($1, 4, .index, "sections.device", $2)
      $0.add($1 + 4, 2, .index, "sections.section", $2)
      $0.add($1 + 8, 8, .address, "sections.offset", $2)
      $0.add($1 + 16, 8, .length, "sections.octets", $2)
    }
    first += 24 * Int(octets.word32(start + 4))
    addList(octets, body, count: (start + 8, "num_pages"), first: first, unit: 40, "pages") {
      $0.add($1, 4, .index, "pages.region", $2)
      $0.add($1 + 4, 4, .count, "pages.num_extents", $2)
      $0.add($1 + 8, 8, .address, "pages.first", $2)
      $0.add($1 + 16, 8, .address, "pages.end", $2)
      $0.add($1 + 24, 8, .address, "pages.offset", $2)
      $0.add($1 + 32, 8, .length, "pages.octets", $2)
    }
    first += 40 * Int(octets.word32(start + 8))
    addList(octets, body, count: (start + 12, "num_byte_strings"), first: first, unit: 24, "byte_strings") {
      $0.add($1, 4, .index, "byte_strings.device", $2)
      $0.add($1 + 4, 4, .count, "byte_strings.num_records", $2)
      $0.add($1 + 8, 8, .address, "byte_strings.offset", $2)
      $0.add($1 + 16, 8, .length, "byte_strings.octets", $2)
    }
  }
}
