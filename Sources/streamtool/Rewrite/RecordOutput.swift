import MigrationStream
import StreamIO

/// Records that go from an encoder straight to a file. A failure of the file is kept by it.
///
/// Owners of octets are passed, not spans: a span of one member would bar the caller from all its others.
extension AtomicOutputFile {
  mutating func begin(_ encoder: borrowing StreamEncoder) throws(IOFailure) { try write(encoder.preamble) }

  mutating func manifest(_ encoder: inout StreamEncoder, body: RawSpan) throws(StreamError) {
    put(try encoder.manifest(body: body))
  }

  mutating func layout(_ encoder: inout StreamEncoder, canonical: RawSpan, compresses: Bool) throws(StreamError) {
    put(try encoder.layout(canonical: canonical, compresses: compresses))
  }

  mutating func externalLayout(_ encoder: inout StreamEncoder, identity: RawSpan) throws(StreamError) {
    put(try encoder.externalLayout(identity: identity))
  }

  mutating func section(
    _ encoder: inout StreamEncoder, _ body: RawSpan, device: UInt32, layout: UInt32, replaces: Bool
  ) throws(StreamError) {
    let head = SectionHead(body)
    put(
      try encoder.section(
        device: device, section: head.section, layout: layout, data: head.data(in: body),
        subsections: head.subsections(in: body), subsectionCount: head.subsectionCount, replaces: replaces))
  }

  mutating func memory(
    _ encoder: inout StreamEncoder, region: UInt32, offset: UInt64, octets: borrowing OwnedBytes, compresses: Bool
  ) throws(StreamError) {
    put(
      try encoder.memory(region: region, offset: offset, octets: octets.bytes, compresses: compresses))
  }

  mutating func memory(
    _ encoder: inout StreamEncoder, region: UInt32, offset: UInt64, length: UInt64, kind: ExtentKind
  ) throws(StreamError) {
    put(
      try encoder.memory(region: region, offset: offset, length: length, kind: kind))
  }

  mutating func memory(
    _ encoder: inout StreamEncoder, region: UInt32, pieces: borrowing SlotPieces
  ) throws(StreamError) {
    put(
      try encoder.memory(
        region: region, extents: pieces.extents.span, octets: pieces.octets.bytes, base: pieces.start))
  }

  mutating func bytes(
    _ encoder: inout StreamEncoder, device: UInt32, octets: borrowing OwnedBytes, flags: UInt16, compresses: Bool
  ) throws(StreamError) {
    put(
      try encoder.bytes(device: device, octets: octets.bytes, flags: flags, compresses: compresses))
  }

  mutating func preserved(
    _ encoder: inout StreamEncoder, _ header: RecordHeader, body: borrowing OwnedBytes, payload: borrowing OwnedBytes
  ) throws(StreamError) {
    put(
      try encoder.preserved(
        kind: header.kind, flags: header.flags, device: header.device, body: body.bytes, payload: payload.bytes))
  }

  mutating func layout(
    _ encoder: inout StreamEncoder, _ number: UInt32, of table: borrowing LayoutTable, compresses: Bool
  ) throws(StreamError) {
    if table.isExternal(number) {
      try externalLayout(&encoder, identity: table.identity(of: number))
    } else {
      try layout(&encoder, canonical: table.layout(number).octets, compresses: compresses)
    }
  }

  /// Records of unknown kinds, as they came.
  mutating func writeUnknown(
    _ records: [StreamSurvey.Unknown], _ encoder: inout StreamEncoder, _ input: borrowing InputFile
  ) throws {
    var body = OwnedBytes()
    var payload = OwnedBytes()
    for record in records {
      if let failure { throw failure }
      try input.read(record.body, into: &body)
      try input.read(at: record.payload.offset, count: Int(record.payload.byteCount), into: &payload)
      try preserved(&encoder, record.header, body: body, payload: payload)
    }
  }

  // MARK: Images and indexes

  /// PLACEMENT; what is written in order goes on behind the areas.
  mutating func placement(_ encoder: inout StreamEncoder, granules: [UInt64]) throws {
    put(try encoder.placement(granules: granules.span))
    if failure == nil { try skip(to: encoder.byteCount) }
  }

  /// Granules of a file that has nothing but holes where they belong.
  mutating func placedMemory(
    _ encoder: inout StreamEncoder, region: UInt32, offset: UInt64, octets: borrowing OwnedBytes
  ) throws(StreamError) {
    put(try encoder.placedMemory(region: region, offset: offset, octets: octets.bytes))
  }

  mutating func placedMemory(
    _ encoder: inout StreamEncoder, region: UInt32, offset: UInt64, length: UInt64, kind: ExtentKind
  ) throws(StreamError) {
    put(try encoder.placedMemory(region: region, offset: offset, length: length, kind: kind))
  }

  /// All INDEX_PAGEs and the INDEX.
  mutating func index(_ encoder: inout StreamEncoder) throws(StreamError) {
    while let page = try encoder.indexPage() { put(page) }
    put(try encoder.index())
  }

  mutating func barrier(_ encoder: inout StreamEncoder) throws(StreamError) { put(try encoder.barrier()) }
  mutating func end(_ encoder: inout StreamEncoder) throws(StreamError) { put(try encoder.end()) }
}
