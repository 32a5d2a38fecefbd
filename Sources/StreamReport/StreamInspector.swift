public import MigrationStream

/// How much an inspection shows.
public struct InspectionOptions: Equatable, Sendable {
  /// The headers of records too.
  public var showsHeaders = false
  /// A leaf for every octet, lengths and padding too, in the order of the stream.
  public var accountsForAll = false
  /// Octets shown of one field.
  public var octetsMax = 32
  /// Octets shown of one payload.
  public var payloadOctetsMax = 32
  /// Secrets are shown.
  public var reveals = false
  /// The preamble, MANIFEST, LAYOUT and END take one line each: what people rarely look for.
  public var foldsFraming = false
  /// Layouts show their fields.
  public var listsLayouts = false

  public init() {}
}

/// Turns what a decoder decodes into a report.
///
/// Memory: one record's node at a time; the manifest and layouts are the decoder's.
public struct StreamInspector<Sink: ReportSink>: StreamHandler {
  public internal(set) var filter: ReportFilter<Sink>
  let options: InspectionOptions
  let fields: FieldText
  var notebook = ReportNotes()
  var payload: OpenPayload?
  var open = OpenTargets()
  /// Inside sections the format's own names begin with `@` in paths, so that no field of a device has the same.
  var marksFormatNames = false

  /// A payload of which not all octets have come.
  struct OpenPayload {
    var offset: UInt64
    var isCompressed: Bool
    var head: [UInt8] = []
    var byteCount: UInt64 = 0
  }

  public init(_ filter: ReportFilter<Sink>, options: InspectionOptions) {
    self.filter = filter
    self.options = options
    fields = FieldText(octetsMax: options.octetsMax, reveals: options.reveals)
  }

  /// What was stepped over, for people.
  public var notes: [String] { notebook.texts }

  /// Closes what is open and says why the decoder stopped.
  public mutating func refuse(_ error: StreamError, _ state: borrowing StreamState, _ window: HexWindow) {
    filter.isMuted = false
    let path = filter.currentPath.isEmpty ? ReportText.path(of: error, state) : filter.currentPath
    let mayShow = options.reveals || error.stage != .section || !state.layouts.table.hasSecrets
    filter.fault(ReportFault(error, path: path, window: mayShow ? window : HexWindow()))
  }

  /// Closes what is open, for an input that failed.
  public mutating func close() { filter.close() }

  public mutating func preamble(_ preamble: Preamble) throws(StreamError) {
    var octets = OwnedBytes()
    try preamble.encode(into: &octets)
    var reader = ByteReader(octets.bytes, at: 0, stage: .preamble)
    try writePreamble(&reader, preamble)
  }

  public mutating func record(
    _ record: borrowing Record, _ state: borrowing StreamState
  ) throws(StreamError) {
    beginFolded(head(record, state), folds: folds(record.header))
    try writeHeader(record.header, at: record.offset)
    var reader = ByteReader(record.body, at: record.bodyOffset, stage: .record)
    switch record.header.knownKind {
    case .manifest: try writeManifest(&reader)
    case .layout: try writeLayout(&reader, state)
    case .section: try writeSection(&reader, record.header, state)
    case .memory: try writeMemory(&reader)
    case .bytes: try writeBytes(&reader)
    case .barrier: try writeBarrier(&reader)
    case .abort: try writeAbort(&reader)
    case .end: try writeEnd(&reader, state)
    case .placement: try writePlacement(&reader)
    case .placedMemory: try writePlacedMemory(&reader)
    case .indexPage: try writeIndexPage(&reader)
    case .index: try writeIndex(&reader)
    case .channelEnd: try writeOctets("body", &reader)
    case nil:
      notebook.skipped(record.header)
      try writeOctets("body", &reader)
    }
    writePadding("num_pad_front", record.header.frontPadding, at: record.payloadOffset)
    if record.header.payloadByteCount > 0 {
      payload = OpenPayload(offset: record.payloadOffset, isCompressed: Self.isCompressed(record))
    }
  }

  public mutating func payload(_ octets: RawSpan, at position: UInt64) throws(StreamError) {
    let room = options.payloadOctetsMax - (payload?.head.count ?? 0)
    if room > 0 { payload?.head += Array(octets, max: room) }
    payload?.byteCount = position + UInt64(octets.byteCount)
  }

