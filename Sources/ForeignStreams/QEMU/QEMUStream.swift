/// A QEMU migration stream: what is in it and where, without its content.
///
/// Opening walks the stream once. Damage does not throw the walk away: everything before it is in the index, and
/// ``damage`` says what is wrong and where. Guest memory is not indexed page by page; ``forEachPageRun(_:)`` walks again.
public struct QEMUStream: Sendable {
  public private(set) var source: any RandomAccessOctets
  public internal(set) var limits: ForeignLimits

  /// The machine type's name; nil where the source was told not to send it (machine types up to 2.3).
  public internal(set) var machine: String?
  public internal(set) var configurationParts: [QEMUConfigurationPart] = []
  /// Migration capabilities that the stream declares.
  public internal(set) var capabilities: [String] = []
  /// Octets of a guest page.
  public internal(set) var pageSize = 4_096
  /// Whether sections end in footers; nil until the first section was read.
  public internal(set) var usesFooters: Bool?
  public internal(set) var records: [QEMURecord] = []
  /// Parts of sections that are not in ``records`` because there are too many.
  public internal(set) var unlistedRecordCount: UInt64 = 0
  public internal(set) var sections: [QEMUSection] = []
  public internal(set) var memoryBlocks: [QEMUMemoryBlock] = []
  public internal(set) var diagnostics: [QEMUDiagnostic] = []
  public internal(set) var unlistedDiagnosticCount: UInt64 = 0
  /// Where the JSON text of the description is.
  public internal(set) var descriptionText: Range<UInt64>?
  /// Where the stream, with its description, ends; octets behind it are not part of it.
  public internal(set) var endOffset: UInt64 = 0
  /// What ended the walk early.
  public internal(set) var damage: ForeignError?

  var description: QEMUDescription?

  /// Whether the octets begin like a QEMU stream.
  public static func recognises(_ source: any RandomAccessOctets) -> Bool {
    guard source.octetCount >= 4, let start = try? source.read(at: 0, count: 4) else {
      return false
    }
    return start.reduce(0) { $0 << 8 | UInt32($1) } == QEMUFormat.magic
  }

  /// Walks the stream.
  ///
  /// - Throws: ``ForeignError`` when the source cannot be read, or the header is not that of a QEMU stream of version 3.
  ///   Everything later becomes ``damage``.
  public init(_ source: any RandomAccessOctets, limits: ForeignLimits = ForeignLimits())
    throws(ForeignError)
  {
    self.source = source
    self.limits = limits
    var reader = try StreamReader(source)
    reader.stage = .header
    let magic = try reader.u32()
    guard magic == QEMUFormat.magic else {
      throw reader.failure(
        .notRecognised, at: 0, expected: UInt64(QEMUFormat.magic), found: UInt64(magic))
    }
    let version = try reader.u32()
    guard version == QEMUFormat.version else {
      throw reader.failure(
        .unsupportedVersion, at: 4, expected: UInt64(QEMUFormat.version), found: UInt64(version))
    }
    self = try QEMUStreamWalker.open(source, reader: reader, limits: limits)
  }

  /// An index with nothing in it, for the walker to fill.
  init(unwalked source: any RandomAccessOctets, limits: ForeignLimits) {
    self.source = source
    self.limits = limits
  }

  /// Notes something that does not stop the walk.
  mutating func note(
    _ kind: QEMUDiagnostic.Kind, at offset: Int, expected: UInt64 = 0, found: UInt64 = 0,
    path: String = ""
  ) {
    guard diagnostics.count < limits.diagnostics else {
      unlistedDiagnosticCount += 1
      return
    }
    diagnostics.append(
      QEMUDiagnostic(
        kind: kind, offset: UInt64(offset), expected: expected, found: found, path: path))
  }

  /// A reader over the payload of a section's first record.
  func payloadReader(_ section: QEMUSection, stage: ForeignError.Stage) throws(ForeignError)
    -> StreamReader
  {
    var reader = try StreamReader(source)
    reader.stage = stage
    reader.position = Int(section.payloadOffset)
    reader.limit = Int(section.payloadOffset + section.payloadLength)
    return reader
  }
}
