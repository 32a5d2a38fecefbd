public import MigrationStream

/// Paths of what can be got from a stream without reading the whole of it.
///
/// Source: Specs/50-inspection.md section 3.
public enum StatePath {
  /// `/devices/<instance path>`.
  public static func device(_ device: Int, _ state: borrowing StreamState) -> String {
    instance(device, state, under: "/devices")
  }

  /// `/devices/<instance path>/<section>`.
  public static func section(_ section: Int, of device: Int, _ state: borrowing StreamState) -> String {
    let announced = state.manifest.section(section, of: state.manifest.devices[device])
    return Self.device(device, state) + "/" + ReportPath.step(String(octets: state.manifest.name(of: announced)))
  }

  /// `/bytes/<instance path>`.
  public static func byteString(of device: Int, _ state: borrowing StreamState) -> String {
    instance(device, state, under: "/bytes")
  }

  /// `/memory/<region>`.
  public static func region(_ region: Int, _ state: borrowing StreamState) -> String {
    "/memory/" + ReportPath.step(String(octets: state.manifest.name(of: state.manifest.regions[region])))
  }

  /// `@number` stands for the device without a path.
  static func instance(_ device: Int, _ state: borrowing StreamState, under root: String) -> String {
    let path = String(octets: state.manifest.path(of: state.manifest.devices[device]))
    let instance = ReportPath.instance(path)
    return root + "/" + (instance.isEmpty ? "@\(device)" : instance)
  }

  /// One step of a path, for a name from the data.
  public static func step(_ name: String, isSubsection: Bool = false) -> String {
    (isSubsection ? "+" : "") + ReportPath.step(name)
  }

  /// Whether `path` is `selection` or lies below it.
  public static func isPath(_ path: String, within selection: String) -> Bool {
    ReportPath.isPath(path, within: selection)
  }

  /// Those of `paths` that look most like `path`, the nearest first; at most three, none that is far off.
  public static func nearest(to path: String, among paths: [String]) -> [String] {
    let wanted = Array(path.utf8.prefix(lengthMax))
    let limit = max(2, wanted.count / 4)
    let scored = paths.prefix(candidatesMax).compactMap { candidate -> (distance: Int, path: String)? in
      let octets = Array(candidate.utf8.prefix(lengthMax))
      guard abs(octets.count - wanted.count) <= limit else { return nil }
      let distance = distance(wanted, octets)
      return distance <= limit ? (distance, candidate) : nil
    }
    return scored.sorted { ($0.distance, $0.path) < ($1.distance, $1.path) }.prefix(3).map(\.path)
  }

  private static let candidatesMax = 10_000
  private static let lengthMax = 256

  /// Octets to insert, to remove or to replace to make one text the other.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (line, octet) in left.enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for (column, other) in right.enumerated() {
        let kept = diagonal + (octet == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(kept, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}

/// Collects the paths of a report and shows nothing.
public final class PathCollector: ReportSink {
  public private(set) var paths: [String] = []
  private let max: Int

  public init(max: Int = 10_000) { self.max = max }

  public func begin(_ node: ReportNode, path: String) { take(path) }
  public func leaf(_ node: ReportNode, path: String, octets: RawSpan) { take(path) }
  public func end() {}
  public func fault(_ fault: ReportFault) {}

  private func take(_ path: String) {
    if paths.count < max { paths.append(path) }
  }
}
