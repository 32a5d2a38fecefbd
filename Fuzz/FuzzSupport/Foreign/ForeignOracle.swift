import ForeignStreams
import MigrationStream
import StreamReport

/// What holds of a stream of another VMM, whatever its octets are.
enum ForeignOracle {
  /// Octets that a printed form may have for one of the stream's, and on top: a page of one value takes nine octets.
  static let growth = 1 << 10
  static let allowance = 1 << 22

  /// A refusal names a place in the input.
  static func refusal(_ error: ForeignError, of source: MemoryOctets) -> FuzzViolation? {
    if error.offset <= source.octetCount { return nil }
    return FuzzViolation("A9", "\(error.code) in \(error.stage) at \(error.offset) of \(source.octetCount) octets")
  }

  // MARK: - Index

  /// Records follow each other without gap or overlap, up to the end or the damage, and what they refer to is there.
  static func index(of stream: QEMUStream, _ source: MemoryOctets) -> FuzzViolation? {
    if let damage = stream.damage, let violation = refusal(damage, of: source) { return violation }
    guard stream.endOffset <= source.octetCount else {
      return FuzzViolation("A9", "the end is at \(stream.endOffset) of \(source.octetCount) octets")
    }
    var place: UInt64 = 8
    for record in stream.records where !record.isPackaged {
      let isListed = stream.unlistedRecordCount == 0
      guard isListed ? record.offset == place : record.offset >= place else {
        return FuzzViolation("R12", "a record at \(record.offset), expected one at \(place)")
      }
      guard contains(record.offset, record.length, record.payloadOffset, record.payloadLength) else {
        return FuzzViolation("R12", "the payload of the record at \(record.offset) is not in it")
      }
      place = record.offset + record.length
    }
    if stream.damage == nil, place > stream.endOffset {
      return FuzzViolation("R12", "records up to \(place), the end at \(stream.endOffset)")
    }
    for section in stream.sections where section.payloadOffset + section.payloadLength > source.octetCount {
      return FuzzViolation("A9", "section \(section.name) ends behind the input")
    }
    for note in stream.diagnostics where note.offset > source.octetCount {
      return FuzzViolation("A9", "\(note.kind) at \(note.offset) of \(source.octetCount) octets")
    }
    return nil
  }

  private static func contains(_ outer: UInt64, _ outerLength: UInt64, _ inner: UInt64, _ innerLength: UInt64) -> Bool {
    let (end, overflow) = inner.addingReportingOverflow(innerLength)
    return inner >= outer && !overflow && end <= outer &+ outerLength
  }

  // MARK: - Trees

  /// Fields lie in their sections, and no two of them share an octet.
  static func devices(of stream: QEMUStream, _ source: MemoryOctets) -> FuzzViolation? {
    let sink = PlaceSink(octetCount: source.octetCount)
    var inspector = QEMUInspector(stream, ReportFilter(sink), octetsMax: 32, showsPages: true)
    do throws(ForeignError) { try inspector.write() } catch {
      return refusal(error, of: source)
    }
    return sink.violation ?? sink.overlap
  }

  /// What QEMU's own script would print.
  static func printed(_ stream: QEMUStream, _ source: MemoryOctets) -> FuzzViolation? {
    let output = OctetCounter(max: source.octets.count * growth + allowance)
    do throws(ForeignError) {
      try AnalyzeMigrationPrinter.print(stream) { (octets) throws(ForeignError) in try output.take(octets.count) }
    } catch {
      if output.isFull { return FuzzViolation("A8", "more than \(output.max) octets printed of \(source.octetCount)") }
      return refusal(error, of: source)
    }
    return nil
  }
}

/// Counts octets for closures that escape, and takes only so many.
final class OctetCounter {
  let max: Int
  private(set) var count = 0

  init(max: Int) { self.max = max }

  var isFull: Bool { count > max }

  func take(_ octets: Int) throws(ForeignError) {
    count += octets
    if isFull { throw ForeignError(.sinkRefused, .conversion, at: 0) }
  }
}

/// Looks at the places of a report's nodes.
final class PlaceSink: ReportSink {
  private let octetCount: UInt64
  private var open: [Range<UInt64>?] = []
  private var leaves: [(range: Range<UInt64>, path: String)] = []
  private(set) var violation: FuzzViolation?

  init(octetCount: UInt64) { self.octetCount = octetCount }

  func begin(_ node: ReportNode, path: String) { open.append(place(of: node, path)) }
  func end() { open.removeLast() }
  func fault(_ fault: ReportFault) {}

  func leaf(_ node: ReportNode, path: String, octets: RawSpan) {
    // Pages of mapped blocks lie where the stream says, which may be anywhere.
    guard let place = place(of: node, path), !place.isEmpty, node.type != "pages", open.count > 1 || isDevice(path)
    else { return }
    leaves.append((place, path))
  }

  /// Those of devices, in order.
  var fields: [(range: Range<UInt64>, path: String)] {
    leaves.filter { isDevice($0.path) }.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  private func isDevice(_ path: String) -> Bool { path.hasPrefix("/devices/") }

  private func place(of node: ReportNode, _ path: String) -> Range<UInt64>? {
    guard let offset = node.offset else { return nil }
    let (end, overflow) = offset.addingReportingOverflow(node.length)
    guard !overflow, end <= octetCount else {
      note("A9", "\(path) takes \(node.length) octets from \(offset) on, of \(octetCount)")
      return nil
    }
    // The further parts of a section have records of their own.
    if isDevice(path), !node.name.hasPrefix("part["), let parent = open.last, let parent,
      offset < parent.lowerBound || end > parent.upperBound
    {
      note("R12", "\(path) at \(offset) ..< \(end) is not inside of what holds it, \(parent)")
    }
    return offset..<end
  }

  private func note(_ oracle: String, _ detail: String) {
    if violation == nil { violation = FuzzViolation(oracle, detail) }
  }

  /// Two leaves that share an octet.
  var overlap: FuzzViolation? {
    let sorted = leaves.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
    for (first, second) in zip(sorted, sorted.dropFirst()) where second.lowerBound < first.upperBound {
      return FuzzViolation("R12", "two fields share octets: \(first) and \(second)")
    }
    return nil
  }
}
