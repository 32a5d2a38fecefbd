/// Where things lie, and the records that the index leads to.
extension IndexReader {
  private var bodyOffset: UInt64 { indexOffset &+ UInt64(RecordHeader.byteCount) }
  private var sectionsPosition: Int { IndexHead.byteCount + Int(head.layoutCount) * IndexHead.layoutByteCount }
  private var pagesPosition: Int { sectionsPosition + Int(head.sectionCount) * IndexHead.sectionByteCount }
  private var byteStringsPosition: Int { pagesPosition + Int(head.pageCount) * IndexHead.pageByteCount }

  // MARK: Layouts and sections

  /// Layouts that the index lists.
  public var layoutCount: Int { Int(head.layoutCount) }
  public var pageCount: Int { Int(head.pageCount) }
  public var byteStringCount: Int { Int(head.byteStringCount) }

  /// Where the record of a layout lies; they usually follow each other, so that one read gets several.
  public func range(ofLayout number: Int) throws(StreamError) -> FileRange {
    guard number < layoutCount else { throw StreamError(.wrongCall, .use, at: indexOffset) }
    let position = IndexHead.byteCount + number * IndexHead.layoutByteCount
    return try range(RecordPlace(list.bytes, at: position), listedAt: position)
  }

  /// Takes the record of the next layout: they are handed over in the order of their numbers.
  public mutating func layout(_ octets: RawSpan) throws(StreamError) {
    let place = try range(ofLayout: Int(state.layoutCount))
    let header = try open(octets, at: place, .layout, device: Format.none32)
    let number = staged.count >= 4 ? staged.bytes.integer(at: 0, as: UInt32.self) : 0
    guard number == state.layoutCount else { throw notSought(place.offset) }
    try state.takeBody(in: staged, of: header, at: place.offset)
  }

  /// Where the record with the final state of a section lies.
  public func range(ofSection section: Int, device: UInt32) throws(StreamError) -> FileRange {
    guard hasIndex, device < UInt32(state.manifest.devices.count),
      section < state.manifest.devices[Int(device)].sectionCount
    else { throw StreamError(.wrongCall, .use, at: indexOffset) }
    let number = state.manifest.devices[Int(device)].firstSection + section
    let position = sectionsPosition + number * IndexHead.sectionByteCount
    let entry = IndexSectionEntry(list.bytes.extracting(droppingFirst: position))
    guard entry.device == device, entry.section == UInt32(section) else { throw wrongEntry(position) }
    return try range(entry.place, listedAt: position)
  }

  /// Takes the record of a section; its data is walked by its layout, which has to be there. Valid until the next call.
  @_lifetime(&self)
  public mutating func section(
    _ octets: RawSpan, of section: Int, device: UInt32
  ) throws(StreamError) -> Record {
    let place = try range(ofSection: section, device: device)
    let header = try open(octets, at: place, .section, device: device)
    guard staged.count >= SectionHead.byteCount else {
      throw StreamError(.truncatedData, .section, at: place.offset &+ 64, found: UInt64(staged.count))
    }
    let head = SectionHead(staged.bytes)
    guard Int(head.section) == section else { throw notSought(place.offset) }
    try enter(pass: head.pass, field: place.offset &+ 72)
    state.revisit(
      state.manifest.devices[Int(device)].firstSection + section,
      replaces: header.flags & RecordFlags.replaces != 0)
    try state.takeBody(in: staged, of: header, at: place.offset)
    return Record(header, at: place.offset, in: staged)
  }

  // MARK: Memory

  /// What the index says of a page.
  public func pageEntry(_ index: Int) -> IndexPageEntry {
    IndexPageEntry(list.bytes.extracting(droppingFirst: pagesPosition + index * IndexHead.pageByteCount))
  }

