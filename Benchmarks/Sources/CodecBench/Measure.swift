import CPeers

/// Times of two ways to do the same work, taken in turns in one run.
struct Pair {
  var ours: [Double] = []
  var peer: [Double] = []

  /// Runs both `rounds` times, in turns, after one round that is not counted.
  static func measure(
    rounds: Int, ours: () throws -> Void, peer: () throws -> Void
  ) rethrows -> Pair {
    var pair = Pair()
    for round in 0...rounds {
      // Who goes first changes from round to round.
      let oursFirst = round % 2 == 0
      if oursFirst {
        let a = try nanoseconds(ours)
        let b = try nanoseconds(peer)
        if round > 0 { pair.add(a, b) }
      } else {
        let b = try nanoseconds(peer)
        let a = try nanoseconds(ours)
        if round > 0 { pair.add(a, b) }
      }
    }
    return pair
  }

  private mutating func add(_ ours: Double, _ peer: Double) {
    self.ours.append(ours)
    self.peer.append(peer)
  }

  /// Speed of ours against the peer's: above 1 is faster. Lowest, median and highest of the rounds.
  var ratios: (low: Double, median: Double, high: Double) {
    let sorted = zip(ours, peer).map { $1 / $0 }.sorted()
    return (sorted.first ?? 0, Self.median(sorted), sorted.last ?? 0)
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }
}

func nanoseconds(_ work: () throws -> Void) rethrows -> Double {
  let start = peer_now()
  try work()
  return Double(peer_now() - start)
}

/// Keeps the optimiser from dropping work.
nonisolated(unsafe) var sink: UInt64 = 0
