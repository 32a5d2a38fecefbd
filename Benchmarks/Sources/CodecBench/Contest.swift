import CPeers

/// Ways to do the same work, timed in turns in one run.
struct Contest {
  struct Contender {
    let name: String
    /// Operations that one sample does.
    let operations: Int
    /// Does them all, and gives the nanoseconds of it that were set-up and do not count.
    let work: () throws -> UInt64

    init(_ name: String, operations: Int = 1, _ work: @escaping () throws -> Void) {
      self.name = name
      self.operations = operations
      self.work = {
        try work()
        return 0
      }
    }

    private init(name: String, operations: Int, work: @escaping () throws -> UInt64) {
      self.name = name
      self.operations = operations
      self.work = work
    }

    static func withSetUp(
      _ name: String, operations: Int, work: @escaping () throws -> UInt64
    ) -> Contender {
      Contender(name: name, operations: operations, work: work)
    }
  }

  let names: [String]
  /// Nanoseconds an operation: of each contender, of each round.
  private(set) var times: [[Double]]

  /// Runs all `rounds` times, in turns, after one round that is not counted; who goes first moves on each round.
  init(rounds: Int, _ contenders: [Contender]) throws {
    names = contenders.map(\.name)
    times = Array(repeating: [], count: contenders.count)
    for round in 0...rounds {
      for turn in contenders.indices {
        let index = (turn + round) % contenders.count
        let contender = contenders[index]
        let start = peer_now()
        let setUp = try contender.work()
        let took = Double(peer_now() - start - setUp) / Double(contender.operations)
        if round > 0 { times[index].append(took) }
      }
    }
  }

  func median(_ contender: Int) -> Double { Spread(times[contender]).median }

  /// Speed of one against another: above 1 is faster.
  func speed(of ours: Int, against peer: Int) -> Spread {
    Spread(zip(times[ours], times[peer]).map { $1 / $0 })
  }
}

/// Lowest, median and highest of the rounds.
struct Spread {
  let low: Double
  let median: Double
  let high: Double

  init(_ values: [Double]) {
    let sorted = values.sorted()
    low = sorted.first ?? 0
    median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    high = sorted.last ?? 0
  }

  /// A miss inside the spread is undecided, not a pass.
  func verdict(atLeast budget: Double) -> String {
    if median >= budget { return "met" }
    return high >= budget ? "undecided" : "missed"
  }
}

/// Keeps the optimiser from dropping work.
nonisolated(unsafe) var sink: UInt64 = 0
