/// The fixed part of an INDEX body; its lists follow.
///
/// Source: Specs/30-channels-passes-images.md section 4.1.
struct IndexHead: BitwiseCopyable {
  static var byteCount: Int { 32 }
  static var layoutByteCount: Int { 16 }
  static var sectionByteCount: Int { 24 }
  static var pageByteCount: Int { 40 }
  static var byteStringByteCount: Int { 24 }

  var layoutCount: UInt32 = 0
  var sectionCount: UInt32 = 0
  var pageCount: UInt32 = 0
  var byteStringCount: UInt32 = 0

  init() {}

  /// Reads the numbers.
  init(_ reader: inout ByteReader) throws(StreamError) {
    layoutCount = try reader.u32()
    sectionCount = try reader.u32()
    pageCount = try reader.u32()
    byteStringCount = try reader.u32()
  }

  /// Octets of all lists: below 2^39.
  var listsByteCount: UInt64 {
    UInt64(layoutCount) &* 16 &+ UInt64(sectionCount) &* 24 &+ UInt64(pageCount) &* 40 &+ UInt64(byteStringCount) &* 24
  }

  /// Reads what follows the numbers, up to the lists.
  ///
  /// - Throws: `badIndex` when MANIFEST stands elsewhere and, at the body, when the lists are not as long as the head
  ///   says; `reservedNotZero`, `truncatedData`.
  func checkRest(_ reader: inout ByteReader, at start: UInt64) throws(StreamError) {
    let manifest = try reader.u64()
    guard manifest == UInt64(Preamble.byteCount) else {
      throw reader.refusal(.badIndex, back: 8, expected: UInt64(Preamble.byteCount), found: manifest)
    }
    try reader.reserved(8)
    guard listsByteCount == UInt64(reader.remaining) else {
      throw StreamError(.badIndex, .index, at: start, expected: listsByteCount, found: UInt64(reader.remaining))
    }
  }
}

extension RecordPlace {
  init(_ octets: RawSpan, at position: Int) {
    offset = octets.integer(at: position, as: UInt64.self)
    byteCount = octets.integer(at: position + 8, as: UInt64.self)
  }

  func append(to target: inout OwnedBytes) throws(StreamError) {
    try target.append(integer: offset)
    try target.append(integer: byteCount)
  }
}

/// The final state of a section.
struct IndexSectionEntry: Equatable, BitwiseCopyable {
  var device: UInt32
  /// With the reserved octets above it.
  var section: UInt32
  var place: RecordPlace

  init(device: UInt32, section: UInt32, place: RecordPlace) {
    self.device = device
    self.section = section
    self.place = place
  }

  init(_ octets: RawSpan) {
    device = octets.integer(at: 0, as: UInt32.self)
    section = octets.integer(at: 4, as: UInt32.self)
    place = RecordPlace(octets, at: 8)
  }

  func append(to target: inout OwnedBytes) throws(StreamError) {
    try target.append(integer: device)
    try target.append(integer: section)
    try place.append(to: &target)
  }
}

extension IndexPageEntry {
  init(_ octets: RawSpan) {
    region = octets.integer(at: 0, as: UInt32.self)
    extentCount = octets.integer(at: 4, as: UInt32.self)
    firstOffset = octets.integer(at: 8, as: UInt64.self)
    end = octets.integer(at: 16, as: UInt64.self)
    place = RecordPlace(octets, at: 24)
  }

  func append(to target: inout OwnedBytes) throws(StreamError) {
    try target.append(integer: region)
    try target.append(integer: extentCount)
    try target.append(integer: firstOffset)
    try target.append(integer: end)
    try place.append(to: &target)
  }
}

/// A device's byte string.
@frozen
public struct IndexByteStringEntry: Equatable, Sendable, BitwiseCopyable {
  public var device: UInt32
  public var recordCount: UInt32
  public var firstRecordOffset: UInt64
  /// Octets of the byte string, decompressed.
  public var byteCount: UInt64

  init(device: UInt32, recordCount: UInt32, firstRecordOffset: UInt64, byteCount: UInt64) {
    self.device = device
    self.recordCount = recordCount
    self.firstRecordOffset = firstRecordOffset
    self.byteCount = byteCount
  }

  init(_ octets: RawSpan) {
    device = octets.integer(at: 0, as: UInt32.self)
    recordCount = octets.integer(at: 4, as: UInt32.self)
    firstRecordOffset = octets.integer(at: 8, as: UInt64.self)
    byteCount = octets.integer(at: 16, as: UInt64.self)
  }

  func append(to target: inout OwnedBytes) throws(StreamError) {
    try target.append(integer: device)
    try target.append(integer: recordCount)
    try target.append(integer: firstRecordOffset)
    try target.append(integer: byteCount)
  }
}

/// An extent of an INDEX_PAGE.
///
/// Source: Specs/30-channels-passes-images.md section 4.2.
@frozen
public struct IndexedExtent: Equatable, Sendable, BitwiseCopyable {
  static var byteCount: Int { 32 }
  static var pageHeadByteCount: Int { 16 }

  public var region: UInt32
  public var extent: Extent
  /// Where the data starts in this file; 0 for zero and discard, and for data in a frame.
  public var dataOffset: UInt64
  /// Octets from the start of the stream to the record that names it last.
  public var recordOffset: UInt64

  /// nil when its kind is none.
  init?(_ octets: RawSpan, region: UInt32) {
    let kind = ExtentKind(rawValue: UInt8(truncatingIfNeeded: octets.integer(at: 8, as: UInt64.self) >> 56))
    guard kind != nil else { return nil }
    self.init(octets, at: 0, region: region)
  }

  /// An extent of a page that was checked.
  init(_ octets: RawSpan, at position: Int, region: UInt32) {
    self.region = region
    extent = Extent(octets, at: position)
    dataOffset = octets.integer(at: position + 16, as: UInt64.self)
    recordOffset = octets.integer(at: position + 24, as: UInt64.self)
  }
}
