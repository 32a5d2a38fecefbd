import Foundation
import Testing

@testable import DeviceModel

/// The cases in Corpus/models/check: what the chapter says of each stands in expected.json, by hand.
@Suite struct CheckCorpusTests {
  struct Expected: Decodable {
    struct Destination: Decodable {
      var interface: String
      var stream: String
      /// `code path name concerns`, in any order.
      var reasons: [String]?
      /// `path subsection`.
      var conditions: [String]?
      /// `code path`.
      var notes: [String]?
    }

    var comment: String
    var order: [String]
    var destinations: [String: Destination]
    /// For each device its path, then the writes.
    var plans: [String: [[String]]]?
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Corpus/models/check")

  static func cases() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  static func document(_ path: String) throws -> InfoDocument {
    let octets = [UInt8](try Data(contentsOf: folder.appending(path: path)))
    return try InfoDocument(json: JSONValue(parsing: octets))
  }

  @Test(arguments: try cases())
  func verdicts(_ name: String) throws {
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: Self.folder.appending(path: "\(name)/expected.json")))
    let check = try CompatibilityCheck(source: Self.document("\(name)/source.json"))
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Self.folder.appending(path: "\(name)/destinations").path
    ).sorted()
    #expect(files.map { String($0.dropLast(5)) } == expected.destinations.keys.sorted())
    var ranking = DestinationRanking()
    for file in files {
      let label = String(file.dropLast(5))
      let destination = try Self.document("\(name)/destinations/\(file)")
      let verdict = check.verdict(of: destination)
      ranking.add(DestinationReport(name: label, line: 0, finding: .success(verdict)))
      let wanted = try #require(expected.destinations[label])
      #expect(verdict.interface.spelling == wanted.interface, "\(label)")
      #expect(verdict.stream.spelling == wanted.stream, "\(label)")
      #expect(verdict.reasons.map(\.key).sorted() == (wanted.reasons ?? []).sorted(), "\(label)")
      #expect(verdict.conditions.map { "\($0.device) \($0.subsection)" } == wanted.conditions ?? [], "\(label)")
      #expect(verdict.notes.map { "\($0.code.rawValue) \($0.device)" } == wanted.notes ?? [], "\(label)")
      if let plans = expected.plans?[label] {
        #expect(check.plan(for: destination).map(\.lines) == plans, "\(label)")
      }
    }
    #expect(ranking.ordered().map(\.name) == expected.order)
  }

  /// Each reason of the chapter occurs in a case.
  @Test func everyReason() throws {
    var seen: Set<CheckReason.Code> = []
    for name in try Self.cases() {
      let check = try CompatibilityCheck(source: Self.document("\(name)/source.json"))
      let folder = Self.folder.appending(path: "\(name)/destinations").path
      for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
        let verdict = check.verdict(of: try Self.document("\(name)/destinations/\(file)"))
        for reason in verdict.reasons {
          seen.insert(reason.code)
          #expect(!reason.message.isEmpty)
        }
      }
    }
    #expect(seen == Set(CheckReason.Code.allCases))
  }
}

extension CheckReason {
  fileprivate var key: String {
    let concerns = concerns == .both ? "both" : concerns == .interface ? "interface" : "stream"
    return "\(code.rawValue) \(device) \(name) \(concerns)"
  }
}

extension DevicePlan {
  fileprivate var lines: [String] {
    [device] + (versionName.map { ["version \($0)"] } ?? [])
      + writes.map { write in
        let was = write.was.map { $0 == write.value ? "" : " was \($0.text)" } ?? ""
        return "\(write.name)=\(write.value.text)\(was)"
      }
  }
}
