import Glibc

/// Time and allocations, by part of an execution.
struct PartClock {
  enum Part: UInt8, CaseIterable {
    case machine, checkedRun, resuming, write, finish, requests, twin, steps, digests, wellFormed, save, reset

    var name: String { "\(self)" }
  }

  struct Sum {
    var nanoseconds: UInt64 = 0
    var allocations: UInt64 = 0

    mutating func add(_ other: Sum) {
      nanoseconds += other.nanoseconds
      allocations += other.allocations
    }
  }

  private(set) var sums = [Sum](repeating: Sum(), count: Part.allCases.count)
  private var start = Sum()

  mutating func begin() { start = Self.now() }

  /// What was done since the last call was this part.
  mutating func end(_ part: Part) {
    let now = Self.now()
    sums[Int(part.rawValue)].nanoseconds += now.nanoseconds - start.nanoseconds
    sums[Int(part.rawValue)].allocations += now.allocations - start.allocations
    start = Self.now()
  }

  mutating func forget() { sums = [Sum](repeating: Sum(), count: Part.allCases.count) }

  private static func now() -> Sum {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Sum(
      nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec), allocations: allocationCount?() ?? 0)
  }

  /// Of the library that counts them; nil when it is not loaded.
  private static let allocationCount: (@convention(c) () -> UInt64)? = {
    // Safe: the function of malloccount.c takes nothing and gives an unsigned long.
    guard let symbol = unsafe dlsym(nil, "malloccount_calls") else { return nil }
    return unsafe unsafeBitCast(symbol, to: (@convention(c) () -> UInt64).self)
  }()
}
