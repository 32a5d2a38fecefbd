import DeviceModel
import Foundation
import Testing

/// What each published definition says is compared with files. Set UPDATE_GOLDEN=1 to write them anew, then read the
/// difference: a line that changes under a published definition changes what streams mean.
@Suite struct ModelGoldenTests {
  @Test(arguments: ShippedModels.paths)
  func definitions(_ path: String) throws {
    let newest = try ShippedModels.document(path)
    let name = newest.model.split(separator: "/").dropFirst().joined(separator: "-")
    for definition in try newest.definitions {
      let usual = try ParameterSet(initialOf: definition)
      try compare(ModelGolden.text(definition, usual), with: "\(name)@\(definition.version)")
      guard let full = try Self.everythingOn(definition), full != usual else { continue }
      try compare(ModelGolden.text(definition, full), with: "\(name)@\(definition.version)-full")
    }
  }

  /// No file of a definition that is gone.
  @Test func noFileIsLeftOver() throws {
    let versions = try ShippedModels.paths.flatMap { path in
      let newest = try ShippedModels.document(path)
      let name = newest.model.split(separator: "/").dropFirst().joined(separator: "-")
      return (1...newest.version).map { "\(name)@\($0)" }
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    for file in files {
      #expect(versions.contains(file.replacing("-full.txt", with: "").replacing(".txt", with: "")), "\(file)")
    }
  }

  /// Each parameter at the last of its allowed values; nil where these do not go together, then the last alias.
  static func everythingOn(_ model: ModelDocument) throws -> ParameterSet? {
    let settings = model.parameters.map { parameter in
      ParameterSetting(parameter.name, lastValue(parameter))
    }
    if let set = try? ParameterSet(initialOf: model, but: settings) { return set }
    return try model.aliases.last.map { try ParameterSet(alias: $0.name, of: model) }
  }

  private static func lastValue(_ parameter: Parameter) -> ParameterValue {
    switch parameter.allowedValues?.last {
    case .value(let value): value
    case .range(let range): .int(range.upperBound)
    case nil: parameter.type == .bool ? .bool(parameter.offValue != .bool(true)) : parameter.initValue
    }
  }

  private static let folder = RepositoryFile.root.appending(path: "Corpus/models/golden")

  private func compare(_ text: String, with name: String) throws {
    let file = Self.folder.appending(path: "\(name).txt")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let wanted = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    let found = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(wanted, found).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    guard let line = line ?? (wanted.count == found.count ? nil : min(wanted.count, found.count)) else { return }
    let pair = (wanted.dropFirst(line).first ?? "the end", found.dropFirst(line).first ?? "the end")
    Issue.record("\(name).txt:\(line + 1): expected \(pair.0), found \(pair.1)")
  }
}
