import FoundationEssentials
import Glibc
import StreamTestKit

/// Writes the conformance corpus, or compares it with what is there.
///
///     corpusgen FOLDER           writes every scenario file but those of compat
///     corpusgen --check FOLDER   prints what differs and exits with 1 when something does
@main
enum CorpusGen {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    let isCheck = arguments.first == "--check"
    guard let folder = arguments.last, folder != "--check", arguments.count == (isCheck ? 2 : 1) else {
      print("usage: corpusgen [--check] FOLDER")
      exit(2)
    }
    do {
      let differences = isCheck ? try check(folder) : try write(folder)
      exit(differences == 0 ? 0 : 1)
    } catch {
      print(error)
      exit(2)
    }
  }

  private static func write(_ folder: String) throws -> Int {
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
    print("\(files.count) scenarios")
    return 0
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
    differences.forEach { print($0) }
    return differences.count
  }

  private static func present(in folder: String) throws -> Set<String> {
    let written = Scenario.folders.filter { $0 != "compat" } + [MappingScenario.folder]
    return Set(try Scenario.paths(below: folder, in: written))
  }
}
