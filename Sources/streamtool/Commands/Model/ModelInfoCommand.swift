import ArgumentParser
import DeviceModel
import StreamIO
import StreamReport

/// Prints what a side that has models says about itself.
struct ModelInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Prints an information document, which `check` compares with others.",
    discussion: """
      One document for all MODELs, in a fixed order. --path adds a device that is made with --param, so that the \
      document can be a source; without --param it has the initial values, or those of the alias in MODEL@ALIAS.
      """)

  enum Proposal: Int, CaseIterable, ExpressibleByArgument {
    case third = 3
    case fourth = 4

    var form: InfoDocument.Form { self == .third ? .thirdVersion : .fourthVersion }
  }

  @Argument(help: ArgumentHelp("Documents, identifiers, or folders of documents.", valueName: "model"))
  var references: [String]

  @OptionGroup var models: ModelOptions

  @Option(help: ArgumentHelp("A label for people.", valueName: "label"))
  var host: String?

  @Option(help: ArgumentHelp("Adds a device that stands there.", valueName: "path"))
  var path: String?

  @Option(name: .customLong("param"), help: ArgumentHelp("A value of the device, once for each.", valueName: "name=value"))
  var settings: [String] = []

  @Option(
    help: ArgumentHelp("Exactly the form of that version of the VFIO Migration proposal: 3 or 4.", valueName: "version"))
  var rfc: Proposal?

  @Flag(help: "Print the document as one line of JSON lines.")
  var line = false

  func validate() throws {
    guard !references.isEmpty else { throw ValidationError("Name a MODEL, or a folder of documents.") }
    guard path == nil || references.count == 1 else { throw ValidationError("--path describes one device; name one MODEL.") }
    guard path != nil || settings.isEmpty else { throw ValidationError("--param sets a value of a device; give its --path.") }
    guard path == nil || rfc == nil else { throw ValidationError("Forms of the proposal have no devices; leave out --path or --rfc.") }
    guard host == nil || rfc == nil else { throw ValidationError("Forms of the proposal have no label; leave out --host or --rfc.") }
  }

  func run() throws {
    let library = try models.library()
    var document = InfoDocument()
    document.host = host ?? ""
    for reference in references {
      if Folder.exists(reference) {
        for file in try ModelLibrary(reference).files() { try add(ModelLibrary.load(file), to: &document) }
        continue
      }
      let reference = ModelReference(reference)
      let entry = try reference.definition(in: library)
      try add(entry, to: &document)
      if let path { document.devices.append(try device(reference, entry, at: path)) }
    }
    try checkForm(document)
    let json = document.json(rfc?.form ?? .whole)
    var output = ToolOutput()
    output.write(line ? json.lineText + "\n" : json.text)
    output.flush()
    if let failure = output.failure { throw failure }
  }

  private func add(_ entry: ModelLibrary.Entry, to document: inout InfoDocument) throws {
    guard !document.models.contains(where: { $0.model == entry.document.model }) else {
      throw ModelTrouble("\(entry.file): \(entry.document.model) is named twice; name it once", .trouble)
    }
    do throws(DocumentFault) { document.models.append(try ModelInfo(entry.document)) } catch {
      throw ModelTrouble(error, in: entry.file)
    }
  }

  private func device(_ reference: ModelReference, _ entry: ModelLibrary.Entry, at path: String) throws -> DeviceInfo {
    let set = try reference.parameters(of: entry.document, but: settings)
    do throws(DocumentFault) { return DeviceInfo(try ResolvedModel(entry.document, set), path: path) } catch {
      throw ModelTrouble(error, in: entry.file)
    }
  }

  /// What a form cannot say is refused where nothing would be left, else noted.
  private func checkForm(_ document: InfoDocument) throws {
    for model in document.models {
      if rfc == .fourth, model.versionNames == nil {
        throw ModelTrouble(
          "\(model.model) has no aliases, and the fourth version has nothing but version strings; give --rfc 3", .refused)
      }
      if rfc == .third, model.parameters?.contains(where: { !$0.requires.isEmpty }) == true {
        ToolStatus.complain("\(model.model): the third version has no rules between parameters; they are left out")
      }
    }
  }
}
