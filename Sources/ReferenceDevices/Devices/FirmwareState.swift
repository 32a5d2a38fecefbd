import MigrationStream

/// What the firmware of a GPU keeps of its engines: blocks whose octets follow from a number and a generation, so that
/// any place of 2 GiB can be made, and checked, without keeping them.
///
/// ```
///  byte string:  block | block | ... | blocks again that have changed ... | progress of the engines
///
///   0        8         16           24           64                                      65536
///  +--------+---------+------------+------------+---------------------------------------+
///  | magic  | number  | generation | zero       | content, a pattern turned by both     |     a block
///  +--------+---------+------------+------------+---------------------------------------+
///  | magic  | engines | zero                    | progress of each engine (8), zeros    |     the last 4096 octets
///  +--------+---------+-------------------------+---------------------------------------+
/// ```
package struct FirmwareState: Equatable, Sendable {
  static let blockByteCount = 65536
  static let tailByteCount = 4096
  private static let headByteCount = 64
  private static let blockMagic: UInt64 = 0x4b4c_4246_5f50_4755
  private static let tailMagic: UInt64 = 0x4c49_4154_5f50_4755

  /// By block.
  package private(set) var generations: [UInt64]
  /// Steps that each engine has done.
  package private(set) var progress: [UInt64]
  /// Kept up with the generations, so that a digest takes no time.
  package private(set) var sum: UInt64 = 0

  init(byteCount: UInt64, engineCount: Int) {
    generations = [UInt64](repeating: 0, count: max(1, Int(byteCount) / Self.blockByteCount))
    progress = [UInt64](repeating: 0, count: engineCount)
  }

  /// An engine computes: one of the blocks changes.
  mutating func compute(engine: Int, context: UInt32) {
    progress[engine] &+= 1
    let mixed = StateDigest.mix(progress[engine] &* 31 &+ UInt64(engine) &* 7 &+ UInt64(context))
    let block = Int(mixed % UInt64(generations.count))
    set(block, generations[block] &+ 1 &+ UInt64(context))
  }

  mutating func set(_ block: Int, _ generation: UInt64) {
    sum &-= Self.share(block, generations[block])
    generations[block] = generation
    sum &+= Self.share(block, generation)
  }

  private static func share(_ block: Int, _ generation: UInt64) -> UInt64 {
    generation == 0 ? 0 : StateDigest.mix(UInt64(block) << 32 ^ StateDigest.mix(generation))
  }

  mutating func setProgress(_ values: [UInt64]) { progress = values }

  // MARK: Octets

  /// What the content of all blocks is made of.
  private static let pattern: [UInt8] = {
    var random = WorkloadRandom(seed: 0x6772_6170_6869_6373)
    return random.octets(blockByteCount - headByteCount)
  }()

  /// Where the pattern begins in a block.
  private static func turn(_ block: Int, _ generation: UInt64) -> Int {
    Int(StateDigest.mix(UInt64(block) &* 0x9e37_79b9 ^ generation) % UInt64(pattern.count))
  }

  func append(block: Int, to octets: inout OwnedBytes) throws(StreamError) {
    try octets.append(integer: Self.blockMagic)
    try octets.append(integer: UInt64(block))
    try octets.append(integer: generations[block])
    try octets.append(repeating: 0, count: Self.headByteCount - 24)
    let turn = Self.turn(block, generations[block])
    let pattern = Self.pattern.span.octets
    try octets.append(pattern.extracting(turn..<pattern.byteCount))
    try octets.append(pattern.extracting(0..<turn))
  }

  func appendTail(to octets: inout OwnedBytes) throws(StreamError) {
    let start = octets.count
    try octets.append(integer: Self.tailMagic)
    try octets.append(integer: UInt64(progress.count))
    try octets.append(repeating: 0, count: Self.headByteCount - 16)
    for value in progress { try octets.append(integer: value) }
    try octets.append(repeating: 0, count: Self.tailByteCount - (octets.count - start))
  }

  /// Octets of the unit that begins with `octets`; nil when it begins with neither a block nor the tail.
  static func unitByteCount(_ octets: RawSpan) -> Int? {
    switch octets.integer(at: 0, as: UInt64.self) {
    case blockMagic: blockByteCount
    case tailMagic: tailByteCount
    default: nil
    }
  }

  /// The number and the generation of a block that is what it must be.
  func block(_ octets: RawSpan) -> (number: Int, generation: UInt64)? {
    let number = octets.integer(at: 8, as: UInt64.self)
    let generation = octets.integer(at: 16, as: UInt64.self)
    guard number < UInt64(generations.count), octets.extracting(24..<Self.headByteCount).isZero else { return nil }
    let turn = Self.turn(Int(number), generation)
    let pattern = Self.pattern.span.octets
    let first = pattern.byteCount - turn
    let content = octets.extracting(Self.headByteCount..<Self.blockByteCount)
    guard content.extracting(0..<first).hasSameOctets(as: pattern.extracting(turn..<pattern.byteCount)),
      content.extracting(first..<content.byteCount).hasSameOctets(as: pattern.extracting(0..<turn))
    else { return nil }
    return (Int(number), generation)
  }

  /// The progress that the tail holds, if it is for as many engines.
  func tail(_ octets: RawSpan) -> [UInt64]? {
    let end = Self.headByteCount + 8 * progress.count
    guard octets.integer(at: 8, as: UInt64.self) == UInt64(progress.count),
      octets.extracting(16..<Self.headByteCount).isZero, octets.extracting(end..<Self.tailByteCount).isZero
    else { return nil }
    return progress.indices.map { octets.integer(at: Self.headByteCount + 8 * $0, as: UInt64.self) }
  }
}

