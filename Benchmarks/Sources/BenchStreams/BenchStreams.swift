public import MigrationStream

/// A machine with one region and one device with a byte string: what the bulk rows send.
public enum BenchStreams {
  public static func encoder(allocator: StreamAllocator = .system) throws(StreamError) -> StreamEncoder {
    try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: 1, high: 2)), allocator: allocator)
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
}
