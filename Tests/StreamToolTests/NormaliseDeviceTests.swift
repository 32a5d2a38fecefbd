import MigrationStream
import StreamTestKit
import Testing

/// The canonical form of what devices send: layouts, sections, byte strings, and records of unknown kinds.
@Suite struct NormaliseDeviceTests {
  private static let (first, last) = (RecordFlags.unitFirst, RecordFlags.unitLast)

  private static let inner = ModelLayout("inner", [LayoutField("value", FieldAttributes(.unsigned, width: 8))])
  private static let outer = ModelLayout("outer", [LayoutField("items", FieldAttributes(.list, width: 4))])
  private static let other = ModelLayout("other", [LayoutField("count", FieldAttributes(.unsigned, width: 8))])
  private static let unused = ModelLayout("unused", [LayoutField("count", FieldAttributes(.unsigned, width: 8))])

  private static func manifest() throws -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: RawSpan(), architecture: RawSpan(), guestEndianness: 0,
      pageByteCount: 4096)
    for (path, sections) in [("dev0", 2), ("dev1", 1)] as [(StaticString, Int)] {
      try manifest.beginDevice(path: path.octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
      for name in (["a", "b"] as [StaticString]).prefix(sections) {
        try manifest.section(name: name.octets, version: 1, versionMin: 1)
      }
      try manifest.subsection(name: StaticString("extra").octets, version: 1, versionMin: 1)
      try manifest.endDevice()
    }
    return manifest
  }

  private static func stream(
    mandatory: UInt32 = 0, _ write: (inout Recorder) throws -> Void
  ) throws -> [UInt8] {
    var recorder = try Recorder(mandatory: mandatory)
    try recorder.manifest(try manifest())
    try write(&recorder)
    try recorder.end()
    return recorder.octets
  }

  private static func number(_ value: UInt8) -> [UInt8] { [value, 0, 0, 0, 0, 0, 0, 0] }

  /// A list of one element.
  private static func list(layout: UInt8, _ value: UInt8) -> [UInt8] {
    [1, 0, 0, 0, 0, 0, 0, 0, layout, 0, 0, 0, 8, 0, 0, 0] + number(value)
  }

  private static func records(_ octets: [UInt8]) -> [UInt16] {
    SampleDamage.records(octets).map { SampleDamage.kind(octets, $0) }
  }

  // MARK: Sections

  private static func plainSections(_ stream: inout Recorder) throws {
    for layout in [outer, inner, other] { try stream.layout(layout) }
    try stream.section(0, 0, layout: 0, list(layout: 1, 5))
    try stream.section(
      0, 1, layout: 1, number(6), SampleStream.subsection(number: 0, layout: 2, data: number(7)))
    try stream.section(1, 0, layout: 2, number(8))
  }

  @Test func layoutsAndReplacedSections() throws {
    let plain = try Self.stream { try Self.plainSections(&$0) }
    let passes = try Self.stream(mandatory: MandatoryFlags.passes | MandatoryFlags.zstd) { stream in
      for layout in [Self.other, Self.unused, Self.inner, Self.outer] { try stream.layout(layout) }
      try stream.section(0, 0, layout: 2, Self.number(1))
      try stream.section(0, 1, layout: 1, Self.number(1))
      try stream.barrier()
      try stream.layout(Self.inner, compresses: true)
      try stream.section(0, 0, layout: 3, Self.list(layout: 4, 5), replaces: true)
      try stream.section(
        0, 1, layout: 2, Self.number(6), SampleStream.subsection(number: 0, layout: 0, data: Self.number(7)),
        replaces: true)
      try stream.section(1, 0, layout: 0, Self.number(8))
    }
    let wanted = try NormaliseTests.canonical(plain)
    #expect(try NormaliseTests.canonical(passes) == wanted)
    #expect(Self.records(wanted) == [1, 2, 2, 2, 3, 3, 3, 13])
    // Nothing but the preamble says that the plain stream was not canonical before.
    #expect(wanted.count == plain.count && wanted[64...].elementsEqual(plain[64...]))
  }

  /// Data that nobody can look into may name layouts, so all of them keep their numbers.
  @Test func externalLayoutsKeepAllNumbers() throws {
    let octets = try Self.stream(mandatory: MandatoryFlags.externalLayouts) { stream in
      try stream.layout(Self.unused)
      try stream.external("example.org/net@1/a")
      try stream.layout(Self.inner)
      try stream.section(0, 0, layout: 1, Self.list(layout: 2, 5))
      try stream.section(0, 1, layout: 2, Self.number(6))
      try stream.section(1, 0, layout: 2, Self.number(6))
    }
    let wanted = try NormaliseTests.canonical(octets)
    #expect(wanted[64...].elementsEqual(octets[64...]))
  }

  @Test func externalLayoutsThatNothingUses() throws {
    let octets = try Self.stream(mandatory: MandatoryFlags.externalLayouts) { stream in
      try stream.external("example.org/net@1/a")
      try stream.layout(Self.inner)
      for (device, section) in [(0, 0), (0, 1), (1, 0)] as [(UInt32, UInt16)] {
        try stream.section(device, section, layout: 1, Self.number(6))
      }
    }
    let wanted = try NormaliseTests.canonical(octets)
    #expect(wanted[16..<20].elementsEqual([0, 0, 0, 0]))
    #expect(Self.records(wanted) == [1, 2, 3, 3, 3, 13])
  }

  // MARK: Byte strings

  @Test func splitUnits() throws {
    let unit = [UInt8](repeating: 3, count: 5 << 19)
    let whole = try Self.stream { stream in
      try Self.plainSections(&stream)
      try stream.bytes(1, Self.number(1) + [2, 3], Self.first | Self.last | RecordFlags.initialDataEnd)
      try stream.bytes(1, unit, Self.first | Self.last | RecordFlags.last)
    }
    let split = try Self.stream(mandatory: MandatoryFlags.zstd | MandatoryFlags.passes) { stream in
      try stream.bytes(1, [1, 0, 0], Self.first)
      try stream.barrier()
      try stream.bytes(1, [0, 0, 0, 0, 0, 2, 3], Self.last)
      try stream.bytes(1, [], RecordFlags.initialDataEnd)
      try stream.bytes(1, Array(unit[..<1_700_000]), Self.first)
      try Self.plainSections(&stream)
      try stream.bytes(1, Array(unit[1_700_000...]), Self.last, compresses: true)
      try stream.bytes(1, [], RecordFlags.last)
    }
    let wanted = try NormaliseTests.canonical(whole)
    #expect(try NormaliseTests.canonical(split) == wanted)
    let flags = SampleDamage.records(wanted).filter { SampleDamage.kind(wanted, $0) == 5 }
      .map { UInt16(wanted[$0 + 6]) | UInt16(wanted[$0 + 7]) << 8 }
    #expect(
      flags == [
        1 | Self.first | Self.last | RecordFlags.initialDataEnd, 1 | Self.first, 1,
        1 | Self.last | RecordFlags.last,
      ])
  }

  /// A unit in which the initial data ends is cut there, however it came.
  @Test func initialDataInsideAUnit() throws {
    func make(_ cuts: [(Int, UInt16)]) throws -> [UInt8] {
      try NormaliseTests.canonical(
        try Self.stream { stream in
          try Self.plainSections(&stream)
          for (count, flags) in cuts { try stream.bytes(0, [UInt8](repeating: 9, count: count), flags) }
        })
    }
    let wanted = try make([(30, Self.first | RecordFlags.initialDataEnd), (70, Self.last | RecordFlags.last)])
    let other = try make([
      (10, Self.first), (20, RecordFlags.initialDataEnd), (30, 0), (40, Self.last), (0, RecordFlags.last),
    ])
    #expect(wanted == other)
    #expect(Self.records(wanted).filter { $0 == 5 }.count == 2)
    let none = try make([(0, RecordFlags.initialDataEnd), (9, Self.first | Self.last), (0, RecordFlags.last)])
    #expect(Self.records(none).filter { $0 == 5 }.count == 2)
    #expect(try make([(0, 0), (0, RecordFlags.last)]) == (try make([(0, RecordFlags.last)])))
  }

  // MARK: Unknown records

  @Test func unknownRecordsStay() throws {
    let payload = [UInt8](repeating: 0xcd, count: 1001)
    let octets = try Self.stream { stream in
      try stream.unknown(0x8003, Self.number(1), payload)
      try Self.plainSections(&stream)
      try stream.unknown(0x8001, Self.number(2), [])
    }
    let wanted = try NormaliseTests.canonical(octets)
    #expect(Self.records(wanted) == [1, 2, 2, 2, 3, 3, 3, 0x8003, 0x8001, 13])
    let place = try #require(SampleDamage.records(wanted).first { SampleDamage.kind(wanted, $0) == 0x8003 })
    #expect(wanted[(place + 64)..<(place + 72)].elementsEqual(Self.number(1)))
    let start = place + 72 + Int(wanted[place + 10])
    #expect(wanted[start..<(start + 1001)].elementsEqual(payload))
  }
}

