import ForeignStreams
import MigrationStream
import StreamIO
import StreamReport

/// A seekable input as readers of foreign streams want it.
///
/// Safe to share: the file is only read at given places, and nothing in this object changes.
final class FileOctets: RandomAccessOctets, @unchecked Sendable {
  private let input: InputFile

  init(_ input: consuming InputFile) { self.input = input }

  var octetCount: UInt64 { input.size ?? 0 }

  func read(at offset: UInt64, count: Int) throws(ForeignError) -> [UInt8] {
    let octets = try? input.octets(at: offset, count: count)
    guard let octets, octets.count == count else {
      throw ForeignError(
        .sourceUnreadable, .opening, at: offset, expected: UInt64(count), found: UInt64(octets?.count ?? 0))
    }
    return octets
  }

  func window(around offset: UInt64) -> HexWindow {
    let start = HexWindow.start(around: offset)
    guard let octets = try? input.octets(at: start, count: HexWindow.byteCount) else { return HexWindow() }
    return HexWindow(around: offset, in: octets.span.octets, at: start) ?? HexWindow()
  }
}

/// Reports of QEMU streams.
enum QEMUDump {
  /// `QEVM`, as the first octets of a stream.
  static func recognises(_ input: borrowing InputFile) -> Bool {
    input.piece.byteCount >= 4 && input.piece.integer(at: 0, as: UInt32.self).byteSwapped == 0x5145_564d
  }

  /// A report in our own shape.
  static func report(
    _ source: FileOctets, _ filter: ReportFilter<ToolWriter>, octetsMax: Int, showsPages: Bool
  ) -> FileOutcome {
    let writer = filter.sink
    do throws(ForeignError) {
      let stream = try QEMUStream(source)
      var inspector = QEMUInspector(stream, filter, octetsMax: octetsMax, showsPages: showsPages)
      try inspector.write { writer.output.failure == nil }
      if let damage = stream.damage { inspector.fault(damage, window: source.window(around: damage.offset)) }
      let verdict = ReportVerdict(
        stream.damage == nil ? .good : .refused, octets: stream.endOffset, records: UInt64(stream.records.count),
        checked: ["framing", "data (self-described)"], notes: inspector.notes)
      return FileOutcome(verdict, stream.damage == nil ? .good : .refused, size: source.octetCount)
    } catch {
      writer.fault(ReportFault(error, window: source.window(around: error.offset)))
      return FileOutcome(ReportVerdict(.refused), .refused, size: source.octetCount)
    }
  }

  /// What the stream is, or only whether it is whole.
  static func overview(_ source: FileOctets, _ writer: ToolWriter, showsNodes: Bool) -> FileOutcome {
    do throws(ForeignError) {
      let stream = try QEMUStream(source)
      var inspector = QEMUInspector(stream, ReportFilter(writer), octetsMax: 0, showsPages: false)
      if showsNodes { inspector.writeOverview() }
      if let damage = stream.damage { inspector.fault(damage, window: source.window(around: damage.offset)) }
      let verdict = ReportVerdict(
        stream.damage == nil ? .good : .refused, octets: stream.endOffset, records: UInt64(stream.records.count),
        checked: ["framing"], notes: inspector.notes)
      return FileOutcome(verdict, stream.damage == nil ? .good : .refused, size: source.octetCount)
    } catch {
      writer.fault(ReportFault(error, window: source.window(around: error.offset)))
      return FileOutcome(ReportVerdict(.refused), .refused, size: source.octetCount)
    }
  }

  /// What QEMU's own script prints, octet for octet.
  ///
  /// - Returns: Why the stream is damaged; nil when it is not.
  static func analyze(_ source: FileOctets, to output: OutputBox) throws(ForeignError) -> ForeignError? {
    let stream = try QEMUStream(source)
    try AnalyzeMigrationPrinter.print(stream) { (octets) throws(ForeignError) in
      guard output.write(octets.octets) else {
        throw ForeignError(.sinkRefused, .printing, at: 0)
      }
    }
    return stream.damage
  }
}

/// Standard output for closures that escape.
final class OutputBox {
  private var writer = DescriptorWriter(.standardOutput())
  private(set) var failure: IOFailure?

  /// Whether the octets were taken.
  func write(_ octets: RawSpan) -> Bool {
    do throws(IOFailure) { try writer.write(octets) } catch { failure = error }
    return failure == nil
  }

  func flush() throws(IOFailure) { try writer.flush() }
}

/// A temporary file for closures that escape; the first failure is kept.
final class TemporaryFileBox {
  private var writer: DescriptorWriter?
  private(set) var failure: IOFailure?

  init() throws(IOFailure) { writer = try DescriptorWriter.temporary() }

  func write(_ octets: RawSpan) throws(ForeignError) {
    do throws(IOFailure) { try writer?.write(octets) } catch { failure = error }
    if failure != nil { throw ForeignError(.sinkRefused, .conversion, at: 0) }
  }

  /// What was written, for reading; nothing can be written afterwards.
  func reread() throws(IOFailure) -> InputFile {
    guard let written = writer.take() else { throw IOFailure("read", "a temporary file", .outOfMemory) }
    return try InputFile.rereading(written)
  }
}

/// An output file for closures that escape; the first failure is kept.
final class OutputFileBox {
  private var target: AtomicOutputFile
  private(set) var failure: IOFailure?

  init(path: String) throws(IOFailure) { target = try AtomicOutputFile(path: path) }

  func write(_ octets: RawSpan) throws(ForeignError) {
    do throws(IOFailure) { try target.write(octets) } catch { failure = error }
    if failure != nil { throw ForeignError(.sinkRefused, .conversion, at: 0) }
  }

  func commit() throws(IOFailure) { try target.commit() }
}
