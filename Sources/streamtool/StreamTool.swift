import ArgumentParser

@main
struct StreamTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streamtool", abstract: "Looks into saved device state.", version: "0.1.0")
}