/// Takes a firmware's byte string in any pieces.
struct FirmwareIntake {
  private(set) var state: FirmwareState
  /// Whether anything was not what it must be: said when the device prepares, since the digest of these octets may not
  /// have been looked at yet.
  private(set) var isDamaged = false
  private(set) var isComplete = false
  private var seen: [Bool]
  private var partial: [UInt8] = []

  init(_ blank: FirmwareState) {
    state = blank
    seen = [Bool](repeating: false, count: blank.generations.count)
  }

  var hasAllBlocks: Bool { seen.allSatisfy { $0 } }

  func holds(_ pattern: [UInt8]) -> Bool { partial.span.octets.contains(pattern) }

  mutating func take(_ octets: RawSpan) {
    var start = 0
    while start < octets.byteCount, !isDamaged {
      guard !isComplete else { return isDamaged = true }
      let rest = octets.extracting(start..<octets.byteCount)
      if partial.isEmpty, rest.byteCount >= 8, let count = FirmwareState.unitByteCount(rest), rest.byteCount >= count {
        take(unit: rest.extracting(0..<count))
        start += count
        continue
      }
      start += gather(rest)
    }
  }

  /// Adds to a unit that is not whole yet; returns the octets taken.
  private mutating func gather(_ octets: RawSpan) -> Int {
    var wanted = 8
    if partial.count >= 8 {
      guard let count = FirmwareState.unitByteCount(partial.span.octets) else {
        isDamaged = true
        return octets.byteCount
      }
      wanted = count
    }
    let count = min(wanted - partial.count, octets.byteCount)
    partial += [UInt8](octets.extracting(0..<count))
    if wanted > 8, partial.count == wanted {
      let whole = partial
      partial = []
      take(unit: whole.span.octets)
    }
    return count
  }

  private mutating func take(unit: RawSpan) {
    if unit.byteCount == FirmwareState.tailByteCount {
      guard let progress = state.tail(unit) else { return isDamaged = true }
      state.setProgress(progress)
      isComplete = true
    } else {
      guard let (number, generation) = state.block(unit) else { return isDamaged = true }
      state.set(number, generation)
      seen[number] = true
    }
  }
}
