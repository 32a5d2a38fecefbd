public import MigrationStream

/// The stream that the search for the canary begins with; the device takes it as it is.
public enum CanaryStream {
  /// The stream, and the octet that chooses segments.
  public static func octets() throws(StreamError) -> [UInt8] {
    var preamble = Preamble(uuid: StreamUUID(low: 0x4a03_16b9_0a7c_11d2, high: 0x0b1e_92f4_55c0_8d37))
    preamble.mandatoryFlags |= MandatoryFlags.zstd
    var encoder = try StreamEncoder(preamble: preamble)
    var octets: [UInt8] = []
    octets.append(encoder.preamble)
    octets.append(try encoder.manifest(manifest()))
    var layout = LayoutBuilder()
    try layout.begin(name: StaticString("ring").octets)
    try layout.field(FieldAttributes(.unsigned), name: StaticString("capacity").octets)
    try layout.field(FieldAttributes(.unsigned), name: StaticString("head").octets)
    try layout.finish()
    octets.append(try encoder.layout(canonical: layout.canonical))
    // capacity 200, head 3
    let data: [UInt8] = [200, 0, 0, 0, 3, 0, 0, 0]
    octets.append(try encoder.section(device: 0, section: 0, layout: 0, data: data.span.octets))
    // level 4, then 64 entries
    let flags = RecordFlags.required | RecordFlags.unitFirst | RecordFlags.unitLast | RecordFlags.last
    let ring: [UInt8] = [4, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0x11, count: 64)
    octets.append(
      try encoder.bytes(device: 0, octets: ring.span.octets, flags: flags, compresses: true))
    octets.append(try encoder.end())
    return octets + [0]
  }

  private static func manifest() throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("canary").octets, producerVersion: RawSpan(), architecture: RawSpan(), guestEndianness: 0,
      pageByteCount: 4_096)
    try manifest.beginDevice(
      path: StaticString("/ring").octets, address: RawSpan(), model: RawSpan(), apply: .inPlace, version: 1, versionMin: 1)
    try manifest.section(name: StaticString("ring").octets, version: 1, versionMin: 1)
    try manifest.endDevice()
    return manifest
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ span: RawSpan) {
    for index in 0..<span.byteCount { append(span.octet(at: index)) }
  }

  fileprivate mutating func append(_ list: GatherList) {
    for index in 0..<list.count { append(list[index]) }
  }
}
