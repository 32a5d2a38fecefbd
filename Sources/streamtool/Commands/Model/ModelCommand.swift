import ArgumentParser

/// Works on device model documents.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Works on device models: published descriptions of device state.",
    discussion: """
      MODEL is a document, or an identifier DOMAIN/PATH that is looked up in the folder of --models; @VERSION asks for \
      an older definition, or names an alias.
      """,
    subcommands: [
      ModelLintCommand.self, ModelShowCommand.self, ModelResolveCommand.self, ModelDiffCommand.self,
      ModelInfoCommand.self, ModelLayoutCommand.self, ModelInitCommand.self,
    ])
}
