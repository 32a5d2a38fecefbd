import ForeignStreams
import MigrationStream
import StreamReport

/// A dump says what the library says, and lists the records that the library lists.
enum DumpOracle {
  static func violation(_ stream: [UInt8], _ choice: ToolChoice) -> FuzzViolation? {
    let octets = stream.span.octets
    if choice.selects {
      return SelectionOracle.violation(seed: Digest.xxh3(octets)) { _ = dump(octets, choice, $0) }
    }
    let library = LibraryReading(octets)
    let report = ToolReport(choice.form, command: "dump")
    guard let refusal = dump(octets, choice, ReportFilter(report)) else { return FuzzViolation("A8", "no decoder could be had") }
    if refusal.error != library.refusal {
      return FuzzViolation(
        "R12", "the dump says \(DecodeOracle.describe(refusal.error)), the library \(DecodeOracle.describe(library.refusal))")
    }
    if let violation = places(report.places, library) { return violation }
    let verdict = ReportVerdict(
      refusal.error == nil ? .good : .refused, octets: refusal.offset, records: UInt64(library.places.count),
      checked: ["framing", "digests", "data"], notes: refusal.notes)
    return report.finish(verdict, size: stream.count)
  }

  private struct Outcome {
    var error: StreamError?
    var offset: UInt64
    var notes: [String]
  }

  private static func dump<Sink>(_ octets: RawSpan, _ choice: ToolChoice, _ filter: ReportFilter<Sink>) -> Outcome? {
    var options = DecoderOptions()
    options.leavesSectionsToHandler = true
    guard var decoder = try? PushDecoder(options: options) else { return nil }
    var inspector = StreamInspector(filter, options: choice.options)
    var error: StreamError?
    do throws(StreamError) {
      var rest = octets
      while rest.byteCount > 0 {
        let piece = rest.extracting(first: min(rest.byteCount, choice.segment))
        let taken = try decoder.push(piece, to: &inspector)
        if taken < piece.byteCount { break }
        rest = rest.extracting(droppingFirst: taken)
      }
      try decoder.finish()
    } catch let refusal { error = refusal }
    if let error {
      inspector.refuse(error, decoder.state, HexWindow(around: error.offset, in: octets, at: 0) ?? HexWindow())
    }
    return Outcome(error: error, offset: decoder.offset, notes: inspector.notes)
  }

  /// The same records at the same places; the one at fault may be shown as far as it is right.
  private static func places(_ shown: [UInt64], _ library: LibraryReading) -> FuzzViolation? {
    // The preamble is shown, too.
    let wanted = library.hasPreamble ? [0] + library.places : []
    if shown == wanted { return nil }
    if shown.dropLast() == wanted[...], let refusal = library.refusal, let last = shown.last, last <= refusal.offset {
      return nil
    }
    return FuzzViolation("R12", "the dump lists records at \(shown.suffix(4)), the library at \(wanted.suffix(4))")
  }
}

/// What the library says of a stream: where its records are, and why it refuses.
struct LibraryReading {
  private(set) var hasPreamble = false
  private(set) var places: [UInt64] = []
  private(set) var refusal: StreamError?

  init(_ octets: RawSpan) {
    do throws(StreamError) {
      var decoder = try PullDecoder(octets)
      hasPreamble = true
      while let item = try decoder.next() { places.append(item.record.offset) }
      try decoder.finish()
    } catch { refusal = error }
  }
}

/// A tier that looks at less accepts whatever one accepts that looks at more.
enum TierOracle {
  static func violation(_ stream: [UInt8]) -> FuzzViolation? {
    let octets = stream.span.octets
    guard verdict(octets, .deep) == nil else { return nil }
    for tier in [VerifyTier.digests, .quick] {
      if let refusal = verdict(octets, tier) {
        return FuzzViolation("R1", "deep accepts, \(tier) refuses: \(DecodeOracle.describe(refusal))")
      }
    }
    return nil
  }

  private static func verdict(_ octets: RawSpan, _ tier: VerifyTier) -> StreamError? {
    do throws(StreamError) {
      var verifier = try StreamVerifier(tier)
      _ = try verifier.push(octets)
      _ = try verifier.finish()
      return nil
    } catch { return error }
  }
}

/// Reports of streams of another VMM.
enum ForeignReportOracle {
  static func violation(_ stream: [UInt8], _ choice: ToolChoice) -> FuzzViolation? {
    if choice.selects {
      return SelectionOracle.violation(seed: Digest.xxh3(stream.span.octets)) { _ = report(of: stream, choice, $0) }
    }
    let shown = ToolReport(choice.form, command: "dump")
    let verdict: ReportVerdict
    switch report(of: stream, choice, ReportFilter(shown)) {
    case .success(let said): verdict = said
    case .failure(let error):
      shown.fault(ReportFault(error, window: window(error, stream)))
      verdict = ReportVerdict(.refused)
    }
    return shown.finish(verdict, size: stream.count)
  }

  private static func report<Sink>(
    of stream: [UInt8], _ choice: ToolChoice, _ filter: ReportFilter<Sink>
  ) -> Result<ReportVerdict, ForeignError> {
    Result { () throws(ForeignError) in
      let opened = try QEMUStream(MemoryOctets(stream), limits: ForeignTarget.limits)
      var inspector = QEMUInspector(
        opened, filter, octetsMax: min(choice.options.octetsMax, 1 << 20), showsPages: choice.options.showsHeaders)
      try inspector.write()
      if let damage = opened.damage { inspector.fault(damage, window: window(damage, stream)) }
      return ReportVerdict(
        opened.damage == nil ? .good : .refused, octets: opened.endOffset, records: UInt64(opened.records.count),
        checked: ["framing"], notes: inspector.notes)
    }
  }

  private static func window(_ error: ForeignError, _ stream: [UInt8]) -> HexWindow {
    HexWindow(around: error.offset, in: stream.span.octets, at: 0) ?? HexWindow()
  }
}
