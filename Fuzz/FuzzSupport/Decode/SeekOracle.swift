import MigrationStream

/// What a reader takes that an index leads through any octets, against what lies there: an index may lead anywhere, and
/// only what was sought is taken.
///
/// Source: Specs/30-channels-passes-images.md section 4.3.
struct SeekOracle {
  private let stream: [UInt8]
  private var violation: FuzzViolation?

  private static var data: UInt64 { UInt64(ExtentKind.data.rawValue) }
  /// Things of one kind that are looked at.
  private static var countMax: Int { 32 }

  static func check(_ stream: [UInt8]) -> FuzzViolation? {
    var oracle = SeekOracle(stream: stream)
    var reader = IndexReader(fileByteCount: UInt64(stream.count))
    guard (try? oracle.open(&reader)) != nil, reader.hasIndex else { return nil }
    oracle.readState(&reader)
    for page in 0..<min(reader.pageCount, countMax) { oracle.readPage(page, &reader) }
    return oracle.violation
  }

  private init(stream: [UInt8]) { self.stream = stream }

  private func open(_ reader: inout IndexReader) throws(StreamError) {
    while let wanted = reader.wanted {
      guard let octets = octets(wanted) else { throw StreamError(.truncated, .record, at: wanted.offset) }
      try reader.supply(octets.span.octets)
    }
  }

  // MARK: Layouts and sections

  private mutating func readState(_ reader: inout IndexReader) {
    for number in 0..<min(reader.layoutCount, Self.countMax) {
      guard let place = try? reader.range(ofLayout: number), let octets = octets(place),
        (try? reader.layout(octets.span.octets)) != nil
      else { break }
      expect(place.offset, .layout, Format.none32) { $0.integer(at: 0, as: UInt32.self) == UInt32(number) }
    }
    for device in 0..<min(reader.state.manifest.devices.count, Self.countMax) {
      for section in 0..<min(reader.state.manifest.devices[device].sectionCount, Self.countMax) {
        readSection(section, UInt32(device), &reader)
      }
    }
  }

  private mutating func readSection(_ section: Int, _ device: UInt32, _ reader: inout IndexReader) {
    guard let place = try? reader.range(ofSection: section, device: device), let octets = octets(place) else { return }
    do throws(StreamError) {
      _ = try reader.section(octets.span.octets, of: section, device: device)
    } catch { return }
    expect(place.offset, .section, device) { $0.integer(at: 0, as: UInt16.self) == UInt16(section) }
  }

  // MARK: Memory

  private mutating func readPage(_ page: Int, _ reader: inout IndexReader) {
    guard let place = try? reader.range(ofPage: page), let octets = octets(place),
      (try? reader.page(page, octets: octets.span.octets)) != nil
    else { return }
    expect(place.offset, .indexPage, Format.none32) { _ in true }
    for number in 0..<min(reader.extentCount, Self.countMax) {
      let extent = reader.extent(number)
      readExtent(extent, &reader)
      // As an index would lead that names another region, or the record of another extent.
      var other = extent
      other.region = (extent.region + 1) % UInt32(max(reader.state.manifest.regions.count, 1))
      if other.region != extent.region { readExtent(other, &reader) }
      guard number > 0 else { continue }
      other = extent
      other.recordOffset = reader.extent(number - 1).recordOffset
      if other.recordOffset != extent.recordOffset { readExtent(other, &reader) }
    }
  }

  private mutating func readExtent(_ extent: IndexedExtent, _ reader: inout IndexReader) {
    guard extent.extent.kind == .data, extent.recordOffset <= UInt64(stream.count) else { return }
    let record = Array(stream[Int(extent.recordOffset)...])
    do throws(StreamError) {
      var memory = try reader.memory(of: extent, record: record.span.octets)
      if reader.state.preamble.profile == .image {
        _ = try memory.digest(of: extent)
        expectMemory(extent, .placedMemory, reader)
      } else {
        let range = try memory.range(of: extent)
        let taken = range.map { memory.plain.octet(at: $0) }
        expectMemory(extent, .memory, reader)
        expect(taken, extent)
      }
    } catch { return }
  }

  private mutating func expectMemory(_ extent: IndexedExtent, _ kind: RecordKind, _ reader: borrowing IndexReader) {
    let owner = reader.state.manifest.regions[Int(extent.region)].owner
    expect(extent.recordOffset, kind, owner) { $0.integer(at: 0, as: UInt32.self) == extent.region }
  }

  /// Plain octets: those of the data extent that holds these addresses.
  private mutating func expect(_ taken: [UInt8], _ extent: IndexedExtent) {
    let start = Int(extent.recordOffset)
    let body = start + 64
    guard stream[body + 12] == 0 else { return }
    var position = body + Int(number(start + 24)) + Int(stream[start + 10])
    for index in 0..<Int(number(body + 8) & 0xffff_ffff) {
      let place = body + 32 + 16 * index
      let (offset, word) = (number(place), number(place + 8))
      let (length, kind) = (word & (1 << 56 - 1), word >> 56)
      let sought = extent.extent
      if kind == Self.data, offset <= sought.offset, sought.offset &+ sought.length <= offset &+ length {
        position += Int(sought.offset - offset)
        if Array(stream[position..<(position + taken.count)]) == taken { return }
        break
      }
      if kind == Self.data { position += Int(length) }
    }
    fail("octets of other addresses", extent.recordOffset)
  }

  // MARK: Parts

  /// What lies at a place is a record of that kind, of that device, and whole.
  private mutating func expect(_ offset: UInt64, _ kind: RecordKind, _ device: UInt32, _ isSought: (RawSpan) -> Bool) {
    if let what = difference(Int(offset), kind, device, isSought) { fail(what, offset) }
  }

  private func difference(
    _ start: Int, _ kind: RecordKind, _ device: UInt32, _ isSought: (RawSpan) -> Bool
  ) -> StaticString? {
    guard start + 64 <= stream.count, number(start) & 0xffff_ffff == 0x5247_4dd6,
      number(start + 24) <= UInt64(stream.count - start - 64)
    else { return "no record" }
    let octets = stream.span.octets
    let body = octets.extracting((start + 64)..<(start + 64 + Int(number(start + 24))))
    if octets.integer(at: start + 4, as: UInt16.self) != kind.rawValue { return "a record of another kind" }
    if octets.integer(at: start + 12, as: UInt32.self) != device { return "a record of another device" }
    if Digest.xxh3(body) != number(start + 32) { return "a body with a wrong digest" }
    return isSought(body) ? nil : "a record that was not sought"
  }

  private mutating func fail(_ what: StaticString, _ offset: UInt64) {
    if violation == nil { violation = FuzzViolation("R1", "an index led to \(what), at \(offset), and it was taken") }
  }

  private func number(_ place: Int) -> UInt64 { stream.span.octets.integer(at: place, as: UInt64.self) }

  /// nil: the file ends before.
  private func octets(_ range: FileRange) -> [UInt8]? {
    guard range.offset <= UInt64(stream.count), range.byteCount <= UInt64(stream.count) - range.offset else { return nil }
    return Array(stream[Int(range.offset)..<Int(range.end)])
  }
}
