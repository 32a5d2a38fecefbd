import DeviceModel
import MigrationStream
import StreamReport

/// Differences of definitions, for people and as JSON.
///
/// Source: Specs/50-inspection.md section 9.
struct ModelDiffReport {
  private struct Pair {
    let old: ModelLibrary.Entry
    let new: ModelLibrary.Entry
    let diff: ModelDiff
  }

  private var pairs: [Pair] = []

  mutating func add(old: ModelLibrary.Entry, new: ModelLibrary.Entry) {
    pairs.append(Pair(old: old, new: new, diff: ModelDiff(old: old.document, new: new.document)))
  }

  var isBreaking: Bool { pairs.contains { $0.diff.isBreaking } }
}

// MARK: - For people

extension ModelDiffReport {
  var text: String {
    var text = ""
    for pair in pairs {
      if !text.isEmpty { text += "\n" }
      text += "old  \(Self.name(pair.old))\nnew  \(Self.name(pair.new))\n"
      for finding in pair.diff.findings { text += "\n" + Self.text(finding) }
      text += "\n" + Self.summary(pair.diff)
    }
    return text
  }

  private static func name(_ entry: ModelLibrary.Entry) -> String {
    "\(entry.document.model)@\(entry.document.version)  \(entry.file)".visible(keeping: "\"\\")
  }

  private static func text(_ finding: ModelFinding) -> String {
    var lines = ["\(words(finding.level)): \(finding.path)"]
    lines += finding.changes.map { "  change                  \($0)" }
    lines.append("  old reader, new writer  \(sentence(finding.forward))")
    lines.append("  new reader, old writer  \(sentence(finding.backward))")
    let parameters = (finding.forward.first ?? finding.backward.first)?.parameters ?? []
    if !parameters.isEmpty {
      let settings = parameters.map { "\($0.name)=\($0.value.text)" }
      lines.append("  with parameters         \(settings.joined(separator: " "))")
    }
    if !finding.next.isEmpty { lines.append("  next                    \(finding.next)") }
    return lines.map { $0.visible(keeping: "\"\\") + "\n" }.joined()
  }

  private static func words(_ level: ModelFinding.Level) -> String {
    switch level {
    case .both: "breaks both ways"
    case .forward: "breaks forward"
    case .backward: "breaks backward"
    case .unless: "safe unless it comes"
    case .safe: "safe"
    }
  }

  private static func sentence(_ outcomes: [ModelFinding.Outcome]) -> String {
    guard let first = outcomes.first else { return "takes it" }
    var sentence: String
    switch first.effect {
    case .refused: sentence = "refuses it" + (first.code.map { " (\($0))" } ?? "")
    case .misread: sentence = "takes it for something else"
    case .skipped: sentence = "steps over it"
    case .defaulted: sentence = "takes its default"
    }
    sentence += first.condition.isEmpty ? ", always" : ", when \(first.condition)"
    return outcomes.count == 1 ? sentence : sentence + "; and \(outcomes.count - 1) more"
  }

  private static func summary(_ diff: ModelDiff) -> String {
    var parts: [String] = []
    for level in ModelFinding.Level.allCases {
      let count = diff.findings.count { $0.level == level }
      if count > 0 { parts.append("\(count) \(words(level))") }
    }
    let sets = "\(diff.setCount) parameter sets were looked at" + (diff.isCut ? "; there are more" : "")
    return (parts.isEmpty ? "no difference" : parts.joined(separator: ", ")) + "; \(sets)\n"
  }
}

// MARK: - JSON

extension ModelDiffReport {
  var json: JSONValue {
    .record([
      "schema": .number(1), "command": .text("model diff"), "pairs": .list(pairs.map(Self.json)),
      "breaks": .flag(isBreaking),
    ])
  }

  private static func json(_ pair: Pair) -> JSONValue {
    .record([
      "old": json(pair.old), "new": json(pair.new), "findings": .list(pair.diff.findings.map(json)),
      "sets": .number(pair.diff.setCount), "cut": pair.diff.isCut ? .flag(true) : nil,
    ])
  }

  private static func json(_ entry: ModelLibrary.Entry) -> JSONValue {
    .record([
      "file": .text(entry.file), "model": .text(entry.document.model), "version": .number(entry.document.version),
    ])
  }

  private static func json(_ finding: ModelFinding) -> JSONValue {
    .record([
      "level": .text(finding.level.rawValue), "path": .text(finding.path),
      "changes": .list(finding.changes.map { .text($0) }), "forward": .list(finding.forward.map(json)),
      "backward": .list(finding.backward.map(json)), "next": finding.next.isEmpty ? nil : .text(finding.next),
    ])
  }

  private static func json(_ outcome: ModelFinding.Outcome) -> JSONValue {
    .record([
      "effect": .text(outcome.effect.rawValue), "code": outcome.code.map { .text("\($0)") },
      "number": outcome.code.map { .number($0.rawValue) }, "when": outcome.condition.isEmpty ? nil : .text(outcome.condition),
      "weight": .text("\(outcome.weight)"),
      "parameters": outcome.parameters.isEmpty
        ? nil
        : .list(
          outcome.parameters.map { .record(["name": .text($0.name), "value": .text($0.value.text)]) }),
    ])
  }
}
