import MigrationStream

/// Collects what is noted of each place of a document, so that one change gives one finding.
struct FindingNotes {
  private struct Redirection {
    let from: String
    let to: String
    /// Whether what lies below keeps its own place there.
    let keepsBelow: Bool
  }

  /// What tells one outcome of a finding from another.
  private struct OutcomeKey: Hashable {
    let position: Int
    let isForward: Bool
    let effect: ModelFinding.Effect
    let code: StreamError.Code?
    let condition: String
    let weight: ModelFinding.Weight
  }

  private var findings: [ModelFinding] = []
  /// Positions of outcomes in their lists.
  private var outcomes: [OutcomeKey: Int] = [:]
  private var positions: [ExactName: Int] = [:]
  /// Findings whose advice is weak.
  private var weak: Set<Int> = []
  private var redirections: [ExactName: Redirection] = [:]

  /// A sentence on what was changed.
  ///
  /// - Parameter isWeak: Other advice goes before.
  mutating func say(_ path: String, _ change: String, next: String = "", isWeak: Bool = false) {
    let position = position(of: path)
    if !findings[position].changes.contains(change) { findings[position].changes.append(change) }
    let hasAdvice = !findings[position].next.isEmpty && !weak.contains(position)
    guard !hasAdvice, !next.isEmpty else { return }
    findings[position].next = next
    if isWeak { weak.insert(position) } else { weak.remove(position) }
  }

  /// What a reader does about it.
  mutating func note(_ path: String, _ direction: LoadDirection, _ outcome: ModelFinding.Outcome) {
    let position = position(of: path)
    let key = OutcomeKey(
      position: position, isForward: direction == .forward, effect: outcome.effect, code: outcome.code,
      condition: outcome.condition, weight: outcome.weight)
    let list = direction == .forward ? \ModelFinding.forward : \ModelFinding.backward
    guard let same = outcomes[key] else {
      outcomes[key] = findings[position][keyPath: list].count
      findings[position][keyPath: list].append(outcome)
      return
    }
    if outcome.parameters.count < findings[position][keyPath: list][same].parameters.count {
      findings[position][keyPath: list][same].parameters = outcome.parameters
    }
  }

  mutating func note(_ path: String, _ outcome: ModelFinding.Outcome) {
    for direction in LoadDirection.allCases { note(path, direction, outcome) }
  }

  /// What is noted of a place, and of those below, is about this piece as a whole: it came, or went.
  mutating func take(whole path: String) {
    redirections[ExactName(path)] = Redirection(from: path, to: path, keepsBelow: false)
  }

  /// The old name of a piece means the new one.
  mutating func rename(_ old: String, to new: String) {
    redirections[ExactName(old)] = Redirection(from: old, to: new, keepsBelow: true)
  }

  /// All findings, the worst first; of the same level as they were found.
  var sorted: [ModelFinding] {
    var all = findings
    for index in all.indices {
      all[index].forward = Self.sorted(all[index].forward)
      all[index].backward = Self.sorted(all[index].backward)
      // That an old destination refuses what it does not know is what such a subsection is for. What went well needs no
      // advice, but for what nobody else would notice.
      let isAdvised = weak.contains(index) || all[index].path.hasPrefix("/version") || all[index].path.hasPrefix("/history")
      if all[index].level == .unless || all[index].level == .safe && !isAdvised { all[index].next = "" }
    }
    return ModelFinding.Level.allCases.flatMap { level in all.filter { $0.level == level } }
  }

  /// The worst first, what always happens before what may; else as a load would meet them.
  private static func sorted(_ outcomes: [ModelFinding.Outcome]) -> [ModelFinding.Outcome] {
    func rank(_ outcome: ModelFinding.Outcome) -> Int {
      outcome.weight.rawValue * 2 + (outcome.condition.isEmpty ? 1 : 0)
    }
    return outcomes.enumerated().sorted { left, right in
      let ranks = (rank(left.element), rank(right.element))
      return ranks.0 == ranks.1 ? left.offset < right.offset : ranks.0 > ranks.1
    }.map(\.element)
  }

  private mutating func position(of path: String) -> Int {
    let path = place(of: path)
    if let position = positions[ExactName(path)] { return position }
    positions[ExactName(path)] = findings.count
    findings.append(ModelFinding(path: path))
    return findings.count - 1
  }

  /// Where a note goes: step by step from the top.
  private func place(of path: String) -> String {
    guard !redirections.isEmpty else { return path }
    var place = ""
    for step in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      place += "/" + step
      guard let redirection = redirections[ExactName(place)] else { continue }
      place = redirection.to
      if !redirection.keepsBelow { return place }
    }
    return place
  }
}

extension String {
  /// The JSON pointer to a member of what this one points to.
  func member(_ names: String...) -> String {
    var pointer = self
    for name in names { JSONPointer.append(name, to: &pointer) }
    return pointer
  }
}
