import Foundation
import Testing

/// Tables of Specs/resume-path.md.
struct ResumeChapter {
  private var rows: [[String]]

  init(_ name: String = "resume-path") throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Specs/\(name).md")
    rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in
        guard line.hasPrefix("|") else { return [] }
        return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
          .map { $0.trimmingCharacters(in: .whitespaces) }
      }
  }

  /// The rows of the table whose head begins so.
  func table(_ head: [String]) throws -> [[String]] {
    let start = try #require(rows.firstIndex { $0.starts(with: head) }, "no table \(head)")
    return Array(rows[(start + 2)...].prefix { !$0.isEmpty })
  }
}
