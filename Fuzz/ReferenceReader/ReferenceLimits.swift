/// What this reader takes at most.
///
/// Source: Specs/40-reader-rules.md section 3.
public struct ReferenceLimits: Sendable {
  public var recordBodyBytesMax: UInt64 = 16 << 20
  public var payloadBytesMax: UInt64 = 64 << 20
  public var devicesMax: UInt64 = 65536
  public var regionsMax: UInt64 = 4096
  public var parametersMax: UInt64 = 1024
  public var sectionsMax: UInt64 = 4096
  public var subsectionsMax: UInt64 = 4096
  public var textBytesMax: UInt64 = 1024
  public var layoutsMax: UInt64 = 65536
  public var layoutBytesMax: UInt64 = 8 << 20
  public var layoutBytesTotalMax: UInt64 = 16 << 20
  public var fieldsMax: UInt64 = 65536
  public var nestingMax: UInt64 = 8
  public var blockBytesMax: UInt64 = 16 << 20
  public var extentsMax: UInt64 = 1 << 20
  public var zstdWindowBytesMax: UInt64 = 4 << 20
  public var zstdPlainBytesMax: UInt64 = 4 << 20
  public var passRunsMax: UInt64 = 1 << 20
  public var barriersMax: UInt64 = 65536
  public var finalExtentsMax: UInt64 = 1 << 20

  public init() {}
}