extension Recorder {
  mutating func layout(_ layout: ModelLayout, compresses: Bool = false) throws {
    let canonical = try layout.canonical()
    append(try encoder.layout(canonical: canonical.span.octets, compresses: compresses), to: &octets)
  }

  mutating func external(_ identity: StaticString) throws {
    append(try encoder.externalLayout(identity: identity.octets), to: &octets)
  }

  mutating func section(
    _ device: UInt32, _ section: UInt16, layout: UInt32, _ data: [UInt8], _ subsection: [UInt8] = [],
    replaces: Bool = false
  ) throws {
    append(
      try encoder.section(
        device: device, section: section, layout: layout, data: data.span.octets,
        subsections: subsection.span.octets, subsectionCount: subsection.isEmpty ? 0 : 1, replaces: replaces),
      to: &octets)
  }

  mutating func bytes(_ device: UInt32, _ data: [UInt8], _ flags: UInt16, compresses: Bool = false) throws {
    append(
      try encoder.bytes(device: device, octets: data.span.octets, flags: flags, compresses: compresses), to: &octets)
  }

  mutating func unknown(_ kind: UInt16, _ body: [UInt8], _ payload: [UInt8]) throws {
    append(
      try encoder.preserved(
        kind: kind, flags: RecordFlags.skippable, device: Format.none32, body: body.span.octets,
        payload: payload.span.octets), to: &octets)
  }
}
