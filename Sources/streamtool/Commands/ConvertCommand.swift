import ArgumentParser

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "convert", abstract: "Writes a stream anew.")
}
