import ForeignStreams
import MigrationStream
import StreamIO
import StreamReport

/// A report of a QEMU stream that is the report of its conversion, with the offsets of the original.
///
/// So a dump says the same of a stream before and after `convert`, and nothing knows two ways to show a field.
final class QEMUConvertedDump {
  private var decoder: PushDecoder
  private var inspector: StreamInspector<ToolWriter>
  private var refusal: StreamError?
  private let writer: ToolWriter

  init(_ filter: ReportFilter<ToolWriter>, options: InspectionOptions) throws(IOFailure) {
    var decoding = DecoderOptions()
    decoding.leavesSectionsToHandler = true
    decoder = try makeDecoder(decoding)
    inspector = StreamInspector(filter, options: options)
    writer = filter.sink
  }

  /// - Throws: ``ForeignError`` when the stream is none, or its source fails.
  static func report(
    _ source: FileOctets, _ filter: ReportFilter<ToolWriter>, options: InspectionOptions
  ) throws(IOFailure) -> FileOutcome {
    do throws(ForeignError) {
      let stream = try QEMUStream(source)
      var conversion = QEMUConverter.Options()
      conversion.uuid = try stream.identity()
      conversion.damage = .convertUntil
      conversion.memory = .omit
      let places = try QEMUConverter.convert(stream, options: conversion) { _ in }.sourceMap
      var filter = filter
      filter.originalOffset = { places.sourceOffset(of: $0) }
      conversion.memory = .include
      conversion.keepsSourceMap = false
      let dump: QEMUConvertedDump
      do throws(IOFailure) { dump = try QEMUConvertedDump(filter, options: options) } catch {
        throw ForeignError(.refusedByCodec, .conversion, at: 0)
      }
      return try dump.run(stream, source, conversion)
    } catch {
      filter.sink.fault(ReportFault(error, window: source.window(around: error.offset)))
      return FileOutcome(ReportVerdict(.refused), .refused, size: source.octetCount)
    }
  }

  private func run(
    _ stream: QEMUStream, _ source: FileOctets, _ options: QEMUConverter.Options
  ) throws(ForeignError) -> FileOutcome {
    var notes: [String] = []
    do throws(ForeignError) {
      _ = try QEMUConverter.convert(stream, options: options) { [self] (octets) throws(ForeignError) in
        try push(octets)
      }
    } catch {
      inspector.close()
      // Of pages that cannot be converted, everything before them has been shown.
      let isOfPages = error.code == .notConvertible && error.stage == .conversion
      guard isOfPages || error.code == .sinkRefused else { throw error }
      if isOfPages {
        notes.append("guest memory from \(ReportText.offset(error.offset)) on is not shown: \(ReportText.sentence(error))")
      }
    }
    notes += QEMUInspector(stream, ReportFilter(writer), octetsMax: 0, showsPages: false).notes
    notes += inspector.notes
    if let damage = stream.damage {
      inspector.close()
      writer.fault(ReportFault(damage, window: source.window(around: damage.offset)))
    }
    let isGood = stream.damage == nil
    let verdict = ReportVerdict(
      isGood ? .good : .refused, octets: stream.endOffset, records: UInt64(stream.records.count),
      checked: ["framing", "data (self-described)"], notes: notes)
    return FileOutcome(verdict, isGood ? .good : .refused, size: source.octetCount)
  }

  private func push(_ octets: RawSpan) throws(ForeignError) {
    guard writer.output.failure == nil else { throw ForeignError(.sinkRefused, .conversion, at: 0) }
    do throws(StreamError) { _ = try decoder.push(octets, to: &inspector) } catch {
      // ABORT stands where the original is damaged; the damage itself is reported.
      guard error.code == .aborted else { throw ForeignError(.refusedByCodec, .conversion, at: error.offset) }
    }
  }
}
