import DeviceModel
import FoundationEssentials
import Glibc
import StreamMutation
import StreamTestKit

/// Writes the conformance corpus, and the models that reference devices have, or compares them with what is there.
///
///     corpusgen FOLDER           writes every scenario file but those of compat, and the source of the models
///     corpusgen --check FOLDER   prints what differs and exits with 1 when something does
///     corpusgen --dictionary FILE writes the words of the format for fuzzers, Fuzz/migstream.dict
///     corpusgen --models FOLDER  writes 500 random device model documents, for .ci/check-models
///     corpusgen --inputs FOLDER  writes the streams of ./Corpus as inputs of FuzzDecode
@main
enum CorpusGen {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    let option = arguments.first.flatMap { ["--check", "--dictionary", "--models", "--inputs"].contains($0) ? $0 : nil }
    guard let folder = arguments.last, folder != option, arguments.count == (option == nil ? 1 : 2) else {
      print("usage: corpusgen [--check | --dictionary | --models | --inputs] FOLDER")
      exit(2)
    }
    do {
      switch option {
      case "--check": exit(try check(folder) == 0 ? 0 : 1)
      case "--dictionary": try MutationDictionary.text.write(toFile: folder, atomically: true, encoding: .utf8)
      case "--models": try writeModels(folder)
      case "--inputs": try writeInputs(folder)
      default: try write(folder)
      }
    } catch {
      print(error)
      exit(2)
    }
  }

  private static func write(_ folder: String) throws {
    let files = LessonTable.whole.files
    for stale in try present(in: folder).subtracting(files.map(\.path)) {
      try FileManager.default.removeItem(atPath: folder + "/" + stale)
    }
    for file in files {
      let url = URL(fileURLWithPath: folder + "/" + file.path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try file.text.write(to: url, atomically: true, encoding: .utf8)
    }
    let documents = ModelDocumentsSource(besides: folder)
    try documents.text().write(toFile: documents.path, atomically: true, encoding: .utf8)
    print("\(files.count) scenarios")
  }

  private static func writeModels(_ folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for seed in 0..<500 as Range<UInt64> {
      let text = RandomModel.document(seed: seed).json.text
      try text.write(toFile: "\(folder)/\(seed).json", atomically: false, encoding: .utf8)
    }
  }

  /// Streams of one channel that fuzzing can change in time; the octet behind each chooses segments.
  private static func writeInputs(_ folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for scenario in try Scenario.all(below: "Corpus")
    where scenario.octets.count <= 65536 && !scenario.isOfSeveralChannels {
      let name = scenario.name.split(separator: "/").joined(separator: "-")
      try Data(scenario.octets + [7]).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
  }

  private static func check(_ folder: String) throws -> Int {
    var differences: [String] = []
    var unseen = try present(in: folder)
    for file in LessonTable.whole.files {
      guard unseen.remove(file.path) != nil else {
        differences.append("missing: \(file.path)")
        continue
      }
      let text = try String(contentsOfFile: folder + "/" + file.path, encoding: .utf8)
      guard text != file.text else { continue }
      let pairs = zip(text.split(separator: "\n"), file.text.split(separator: "\n")).enumerated()
      let line = pairs.first { $0.element.0 != $0.element.1 }?.offset
      differences.append("differs: \(file.path) near line \(line.map { $0 + 1 } ?? 0)")
    }
    differences += unseen.sorted().map { "not in the table: \($0)" }
    let documents = ModelDocumentsSource(besides: folder)
    if try String(contentsOfFile: documents.path, encoding: .utf8) != documents.text() {
      differences.append("differs from Specs/devices: \(documents.path)")
    }
    differences.forEach { print($0) }
    return differences.count
  }

  private static func present(in folder: String) throws -> Set<String> {
    let written = Scenario.folders.filter { $0 != "compat" } + [MappingScenario.folder, Scenario.reverseFolder]
    return Set(try Scenario.paths(below: folder, in: written))
  }
}
