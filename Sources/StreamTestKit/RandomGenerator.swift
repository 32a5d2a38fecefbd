/// SplitMix64: the same numbers for the same seed, everywhere.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64
  /// Octets that decide before chance does.
  private var choices: [UInt8] = []
  /// How many of them have decided.
  private var decided = 0
  private var isChosen = false

  public init(seed: UInt64) { state = seed }

  /// What some octets decide, one after the other, a small choice by one octet, so that changing an octet changes one
  /// choice; zeros behind the last one.
  public init(choices: [UInt8]) {
    state = 0
    self.choices = choices
    isChosen = true
  }

  /// Whether there are choices left.
  public var hasChoices: Bool { decided < choices.count }

  private mutating func choice() -> UInt8 {
    guard decided < choices.count else { return 0 }
    decided += 1
    return choices[decided - 1]
  }

  public mutating func next() -> UInt64 {
    if isChosen {
      return (0..<8).reduce(0 as UInt64) { number, place in number | UInt64(choice()) << UInt64(8 * place) }
    }
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number from `range`.
  public mutating func pick(_ range: ClosedRange<Int>) -> Int {
    guard isChosen else { return Int.random(in: range, using: &self) }
    var value = 0
    for _ in 0..<(range.count <= 256 ? 1 : 4) { value = value << 8 | Int(choice()) }
    return range.lowerBound + value % range.count
  }

  /// True once in `times`.
  public mutating func once(in times: Int) -> Bool { pick(1...times) == 1 }

  public mutating func octets(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in isChosen ? choice() : UInt8(truncatingIfNeeded: next() >> 32) }
  }
}
