import CFuzzShim
import Glibc
import StreamMutation

/// The entry points of one fuzzer: runs libFuzzer when it is linked in, otherwise replays files and folders.
public enum Harness<Target: FuzzTarget> {
  public typealias OneInput = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

  @unsafe
  public static func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    switch Target.check(unsafe Array(UnsafeBufferPointer(start: data, count: size))) {
    case .uninteresting: return -1
    case .fine: return 0
    case .violation(let violation): fatalError("\(violation.oracle): \(violation.detail)")
    }
  }

  @unsafe
  public static func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ sizeMax: Int, _ seed: UInt32
  ) -> Int {
    guard plan.usesStructure else { return unsafe fuzz_mutate_bytes(data, size, sizeMax) }
    var input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    var chance = Chance(UInt64(seed))
    Target.mutate(&input, byteCountMax: grown(size, sizeMax), chance: &chance, plan: plan)
    return unsafe put(input, data, sizeMax)
  }

  @unsafe
  public static func crossOver(
    _ first: UnsafePointer<UInt8>, _ firstSize: Int, _ second: UnsafePointer<UInt8>, _ secondSize: Int,
    _ target: UnsafeMutablePointer<UInt8>, _ sizeMax: Int, _ seed: UInt32
  ) -> Int {
    var chance = Chance(UInt64(seed))
    let both = unsafe (
      Array(UnsafeBufferPointer(start: first, count: firstSize)),
      Array(UnsafeBufferPointer(start: second, count: secondSize))
    )
    let most = grown(max(firstSize, secondSize), sizeMax)
    let result = Target.crossOver(both.0, both.1, byteCountMax: most, chance: &chance, plan: plan)
    return unsafe put(result, target, sizeMax)
  }

  /// Octets that may come of so many.
  private static func grown(_ size: Int, _ sizeMax: Int) -> Int { min(sizeMax, max(size, Target.usualByteCountMax)) }

  @unsafe
  private static func put(_ octets: [UInt8], _ target: UnsafeMutablePointer<UInt8>, _ sizeMax: Int) -> Int {
    precondition(octets.count <= sizeMax, "a mutation is larger than it may be")
    unsafe octets.withUnsafeBufferPointer { source in
      // Safe: libFuzzer gives memory of `sizeMax` octets.
      if let start = source.baseAddress { unsafe target.update(from: start, count: source.count) }
    }
    return octets.count
  }

  private static var plan: MutationPlan { FuzzChoices.chosen.plan }

  /// - Parameter switches: Of libFuzzer, where no argument says otherwise.
  @unsafe
  public static func run(_ oneInput: @escaping OneInput, switches: [String] = []) -> Never {
    if fuzz_have_driver() != 0 {
      var arguments = CommandLine.arguments
      arguments.insert(contentsOf: switches, at: 1)
      var count = CInt(arguments.count)
      // The process needs it to its end.
      let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
      for (number, argument) in arguments.enumerated() { unsafe (vector + number).initialize(to: strdup(argument)) }
      unsafe (vector + arguments.count).initialize(to: nil)
      var start = unsafe vector
      unsafe exit(fuzz_run_driver(&count, &start, oneInput))
    }
    let isGood = Replay.replay(Array(CommandLine.arguments.dropFirst())) { Target.check($0) }
    exit(isGood ? 0 : 1)
  }
}

/// `MIGSTREAM_FUZZ_WITHOUT` names what a fuzzer goes without: of the mutator `structure`, `repair`, `operations`, of the
/// oracles `sampling`.
struct FuzzChoices {
  private(set) var plan = MutationPlan()
  /// Every relation is judged for every input.
  private(set) var judgesAll = false

  static let chosen = FuzzChoices()

  private init() {
    guard let text = unsafe getenv("MIGSTREAM_FUZZ_WITHOUT") else { return }
    for word in unsafe String(cString: text).split(separator: ",") {
      switch word {
      case "structure": plan.usesStructure = false
      case "repair": plan.repairs = false
      case "operations": plan.changesOperations = false
      case "sampling": judgesAll = true
      default: fatalError("MIGSTREAM_FUZZ_WITHOUT takes structure, repair, operations and sampling, not \(word)")
      }
    }
  }
}