  /// The first page of a region with an extent that ends behind an offset; nil: nothing there is mentioned.
  public func firstPage(region: UInt32, endingAfter offset: UInt64) -> Int? {
    var (low, high) = (0, pageCount)
    while low < high {
      let middle = low + (high - low) / 2
      let entry = pageEntry(middle)
      if entry.region < region || (entry.region == region && entry.end <= offset) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low < pageCount && pageEntry(low).region == region ? low : nil
  }

  public func range(ofPage index: Int) throws(StreamError) -> FileRange {
    guard index < pageCount else { throw StreamError(.wrongCall, .use, at: indexOffset) }
    return try range(pageEntry(index).place, listedAt: pagesPosition + index * IndexHead.pageByteCount)
  }

  /// Takes a page; its extents are ``extentCount`` and ``extent(_:)`` until another page is taken.
  public mutating func page(_ index: Int, octets: RawSpan) throws(StreamError) {
    let place = try range(ofPage: index)
    let header = try open(octets, at: place, .indexPage, device: Format.none32)
    page.removeAll()
    state.beginPage()
    do throws(StreamError) { try state.takeBody(in: staged, of: header, at: place.offset) } catch {
      _ = state.endPage()
      throw error
    }
    guard state.endPage() == pageEntry(index) else { throw notSought(place.offset) }
    swap(&page, &staged)
  }

  /// Extents of the page that was taken.
  public var extentCount: Int {
    page.count == 0 ? 0 : (page.count - IndexedExtent.pageHeadByteCount) / IndexedExtent.byteCount
  }

  public func extent(_ index: Int) -> IndexedExtent {
    IndexedExtent(
      page.bytes, at: IndexedExtent.pageHeadByteCount + index * IndexedExtent.byteCount,
      region: page.bytes.integer(at: 0, as: UInt32.self))
  }

  /// The first extent of the page that ends behind an offset of its region; ``extentCount`` if there is none.
  public func firstExtent(endingAfter offset: UInt64) -> Int {
    var (low, high) = (0, extentCount)
    while low < high {
      let middle = low + (high - low) / 2
      let extent = extent(middle).extent
      if extent.offset &+ extent.length <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Octets of the whole record that starts with the header at hand, so that it can be read.
  ///
  /// - Parameter octets: From the record's first octet on, 64 or more.
  public mutating func recordByteCount(_ octets: RawSpan, at offset: UInt64) throws(StreamError) -> UInt64 {
    try header(octets, at: offset).recordByteCount
  }

  // MARK: Byte strings

  /// What the index says of a device's byte string; nil when it has none.
  public func byteString(device: UInt32) throws(StreamError) -> IndexByteStringEntry? {
    for index in 0..<byteStringCount {
      let position = byteStringsPosition + index * IndexHead.byteStringByteCount
      let entry = IndexByteStringEntry(list.bytes.extracting(droppingFirst: position))
      guard entry.device == device else { continue }
      _ = try range(RecordPlace(offset: entry.firstRecordOffset, byteCount: 64), listedAt: position)
      return entry
    }
    return nil
  }

  /// The octets of the next BYTES record of a device: they are handed over in order, from the first. Between them lie
  /// records of other kinds, which ``header(_:at:)`` tells apart. Valid until the next call.
  @_lifetime(&self, copy octets)
  public mutating func bytes(
    _ octets: RawSpan, at offset: UInt64, device: UInt32
  ) throws(StreamError) -> RawSpan {
    let place = FileRange(offset: offset, byteCount: try header(octets, at: offset).recordByteCount)
    let header = try open(octets, at: place, .bytes, device: device)
    guard staged.count >= BytesHead.byteCount else { throw notSought(offset) }
    try enter(pass: BytesHead(staged.bytes).pass, field: offset &+ 72)
    try state.takeBody(in: staged, of: header, at: offset)
    return try plain(try takePayload(octets, header, at: offset), header, at: offset)
  }
}

// MARK: - Sections for handlers, lists

extension IndexReader {
  /// What the index says of the byte string at a position of its list.
  public func byteStringEntry(_ index: Int) -> IndexByteStringEntry {
    IndexByteStringEntry(
      list.bytes.extracting(droppingFirst: byteStringsPosition + index * IndexHead.byteStringByteCount))
  }

  /// Takes the record of a section as ``section(_:of:device:)`` does, and shows it to a handler as a decoder would.
  public mutating func section<Handler: StreamHandler & ~Copyable>(
    _ octets: RawSpan, of section: Int, device: UInt32, to handler: inout Handler
  ) throws(StreamError) {
    let place = try range(ofSection: section, device: device)
    let header = try self.section(octets, of: section, device: device).header
    try handler.record(Record(header, at: place.offset, in: staged), state)
    try handler.recordEnd(header, at: place.offset, state)
  }
}
