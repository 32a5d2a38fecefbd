internal import MigrationStream

/// Writes the report of a command over one file or several, in one of four forms.
///
/// ```
/// writer.start(); writer.startFile(name); ...nodes...; writer.endFile(verdict); writer.finish()
/// ```
public struct ReportWriter<Output: ReportOutput & ~Copyable>: ~Copyable, ReportSink {
  /// Number of the JSON schema; a new one whenever a reader of the old could misunderstand.
  ///
  /// Source: Specs/50-inspection.md section 2.
  public static var schema: Int { 1 }

  public var output: Output
  let form: ReportForm
  let command: String
  let colour: ReportColour
  var file = ""
  private var filesBegun = 0
  /// A fault closed the list of nodes.
  private var hasFault = false
  /// Levels of open nodes; for each, whether a child was written.
  var hasChild: [Bool] = []
  /// First octet that no row accounted for yet (annotated form).
  var accounted: UInt64 = 0

  public init(_ output: consuming Output, form: ReportForm, command: String, isColoured: Bool = false) {
    self.output = output
    self.form = form
    self.command = command
    colour = ReportColour(isOn: isColoured)
  }

  public mutating func start() {
    let head = "{\"schema\":\(Self.schema),\"command\":\"\(command)\""
    if form == .json { output.write(head + ",\"files\":[") }
    if form == .jsonLines { output.write(head + ",\"kind\":\"start\"}\n") }
  }

  /// - Parameter showsName: Whether the text forms name the file, as they do for several files.
  public mutating func startFile(_ name: String, showsName: Bool) {
    file = name
    hasChild = []
    accounted = 0
    hasFault = false
    switch form {
    case .text: if showsName { output.write(colour.strong("\(name.visible):") + "\n") }
    case .annotated:
      if showsName { output.write(colour.strong("\(name.visible):") + "\n") }
      output.write(Self.annotatedHead)
    case .json:
      output.write((filesBegun > 0 ? "," : "") + "\n{\"file\":\(JSONText.string(name)),\"nodes\":[")
      hasChild = [false]
    case .jsonLines: output.write("{\"kind\":\"file\",\"file\":\(JSONText.string(name))}\n")
    }
    filesBegun += 1
  }

  public mutating func begin(_ node: ReportNode, path: String) {
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

  public mutating func leaf(_ node: ReportNode, path: String, octets: RawSpan) {
    switch form {
    case .text: writeLine(node, path: path)
    case .annotated: writeRow(node, path: path, octets: octets)
    case .json:
      separate()
      output.write("{\(JSONText.members(node, path: path))}")
    case .jsonLines: writeObject(node, path: path)
    }
  }

  public mutating func end() {
    hasChild.removeLast()
    if form == .json { output.write("]}") }
  }

  public mutating func fault(_ fault: ReportFault) {
    switch form {
    case .text, .annotated:
      if form == .annotated { writeGap(to: fault.error.offset) }
      for line in ReportText.lines(fault) { output.write(colour.fault("error ") + line + "\n") }
    case .json:
      output.write("],\"fault\":{\(JSONText.members(fault))}")
      hasFault = true
    case .jsonLines: output.write("{\"kind\":\"fault\",\(JSONText.members(fault))}\n")
    }
  }

  /// - Parameter size: Octets of the file where they are known, so that what was not read shows as a gap.
  public mutating func endFile(_ verdict: ReportVerdict, size: UInt64? = nil) {
    switch form {
    case .text, .annotated:
      if form == .annotated, let size { writeGap(to: size) }
      for note in verdict.notes { output.write("note: \(note.visible)\n") }
      if verdict.result != .partial { output.write(verdict.text + "\n") }
    case .json: output.write((hasFault ? "" : "]") + ",\"verdict\":{\(verdict.json)}}")
    case .jsonLines: output.write("{\"kind\":\"verdict\",\(verdict.json)}\n")
    }
  }

  public mutating func finish() {
    if form == .json { output.write("]}\n") }
  }

  /// The comma between siblings.
  private mutating func separate() {
    output.write(hasChild.last == true ? ",\n" : "\n")
    if !hasChild.isEmpty { hasChild[hasChild.count - 1] = true }
  }

  private mutating func writeObject(_ node: ReportNode, path: String) {
    output.write(
      "{\"kind\":\"node\",\"depth\":\(hasChild.count),\(JSONText.members(node, path: path))}\n")
  }
}
