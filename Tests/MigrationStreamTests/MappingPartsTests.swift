import StreamTestKit
import Testing

@testable import MigrationStream

/// What else is mapped than the data of sections, and what cannot be.
@Suite struct MappingPartsTests {
  private static let narrow = RawLayout("l", [RawField("a", .unsigned, width: 2)])
  private static let wide = RawLayout(
    "l",
    [
      RawField("a", .unsigned, width: 4),
      RawField("b", .unsigned, width: 4) { ($0.flags, $0.defaultValue, $0.since) = (4, 9, 3) },
    ])

  private static func mapped(
    _ data: RawSpan, at base: UInt64, layout: UInt32, _ stream: LayoutTable, version: UInt32
  ) throws(StreamError) -> [UInt8] {
    let own = try MappingCase.store([wide.canonical])
    let none = LayoutAliases()
    let layouts = MappingLayouts(stream: stream, reader: own.table, aliases: none.table)
    var mapping = try LayoutMapping(from: layout, to: 0, of: layouts, version: version)
    var place = OwnedBytes()
    var report = NoMappingHandler()
    return array(try mapping.apply(data, at: base, of: layouts, in: &place, report: &report))
  }

  /// A field since version 3: the section is of version 3, its subsection of version 2.
  @Test func subsectionsHaveTheirOwnVersion() throws {
    var device = RawDevice()
    device.sections[0].version = 3
    device.subsections = [RawAnnouncement("sub")]
    device.subsections[0].version = 2
    let section = RawSection(
      data: .joined(.u16(7), .zeros(6)), [RawSubsection(0, data: .joined(.u16(8), .zeros(6)))])
    let raw = RawStream([
      RawManifest { $0.devices = [device] }.record, Self.narrow.record(0), section.record, .end,
    ]).octets
    var decoder = try PullDecoder(raw.span.octets, limits: StreamLimits())
    var (body, bodyOffset) = ([UInt8](), UInt64(0))
    while let item = try decoder.next() {
      guard item.record.header.kind == RecordKind.section.rawValue else { continue }
      (body, bodyOffset) = (array(item.record.body), item.record.bodyOffset)
    }
    let entry = decoder.state.manifest.devices[0]
    let versions = (
      decoder.state.manifest.section(0, of: entry).version, decoder.state.manifest.subsection(0, of: entry).version
    )
    let stream = try MappingCase.store([Self.narrow.canonical])
    let (head, octets) = (SectionHead(body.span.octets), body.span.octets)
    let dataEnd = SectionHead.byteCount + Int(head.dataByteCount)
    let base = bodyOffset + UInt64(SectionHead.byteCount)
    let refused = refusal { () throws(StreamError) in
      _ = try Self.mapped(
        octets.extracting(SectionHead.byteCount..<dataEnd), at: base, layout: head.layout, stream.table,
        version: versions.0)
    }
    #expect(refused == StreamError(.missingField, .mapping, at: base, expected: 1, found: 3))
    var subsections = SubsectionReader(
      octets.extracting(dataEnd..<body.count), at: base + 8, leading: dataEnd, count: 1, numAnnounced: 1,
      limits: StreamLimits())
    guard let subsection = try subsections.next() else {
      Issue.record("no subsection")
      return
    }
    let result = try Self.mapped(
      subsection.data, at: subsection.dataOffset, layout: subsection.layout, stream.table, version: versions.1)
    #expect(result == .joined(.u32(8), .u32(9)))
  }

  /// Data of an external layout is refused, unless the reader brings the layout's octets under the same number.
  @Test func externalLayouts() throws {
    let data: [UInt8] = .joined(.u16(7), .zeros(6))
    var store = try MappingCase.store([Self.wide.canonical])
    let identity: [UInt8] = .text("nic@1/main")
    try store.addExternal(identity: identity.span.octets, at: 0, limits: StreamLimits())
    let refused = refusal { () throws(StreamError) in
      _ = try Self.mapped(data.span.octets, at: 4_096, layout: 1, store.table, version: 2)
    }
    #expect(refused == StreamError(.unknownLayout, .mapping, at: 4_096, found: 1))
    let brought = try MappingCase.store([Self.wide.canonical, Self.narrow.canonical])
    let result = try Self.mapped(data.span.octets, at: 4_096, layout: 1, brought.table, version: 2)
    #expect(result == .joined(.u32(7), .u32(9)))
    let missing = refusal { () throws(StreamError) in
      _ = try Self.mapped(data.span.octets, at: 4_096, layout: 2, store.table, version: 2)
    }
    #expect(missing == StreamError(.unknownLayout, .use, at: 0, expected: 2, found: 2))
  }

  /// The figures in the memory formula of Specs/40-reader-rules.md section 3.
  @Test func octetsOfTheFormula() {
    #expect(MemoryLayout<MappingStep>.stride == 72)
    #expect(MemoryLayout<ElementLayouts.Known>.stride + MemoryLayout<UInt32>.stride == 36)
    #expect(MemoryLayout<FieldPairing.Place>.stride + MemoryLayout<UInt32>.stride == 24)
  }
}
