import MigrationStream
import StreamTestKit

/// A stream with every kind of record that a stream of one channel has, as the encoder makes it.
enum EveryKind {
  static let stream: [UInt8] = {
    var octets = OwnedBytes()
    do throws(StreamError) { try encode(.system, to: &octets) } catch { fatalError("\(error)") }
    return (0..<octets.count).map { octets[$0] }
  }()

  /// Records in ``stream``, END included.
  static let recordCount = 18

  /// Makes it; after the first error every later call has to give that error.
  static func encode(_ allocator: StreamAllocator, to target: inout OwnedBytes) throws(StreamError) {
    var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
    preamble.mandatoryFlags = MandatoryFlags.zstd | MandatoryFlags.externalLayouts | MandatoryFlags.passes
    var encoder = try StreamEncoder(preamble: preamble, allocator: allocator)
    try target.append(encoder.preamble)
    do throws(StreamError) {
      try put(try encoder.manifest(try manifest(allocator)), to: &target)
      try describe(&encoder, to: &target)
      try fill(&encoder, to: &target)
      try put(try encoder.end(), to: &target)
    } catch {
      // A refusal that the encoder knows of comes again; one of the manifest or of the target it does not know of.
      guard error.offset > 0 else { throw error }
      let before = encoder.byteCount
      var again: StreamError?
      do throws(StreamError) { _ = try encoder.barrier() } catch let refusal { again = refusal }
      guard again == error, encoder.byteCount == before else { fatalError("not poisoned: \(error)") }
      throw error
    }
  }

  private static func manifest(_ allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096,
      allocator: allocator)
    try manifest.region(name: StaticString("ram").octets, byteCount: 1 << 20, pageByteCount: 4096)
    for (path, hasSection) in [(StaticString("uart"), true), (StaticString("gpu"), false)] {
      try manifest.beginDevice(
        path: path.octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
      if hasSection {
        try manifest.parameter(name: StaticString("a").octets, kind: .int, value: 1)
        try manifest.section(name: StaticString("state").octets, version: 1, versionMin: 1)
        try manifest.subsection(name: StaticString("fifo").octets, version: 1, versionMin: 1)
      }
      try manifest.endDevice()
    }
    return manifest
  }

  /// Layouts and sections.
  private static func describe(_ encoder: inout StreamEncoder, to target: inout OwnedBytes) throws(StreamError) {
    try put(try encoder.layout(canonical: small.span.octets), to: &target)
    try put(try encoder.layout(canonical: large.span.octets, compresses: true), to: &target)
    try put(try encoder.externalLayout(identity: StaticString("example/uart@1/main").octets), to: &target)
    try put(try encoder.section(device: 0, section: 0, layout: 0, data: data.span.octets), to: &target)
    try put(try encoder.barrier(), to: &target)
    try put(
      try encoder.section(
        device: 0, section: 0, layout: 0, data: data.span.octets, subsections: subsection.span.octets,
        subsectionCount: 1, replaces: true), to: &target)
  }

  /// Bulk.
  private static func fill(_ encoder: inout StreamEncoder, to target: inout OwnedBytes) throws(StreamError) {
    let memory = memory
    let octets = memory.span.octets
    try put(try encoder.memory(region: 0, offset: 0, octets: octets), to: &target)
    try put(try encoder.memory(region: 0, offset: 0, octets: octets, source: .live), to: &target)
    try put(try encoder.memory(region: 0, offset: 0, octets: octets, compresses: true), to: &target)
    try put(try encoder.memory(region: 0, offset: 0, length: 4096, kind: .zero), to: &target)
    let extents = [Extent(offset: 0, length: 100, kind: .data), Extent(offset: 8192, length: 61, kind: .data)]
    try put(try encoder.memory(region: 0, extents: extents.span, octets: octets, base: 0), to: &target)
    try put(
      try encoder.preserved(
        kind: 0x8001, flags: RawFlag.skippable, device: 1, body: octets.extracting(first: 64),
        payload: octets.extracting(first: 777)), to: &target)
    let first = octets.extracting(first: 4095)
    try put(try encoder.bytes(device: 1, octets: first, flags: RecordFlags.unitFirst), to: &target)
    try put(try encoder.bytes(device: 1, octets: first, flags: 0, compresses: true), to: &target)
    try put(
      try encoder.bytes(
        device: 1, octets: first, flags: RecordFlags.unitLast | RecordFlags.initialDataEnd, source: .live), to: &target)
    try put(try encoder.bytes(device: 1, octets: RawSpan(), flags: RecordFlags.last), to: &target)
  }

  private static func put(
    _ list: borrowing GatherList, to target: inout OwnedBytes
  ) throws(StreamError) {
    for index in 0..<list.count { try target.append(list[index]) }
  }

  // MARK: Octets

  /// One octet.
  private static let small = RawLayout("uart", [RawField("lcr", .unsigned, width: 1)]).canonical
  private static let data = [UInt8](repeating: 0, count: 8)
  /// Alike enough to be compressed.
  private static let large = RawLayout(
    "large", (0..<40).map { RawField("field\($0)", .unsigned, width: 8) }
  ).canonical
  private static let subsection: [UInt8] = .joined(
    .u32(32), .u16(0), .u16(0), .u32(0), .u16(0), .u16(0), .u64(8), .zeros(8))
  /// Pages 0, 2 and 4 have content, the others are zero.
  private static let memory = (0..<5 * 4096).map { $0 / 4096 % 2 == 0 ? UInt8(truncatingIfNeeded: $0 / 256 + 1) : 0 }
}
