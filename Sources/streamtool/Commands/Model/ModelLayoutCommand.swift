import ArgumentParser
import DeviceModel
import StreamReport

struct ModelLayoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layout",
    abstract: "Prints source text of a device model: a struct for each section, and what its fields are in a stream.",
    discussion: """
      C needs migstream_fields.h, Swift the library MigrationStream. The parameters are those of @ALIAS, else those of a \
      device that is made without naming any; --param changes them.
      """)

  @Argument(help: ArgumentHelp("A document or an identifier, and what of it.", valueName: "model[@version]"))
  var model: String

  @Flag(name: .customLong("c"), help: "Print C.")
  var printsC = false

  @Flag(name: .customLong("swift"), help: "Print Swift.")
  var printsSwift = false

  @Option(help: ArgumentHelp("Begin all names with this; without it with the end of the identifier.", valueName: "name"))
  var prefix: String?

  @OptionGroup var options: ModelOptions

  @OptionGroup var settings: ParameterOptions

  func validate() throws {
    guard printsC != printsSwift else { throw ValidationError("Say --c or --swift.") }
  }

  func run() throws {
    let reference = ModelReference(model)
    let entry = try reference.definition(in: options.library())
    let resolved = try entry.resolved(with: reference.parameters(of: entry.document, but: settings.parameters))
    guard printsC else { return try ModelOutput.write(text: ModelSource.swift(resolved, prefix: prefix)) }
    let text: String
    do throws(GenerateFault) {
      text = try ModelSource.c(resolved, prefix: prefix)
    } catch { throw ModelTrouble("\(entry.file): \(error.message)", .refused) }
    try ModelOutput.write(text: text)
  }
}
