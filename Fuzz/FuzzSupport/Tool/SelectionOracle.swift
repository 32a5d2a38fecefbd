import MigrationStream
import StreamMutation
import StreamReport

/// What a selection shows is what a report of everything has at the path and below it, as many levels as were asked for.
///
/// Paths are compared step by step here: `/` and `[` begin a step, and names have neither.
enum SelectionOracle {
  /// - Parameter show: Writes the whole report through a filter.
  static func violation(
    seed: UInt64, _ show: (ReportFilter<NodeList>) -> Void
  ) -> FuzzViolation? {
    let all = NodeList()
    show(ReportFilter(all))
    var chance = Chance(seed)
    let begun = all.nodes.filter { !$0.path.isEmpty }
    guard !begun.isEmpty, !all.isFull else { return nil }
    let path = changed(begun[chance.below(begun.count)].path, &chance)
    let selection = ReportSelection(path: path, depth: chance.isOne(in: 2) ? nil : 1 + chance.below(3))
    let shown = NodeList()
    show(ReportFilter(shown, selection: selection))
    let (found, wanted) = (shown.nodes.map(\.path), all.selected(steps(of: path), depth: selection.depth ?? .max))
    if found == wanted { return nil }
    let (more, less) = (found.first { !wanted.contains($0) } ?? "", wanted.first { !found.contains($0) } ?? "")
    return FuzzViolation("R12", "of \(path), depth \(selection.depth ?? 0), shows \(more), does not show \(less)")
  }

  /// The path itself, what it lies in, or a part of its text.
  private static func changed(_ path: String, _ chance: inout Chance) -> String {
    switch chance.below(8) {
    case 0: return String(path.dropLast(1 + chance.below(3)))
    case 1: return path + "/"
    case 2, 3: return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
    default: return path
    }
  }

  static func steps(of path: String) -> [Substring] {
    path.split(separator: "/").flatMap { step -> [Substring] in
      let parts = step.split(separator: "[", omittingEmptySubsequences: false)
      return parts.isEmpty ? [] : [parts[0]] + parts.dropFirst()
    }
  }
}

/// Collects the nodes of a report, and shows nothing.
final class NodeList: ReportSink {
  struct Node {
    var path: String
    /// How many nodes hold it.
    var depth: Int
  }

  private(set) var nodes: [Node] = []
  private var depth = 0

  static let max = 2_000
  var isFull: Bool { nodes.count >= Self.max }

  func begin(_ node: ReportNode, path: String) {
    take(path)
    depth += 1
  }
  func leaf(_ node: ReportNode, path: String, octets: RawSpan) { take(path) }
  func end() { depth -= 1 }
  func fault(_ fault: ReportFault) {}

  private func take(_ path: String) {
    if !isFull { nodes.append(Node(path: path, depth: depth)) }
  }

  /// Paths of the nodes at and below `steps`, of each `limit` levels from the outermost that is there.
  func selected(_ steps: [Substring], depth limit: Int) -> [String] {
    // The depths of the nodes around that were selected.
    var around: [Int] = []
    return nodes.compactMap { node in
      while let last = around.last, last >= node.depth { around.removeLast() }
      guard SelectionOracle.steps(of: node.path).starts(with: steps), around.count < limit else { return nil }
      around.append(node.depth)
      return node.path
    }
  }
}
