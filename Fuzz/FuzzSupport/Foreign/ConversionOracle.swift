import ForeignStreams
import MigrationStream
import StreamReport

/// What a conversion writes is a right stream of ours, or it says at which octet it cannot be.
enum ConversionOracle {
  static func violation(_ stream: QEMUStream, _ source: MemoryOctets) -> FuzzViolation? {
    let pages = ReferencePages.pages(of: stream, source.octets)
    guard
      let reader = try? ConvertedReader(
        max: source.octets.count * ForeignOracle.growth + ForeignOracle.allowance,
        memory: pages.map { PageComparison($0, source.octets, isWhole: stream.damage == nil) })
    else { return nil }
    var options = QEMUConverter.Options()
    options.uuid = StreamUUID(low: 1, high: 2)
    options.damage = .convertUntil
    let result: QEMUConverter.Result
    do throws(ForeignError) {
      result = try QEMUConverter.convert(stream, options: options) { (octets) throws(ForeignError) in
        try reader.push(octets)
      }
    } catch {
      return reader.violation ?? refused(error, source)
    }
    if let violation = reader.violation ?? reader.finish(isDamaged: stream.damage != nil) { return violation }
    if result.byteCount != reader.octets.count {
      return FuzzViolation("A6", "\(reader.octets.count) octets came, the conversion says \(result.byteCount)")
    }
    return map(result.sourceMap, result.byteCount, source) ?? (stream.damage == nil ? once(result.sourceMap, stream, source) : nil)
  }

  private static func refused(_ error: ForeignError, _ source: MemoryOctets) -> FuzzViolation? {
    switch error.code {
    // The offset is one of the converted stream. Of the encoder's reasons only the readers' limits are a stream's own.
    case .refusedByCodec:
      let isLimit = error.found == UInt64(StreamError.Code.limitExceeded.rawValue)
      return isLimit ? nil : FuzzViolation("R1", "the encoder refused a conversion: code \(error.found) at \(error.offset)")
    default: return ForeignOracle.refusal(error, of: source)
    }
  }

  /// Runs ascend, and both ends of each are there.
  private static func map(_ map: QEMUSourceMap, _ byteCount: UInt64, _ source: MemoryOctets) -> FuzzViolation? {
    var place: UInt64 = 0
    for run in map.runs {
      guard run.convertedOffset >= place, run.length <= byteCount, run.convertedOffset <= byteCount - run.length,
        run.length <= source.octetCount, run.sourceOffset <= source.octetCount - run.length
      else { return FuzzViolation("R12", "a run of the source map does not fit: \(run)") }
      place = run.convertedOffset + run.length
    }
    return nil
  }

  /// Of a whole stream, each octet of a device's fields is in the conversion, and no octet is there twice.
  private static func once(_ map: QEMUSourceMap, _ stream: QEMUStream, _ source: MemoryOctets) -> FuzzViolation? {
    let runs = map.runs.map { $0.sourceOffset..<($0.sourceOffset + $0.length) }.sorted { $0.lowerBound < $1.lowerBound }
    for (run, next) in zip(runs, runs.dropFirst()) where next.lowerBound < run.upperBound {
      return FuzzViolation("R12", "octets of the original are there twice: \(run) and \(next)")
    }
    let sink = PlaceSink(octetCount: source.octetCount)
    var inspector = QEMUInspector(stream, ReportFilter(sink), octetsMax: 32, showsPages: false)
    do throws(ForeignError) { try inspector.write() } catch { return nil }
    var run = 0
    for field in sink.fields {
      var place = field.range.lowerBound
      while place < field.range.upperBound {
        while run < runs.count, runs[run].upperBound <= place { run += 1 }
        guard run < runs.count, runs[run].lowerBound <= place else {
          return FuzzViolation("R12", "\(field.path) at \(field.range) is not in the conversion")
        }
        place = runs[run].upperBound
      }
    }
    return nil
  }
}

/// Decodes a conversion as it comes.
private final class ConvertedReader {
  let octets: OctetCounter
  private var decoder: PushDecoder
  private var memory: ConvertedMemoryReader
  private var refusal: StreamError?

  /// - Parameter memory: What guest memory must be; without it nobody looks.
  init(max: Int, memory: PageComparison?) throws(StreamError) {
    octets = OctetCounter(max: max)
    decoder = try PushDecoder()
    self.memory = ConvertedMemoryReader(comparison: memory)
  }

  func push(_ piece: RawSpan) throws(ForeignError) {
    try octets.take(piece.byteCount)
    guard refusal == nil else { return }
    do throws(StreamError) { _ = try decoder.push(piece, to: &memory) } catch { refusal = error }
  }

  var violation: FuzzViolation? {
    if octets.isFull { return FuzzViolation("A8", "a conversion of more than \(octets.max) octets") }
    guard let refusal, refusal.code != .aborted else { return memory.comparison?.violation }
    return FuzzViolation("R1", "the codec refuses a conversion: \(DecodeOracle.describe(refusal))")
  }

  /// A damaged stream ends with ABORT, a whole one with END.
  func finish(isDamaged: Bool) -> FuzzViolation? {
    if refusal == nil {
      do throws(StreamError) { try decoder.finish() } catch { refusal = error }
    }
    memory.comparison?.finish()
    if let violation { return violation }
    guard (refusal != nil) == isDamaged else {
      return FuzzViolation("R8", isDamaged ? "a damaged stream became a whole one" : "a whole stream became one with ABORT")
    }
    return nil
  }
}

/// Takes the extents of MEMORY records with their octets, in order.
private struct ConvertedMemoryReader: StreamHandler {
  var comparison: PageComparison?
  private var region: UInt32 = 0
  /// Extents of the record whose octets did not all come.
  private var waiting: ArraySlice<Extent> = []
  private var octets: [UInt8] = []

  init(comparison: PageComparison?) { self.comparison = comparison }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    guard comparison != nil, record.header.kind == RecordKind.memory.rawValue else { return }
    let head = MemoryHead(record.body)
    region = head.region
    for index in 0..<Int(head.extentCount) { waiting.append(MemoryHead.extent(index, in: record.body)) }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {
    if !waiting.isEmpty { self.octets += copied(octets) }
  }

  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {
    var place = 0
    for extent in waiting {
      let end = extent.kind == .data ? place + Int(extent.length) : place
      let data = extent.kind == .data ? Array(octets[place..<end]) : nil
      comparison?.take(region, extent.offset, extent.length, data)
      place = end
    }
    waiting = []
    octets = []
  }
}
