import MigrationStream

/// The fields of MANIFEST and LAYOUT.
///
/// Source: Specs/10-stream-format.md sections 4 and 5, Specs/20-layouts.md section 3.
extension BodyFields {
  mutating func addManifest(_ octets: [UInt8], _ body: Range<Int>) {
    let start = body.lowerBound
    add(start + 6, 1, .enumeration, "guest_endianness", limit: 2)
    add(start + 7, 1, .fixed, "reserved")
    add(start + 8, 4, .size, "page_size")
    add(start + 20, 4, .fixed, "reserved")
    let regions = counted(octets, start + 12, 4, "num_regions")
    let devices = counted(octets, start + 16, 4, "num_devices")
    guard
      var position = addTexts(
        octets, body, at: start + 24,
        [(start, 2, "len_producer"), (start + 2, 2, "len_version"), (start + 4, 2, "len_arch")], "texts", nil, -1)
    else { return }
    for index in 0..<Int(octets.word32(start + 12)) {
      guard !isFull, let end = addRegion(octets, body, position, index) else { return }
      items.append(ItemSpot(list: .regions, range: position..<end, count: regions, label: FieldLabel("regions", index)))
      position = end
    }
    for index in 0..<Int(octets.word32(start + 16)) {
      guard !isFull, let end = addDevice(octets, body, position, index) else { return }
      items.append(ItemSpot(list: .devices, range: position..<end, count: devices, label: FieldLabel("devices", index)))
      position = end
    }
  }

  private mutating func counted(
    _ octets: [UInt8], _ position: Int, _ width: Int, _ name: StaticString, _ element: Int? = nil
  ) -> FieldSpot {
    let field = FieldSpot(
      position: position, width: width, kind: .count, label: FieldLabel(name, element),
      limit: octets.number(at: position, width: width))
    fields.append(field)
    return field
  }

  /// The lengths of a text group, and its texts as octets; gives the end of the group.
  private mutating func addTexts(
    _ octets: [UInt8], _ body: Range<Int>, at position: Int, _ lengths: [(Int, Int, StaticString)],
    _ name: StaticString, _ element: Int?, _ scope: Int
  ) -> Int? {
    var end = position
    for (place, width, label) in lengths {
      let count = Int(octets.number(at: place, width: width))
      guard count <= body.upperBound - end else { return nil }
      var field = FieldSpot(position: place, width: width, kind: .length, label: FieldLabel(label, element))
      field.limit = 1024
      // Only the last text of a group ends where its padding starts: it may grow alone.
      if place == lengths[lengths.count - 1].0 { field.tail = end..<(end + count) }
      field.scope = scope
      fields.append(field)
      end += count
    }
    if end > position { add(position, end - position, .octets, name, element) }
    let padded = position + (end - position).padded
    return padded <= body.upperBound ? padded : nil
  }

  private mutating func addRegion(_ octets: [UInt8], _ body: Range<Int>, _ start: Int, _ index: Int) -> Int? {
    guard start + 32 <= body.upperBound else { return nil }
    add(start + 2, 2, .flags, "regions.flags", index)
    add(start + 4, 4, .index, "regions.owner", index, limit: UInt64(octets.word32(body.lowerBound + 16)))
    add(start + 8, 8, .address, "regions.guest_address", index)
    add(start + 16, 8, .size, "regions.len_region", index, limit: 1 << 56 - 1)
    add(start + 24, 8, .size, "regions.page_size", index)
    return addTexts(octets, body, at: start + 32, [(start, 2, "regions.len_name")], "regions.name", index, -1)
  }

  private mutating func addDevice(_ octets: [UInt8], _ body: Range<Int>, _ start: Int, _ index: Int) -> Int? {
    guard start + 48 <= body.upperBound else { return nil }
    let entry = scope(start, 4)
    add(start, 4, .length, "devices.len_entry", index)
    add(start + 4, 4, .index, "devices.parent", index, limit: UInt64(index))
    add(start + 8, 2, .mark, "devices.flags", index)
    add(start + 10, 1, .enumeration, "devices.apply", index, limit: 3)
    add(start + 11, 1, .enumeration, "devices.clock", index, limit: 3)
    add(start + 24, 4, .version, "devices.version", index)
    add(start + 28, 4, .version, "devices.version_min", index)
    add(start + 32, 8, .size, "devices.len_initial", index)
    add(start + 40, 8, .size, "devices.len_total", index)
    let counts = (
      counted(octets, start + 18, 2, "devices.num_parameters", index),
      counted(octets, start + 20, 2, "devices.num_sections", index),
      counted(octets, start + 22, 2, "devices.num_subsections", index)
    )
    let lengths: [(Int, Int, StaticString)] = [
      (start + 12, 2, "devices.len_path"), (start + 14, 2, "devices.len_address"), (start + 16, 2, "devices.len_model"),
    ]
    guard var position = addTexts(octets, body, at: start + 48, lengths, "devices.texts", index, entry) else { return nil }
    for number in 0..<Int(octets.word16(start + 18)) {
      guard !isFull, let end = addParameter(octets, body, position, number, entry) else { return nil }
      items.append(
        ItemSpot(
          list: .parameters, range: position..<end, count: counts.0, label: FieldLabel("devices.parameters", number),
          scope: entry))
      position = end
    }
    let sections = Int(octets.word16(start + 20))
    for number in 0..<(sections + Int(octets.word16(start + 22))) {
      guard !isFull, let end = addAnnouncement(octets, body, position, number, entry) else { return nil }
      items.append(
        ItemSpot(
          list: .announcements, range: position..<end, count: number < sections ? counts.1 : counts.2,
          label: FieldLabel("devices.announcements", number), scope: entry))
      position = end
    }
    return position
  }

