/// What FuzzResume plays: a trace in binary, with the streams that it writes.
///
/// Every octets are a program: what is missing reads as zero, numbers that name something are taken modulo how many there
/// are, and zero is always the sensible choice.
///
/// ```
///  0   version (1; a program of another one does nothing)
///  1   machine under test          4   which dear relations run       6   operations that follow, at most 64
///  2   options of it               5   seed of pieces and cuts        7   streams that follow, at most 4
///  3   steps of its guest before
///  8   operations, of 8 octets each: ``ProgramOperation``
///  ..  streams, each: length (32 bits), octets; the last ends with the program
/// ```
///
/// So that old files keep their meaning a change of any of this gets another version.
public struct ResumeProgram: Equatable, Sendable {
  public static var version: UInt8 { 1 }
  public static var headByteCount: Int { 8 }
  public static var operationsMax: Int { 64 }
  public static var streamsMax: Int { 4 }
  /// Octets of a program; the shortest stream of a GPU with its machine needs about half of them.
  public static var byteCountMax: Int { 16384 }

  public var machine: UInt8 = 0
  public var options = ProgramOptions(rawValue: 0)
  public var steps: UInt8 = 0
  public var relations: UInt8 = 0
  public var seed: UInt8 = 0
  public var operations: [ProgramOperation] = []
  public var streams: [[UInt8]] = []

  public init() {}

  /// - Returns: nil for a program of another version.
  public init?(_ input: [UInt8]) {
    guard input.count > 0, input[0] == Self.version else { return nil }
    func octet(_ position: Int) -> UInt8 { position < input.count ? input[position] : 0 }
    machine = octet(1)
    options = ProgramOptions(rawValue: octet(2))
    steps = octet(3)
    relations = octet(4)
    seed = octet(5)
    let count = min(Int(octet(6)), Self.operationsMax)
    operations.reserveCapacity(count)
    var place = Self.headByteCount
    for _ in 0..<count {
      operations.append(ProgramOperation(input, at: place))
      place += ProgramOperation.byteCount
    }
    let streamCount = min(Int(octet(7)), Self.streamsMax)
    for number in 0..<streamCount {
      let claim = (0..<4).reduce(0) { $0 | Int(octet(place + $1)) << (8 * $1) }
      let start = min(place + 4, input.count)
      let end = number == streamCount - 1 ? input.count : min(start + claim, input.count)
      streams.append(Array(input[start..<end]))
      place = end
    }
  }

  /// The one spelling of the program.
  public var octets: [UInt8] {
    let operations = operations.prefix(Self.operationsMax)
    let streams = streams.prefix(Self.streamsMax)
    var octets: [UInt8] = [Self.version, machine, options.rawValue, steps, relations, seed]
    octets.reserveCapacity(byteCount)
    octets += [UInt8(operations.count), UInt8(streams.count)]
    for operation in operations { operation.append(to: &octets) }
    for stream in streams {
      for index in 0..<4 { octets.append(UInt8(truncatingIfNeeded: stream.count >> (8 * index))) }
      octets += stream
    }
    return octets
  }

  public var byteCount: Int {
    Self.headByteCount + operations.count * ProgramOperation.byteCount + streams.reduce(0) { $0 + 4 + $1.count }
  }
}

/// How the machine under test is made.
public struct ProgramOptions: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let strict = ProgramOptions(rawValue: 1)
  public static let allowsMissing = ProgramOptions(rawValue: 2)
  /// Behind the first protocol's region, with a window that takes any transaction of the stream.
  public static let region = ProgramOptions(rawValue: 4)
  /// ... with one of 1024 octets.
  public static let smallWindow = ProgramOptions(rawValue: 8)
  /// At most 256 octets may be staged.
  public static let stagesLittle = ProgramOptions(rawValue: 16)
}

/// One operation of a program.
///
/// ```
///  0 kind | 1 argument | 2 flags | 3 pieces | 4 delta, signed, 16 bits | 6 size, signed, 16 bits
/// ```
public struct ProgramOperation: Equatable, Sendable {
  public static var byteCount: Int { 8 }

  public enum Kind: UInt8, Sendable, CaseIterable {
    /// Writes octets of stream `argument`: `delta` is added to where the session is, `size` to what is left.
    case write = 0
    case finish, request, reset, run, recover, use, abort, query, save, compatible, precopyInfo, machine
    case regionState, regionRead, regionWrite, regionData, regionPut, regionGet
    case handover, source, deliver, verdict, operatorResume
    /// Call `size` of kind `argument` fails.
    case fail
    /// Of side `argument`.
    case giveUp, linkLost
    case again, operatorRuns

    /// Those that any octet may mean; younger ones only their own number, so that programs from before them do what they did.
    static let oldCount: UInt8 = 24
  }

  public struct Flags: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Of write: opens no session and resets nothing before.
    public static let asIs = Flags(rawValue: 1)
    public static let inPlace = Flags(rawValue: 2)
    /// Of write: delta counts records.
    public static let inRecords = Flags(rawValue: 4)
    /// Of write: one record is the right size, not all that is left.
    public static let oneRecord = Flags(rawValue: 8)
    /// Of write: half of the size; of regionPut: half of each transaction is written twice.
    public static let half = Flags(rawValue: 16)
    /// Of finish: octets behind END do not matter; of save and handover: with pre-copy; of fail: the device is broken.
    public static let other = Flags(rawValue: 32)
  }

  public var kind: Kind
  public var argument: UInt8 = 0
  public var flags = Flags(rawValue: 0)
  public var pieces: UInt8 = 0
  public var delta: Int16 = 0
  public var size: Int16 = 0

  public init(_ kind: Kind, _ argument: UInt8 = 0, flags: Flags = Flags(rawValue: 0)) {
    self.kind = kind
    self.argument = argument
    self.flags = flags
  }

  init(_ input: [UInt8], at place: Int) {
    func octet(_ offset: Int) -> UInt8 { place + offset < input.count ? input[place + offset] : 0 }
    func pair(_ offset: Int) -> Int16 { Int16(bitPattern: UInt16(octet(offset)) | UInt16(octet(offset + 1)) << 8) }
    kind = Kind(rawValue: octet(0)) ?? Kind(rawValue: octet(0) % Kind.oldCount) ?? .write
    argument = octet(1)
    flags = Flags(rawValue: octet(2))
    pieces = octet(3)
    delta = pair(4)
    size = pair(6)
  }

  func append(to octets: inout [UInt8]) {
    octets += [kind.rawValue, argument, flags.rawValue, pieces]
    for pair in [UInt16(bitPattern: delta), UInt16(bitPattern: size)] {
      octets += [UInt8(truncatingIfNeeded: pair), UInt8(truncatingIfNeeded: pair >> 8)]
    }
  }
}
