import MigrationStream
import StreamTestKit

/// A small stream that has one of everything a report shows.
enum SampleStream {
  static let uuid = StreamUUID(low: 0x7766_5544_3322_1100, high: 0xffee_ddcc_bbaa_9988)

  /// - Parameter compresses: Bulk and layouts as zstd frames.
  static func octets(compresses: Bool = false, status: UInt8 = 7) throws -> [UInt8] {
    var octets: [UInt8] = []
    var preamble = Preamble(uuid: uuid)
    preamble.mandatoryFlags = compresses ? MandatoryFlags.zstd : 0
    var encoder = try StreamEncoder(preamble: preamble)
    append(encoder.preamble, to: &octets)
    let manifest = try manifest()
    append(try encoder.manifest(manifest), to: &octets)
    for layout in [state, queue, message] {
      let canonical = try layout.canonical()
      append(try encoder.layout(canonical: canonical.span.octets, compresses: compresses), to: &octets)
    }
    var memory = [UInt8](repeating: 0, count: 4 * 4096)
    for index in 0..<4096 { memory[4096 + index] = UInt8(truncatingIfNeeded: index / 16) }
    append(
      try encoder.memory(region: 0, offset: 0, octets: memory.span.octets, compresses: compresses), to: &octets)
    append(try encoder.memory(region: 0, offset: 16384, length: 8192, kind: .discard), to: &octets)
    let unit: [UInt8] = Array("device octets\n\u{1b}[31m".utf8)
    append(
      try encoder.bytes(
        device: 1, octets: unit.span.octets,
        flags: RecordFlags.unitFirst | RecordFlags.unitLast | RecordFlags.initialDataEnd | RecordFlags.last),
      to: &octets)
    let data = try stateData(status: status)
    let inner = subsection(number: 0, layout: 2, target: [(queuesField, 1)], data: try messageData("inner"))
    append(
      try encoder.section(
        device: 0, section: 0, layout: 0, data: data.span.octets, subsections: inner.span.octets,
        subsectionCount: 1), to: &octets)
    let log = try messageData("hello")
    append(try encoder.section(device: 1, section: 0, layout: 2, data: log.span.octets), to: &octets)
    let unknown = [UInt8](repeating: 0xab, count: 16)
    append(
      try encoder.preserved(
        kind: 0x8001, flags: RecordFlags.skippable, device: Format.none32, body: unknown.span.octets,
        payload: RawSpan()), to: &octets)
    append(try encoder.end(), to: &octets)
    return octets
  }

