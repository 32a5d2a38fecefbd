import FoundationEssentials

/// The source file that holds the published documents of the models that reference devices have, so that their room needs
/// no files.
struct ModelDocumentsSource {
  private static let models = [
    "gpu/large-memory", "net/rx-filter-nic", "sample/vendor-card", "serial/16550", "sound/surround-card", "virtio/blk",
  ]

  /// The repository.
  private let root: String

  /// - Parameter corpus: The folder of the corpus, which lies in the repository.
  init(besides corpus: String) {
    root = URL(fileURLWithPath: corpus).deletingLastPathComponent().path
  }

  var path: String { root + "/Sources/ReferenceDevices/Generated/ModelDocuments.swift" }

  func text() throws -> String {
    let members = try Self.models.map { model in
      let document = try String(
        contentsOfFile: "\(root)/Specs/devices/migstream.example/\(model).json", encoding: .utf8)
      var lines = document.split(separator: "\n", omittingEmptySubsequences: false)
      if lines.last?.isEmpty ?? false { lines.removeLast() }
      let literal = lines.map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n")
      return "  /// migstream.example/\(model)\n  static let \(Self.member(model)) = #\"\"\"\n\(literal)\n    \"\"\"#\n"
    }
    return """
      // Made by corpusgen from Specs/devices; not to be changed by hand.

      /// The published documents of the models that reference devices have.
      enum ModelDocuments {
      \(members.joined(separator: "\n"))}

      """
  }

  /// `gpu/large-memory` is `gpuLargeMemory`.
  private static func member(_ model: String) -> String {
    let words = model.split { "/-".contains($0) }
    return words.dropFirst().reduce(words.first.map { String($0) } ?? "") { name, word in
      name + word.prefix(1).uppercased() + word.dropFirst()
    }
  }
}
