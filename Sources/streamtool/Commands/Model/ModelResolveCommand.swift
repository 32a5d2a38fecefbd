import ArgumentParser
import DeviceModel
import StreamReport

struct ModelResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Prints what a device model says with some parameters: sections, versions, layouts.",
    discussion: """
      The parameters are those of @ALIAS, else those of a device that is made without naming any; --param changes them.
      """)

  @Argument(help: ArgumentHelp("A document or an identifier, and what of it.", valueName: "model[@version]"))
  var model: String

  @OptionGroup var options: ModelOptions

  @OptionGroup var settings: ParameterOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let reference = ModelReference(model)
    let entry = try reference.definition(in: options.library())
    let resolved = try entry.resolved(with: reference.parameters(of: entry.document, but: settings.parameters))
    let report = ResolvedModelReport(resolved)
    if json { try ModelOutput.write(json: report.json()) } else { try ModelOutput.write(text: report.text()) }
  }
}