  private static func manifest() throws -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("sample").octets, producerVersion: StaticString("1.2").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
    try manifest.region(
      name: StaticString("ram").octets, guestAddress: 0x1_0000_0000, byteCount: 1 << 20, pageByteCount: 4096, flags: 1
    )
    try manifest.beginDevice(
      path: StaticString("pci.0/net0").octets, address: StaticString("0000:00:03.0").octets,
      model: StaticString("example.org/net").octets, clock: .virtual, version: 3, versionMin: 2)
    try manifest.parameter(name: StaticString("queues").octets, kind: .int, value: 2)
    try manifest.parameter(name: StaticString("vendor").octets, kind: .str, text: StaticString("ACME").octets)
    try manifest.section(name: StaticString("state").octets, version: 3, versionMin: 2)
    try manifest.subsection(name: StaticString("extra").octets, mark: .skippable, version: 1, versionMin: 1)
    try manifest.endDevice()
    try manifest.beginDevice(
      path: StaticString("pci.0/gpu [1]").octets, address: RawSpan(), model: RawSpan(), mark: .skippable,
      apply: .external, version: 1, versionMin: 1)
    try manifest.section(name: StaticString("log").octets, version: 1, versionMin: 1)
    try manifest.endDevice()
    return manifest
  }

  // MARK: Layouts

  /// Number of the field `queues` in ``state``.
  static let queuesField: UInt32 = 18

  static var state: ModelLayout {
    ModelLayout(
      "net state",
      [
        with(field(.unsigned, 1, "status")) {
          $0.attributes.flags = .range
          $0.attributes.maximum = 9
        },
        field(.signed, 2, "balance"),
        with(field(.flags, 4, "features")) { $0.symbols = [.init(1, "csum"), .init(2, "tso")] },
        with(field(.enumeration, 1, "mode")) { $0.symbols = [.init(0, "off"), .init(1, "on")] },
        field(.bool, 1, "running"),
        field(.mac, 6, "mac"),
        field(.uuid, 16, "identity"),
        field(.pciAddress, 4, "address"),
        field(.guestAddress, 8, "ring"),
        with(field(.size, 8, "length")) { $0.unit = "octets" },
        with(field(.instant, 8, "deadline")) { $0.attributes.clock = 1 },
        field(.duration, 8, "latency"),
        field(.float, 8, "load"),
        with(field(.bytes, 8, "key")) { $0.attributes.flags = .secret },
        field(.unsigned, 16, "counter"),
        array(.unsigned, 2, "table", .fixedArray, 3),
        array(.unsigned, 4, "sent", .countedArray, 10),
        field(.string, 4, "name"),
        LayoutField(
          "queues", FieldAttributes(.structure, shape: .countedArray, count: 8),
          children: [
            field(.unsigned, 2, "index"), field(.countedBytes, 4, "pending"),
          ]),
        LayoutField("timer", FieldAttributes(.optional), children: [field(.unsigned, 8, "ticks")]),
        LayoutField(
          "medium", FieldAttributes(.union),
          children: [
            field(.unsigned, 4, "copper"), field(.string, 4, "fibre"),
          ]),
        field(.list, 4, "messages"),
      ])
  }

  static var queue: ModelLayout { ModelLayout("queue", [field(.unsigned, 8, "depth")]) }
  static var message: ModelLayout { ModelLayout("message", [field(.string, 4, "text")]) }

  private static func field(_ type: FieldType, _ width: UInt32, _ name: String) -> LayoutField {
    LayoutField(name, FieldAttributes(type, width: width))
  }

  private static func array(
    _ type: FieldType, _ width: UInt32, _ name: String, _ shape: FieldShape, _ count: UInt32
  ) -> LayoutField {
    LayoutField(name, FieldAttributes(type, width: width, shape: shape, count: count))
  }

  private static func with(_ field: LayoutField, _ change: (inout LayoutField) -> Void) -> LayoutField {
    var field = field
    change(&field)
    return field
  }

  // MARK: Data

  private static func store() throws(StreamError) -> LayoutStore {
    var store = LayoutStore()
    for layout in [state, queue, message] {
      let canonical = try layout.canonical()
      try store.add(canonical: canonical.span.octets, at: 0, limits: StreamLimits())
    }
    return store
  }

  static func messageData(_ text: String) throws -> [UInt8] {
    let store = try store()
    var writer = try SectionDataWriter(layout: 2, layouts: store.table)
    let octets = Array(text.utf8)
    try writer.bytes(octets.span.octets)
    return try copy(writer.finish())
  }

  static func stateData(status: UInt8, name: String = "net\u{1b}]0;pwned\u{07}") throws -> [UInt8] {
    let store = try store()
    let name = Array(name.utf8)
    let mac: [UInt8] = [0x52, 0x54, 0, 1, 2, 3]
    let identity = Array(UInt8(0)..<16)
    let table: [UInt8] = [1, 0, 2, 0, 3, 0]
    let sent: [UInt8] = [9, 0, 0, 0, 8, 0, 0, 0]
    var writer = try SectionDataWriter(layout: 0, layouts: store.table)
    try writer.integer(status)
    try writer.integer(-300)
    try writer.integer(0x11)
    try writer.integer(1)
    try writer.integer(1)
    try writer.bytes(mac.span.octets)
    try writer.bytes(identity.span.octets)
    try writer.integer(0x0001_0018)
    try writer.integer(0x1_0000_2000 as UInt64)
    try writer.integer(1 << 20)
    try writer.integer(1_500_000_000)
    try writer.integer(-2_000_000)
    try writer.float(bits: 0x7ff8_0000_0000_0123)
    try writer.bytes(StaticString("s3cr3t!!").octets)
    try writer.integer(UInt128(UInt64.max) + 1)
    try writer.values(table.span.octets)
    try writer.values(sent.span.octets)
    try writer.bytes(name.span.octets)
    try writer.beginArray(2)
    for index in 0..<2 {
      try writer.beginStructure()
      try writer.integer(index)
      try writer.bytes(StaticString("abc").octets)
      try writer.end()
    }
    try writer.end()
    try writer.beginOptional()
    try writer.integer(UInt64.max)
    try writer.end()
    try writer.beginUnion(child: 1)
    try writer.bytes(StaticString("single mode").octets)
    try writer.end()
    try writer.beginArray(2)
    try writer.beginElement(layout: 1)
    try writer.integer(64)
    try writer.end()
    try writer.beginElement(layout: 2)
    try writer.bytes(StaticString("first").octets)
    try writer.end()
    try writer.end()
    return try copy(writer.finish())
  }

  static func subsection(
    number: UInt16, layout: UInt32, target: [(UInt32, UInt32)] = [], data: [UInt8]
  ) -> [UInt8] {
    var octets: [UInt8] = []
    func put<Value: FixedWidthInteger>(_ value: Value) {
      for index in 0..<Value.bitWidth / 8 { octets.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
    put(UInt32(24 + 8 * target.count + data.count))
    put(number)
    put(UInt16(0))
    put(layout)
    put(UInt16(target.count))
    put(UInt16(0))
    put(UInt64(data.count))
    for step in target {
      put(step.0)
      put(step.1)
    }
    return octets + data
  }
}

func copy(_ octets: RawSpan) -> [UInt8] {
  var copy: [UInt8] = []
  append(octets, to: &copy)
  return copy
}

func append(_ octets: RawSpan, to target: inout [UInt8]) {
  for index in octets.byteOffsets { target.append(octets.octet(at: index)) }
}

func append(_ list: borrowing GatherList, to target: inout [UInt8]) {
  for index in 0..<list.count { append(list[index], to: &target) }
}
