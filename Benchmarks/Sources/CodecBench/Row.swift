/// One line of the results, printed as a JSON object; Benchmarks/README.md says what the keys mean.
struct Row {
  private var members: [String] = []

  init(_ group: String, _ name: String) {
    text("group", group)
    text("row", name)
  }

  mutating func text(_ key: String, _ value: String) {
    let plain = value.map { $0 == "\"" || $0 == "\\" ? "'" : $0 }
    members.append("\"\(key)\": \"\(String(plain))\"")
  }

  mutating func number(_ key: String, _ value: Double) { members.append("\"\(key)\": \(rounded(value))") }

  mutating func number(_ key: String, _ value: Int) { members.append("\"\(key)\": \(value)") }

  /// Ours and the peer's median, in `unit`.
  mutating func values(ours: Double, peer: (name: String, value: Double)?, unit: String) {
    number("ours", ours)
    if let peer {
      text("peer", peer.name)
      number("peer_value", peer.value)
    }
    text("unit", unit)
  }

  /// Speed against the peer's, and the verdict where there is a budget.
  mutating func speed(_ spread: Spread, atLeast budget: Double?) {
    text("ratio_of", "speed")
    number("ratio", spread.median)
    number("ratio_low", spread.low)
    number("ratio_high", spread.high)
    guard let budget else { return }
    text("budget_kind", "at_least")
    number("budget", budget)
    text("verdict", spread.verdict(atLeast: budget))
  }

  mutating func atMost(_ budget: Double, _ value: Double) {
    text("budget_kind", "value_at_most")
    number("budget", budget)
    text("verdict", value <= budget ? "met" : "missed")
  }

  func print() { Swift.print("{\(members.joined(separator: ", "))}") }

  /// Four significant digits are more than the spread leaves.
  private func rounded(_ value: Double) -> Double {
    let scale = value.magnitude < 10 ? 10_000.0 : 100.0
    return (value * scale).rounded() / scale
  }
}
