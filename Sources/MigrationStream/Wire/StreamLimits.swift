/// What a reader accepts; every claim in a stream meets one of these before it sizes anything.
///
/// Source: Specs/40-reader-rules.md section 3, which also gives each one's reason.
@frozen
public struct StreamLimits: Equatable, Sendable, BitwiseCopyable {
  /// Octets of one record body.
  public var recordBodyBytesMax: UInt64 = 16_777_216
  /// Octets of one bulk payload.
  public var payloadBytesMax: UInt64 = 67_108_864
  public var devicesMax: UInt32 = 65_536
  public var regionsMax: UInt32 = 4_096
  /// Parameters of one device.
  public var parametersMax: UInt32 = 1_024
  /// Announced sections of one device.
  public var sectionsMax: UInt32 = 4_096
  /// Announced subsections of one device.
  public var subsectionsMax: UInt32 = 4_096
  /// Octets of one text in a manifest.
  public var textBytesMax: UInt32 = 1_024
  public var layoutsMax: UInt32 = 65_536
  /// Octets of one canonical layout.
  public var layoutBytesMax: UInt64 = 8_388_608
  /// Octets of all canonical layouts of a stream.
  public var layoutBytesTotalMax: UInt64 = 16_777_216
  /// Entries of one layout.
  public var fieldsMax: UInt32 = 65_536
  /// Levels of nested structures, and of nested subsections.
  public var nestingMax: UInt32 = 8
  /// Octets of one layout's block.
  public var blockBytesMax: UInt64 = 16_777_216
  /// Extents of one memory record.
  public var extentsMax: UInt32 = 1_048_576
  public var zstdWindowBytesMax: UInt64 = 4_194_304
  /// Octets of one decompressed chunk.
  public var zstdPlainBytesMax: UInt64 = 4_194_304
  /// Runs of extents of one pass on one of several channels.
  public var passRunsMax: UInt32 = 1_048_576
  /// Barriers of a stream on several channels.
  public var barriersMax: UInt32 = 65_536
  /// Extents of the final content, where it is collected.
  public var finalExtentsMax: UInt32 = 1_048_576

  @inlinable
  public init() {}
}
