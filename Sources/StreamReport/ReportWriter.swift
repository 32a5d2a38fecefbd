/// Writes the report of a command over one file or several, in one of four forms.
///
/// ```
/// writer.start(); writer.startFile(name); ...nodes...; writer.endFile(verdict); writer.finish()
/// ```
public final class ReportWriter<Output: ReportOutput & ~Copyable>: ReportSink {
  /// Number of the JSON schema; a new one whenever a reader of the old could misunderstand.
  ///
  /// Source: Specs/50-inspection.md section 2.
  public static var schema: Int { 1 }

  public var output: Output
  public let form: ReportForm
  let command: String
  let colour: ReportColour
  /// Whether nodes have places in the stream, so that lines of text leave room for them.
  public var showsOffsets = true
  /// Whether octets that no row accounts for get one.
  public var showsGaps = true
  /// Nodes that reached the report, of all files; a selection may keep all of them out.
  public private(set) var nodeCount = 0
  var file = ""
  private var filesBegun = 0
  /// The heading of a file, until something of it is written.
  private var heading = ""
  /// A fault closed the list of nodes.
  private var hasFault = false
  /// Levels of open nodes; for each, whether a child was written.
  var hasChild: [Bool] = []
  /// First octet that no row accounted for yet (annotated form).
  var accounted: UInt64 = 0

  public init(
    _ output: consuming Output, form: ReportForm, command: String, isColoured: Bool = false
  ) {
    self.output = output
    self.form = form
    self.command = command
    colour = ReportColour(isOn: isColoured)
  }

  public func start() {
    let head = "{\"schema\":\(Self.schema),\"command\":\"\(command)\""
    if form == .json { output.write(head + ",\"files\":[") }
    if form == .jsonLines { output.write(head + ",\"kind\":\"start\"}\n") }
  }

  /// - Parameter showsName: Whether the text forms name the file, as they do for several files.
  public func startFile(_ name: String, showsName: Bool) {
    file = name
    hasChild = []
    accounted = 0
    hasFault = false
    switch form {
    case .text, .annotated:
      heading = showsName ? colour.strong("\(name.visible):") + "\n" : ""
      if form == .annotated { heading += Self.annotatedHead }
    case .json:
      output.write((filesBegun > 0 ? "," : "") + "\n{\"file\":\(JSONText.string(name)),\"nodes\":[")
      hasChild = [false]
    case .jsonLines: output.write("{\"kind\":\"file\",\"file\":\(JSONText.string(name))}\n")
    }
    filesBegun += 1
  }

  public func begin(_ node: ReportNode, path: String) {
    nodeCount += 1
    switch form {
    case .text: writeLine(node, path: path)
    case .annotated: break
    case .json:
      separate()
      output.write("{\(JSONText.members(node, path: path)),\"nodes\":[")
    case .jsonLines: writeObject(node, path: path)
    }
    hasChild.append(false)
  }

  public func leaf(_ node: ReportNode, path: String, octets: RawSpan) {
    nodeCount += 1
    switch form {
    case .text: writeLine(node, path: path)
    case .annotated: writeRow(node, path: path, octets: octets)
    case .json:
      separate()
      output.write("{\(JSONText.members(node, path: path))}")
    case .jsonLines: writeObject(node, path: path)
    }
  }

  public func end() {
    hasChild.removeLast()
    if form == .json { output.write("]}") }
  }

  public func fault(_ fault: ReportFault) {
    switch form {
    case .text, .annotated:
      if form == .annotated { writeGap(to: fault.offset) }
      for line in ReportText.lines(fault) { writeText(colour.fault("error ") + line) }
    case .json:
      output.write("],\"fault\":{\(JSONText.members(fault))}")
      hasFault = true
    case .jsonLines: output.write("{\"kind\":\"fault\",\(JSONText.members(fault))}\n")
    }
  }

  /// - Parameter size: Octets of the file where they are known, so that what was not read shows as a gap.
  public func endFile(_ verdict: ReportVerdict, size: UInt64? = nil) {
    switch form {
    case .text, .annotated:
      if form == .annotated, let size { writeGap(to: size) }
      // What could not be read is said on standard error.
      if verdict.result == .failed { break }
      for note in verdict.notes { writeText("note: \(note.visible(keeping: "\""))") }
      if verdict.result != .partial { writeText(verdict.text) }
    case .json: output.write((hasFault ? "" : "]") + ",\"verdict\":{\(verdict.json)}}")
    case .jsonLines: output.write("{\"kind\":\"verdict\",\(verdict.json)}\n")
    }
  }

  public func finish() {
    if form == .json { output.write("]}\n") }
  }

  /// A line of the text forms, with the file's heading in front of the first one.
  func writeText(_ line: String) {
    if !heading.isEmpty {
      output.write(heading)
      heading = ""
    }
    output.write(line + "\n")
  }

  /// The comma between siblings.
  private func separate() {
    output.write(hasChild.last == true ? ",\n" : "\n")
    if !hasChild.isEmpty { hasChild[hasChild.count - 1] = true }
  }

  private func writeObject(_ node: ReportNode, path: String) {
    output.write(
      "{\"kind\":\"node\",\"depth\":\(hasChild.count),\(JSONText.members(node, path: path))}\n")
  }
}