  private mutating func addParameter(
    _ octets: [UInt8], _ body: Range<Int>, _ start: Int, _ number: Int, _ scope: Int
  ) -> Int? {
    guard start + 16 <= body.upperBound else { return nil }
    add(start + 2, 1, .enumeration, "parameters.type", number, limit: 3)
    add(start + 3, 1, .fixed, "parameters.reserved", number)
    add(start + 8, 8, .signed, "parameters.value", number)
    let lengths: [(Int, Int, StaticString)] = [(start, 2, "parameters.len_name"), (start + 4, 4, "parameters.len_text")]
    return addTexts(octets, body, at: start + 16, lengths, "parameters.texts", number, scope)
  }

  private mutating func addAnnouncement(
    _ octets: [UInt8], _ body: Range<Int>, _ start: Int, _ number: Int, _ scope: Int
  ) -> Int? {
    guard start + 16 <= body.upperBound else { return nil }
    add(start + 2, 2, .mark, "announcements.flags", number)
    add(start + 4, 4, .version, "announcements.version", number)
    add(start + 8, 4, .version, "announcements.version_min", number)
    add(start + 12, 4, .fixed, "announcements.reserved", number)
    let lengths: [(Int, Int, StaticString)] = [(start, 2, "announcements.len_name")]
    return addTexts(octets, body, at: start + 16, lengths, "announcements.name", number, scope)
  }

  // MARK: LAYOUT

  mutating func addLayoutRecord(_ octets: [UInt8], _ body: Range<Int>) {
    let start = body.lowerBound
    add(start, 4, .index, "layout")
    add(start + 4, 1, .enumeration, "form", limit: 2)
    add(start + 5, 1, .fixed, "reserved")
    add(start + 8, 8, .length, "len_canonical")
    add(start + 16, 8, .digest, "fingerprint")
    add(start + 24, 8, .length, "len_stored", limit: UInt64(body.count - 32))
    if octets[start + 4] == 0 {
      addCanonical(octets, (start + 32)..<body.upperBound)
    } else if body.count > 32 {
      add(start + 32, body.count - 32, .octets, "stored")
    }
  }

  private mutating func addCanonical(_ octets: [UInt8], _ range: Range<Int>) {
    let entries = LayoutEntries(octets, range)
    guard entries.count > 0 else { return }
    add(range.lowerBound, 4, .count, "num_fields")
    add(range.lowerBound + 4, 4, .count, "num_symbols")
    add(range.lowerBound + 8, 4, .length, "len_text")
    add(range.lowerBound + 12, 4, .length, "len_block")
    add(range.lowerBound + 16, 2, .length, "len_name")
    for number in 0..<entries.count {
      if isFull { return }
      addEntry(entries.start(number), number, entries.count)
    }
    let symbols = min(Int(octets.word32(range.lowerBound + 4)), (range.upperBound - entries.start(entries.count)) / 16)
    for number in 0..<max(symbols, 0) {
      if isFull { return }
      let position = entries.start(entries.count) + 16 * number
      add(position, 8, .number, "symbols.value", number)
      add(position + 8, 2, .length, "symbols.len_name", number)
    }
    let text = entries.start(entries.count) + 16 * max(symbols, 0)
    if text < range.upperBound { add(text, range.upperBound - text, .octets, "text") }
  }

  private mutating func addEntry(_ start: Int, _ number: Int, _ count: Int) {
    add(start, 1, .enumeration, "fields.type", number, limit: 51)
    add(start + 1, 1, .enumeration, "fields.shape", number, limit: 2)
    add(start + 2, 1, .mark, "fields.mark", number)
    add(start + 3, 1, .flags, "fields.flags", number)
    add(start + 4, 4, .size, "fields.width", number)
    add(start + 8, 4, .count, "fields.count", number)
    add(start + 12, 4, .count, "fields.num_descendants", number, limit: UInt64(count - number - 1))
    add(start + 16, 2, .length, "fields.len_name", number)
    add(start + 18, 2, .length, "fields.len_unit", number)
    add(start + 20, 1, .enumeration, "fields.radix", number, limit: 16)
    add(start + 21, 1, .enumeration, "fields.clock", number, limit: 3)
    add(start + 22, 1, .number, "fields.alignment_log2", number, limit: 63)
    add(start + 24, 4, .count, "fields.num_symbols", number)
    add(start + 28, 4, .index, "fields.reference", number, limit: UInt64(count))
    add(start + 32, 8, .number, "fields.min", number)
    add(start + 40, 8, .number, "fields.max", number)
    add(start + 48, 8, .number, "fields.default", number)
    add(start + 56, 4, .version, "fields.since", number)
    add(start + 60, 4, .version, "fields.until", number)
  }
}
