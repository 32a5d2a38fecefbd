public import MigrationStream

/// Finds the path of what lies at an offset of a record.
///
/// Made only when something was refused there, so a report need not follow paths while all is well.
public final class PlaceFinder: ReportSink {
  private let wanted: UInt64
  private var found: (path: String, length: UInt64)?

  private init(_ wanted: UInt64) { self.wanted = wanted }

  /// The path of the smallest item that has the octet; nil when none has.
  public static func path(
    of offset: UInt64, in record: borrowing Record, _ state: borrowing StreamState
  ) -> String? {
    let finder = PlaceFinder(offset)
    var inspector = StreamInspector(ReportFilter(finder), options: InspectionOptions())
    // What is refused later than this place does not matter.
    do throws(StreamError) { try inspector.record(record, state) } catch {}
    return finder.found?.path
  }

  public func begin(_ node: ReportNode, path: String) { look(at: node, path) }
  public func leaf(_ node: ReportNode, path: String, octets: RawSpan) { look(at: node, path) }
  public func end() {}
  public func fault(_ fault: ReportFault) {}

  /// Of items with one length the inner one comes later.
  private func look(at node: ReportNode, _ path: String) {
    guard let offset = node.offset, wanted >= offset, wanted - offset < node.length else { return }
    if let found, found.length < node.length { return }
    found = (path, node.length)
  }
}
