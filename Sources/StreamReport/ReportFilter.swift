/// What of a report is shown.
public struct ReportSelection: Equatable, Sendable {
  /// Only this path and what lies below it; empty for everything.
  public var path = ""
  /// Levels shown; nil for all.
  public var depth: Int?

  public init(path: String = "", depth: Int? = nil) {
    self.path = path
    self.depth = depth
  }
}

/// Follows the path of a report and passes on what was selected.
public struct ReportFilter<Sink: ReportSink> {
  public let sink: Sink
  private let selection: ReportSelection
  private var path = ReportPath()
  /// For each open node, whether it was passed on.
  private var isShown: [Bool] = []
  /// Open nodes that were passed on.
  private var depth = 0
  /// Follows the path and passes nothing on.
  public var isMuted = false
  /// Where the octets of a converted stream were in its original; nil: offsets are shown as they are.
  public var originalOffset: ((UInt64) -> UInt64?)?

  public init(_ sink: Sink, selection: ReportSelection = ReportSelection()) {
    self.sink = sink
    self.selection = selection
  }

  /// The path of the innermost open node.
  public var currentPath: String { path.text }

  public mutating func begin(_ node: ReportNode) {
    push(node)
    let shown = isSelected
    isShown.append(shown)
    if shown {
      sink.begin(placed(node), path: path.text)
      depth += 1
    }
  }

  public mutating func leaf(_ node: ReportNode, octets: RawSpan = RawSpan()) {
    push(node)
    if isSelected {
      // Of a secret nobody gets more than that it is there.
      sink.leaf(placed(node), path: path.text, octets: node.value == .redacted ? RawSpan() : octets)
    }
    path.pop()
  }

  public mutating func end() {
    path.pop()
    if isShown.popLast() == true {
      depth -= 1
      sink.end()
    }
  }

  /// Closes what is open and says where reading stopped.
  public mutating func fault(_ fault: ReportFault) {
    close()
    sink.fault(fault)
  }

  /// Open nodes, passed on or not.
  var openCount: Int { isShown.count }

  /// Closes what is open, up to a level.
  public mutating func close(to level: Int = 0) {
    while isShown.count > level { end() }
  }

  private func placed(_ node: ReportNode) -> ReportNode {
    guard let originalOffset else { return node }
    var node = node
    node.offset = node.offset.flatMap(originalOffset)
    return node
  }

  private mutating func push(_ node: ReportNode) {
    path.push(node.step.isEmpty ? node.name : node.step)
  }

  private var isSelected: Bool {
    if isMuted { return false }
    if let limit = selection.depth, depth >= limit { return false }
    return selection.path.isEmpty || ReportPath.isPath(path.text, within: selection.path)
  }
}
