import MigrationStream
import StreamIO

/// Where the octets of a plain file go: `DEVICE/REGION`, split at the last slash.
struct RawTarget {
  /// Instance path; empty for memory of the machine.
  var device: String
  var region: String

  init?(_ text: String) {
    guard let slash = text.lastIndex(of: "/") else { return nil }
    device = String(text[..<slash])
    region = String(text[text.index(after: slash)...])
    if region.isEmpty { return nil }
  }
}

/// Wraps the octets of a plain file as one memory region of one device, or of the machine.
struct RawWrapper {
  let place: RawTarget
  let uuid: StreamUUID
  let chunkByteCount: Int
  let compresses: Bool

  private static let pageByteCount: UInt64 = 4096

  /// - Parameter input: A seekable one.
  /// - Throws: ``IOFailure``; ``StreamError`` of the encoder, for an empty file for instance.
  func wrap(_ input: borrowing InputFile, into target: inout AtomicOutputFile) throws {
    let size = input.size ?? 0
    var preamble = Preamble(uuid: uuid)
    if compresses { preamble.mandatoryFlags |= MandatoryFlags.zstd }
    var encoder = try StreamEncoder(preamble: preamble)
    try target.write(encoder.preamble)
    let manifest = try manifest(byteCount: size)
    try target.write(encoder.manifest(manifest))
    var octets = OwnedBytes()
    var offset: UInt64 = 0
    while offset < size {
      try input.read(at: offset, count: chunkByteCount, into: &octets)
      try target.write(
        encoder.memory(region: 0, offset: offset, octets: octets.bytes, compresses: compresses))
      offset += UInt64(octets.count)
    }
    try target.write(encoder.end())
  }

  private func manifest(byteCount: UInt64) throws -> ManifestBuilder {
    let producer = try "streamtool".utf8Copy()
    let version = try toolVersion.utf8Copy()
    let region = try place.region.utf8Copy()
    let device = try place.device.utf8Copy()
    var manifest = try ManifestBuilder(
      producer: producer.bytes, producerVersion: version.bytes, architecture: RawSpan(), guestEndianness: 0,
      pageByteCount: UInt32(Self.pageByteCount))
    try manifest.region(
      name: region.bytes, owner: device.count == 0 ? Format.none32 : 0, byteCount: byteCount,
      pageByteCount: Self.pageByteCount)
    if device.count > 0 {
      try manifest.beginDevice(
        path: device.bytes, address: RawSpan(), model: RawSpan(), apply: .inPlace, version: 1, versionMin: 1)
      try manifest.endDevice()
    }
    return manifest
  }
}

extension String {
  /// The text's octets in memory of the codec.
  func utf8Copy() throws -> OwnedBytes {
    var octets = OwnedBytes()
    for octet in utf8 { try octets.append(octet) }
    return octets
  }
}

extension StreamUUID {
  /// A random one, version 4 of RFC 4122.
  static func random() -> StreamUUID {
    // Octet 6 has the version in its high half, octet 8 the variant in its two high bits.
    let low = UInt64.random(in: 0...UInt64.max) & ~(0xf0 << 48) | 0x40 << 48
    let high = UInt64.random(in: 0...UInt64.max) & ~0xc0 | 0x80
    return StreamUUID(low: low, high: high)
  }

  /// Reads 32 hexadecimal digits, with or without hyphens.
  init?(_ text: String) {
    let digits = text.filter { $0 != "-" }
    guard digits.utf8.count == 32, digits.allSatisfy({ $0.isHexDigit }) else { return nil }
    guard let first = UInt64(digits.prefix(16), radix: 16), let last = UInt64(digits.suffix(16), radix: 16) else {
      return nil
    }
    self.init(low: first.byteSwapped, high: last.byteSwapped)
  }
}
