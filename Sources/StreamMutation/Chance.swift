/// Chances from one seed; the same seed gives the same ones everywhere.
public struct Chance: Sendable {
  private var state: UInt64

  /// Seeds side by side give chances that have nothing to do with each other.
  public init(_ seed: UInt64) {
    var mixed = seed &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed >> 31
    state = mixed == 0 ? 1 : mixed
  }

  public mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// A number below `bound`, which is above 0.
  public mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

  /// True once in `count` times.
  public mutating func isOne(in count: Int) -> Bool { below(count) == 0 }
}
