import ArgumentParser
import DeviceModel
import ForeignStreams
import MigrationStream
import StreamIO
import StreamReport

struct ModelInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Drafts the document of a device from the layouts in a stream.",
    discussion: """
      The draft says what the stream says: sections, subsections that came, fields, values of parameters. What only an \
      author knows is left out; model lint tells what is missing. QEMU streams are converted on the way. \
      Of several devices each gets a document, below the folder of --output.
      """)

  @Argument(help: ArgumentHelp("File to read; - is standard input.", valueName: "stream"))
  var file = "-"

  @Option(help: ArgumentHelp("Draft this device only.", valueName: "path"))
  var device: String?

  @Option(name: .customLong("model"), help: ArgumentHelp("Identifier for the document.", valueName: "domain/path"))
  var identifier: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to this file; of several devices, below this folder.", valueName: "file"))
  var output: String?

  func validate() throws {
    if let identifier, let fault = ModelIdentifier.fault(of: identifier) {
      throw ValidationError("--model \(identifier) is no identifier DOMAIN/PATH: \(fault).")
    }
  }

  func run() throws {
    var input = try InputFile.open(file)
    if QEMUDump.recognises(input) {
      try input.spool()
      input = try converted(FileOctets(input))
    }
    var observer = StateObserver()
    var decoder = try makeDecoder(DecoderOptions())
    if let refusal = try decode(&input, with: &decoder, to: &observer, showing: "reading") {
      throw ToolStatus.complain(refusal, decoder.state, input)
    }
    let paths = Self.paths(decoder.state)
    if let device {
      guard let number = paths.firstIndex(of: device) else {
        throw ModelTrouble("\(file) has no device \(device); it has \(paths.joined(separator: ", "))", .refused)
      }
      return try write(draft(number, observer, decoder.state))
    }
    if paths.count == 1 { return try write(draft(0, observer, decoder.state)) }
    try writeAll(paths, observer, decoder.state)
  }

  private static func paths(_ state: borrowing StreamState) -> [String] {
    (0..<state.manifest.devices.count).map { String(octets: state.manifest.path(of: state.manifest.devices[$0])) }
  }

  private func converted(_ source: FileOctets) throws -> InputFile {
    let spool = try TemporaryFileBox()
    do throws(ForeignError) {
      var options = QEMUConverter.Options()
      options.memory = .omit
      options.keepsSourceMap = false
      options.uuid = try QEMUStream(source).identity()
      _ = try QEMUConverter.convert(QEMUStream(source), options: options) { (octets) throws(ForeignError) in
        try spool.write(octets)
      }
    } catch {
      if let failure = spool.failure { throw failure }
      for line in ReportText.lines(ReportFault(error, window: source.window(around: error.offset))) {
        ToolStatus.complain(line)
      }
      throw ToolStatus.refused
    }
    return try spool.reread()
  }

  private func draft(
    _ number: Int, _ observer: StateObserver, _ state: borrowing StreamState
  ) throws -> ModelDraft {
    do throws(DraftFault) { return try observer.draft(ofDevice: number, model: identifier, state) } catch {
      throw ModelTrouble("\(file): \(error.message)", .refused)
    }
  }

  private func write(_ draft: ModelDraft) throws {
    for note in draft.notes { ToolStatus.complain("note: " + note) }
    guard let output, output != "-" else { return try ModelOutput.write(json: draft.document.json) }
    try Self.write(draft, to: output)
  }

  private static func write(_ draft: ModelDraft, to path: String) throws {
    var target = try AtomicOutputFile(path: path)
    try target.write(Array(draft.document.json.text.utf8).span.octets)
    try target.commit()
  }

  // MARK: Several devices

  /// A document for each device; devices of one model share the first one's.
  private func writeAll(_ paths: [String], _ observer: StateObserver, _ state: borrowing StreamState) throws {
    if identifier != nil { throw ModelTrouble("\(file) has \(paths.count) devices; say which one with --device", .trouble) }
    guard let output, output != "-" else {
      throw ModelTrouble(
        "\(file) has \(paths.count) devices; say which one with --device, or where the documents go with --output FOLDER",
        .trouble)
    }
    var owners: [String: String] = [:]
    for (number, path) in paths.enumerated() {
      let draft: ModelDraft
      do throws(DraftFault) { draft = try observer.draft(ofDevice: number, state) } catch {
        ToolStatus.complain("note: no document for \(path): \(error.message)")
        continue
      }
      let model = draft.document.model
      if let owner = owners[model] {
        ToolStatus.complain("note: no document for \(path): it is a \(model), as is \(owner)")
        continue
      }
      owners[model] = path
      for note in draft.notes { ToolStatus.complain("note: \(path): \(note)") }
      let folder = model.split(separator: "/").dropLast().joined(separator: "/")
      try Folder.make("\(output)/\(folder)")
      try Self.write(draft, to: "\(output)/\(model).json")
      try ModelOutput.write(text: "\(output)/\(model).json".visible(keeping: "\"\\") + "\n")
    }
    if owners.isEmpty { throw ToolStatus.refused }
  }
}
