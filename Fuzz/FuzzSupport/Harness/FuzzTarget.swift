public import StreamMutation

/// What a fuzzer does with one input, and how it makes the next; the executables in `Fuzz/` are its entry points.
///
/// Nothing of it depends on libFuzzer, so tests, the benchmark and a replay run the same code.
public protocol FuzzTarget {
  /// Runs one input and holds every oracle against it. Pure: no clock, no file, no state from one input to the next.
  static func check(_ input: [UInt8]) -> FuzzVerdict

  /// - Parameters:
  ///   - input: Replaced by a changed one.
  ///   - byteCountMax: The result has no more octets.
  ///   - chance: The only source of chance: the same seed and input give the same octets.
  ///   - plan: What the mutator may use; benchmarks take parts away.
  static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan)

  /// Octets up to which inputs grow: larger ones take longer and say little more.
  static var usualByteCountMax: Int { get }

  /// - Returns: An input with parts of both.
  static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8]
}

extension FuzzTarget {
  public static var usualByteCountMax: Int { 4_096 }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    LeafMutation.mutate(&input, byteCountMax: byteCountMax)
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    OctetMutation.joined(first, second, byteCountMax: byteCountMax, chance: &chance)
  }
}

/// What an input was worth.
public enum FuzzVerdict: Equatable, Sendable {
  /// Nothing that a corpus should keep.
  case uninteresting
  case fine
  case violation(FuzzViolation)
}

/// An oracle saw a rule broken.
public struct FuzzViolation: Equatable, Sendable {
  /// The invariant or relation: `I20`, `R2`, ...; buckets are made by it.
  public let oracle: String
  /// What was expected, what was found, and after which operation.
  public let detail: String

  public init(_ oracle: String, _ detail: String) {
    self.oracle = oracle
    self.detail = detail
  }
}

/// What a mutator may use.
public struct MutationPlan: Equatable, Sendable {
  /// false: octets only.
  public var usesStructure = true
  /// false: lengths and digests stay as the mutation left them.
  public var repairs = true
  /// false: operations of programs stay as they are, and only streams change.
  public var changesOperations = true

  public init() {}
}
