/// What an INDEX_PAGE was.
struct Page {
  var region: UInt64
  var count: UInt64
  var first: UInt64
  var end: UInt64
  var record: Range<Int>
}

extension ChannelReading {
  /// Chapter 30 section 4.2.
  mutating func readPage(_ header: Header, _ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = cursor.at
    let regions = manifest?.regions ?? []
    let region = try cursor.number(4)
    let isRight = region < UInt64(regions.count) && region >= pages.last?.region ?? 0
    try demand(isRight, .badIndex, at: start, UInt64(regions.count), region)
    let count = try cursor.number(4)
    try demand(count >= 1 && count <= 4096, .badIndex, at: start + 4, 4096, count)
    try cursor.reserved(8)
    let extents = try cursor.take(32 * Int(count))
    let firstPage = pages.first?.record.lowerBound ?? header.start
    var after = pages.last.map { $0.region == region ? $0.end : 0 } ?? 0
    let wanted = collectsContent ? finalExtents() : []
    for number in 0..<Int(count) {
      let at = extents + 32 * number
      let (offset, length, kind) = (integer(octets, at, 8), integer(octets, at + 8, 7), octets[at + 15])
      let (place, record) = (integer(octets, at + 16, 8), integer(octets, at + 24, 8))
      let bytes = regions[Int(region)].byteCount
      var isRight = offset >= after && length >= 1 && offset < bytes && length <= bytes - offset
      isRight = isRight && kind >= 1 && kind <= 3 && (kind == 1 || place == 0)
      if isImage, kind == 1, isRight { isRight = place == areas![Int(region)].offset + offset }
      isRight = isRight && record % 8 == 0 && record >= 64 && record < UInt64(firstPage)
      if collectsContent, isRight {
        let said = FinalExtent(
          start: offset, end: offset + length, origin: region, record: Int(record), kind: kind, place: Int(clamping: place),
          entry: 0)
        isRight = pageExtents < wanted.count && wanted[pageExtents] == said
      }
      try demand(isRight, .badIndex, at: at)
      after = offset + length
      pageExtents += 1
    }
    try cursor.mustEnd()
    pages.append(
      Page(
        region: region, count: count, first: integer(octets, extents, 8), end: after,
        record: header.start..<header.end))
  }

  /// What pages must list: `origin` is the region, `place` where the data stands.
  private func finalExtents() -> [FinalExtent] {
    var wanted: [FinalExtent] = []
    for (region, runs) in content.runs.enumerated() {
      for run in runs {
        var place = areas.map { Int($0[region].offset + run.origin) } ?? run.place
        place = run.kind == 1 && place != 0 ? place + Int(run.start - run.origin) : 0
        wanted.append(
          FinalExtent(
            start: run.start, end: run.end, origin: UInt64(region), record: run.record, kind: run.kind, place: place,
            entry: 0))
      }
    }
    return wanted
  }

  /// Chapter 30 section 4.1.
  mutating func readIndex(_ header: Header, _ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = cursor.at
    let devices = manifest?.devices ?? []
    let announced = devices.reduce(0) { $0 + $1.sections.count }
    let begun = strings.indices.filter { strings[$0].start != 0 }
    let counts = [layouts.count, announced, pages.count, begun.count]
    for (place, right) in counts.enumerated() {
      let count = try cursor.number(4)
      try demand(count == UInt64(right), .badIndex, at: start + 4 * place, UInt64(right), count)
      guard place == 2, collectsContent else { continue }
      let extents = finalExtents().count
      try demand(pageExtents == extents, .badIndex, at: start + 4 * place, UInt64(extents), UInt64(pageExtents))
    }
    let manifestAt = try cursor.number(8)
    try demand(manifestAt == 64, .badIndex, at: start + 16, 64, manifestAt)
    try cursor.reserved(8)
    let length = 16 * layouts.count + 24 * announced + 40 * pages.count + 24 * begun.count
    try demand(cursor.left == length, .badIndex, at: start, UInt64(length), UInt64(cursor.left))
    for layout in layouts { try judgeEntry(&cursor, [(8, layout.record.lowerBound), (8, layout.record.count)]) }
    for (device, entry) in devices.enumerated() {
      for section in entry.sections.indices {
        let place = sections.place(device, section) ?? 0..<0
        try judgeEntry(
          &cursor, [(4, device), (2, section), (2, 0), (8, place.lowerBound), (8, place.count)],
          isThere: !place.isEmpty)
      }
    }
    for page in pages {
      try judgeEntry(
        &cursor,
        [
          (4, Int(page.region)), (4, Int(page.count)), (8, Int(page.first)), (8, Int(page.end)),
          (8, page.record.lowerBound), (8, page.record.count),
        ])
    }
    for device in begun {
      let string = strings[device]
      try judgeEntry(&cursor, [(4, device), (4, Int(string.records)), (8, string.start), (8, Int(string.length))])
    }
    indexOffset = header.start
  }

  private func judgeEntry(
    _ cursor: inout Cursor, _ fields: [(Int, Int)], isThere: Bool = true
  ) throws(ReferenceRefusal) {
    let start = cursor.at
    var isRight = isThere
    for (size, value) in fields where try cursor.number(size) != UInt64(value) { isRight = false }
    try demand(isRight, .badIndex, at: start)
  }
}