  public mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError) {
    if let payload { writePayload(payload, header) }
    payload = nil
    let end = offset + header.recordByteCount
    writePadding("num_pad_back", header.backPadding, at: end)
    filter.isMuted = false
    filter.end()
  }

  private func folds(_ header: RecordHeader) -> Bool {
    guard options.foldsFraming else { return false }
    return switch header.knownKind {
    case .manifest, .placement, .indexPage, .index, .end: true
    case .layout: !options.listsLayouts
    // A conversion ends with it where the original is damaged; the damage itself is reported.
    case .abort: filter.originalOffset != nil
    default: false
    }
  }

  /// Begins a node of which, when it folds, no children are shown; in a report about an original that has no such
  /// thing, not even the node.
  mutating func beginFolded(_ node: ReportNode, folds: Bool) {
    filter.isMuted = folds && filter.originalOffset != nil
    filter.begin(node)
    filter.isMuted = folds
  }

  private mutating func writePayload(_ payload: OpenPayload, _ header: RecordHeader) {
    let node = ReportNode(
      "payload", at: payload.offset, length: header.payloadByteCount,
      type: payload.isCompressed ? "zstd" : "octets",
      value: .octets(payload.head, count: payload.byteCount),
      meaning: payload.isCompressed ? "\(payload.byteCount) octets when decompressed" : "")
    filter.leaf(node, octets: payload.isCompressed ? RawSpan() : payload.head.span.octets)
  }

  /// Padding that ends at `end`.
  private mutating func writePadding(_ name: String, _ count: UInt8, at end: UInt64) {
    guard options.accountsForAll, count > 0 else { return }
    let zeros = [UInt8](repeating: 0, count: Int(count))
    filter.leaf(
      ReportNode(name, at: end - UInt64(count), length: UInt64(count), type: "padding"), octets: zeros.span.octets)
  }

  private static func isCompressed(_ record: borrowing Record) -> Bool {
    switch record.header.knownKind {
    case .memory: MemoryHead(record.body).encoding == 1
    case .bytes: BytesHead(record.body).encoding == 1
    default: false
    }
  }
}

// MARK: - Leaves

extension StreamInspector {
  /// The step of a name of the format.
  private func step(_ name: String) -> String { marksFormatNames ? "@" + name : "" }

  /// An integer that people want to see.
  @discardableResult
  mutating func number(
    _ name: String, _ width: Int, _ reader: inout ByteReader, radix: UInt8 = 10,
    meaning: (UInt64) -> String = { _ in "" }
  ) throws(StreamError) -> UInt64 {
    let offset = reader.offset
    let octets = try reader.take(width)
    let value = octets.unsigned(at: 0, width: width)
    filter.leaf(
      ReportNode(
        name, step: step(name), at: offset, length: UInt64(width), type: "u\(width * 8)",
        value: .unsigned(value, radix: radix, width: width), meaning: meaning(value)), octets: octets)
    return value
  }

  /// A length or count of the framing, shown where every octet is accounted for.
  @discardableResult
  mutating func framing(_ name: String, _ width: Int, _ reader: inout ByteReader) throws(StreamError) -> Int {
    if options.accountsForAll { return Int(clamping: try number(name, width, &reader)) }
    return Int(clamping: try reader.take(width).unsigned(at: 0, width: width))
  }

  /// Octets that are zero.
  mutating func reserved(_ count: Int, _ reader: inout ByteReader, type: String = "reserved") throws(StreamError) {
    let offset = reader.offset
    let octets = try reader.take(count)
    guard options.accountsForAll, count > 0 else { return }
    filter.leaf(
      ReportNode(type, step: step(type), at: offset, length: UInt64(count), type: type), octets: octets)
  }

  /// The zero octets up to the next multiple of 8.
  mutating func padding(_ reader: inout ByteReader) throws(StreamError) {
    try reserved(-reader.position & 7, &reader, type: "padding")
  }

  @discardableResult
  mutating func text(_ name: String, _ count: Int, _ reader: inout ByteReader) throws(StreamError) -> String {
    let offset = reader.offset
    let octets = try reader.take(count)
    let text = String(octets: octets)
    if count > 0 {
      filter.leaf(
        ReportNode(name, at: offset, length: UInt64(count), type: "text", value: .text(text)), octets: octets)
    }
    return text
  }

  /// All octets that are left.
  mutating func writeOctets(_ name: String, _ reader: inout ByteReader) throws(StreamError) {
    try octets(name, reader.remaining, &reader)
  }

  mutating func octets(
    _ name: String, _ count: Int, _ reader: inout ByteReader, type: String = "octets"
  ) throws(StreamError) {
    let offset = reader.offset
    let octets = try reader.take(count)
    guard count > 0 else { return }
    filter.leaf(
      ReportNode(
        name, step: step(name), at: offset, length: UInt64(count), type: type,
        value: .octets(Array(octets, max: options.octetsMax), count: UInt64(count))), octets: octets)
  }
}
