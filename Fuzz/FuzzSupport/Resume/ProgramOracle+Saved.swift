import MigrationStream
import ResumeOracle

/// What a machine that was resumed saves: R3, R4, R11.
extension ProgramOracle where Base: ~Copyable {
  /// What was saved is loaded and goes on as the machine that was saved, and as `twin`, which is like it.
  static func checkSaved(_ run: inout Run, _ twin: inout Run, _ report: inout ProgramReport) {
    if RelationChoice(run.program.relations).hasLongLife { live(&run, &twin, &report) }
    let digest = run.digest
    let saves = run.run.savedCount
    let outcome = run.perform(.save("X", precopy: run.program.seed & 16 != 0))
    settle(&run, &report)
    guard outcome == .done, let saved = run.run.streams["X"]?.octets else { return }
    var third = load(saved, like: run, filling: 0x11)
    if run.program.seed & 16 == 0 { third.perform(.expect(.digest(digest))) }
    settle(&third, &report)
    if !report.hasViolation, run.program.seed & 16 == 0 { continueTwins(&twin, &third, &report) }
    close(&third, &report)
    guard !report.hasViolation, RelationChoice(run.program.relations).hasSavedAgain else { return }
    let first = savedAgain(saved, like: run, filling: 0x22, saves, &report)
    let second = savedAgain(saved, like: run, filling: 0xdd, saves, &report)
    guard !report.hasViolation else { return }
    guard first == second else {
      report.verdict = .violation(FuzzViolation("R4", "what was loaded twice was saved in two ways"))
      return
    }
    guard !first.isEmpty, case let again = savedAgain(first, like: run, filling: 0x33, saves, &report), again != first,
      !report.hasViolation
    else { return }
    // Pages that came in several runs may leave in one, once.
    guard SavedContents(first) == SavedContents(again),
      savedAgain(again, like: run, filling: 0x44, saves, &report) == again || report.hasViolation
    else { return report.verdict = .violation(FuzzViolation("R3", "what was loaded is saved otherwise than it came")) }
  }

  private static func savedAgain(
    _ stream: [UInt8], like run: borrowing Run, filling: UInt8, _ saves: UInt64, _ report: inout ProgramReport
  ) -> [UInt8] {
    var loaded = load(stream, like: run, filling: filling)
    loaded.run.savedCount = saves
    loaded.perform(.save("Y", precopy: false))
    let octets = loaded.run.streams["Y"]?.octets ?? []
    settle(&loaded, &report)
    close(&loaded, &report)
    return octets
  }
}

/// What a stream brings, however its memory is cut into records.
private struct SavedContents: Equatable {
  private struct Part: Equatable {
    var kind: UInt16
    var device: UInt32
    var body: [UInt8]
    var payload: [UInt8]
  }

  private var parts: [Part] = []
  /// Digests of the pages that were sent as data, by region and place.
  private var pages: [UInt64: UInt64] = [:]

  private static let pageByteCount: UInt64 = 4096

  init(_ stream: [UInt8]) {
    do throws(StreamError) {
      var decoder = try PullDecoder(stream.span.octets)
      while let item = try decoder.next() {
        let (header, body) = (item.record.header, item.record.body)
        switch RecordKind(rawValue: header.kind) {
        case .memory: take(MemoryHead(body), body, item.payload)
        case .end: break
        default:
          parts.append(
            Part(kind: header.kind, device: header.device, body: copied(body), payload: copied(item.payload)))
        }
      }
    } catch { preconditionFailure("what a machine saved is refused: \(error)") }
  }

  private mutating func take(_ head: MemoryHead, _ body: RawSpan, _ payload: RawSpan) {
    var place = 0
    for number in 0..<Int(head.extentCount) {
      let extent = MemoryHead.extent(number, in: body)
      let (first, end) = (UInt64(head.region) << 56 | extent.offset, extent.offset + extent.length)
      guard extent.kind == .data else {
        let run = first..<(first + extent.length)
        pages = pages.filter { !run.contains($0.key) }
        continue
      }
      for start in stride(from: extent.offset, to: end, by: Int(Self.pageByteCount)) {
        let count = Int(min(Self.pageByteCount, end - start))
        pages[UInt64(head.region) << 56 | start] = Digest.xxh3(payload.extracting(place..<(place + count)))
        place += count
      }
    }
  }
}
