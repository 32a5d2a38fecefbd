public import MigrationStream

/// A machine with one region and one device with a byte string: what the bulk rows send.
public enum BenchStreams {
  public static func encoder(
    mandatoryFlags: UInt32 = 0, allocator: StreamAllocator = .system
  ) throws(StreamError) -> StreamEncoder {
    var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
    preamble.mandatoryFlags = mandatoryFlags
    return try StreamEncoder(preamble: preamble, allocator: allocator)
  }

  public static func manifest(regionByteCount: UInt64) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("bench").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
    try manifest.region(
      name: StaticString("ram").octets, byteCount: regionByteCount, pageByteCount: 4096)
    try manifest.beginDevice(
      path: StaticString("device").octets, address: RawSpan(), model: RawSpan(), version: 1,
      versionMin: 1)
    try manifest.endDevice()
    return manifest
  }

  /// Devices with a section each, and no memory.
  public static func manifest(
    deviceCount: Int, allocator: StreamAllocator
  ) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("bench").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096,
      allocator: allocator)
    var path = OwnedBytes(allocator: allocator)
    for device in 0..<deviceCount {
      path.removeAll()
      try path.append(StaticString("device/").octets)
      for power in [10_000, 1_000, 100, 10, 1] { try path.append(UInt8(0x30 + device / power % 10)) }
      try manifest.beginDevice(
        path: path.bytes, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
      try manifest.section(name: StaticString("state").octets, version: 1, versionMin: 1)
      try manifest.endDevice()
    }
    return manifest
  }

  /// Eight numbers of 8 octets.
  public static func layout(allocator: StreamAllocator) throws(StreamError) -> LayoutBuilder {
    var layout = LayoutBuilder(allocator: allocator)
    try layout.begin(name: StaticString("state").octets)
    try layout.field(
      FieldAttributes(.unsigned, width: 8, shape: .fixedArray, count: 8), name: StaticString("words").octets)
    try layout.finish()
    return layout
  }
}
