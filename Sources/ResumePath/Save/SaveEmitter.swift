public import MigrationStream

/// What a device writes its state to: it knows the device at hand, and how its numbers are called in the stream.
///
/// Source: Specs/resume-path.md section 8.
public struct SaveEmitter<Sink: OctetSink & ~Copyable>: ~Copyable {
  var sink: Sink
  var encoder: StreamEncoder
  let compresses: Bool
  /// What became of the sink; after an error of its own nothing is handed to it.
  var delivery = Delivery()
  /// The device at hand.
  var device: UInt32 = 0
  /// What is added to the device's layout numbers: ``section(_:layout:data:subsections:subsectionCount:)`` does it, the
  /// device itself where numbers lie in data (elements of a list) and in heads of subsections.
  public internal(set) var layoutBase: UInt32 = 0

  init(_ encoder: consuming StreamEncoder, _ sink: consuming Sink, compresses: Bool) {
    self.encoder = encoder
    self.sink = sink
    self.compresses = compresses
  }

  /// - Parameters:
  ///   - section: Position in the device's announced sections. One that came in an earlier pass is replaced.
  ///   - layout: Number among the device's ``MigratingDevices/writerLayouts(of:)``.
  ///   - subsections: Encoded, one after the other, with the device's layout numbers plus ``layoutBase``.
  public mutating func section(
    _ section: UInt16, layout: UInt32, data: RawSpan, subsections: RawSpan = RawSpan(), subsectionCount: UInt16 = 0
  ) throws(StreamError) {
    try checkNoUnit()
    let replaces = encoder.state.hasSection(section, of: device)
    try delivery.hand(
      encoder.section(
        device: device, section: section, layout: layoutBase &+ layout, data: data, subsections: subsections,
        subsectionCount: subsectionCount, replaces: replaces),
      to: &sink)
  }

  /// The same, written to where it is sent from.
  ///
  /// - Parameter write: Appends the data, then the subsections, to octets whose number is a multiple of 8.
  public mutating func section(
    _ section: UInt16, layout: UInt32, _ write: (inout OwnedBytes) throws(StreamError) -> SectionShape
  ) throws(StreamError) {
    try checkNoUnit()
    let replaces = encoder.state.hasSection(section, of: device)
    try delivery.hand(
      encoder.section(device: device, section: section, layout: layoutBase &+ layout, replaces: replaces, write),
      to: &sink)
  }

  /// - Parameters:
  ///   - region: Number in the machine's manifest.
  ///   - octets: Live ones become records of at most ``Format/chunkByteCount`` octets, so that their copy stays small.
  public mutating func memory(
    region: UInt32, offset: UInt64, octets: RawSpan, source: PayloadSource
  ) throws(StreamError) {
    try checkNoUnit()
    var start = 0
    repeat {
      let end = Self.endOfRecord(from: start, octets, source)
      try delivery.hand(
        encoder.memory(
          region: region, offset: offset &+ UInt64(start), octets: octets.extracting(start..<end), source: source,
          compresses: compresses),
        to: &sink)
      start = end
    } while start < octets.byteCount
  }

  /// A run of memory that reads as zero.
  public mutating func memory(region: UInt32, offset: UInt64, length: UInt64, kind: ExtentKind) throws(StreamError) {
    try checkNoUnit()
    try delivery.hand(encoder.memory(region: region, offset: offset, length: length, kind: kind), to: &sink)
  }

  /// The next octets of the device's byte string.
  ///
  /// - Parameters:
  ///   - flags: ``RecordFlags`` of BYTES. A write unit that a device begins it closes before it returns.
  ///   - octets: Live ones become records of at most ``Format/chunkByteCount`` octets, all of one unit.
  public mutating func bytes(_ octets: RawSpan, flags: UInt16, source: PayloadSource) throws(StreamError) {
    var start = 0
    repeat {
      let end = Self.endOfRecord(from: start, octets, source)
      var pieceFlags = flags
      if start > 0 { pieceFlags &= ~RecordFlags.unitFirst }
      if end < octets.byteCount {
        pieceFlags &= ~(RecordFlags.unitLast | RecordFlags.initialDataEnd | RecordFlags.last)
      }
      try delivery.hand(
        encoder.bytes(
          device: device, octets: octets.extracting(start..<end), flags: pieceFlags, source: source,
          compresses: compresses),
        to: &sink, unit: pieceFlags)
      start = end
    } while start < octets.byteCount
  }

  private static func endOfRecord(from start: Int, _ octets: RawSpan, _ source: PayloadSource) -> Int {
    source == .stable ? octets.byteCount : min(octets.byteCount, start + Format.chunkByteCount)
  }

  /// A transaction holds the records of one write unit and no others.
  private func checkNoUnit() throws(StreamError) {
    guard !delivery.unitIsOpen else {
      throw StreamError(.badUnit, .resume, at: encoder.byteCount, device: device)
    }
  }
}

/// Hands records to a sink, in transactions, until it fails.
struct Delivery: BitwiseCopyable {
  /// The sink's first error.
  private(set) var failure: StreamError?
  private(set) var unitIsOpen = false

  /// - Parameter unit: Flags of a BYTES record.
  mutating func hand<Sink: OctetSink & ~Copyable>(
    _ octets: borrowing GatherList, to sink: inout Sink, unit flags: UInt16 = 0
  ) throws(StreamError) {
    if let failure { throw failure }
    let begins = flags & RecordFlags.unitFirst != 0
    let ends = flags & RecordFlags.unitLast != 0
    do throws(StreamError) {
      if begins, !ends {
        unitIsOpen = true
        try sink.beginTransaction()
      }
      try sink.write(octets)
      if ends, unitIsOpen { try close(&sink) }
    } catch {
      failure = error
      throw error
    }
  }

  /// Ends the transaction of a unit that stays incomplete.
  mutating func abandonUnit<Sink: OctetSink & ~Copyable>(_ sink: inout Sink) throws(StreamError) {
    if let failure { throw failure }
    guard unitIsOpen else { return }
    do throws(StreamError) { try close(&sink) } catch {
      failure = error
      throw error
    }
  }

  private mutating func close<Sink: OctetSink & ~Copyable>(_ sink: inout Sink) throws(StreamError) {
    unitIsOpen = false
    try sink.endTransaction()
  }
}
