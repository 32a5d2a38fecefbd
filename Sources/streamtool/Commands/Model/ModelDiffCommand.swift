import ArgumentParser
import DeviceModel
import StreamReport

struct ModelDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Says what old and new readers do about the difference of two definitions of a device model.",
    discussion: """
      Both are resolved with every parameter set that is worth looking at, and each reads what the other writes. \
      Without NEW the newest definition of OLD's document is compared with each older one that its history leads to. \
      Exit status 1 when something breaks, 0 when nothing does.
      """)

  @Argument(help: ArgumentHelp("The published definition: a document or an identifier.", valueName: "old[@version]"))
  var old: String

  @Argument(help: ArgumentHelp("The definition that is to be published.", valueName: "new[@version]"))
  var new: String?

  @OptionGroup var options: ModelOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if old == "-", new == "-" { throw ValidationError("Standard input can be one of the two only; name a file for the other.") }
  }

  func run() throws {
    let library = try options.library()
    var report = ModelDiffReport()
    let first = try ModelReference(old).definition(in: library)
    if let new {
      report.add(old: first, new: try ModelReference(new).definition(in: library))
    } else {
      guard !first.document.history.isEmpty else {
        throw ModelTrouble("\(first.file): it has no history to compare with; name a second definition", .trouble)
      }
      do throws(DocumentFault) {
        for older in try first.document.definitions.dropFirst() {
          report.add(old: ModelLibrary.Entry(file: first.file, document: older), new: first)
        }
      } catch { throw ModelTrouble(error, in: first.file) }
    }
    if json { try ModelOutput.write(json: report.json) } else { try ModelOutput.write(text: report.text) }
    if report.isBreaking { throw ToolStatus.refused }
  }
}
