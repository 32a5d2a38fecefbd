import Foundation
import Testing

/// `streamtool mutate` on a stream of QEMU, from the outside.
@Suite struct MutateQEMUTests {
  private static let file = ToolRun.root.appending(path: "Corpus/qemu/72-none-S.bin").path
  private static let count = 24

  private struct Mutants {
    let lines: [String]
    /// Octets by name.
    let files: [String: Data]

    init(seed: Int, in folder: TemporaryFolder) throws {
      let place = folder.path("mutants-\(seed)-\(UUID().uuidString)")
      let run = try ToolRun(["mutate", MutateQEMUTests.file, "--seed", "\(seed)", "--count", "\(MutateQEMUTests.count)", "-o", place])
      #expect(run.status == 0, "\(run.errors)")
      lines = run.output.split(separator: "\n").map(String.init)
      let names = try FileManager.default.contentsOfDirectory(atPath: place)
      files = try names.reduce(into: [:]) { $0[$1] = try Data(contentsOf: URL(filePath: "\(place)/\($1)")) }
    }
  }

  @Test("A line for each file says what was broken; the same seed gives the same octets")
  func mutants() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: URL(filePath: Self.file))
    let first = try Mutants(seed: 7, in: folder)
    #expect(first.files.count == Self.count)
    #expect(first.lines.count == Self.count)
    for (name, octets) in first.files {
      #expect(first.lines.contains { $0.contains(name) && $0.contains(" at 0x") && $0.contains(" -> ") }, "\(name)")
      #expect(octets != whole, "\(name)")
    }
    let same = try Mutants(seed: 7, in: folder)
    #expect(same.files == first.files)
    #expect(try Mutants(seed: 8, in: folder).files != first.files)
  }

  @Test("No mutant is more than the reader of these streams can take")
  func mutantsAreReported() throws {
    let folder = try TemporaryFolder()
    for (name, octets) in try Mutants(seed: 3, in: folder).files {
      let run = try ToolRun(["dump", "--json"], input: [UInt8](octets))
      #expect(run.status <= 1, "\(name): \(run.errors)")
      #expect(try JSONDocument(run.output).verdicts.count == 1, "\(name)")
    }
  }
}
