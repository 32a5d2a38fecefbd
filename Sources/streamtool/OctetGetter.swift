import ArgumentParser
import MigrationStream
import StreamIO
import StreamReport

/// Gets the octets of a memory region or a byte string, as they finally are.
struct OctetGetter {
  let path: String
  /// A file, or `-`.
  let output: String
  let offset: UInt64?
  let length: UInt64?

  /// What the path names.
  private enum Source {
    case region(Int, byteCount: UInt64)
    case byteString(Int, byteCount: UInt64)
  }

  func run(_ file: String, _ statistics: StatisticsOptions) throws {
    let input = try InputFile.open(file, firstByteCount: StateAccess.firstByteCount)
    let tally = input.tally
    defer { statistics.report(tally) }
    if QEMUDump.recognises(input) { throw ValidationError("convert this stream of another VMM first.") }
    switch try StateAccess.open(input) {
    case .refused(let fault, let status):
      for line in ReportText.lines(fault) { ToolStatus.complain(line) }
      throw status
    case .indexed(var indexed):
      do { try get(&indexed) } catch let refusal as StreamError {
        throw ToolStatus.complain(refusal, indexed.reader.state, indexed.input)
      }
    case .surveyed(var surveyed):
      do { try get(&surveyed) } catch let refusal as StreamError {
        throw ToolStatus.complain(refusal, surveyed.decoder.state, surveyed.input)
      }
    }
  }

  private func get(_ indexed: inout IndexedInput) throws {
    let strings = try indexed.byteStrings()
    guard let source = source(indexed.reader.state, { strings[$0]?.byteCount }) else {
      throw nothing(try indexed.nearest(to: path))
    }
    let range = try range(of: source)
    var target = try OctetTarget(output, byteCount: UInt64(range.count))
    switch source {
    case .region(let region, _):
      let mentioned = try indexed.memory(of: UInt32(region), range) { try target.put($0, at: $1 - range.lowerBound) }
      note(mentioned, of: range)
    case .byteString(let device, _):
      guard let entry = strings[device] else { return }
      try indexed.byteString(of: UInt32(device), entry) { try target.put($0, at: $1, within: range) }
    }
    try target.commit()
  }

  private func get(_ surveyed: inout SurveyedInput) throws {
    let strings = surveyed.survey.byteStrings
    guard let source = source(surveyed.decoder.state, { strings[$0].parts.isEmpty ? nil : strings[$0].byteCount })
    else { throw nothing(try surveyed.nearest(to: path)) }
    let range = try range(of: source)
    var target = try OctetTarget(output, byteCount: UInt64(range.count))
    switch source {
    case .region(let region, _):
      let mentioned = try surveyed.memory(of: region, range) { try target.put($0, at: $1 - range.lowerBound) }
      note(mentioned, of: range)
    case .byteString(let device, _):
      try surveyed.byteString(of: device) { try target.put($0, at: $1, within: range) }
    }
    try target.commit()
  }

  private func source(_ state: borrowing StreamState, _ byteCount: (Int) -> UInt64?) -> Source? {
    for region in 0..<state.manifest.regions.count where StatePath.region(region, state) == path {
      return .region(region, byteCount: state.manifest.regions[region].byteCount)
    }
    for device in 0..<state.manifest.devices.count where StatePath.byteString(of: device, state) == path {
      if let byteCount = byteCount(device) { return .byteString(device, byteCount: byteCount) }
    }
    return nil
  }

  /// The part that was asked for, which has to lie inside.
  private func range(of source: Source) throws -> Range<UInt64> {
    let size =
      switch source {
      case .region(_, let byteCount), .byteString(_, let byteCount): byteCount
      }
    let start = offset ?? 0
    guard start <= size, (length ?? 0) <= size - start else {
      throw ValidationError("\(path) has \(size) octets; --offset and --length go beyond them.")
    }
    return start..<(start + (length ?? size - start))
  }

  private func nothing(_ near: [String]) -> ToolStatus {
    ToolStatus.complain(GetCommand.nothing(path, near))
    return .refused
  }

  private func note(_ mentioned: UInt64, of range: Range<UInt64>) {
    let missing = UInt64(range.count) - mentioned
    if missing > 0 {
      ToolStatus.complain("note: the stream does not mention \(missing) of these octets; they are zero here")
    }
  }
}

/// Where octets go that do not come in order: a file with holes, or a temporary one that is copied in order at the end.
private struct OctetTarget: ~Copyable {
  private var target: AtomicOutputFile
  /// What goes to a pipe or to standard output, until all of it is right.
  private var spool: DescriptorWriter?
  private let byteCount: UInt64

  init(_ output: String, byteCount: UInt64) throws {
    let target = try AtomicOutputFile(path: output)
    let isDirect = output != "-" && target.isSeekable
    spool = isDirect ? nil : try DescriptorWriter.temporary()
    self.target = target
    self.byteCount = byteCount
  }

  /// Takes octets at a place of the output.
  mutating func put(_ octets: borrowing RawSpan, at offset: UInt64) throws {
    if spool != nil { try spool?.writeSparse(octets, at: offset) } else { try target.writeSparse(octets, at: offset) }
  }

  /// Takes those of the octets at a place of the source that lie in a range of it.
  mutating func put(_ octets: borrowing RawSpan, at offset: UInt64, within range: Range<UInt64>) throws {
    let start = max(offset, range.lowerBound)
    let end = min(offset + UInt64(octets.byteCount), range.upperBound)
    guard start < end else { return }
    try put(octets.extracting(Int(start - offset)..<Int(end - offset)), at: start - range.lowerBound)
  }

  mutating func commit() throws {
    if var written = spool.take() {
      try written.setSize(byteCount)
      let input = try InputFile.rereading(written)
      try target.copy(input, 0..<byteCount, keepsHoles: false)
    } else {
      try target.setSize(byteCount)
    }
    try target.commit()
  }
}
