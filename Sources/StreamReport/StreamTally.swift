public import MigrationStream

/// Counts what a decoder decodes; what a verification needs of it.
public struct StreamTally: StreamHandler {
  public private(set) var records: UInt64 = 0
  /// Octets of memory data and of byte strings, decompressed.
  public private(set) var payloadOctets: UInt64 = 0
  private var notebook = ReportNotes()

  public init() {}

  /// What was stepped over, for people.
  public var notes: [String] { notebook.texts }

  public mutating func preamble(_ preamble: Preamble) {}

  public mutating func record(
    _ record: borrowing Record, _ state: borrowing StreamState
  ) throws(StreamError) {
    guard state.options.checksSections, record.header.knownKind == .section else { return }
    if state.layouts.table.isExternal(SectionHead(record.body).layout) {
      notebook.opaqueSection()
    }
    try ClaimChecker.check(record, state)
  }

  public mutating func payload(_ octets: RawSpan, at position: UInt64) {
    payloadOctets += UInt64(octets.byteCount)
  }

  public mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) {
    records += 1
    if header.knownKind == nil { notebook.skipped(header) }
  }
}
