import Foundation
import ResumePath
import Testing

/// Tests/KernelTables/next-states.txt: what the kernel does, with the numbers of ``MigrationState``.
struct KernelStates {
  struct Arc {
    var start: Int
    var end: Int
    var with: Set<String>
    var without: Set<String>
  }

  var names: [String] = []
  var needs: [Set<String>] = []
  var flags: [String: UInt64] = [:]
  var arcs: [Arc] = []
  /// By state, then by goal.
  var table: [[Int]] = []
  var paths: [[Int]] = []
  var blocked: [[Int]] = []

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("KernelTables/next-states.txt")
    var goals: [Int] = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "state":
        try #require(Int(words[2]) == names.count)
        names.append(words[1])
        needs.append(Self.list(words[3]))
        table.append([])
      case "flag": flags[words[1]] = 1 << (try #require(UInt64(words[2])))
      case "arc":
        arcs.append(
          Arc(
            start: try number(words[1]), end: try number(words[2]), with: Self.list(words[3]),
            without: Self.list(words[4])))
      case "goals": goals = try words.dropFirst().map(number)
      case "next":
        let row = try words.dropFirst(2).map(number)
        try #require(row.count == goals.count)
        table[try number(words[1])] = goals.indices.map { row[goals.firstIndex(of: $0)!] }
      case "path": paths.append(try words.dropFirst().map(number))
      case "blocked": blocked.append(try words.dropFirst().map(number))
      default: Issue.record("\(line)")
      }
    }
  }

  private static func list(_ word: String) -> Set<String> {
    word == "-" ? [] : Set(word.split(separator: ",").map(String.init))
  }

  func number(_ name: String) throws -> Int { try #require(names.firstIndex(of: name), "\(name)") }

  func capabilities(_ set: Set<String>) -> MigrationCapabilities {
    MigrationCapabilities(rawValue: set.reduce(0) { $0 | flags[$1]! })
  }

  func has(_ state: Int, _ set: Set<String>) -> Bool { needs[state].isSubset(of: set) }

  /// The kernel's rule.
  func next(_ state: Int, _ goal: Int, _ set: Set<String>) -> Int? {
    guard has(state, set), has(goal, set) else { return nil }
    var next = table[state][goal]
    while !has(next, set) { next = table[next][goal] }
    return next == 0 ? nil : next
  }

  func steps(_ set: Set<String>) -> [Arc] {
    arcs.filter { $0.with.isSubset(of: set) && $0.without.isDisjoint(with: set) }
  }

  /// Steps of the shortest way along arcs.
  func distance(_ start: Int, _ goal: Int, _ set: Set<String>) -> Int? {
    var reached: Set<Int> = [start]
    for count in 0...8 {
      if reached.contains(goal) { return count }
      reached.formUnion(steps(set).filter { reached.contains($0.start) }.map(\.end))
    }
    return nil
  }
}
