import ArgumentParser
import DeviceModel
import StreamReport

struct ModelShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Prints a definition of a device model as a document.",
    discussion: """
      @VERSION, digits, is an older definition, which the document's history leads back to. @ALIAS prints the newest \
      definition and says on standard error which parameters the alias sets.
      """)

  @Argument(help: ArgumentHelp("A document or an identifier, and what of it.", valueName: "model[@version]"))
  var model: String

  @OptionGroup var options: ModelOptions

  @Flag(help: "Print one JSON document; that is what is printed in any case.")
  var json = false

  func run() throws {
    let reference = ModelReference(model)
    let entry = try reference.definition(in: options.library())
    let parameters = try reference.parameters(of: entry.document)
    try ModelOutput.write(json: entry.document.json)
    guard case .alias(let alias) = reference.version else { return }
    let settings = parameters.listed.map { "\($0.name)=\($0.value.text)" }
    ToolStatus.complain(
      "\(alias) sets " + (settings.isEmpty ? "no parameter" : settings.joined(separator: ", "))
        + "; every other parameter is off")
  }
}
