import ArgumentParser
import DeviceModel
import MigrationStream
import StreamIO
import StreamReport

struct ModelLintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Says what is wrong with device models before they are published.",
    discussion: """
      Folders are searched for files that end with .json, which have to lie at DOMAIN/PATH.json of their model there. \
      Exit status 1 when there is an error, with --strict also when there is a warning.
      """)

  @Argument(help: ArgumentHelp("Documents, or folders of them; - is standard input.", valueName: "file"))
  var files: [String]

  @Flag(help: "Warnings end with status 1 too.")
  var strict = false

  @Flag(help: "Write documents whose octets are not those that the tools write anew, in their place.")
  var rewrite = false

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if rewrite, files.contains("-") { throw ValidationError("--rewrite needs files; standard input has no place.") }
  }

  func run() throws {
    var report = LintReport()
    var status = ToolStatus.good
    for name in files {
      do throws(IOFailure) {
        for document in try Self.documents(name) { try look(at: document, &report) }
      } catch {
        status = status.and(ToolStatus.report(error))
      }
    }
    var output = ToolOutput()
    output.write(json ? report.json.text : report.text)
    output.flush()
    if let failure = output.failure { throw failure }
    if report.errorCount > 0 || strict && report.warningCount > 0 { status = status.and(.refused) }
    if status != .good { throw status }
  }

  /// A document, and where it lies in the folder that was named.
  private struct Document {
    var name: String
    var path: String?
  }

  private static func documents(_ name: String) throws(IOFailure) -> [Document] {
    guard name != "-", Folder.exists(name) else { return [Document(name: name)] }
    let folder = name.hasSuffix("/") ? String(name.dropLast()) : name
    return try Folder.files(below: folder, suffix: ".json").map {
      Document(name: folder + "/" + $0, path: folder + "/" + $0)
    }
  }

  private func look(at document: Document, _ report: inout LintReport) throws(IOFailure) {
    let octets = try ModelLibrary.octets(of: document.name)
    var findings = ModelLint.findings(in: octets, path: document.path)
    if rewrite, let canonical = ModelLint.rewritten(octets), canonical != octets {
      try Self.write(canonical, to: document.name)
      findings.removeAll { $0.rule == .notCanonical }
    }
    report.add(document.name, findings)
  }
}

extension ModelLintCommand {
  /// Puts a document in the place of another, whole or not at all.
  private static func write(_ octets: [UInt8], to name: String) throws(IOFailure) {
    var file = try AtomicOutputFile(path: name)
    try file.write(octets.span.octets)
    try file.commit()
  }
}

/// What lint found in all documents.
struct LintReport {
  private var files: [(name: String, findings: [LintFinding])] = []
  private(set) var errorCount = 0
  private(set) var warningCount = 0

  mutating func add(_ name: String, _ findings: [LintFinding]) {
    files.append((name == "-" ? "standard input" : name, findings))
    for finding in findings {
      if finding.rule.level == .error { errorCount += 1 } else { warningCount += 1 }
    }
  }

  /// For people: three lines a finding, and a sum.
  var text: String {
    var text = ""
    for (name, findings) in files {
      for finding in findings {
        text += "\(name.visible):\(finding.line): \(finding.rule.level.rawValue) \(finding.rule.rawValue): "
        text += finding.message.visible(keeping: "\"") + "\n"
        text += "  at    \(finding.pointer.isEmpty ? "the whole document" : finding.pointer.visible)\n"
        text += "  next  \(finding.rule.advice)\n"
      }
    }
    return text + "\(count(errorCount, "error")), \(count(warningCount, "warning")) in \(count(files.count, "document"))\n"
  }

  private func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

  /// Source: Specs/50-inspection.md section 8.
  var json: JSONValue {
    let files = files.map { name, findings in
      JSONValue.object(("file", .string(name)), ("findings", JSONValue(.array(findings.map(Self.json)))))
    }
    return .object(
      ("schema", .integer(1)), ("command", .string("model lint")), ("files", JSONValue(.array(files))),
      ("errors", .integer(errorCount)), ("warnings", .integer(warningCount)))
  }

  private static func json(_ finding: LintFinding) -> JSONValue {
    .object(
      ("level", .string(finding.rule.level.rawValue)), ("rule", .string(finding.rule.rawValue)),
      ("pointer", .string(finding.pointer)), ("line", .integer(finding.line)),
      ("message", .string(finding.message)), ("next", .string(finding.rule.advice)))
  }
}

extension JSONValue {
  fileprivate static func object(_ members: (String, JSONValue)...) -> JSONValue {
    JSONValue(.object(members.map { JSONMember($0.0, $0.1) }))
  }
  fileprivate static func string(_ text: String) -> JSONValue { JSONValue(.string(text)) }
  fileprivate static func integer(_ number: Int) -> JSONValue { JSONValue(.integer(Int128(number))) }
}
