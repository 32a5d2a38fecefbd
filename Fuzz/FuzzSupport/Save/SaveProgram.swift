import MigrationStream
import ResumePath

/// What FuzzSave plays: a machine that saves.
///
/// ```
///  0 version (1) | 1 machine | 2 options | 3 steps before | 4 the write at which the sink fails, from 1; 0: none
///  5 the device call that fails, likewise | 6 seed | 7 which dear relations are looked at; 0: all | 8 operations, of 2 octets: kind, argument
/// ```
///
/// Every octets are a program, and a missing octet is zero.
public struct SaveProgram: Equatable, Sendable {
  public static var version: UInt8 { 1 }
  public static var headByteCount: Int { 8 }
  public static var operationsMax: Int { 64 }

  public enum Kind: UInt8, Sendable, CaseIterable {
    /// The save goes on by `argument` steps; 0: until its device, pass or phase is done.
    case step, stop, finish, cancel, handOver, resumeHere, run, begin, estimate, request, reset
    /// Somebody asks to log pages; `argument` and the seed say which.
    case log
  }

  public struct Operation: Equatable, Sendable {
    public var kind: Kind
    public var argument: UInt8

    public init(_ kind: Kind, _ argument: UInt8 = 0) {
      self.kind = kind
      self.argument = argument
    }
  }

  public struct Options: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let preCopy = Options(rawValue: 1)
    public static let compresses = Options(rawValue: 2)
    /// The machine stands still when it is saved.
    public static let stopped = Options(rawValue: 4)
    /// The form for embedding, of which a machine's manifest is not.
    public static let singleDevice = Options(rawValue: 8)
    /// Records are promised to be at most 4096 octets.
    public static let promises = Options(rawValue: 16)
    /// A turn ends after 4096 octets.
    public static let shortTurns = Options(rawValue: 32)
    /// A device that fails does not know what state it is in; else as it was.
    public static let breaks = Options(rawValue: 64)
    /// It fails when it is moved; else when it gives state.
    public static let failsMoving = Options(rawValue: 128)
  }

  public var machine: UInt8 = 0
  public var options: Options = []
  public var steps: UInt8 = 0
  public var sinkFailsAt: UInt8 = 0
  public var deviceFailsAt: UInt8 = 0
  public var seed: UInt8 = 0
  public var relations: UInt8 = 0
  public var operations: [Operation] = []

  public init() {}

  /// - Returns: nil for a program of another version.
  public init?(_ input: [UInt8]) {
    guard input.count > 0, input[0] == Self.version else { return nil }
    func octet(_ position: Int) -> UInt8 { position < input.count ? input[position] : 0 }
    (machine, options, steps) = (octet(1), Options(rawValue: octet(2)), octet(3))
    (sinkFailsAt, deviceFailsAt, seed, relations) = (octet(4), octet(5), octet(6), octet(7))
    var place = Self.headByteCount
    while place < input.count, operations.count < Self.operationsMax {
      let kind = Kind(rawValue: input[place] % UInt8(Kind.allCases.count)) ?? .step
      operations.append(Operation(kind, octet(place + 1)))
      place += 2
    }
  }

  /// The one spelling of the program.
  public var octets: [UInt8] {
    [Self.version, machine, options.rawValue, steps, sinkFailsAt, deviceFailsAt, seed, relations]
      + operations.prefix(Self.operationsMax).flatMap { [$0.kind.rawValue, $0.argument] }
  }

  var saveOptions: SaveOptions {
    var chosen = SaveOptions(uuid: StreamUUID(low: 0x7361_7665, high: UInt64(seed)))
    chosen.usesPreCopy = options.contains(.preCopy)
    chosen.compresses = options.contains(.compresses)
    chosen.isSingleDevice = options.contains(.singleDevice)
    if options.contains(.promises) { chosen.recordByteCountMax = 4096 }
    if options.contains(.shortTurns) { chosen.turnByteCountMax = 4096 }
    return chosen
  }
}
