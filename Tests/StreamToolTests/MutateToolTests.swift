import Foundation
import MigrationStream
import Testing

/// `streamtool mutate`: the same seed gives the same files, and nearly all of them have right digests.
@Suite struct MutateToolTests {
  private func octets(_ folder: TemporaryFolder, _ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: folder.path(name))))
  }

  private func refusal(_ octets: [UInt8]) -> StreamError? {
    do throws(StreamError) {
      var verifier = try StreamVerifier(.digests)
      _ = try verifier.push(octets.span.octets)
      _ = try verifier.finish()
      return nil
    } catch { return error }
  }

  @Test func sameSeedSameFiles() throws {
    let folder = try TemporaryFolder()
    let original = try SampleStream.octets()
    let file = try folder.file("in", original)
    let first = try ToolRun(["mutate", file, "--seed", "7", "--count", "20", "-o", folder.path("a")])
    let second = try ToolRun(["mutate", file, "--seed", "7", "--count", "20", "-o", folder.path("b")])
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output == second.output)
    #expect(first.output.split(separator: "\n").count == 20)
    for number in 0..<20 {
      let name = String(repeating: "0", count: number < 10 ? 5 : 4) + "\(number).mgs"
      let (one, other) = (try octets(folder, "a/\(name)"), try octets(folder, "b/\(name)"))
      #expect(one == other)
      #expect(one != original)
      #expect(first.output.contains("\(name) "))
    }
    // Mutant n is that of the seed n higher.
    _ = try ToolRun(["mutate", file, "--seed", "12", "--count", "1", "-o", folder.path("c")])
    let (one, other) = (try octets(folder, "c/000000.mgs"), try octets(folder, "a/000005.mgs"))
    #expect(one == other)
  }

  @Test func digestsAreRightOrBrokenAsAsked() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", try SampleStream.octets(compresses: true))
    for (share, least, most) in [("0", 0, 0), ("100", 60, 100)] {
      let run = try ToolRun(["mutate", file, "--count", "100", "--broken-digests", share, "-o", folder.path(share), "--json"])
      #expect(run.status == 0, "\(run.errors)")
      let document = try #require(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
      let mutants = try #require(document["mutants"] as? [[String: Any]])
      #expect(mutants.count == 100)
      var damaged: [Any] = []
      for mutant in mutants {
        let name = try #require(mutant["file"] as? String)
        let refusal = refusal(try octets(folder, "\(share)/\(name)"))
        // A length that lies makes a reader take other octets than those that the digest is of.
        let isLie = share == "0" && mutant["mutation"] as? String == "lengthLie"
        if refusal?.code == .digestMismatch, !isLie { damaged.append(mutant) }
        #expect(mutant["breaks_framing"] as? Bool == (share == "100"))
      }
      #expect((least...most).contains(damaged.count), "\(damaged.count) of 100 with \(share): \(damaged)")
    }
  }

  @Test func whatIsNoStreamIsRefused() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", Array("no stream at all, but text".utf8))
    let run = try ToolRun(["mutate", file, "-o", folder.path("out")])
    #expect(run.status == 1)
    #expect(try ToolRun(["mutate", file, "--count", "0", "-o", folder.path("out")]).status == 2)
    #expect(folder.names == ["in"])
  }
}
