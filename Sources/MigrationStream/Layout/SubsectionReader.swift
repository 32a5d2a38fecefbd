/// One subsection of a section or of another subsection.
///
///      0        4        6       8        12       14        16         24       octet
///     +--------+--------+-------+--------+--------+---------+----------+--------+------+--------+
///     | length | number | num   | layout | num    | reserved| len_data | target | data | nested |
///     |        |        | nested|        | target |         |          |        |      |        |
///     +--------+--------+-------+--------+--------+---------+----------+--------+------+--------+
///
/// Source: Specs/10-stream-format.md section 6.1.
@frozen
public struct Subsection: ~Escapable {
  /// Octets from the start of the stream to the subsection.
  public let offset: UInt64
  /// All of it, its lengths checked; empty where there is no subsection.
  public let octets: RawSpan

  @_lifetime(copy octets)
  init(_ octets: RawSpan, at offset: UInt64) {
    self.octets = octets
    self.offset = offset
  }

  /// No subsection yet, of those that `octets` hold.
  @_lifetime(copy octets)
  static func none(of octets: RawSpan) -> Subsection { Subsection(octets.extracting(0..<0), at: 0) }

  var isNone: Bool { octets.isEmpty }

  /// Position in the device's announced subsections.
  public var number: UInt16 { octets.integer(at: 4, as: UInt16.self) }
  /// Direct subsections inside.
  public var numSubsections: UInt16 { octets.integer(at: 6, as: UInt16.self) }
  public var layout: UInt32 { octets.integer(at: 8, as: UInt32.self) }
  public var targetStepCount: Int { Int(octets.integer(at: 12, as: UInt16.self)) }

  /// The target path: steps of 8 octets.
  public var target: RawSpan {
    @_lifetime(copy self)
    get { octets.extracting(24..<dataStart) }
  }
  public var data: RawSpan {
    @_lifetime(copy self)
    get { octets.extracting(dataStart..<dataEnd) }
  }
  var nested: RawSpan {
    @_lifetime(copy self)
    get { octets.extracting(dataEnd..<octets.byteCount) }
  }

  private var dataStart: Int { 24 + 8 * targetStepCount }
  private var dataEnd: Int { dataStart + Int(octets.integer(at: 16, as: UInt64.self)) }

  public func targetStep(_ index: Int) -> TargetStep {
    TargetStep(
      field: target.integer(at: 8 * index, as: UInt32.self),
      element: target.integer(at: 8 * index + 4, as: UInt32.self))
  }

  /// Octets from the start of the stream to the target, to the data and to the nested subsections.
  public var targetOffset: UInt64 { offset &+ 24 }
  public var dataOffset: UInt64 { offset &+ UInt64(dataStart) }
  public var nestedOffset: UInt64 { offset &+ UInt64(dataEnd) }

  /// Order among siblings: target, then number.
  func isBefore(_ other: Subsection) -> Bool {
    for index in 0..<min(targetStepCount, other.targetStepCount) {
      let (left, right) = (targetStep(index), other.targetStep(index))
      if left != right { return left.isBefore(right) }
    }
    if targetStepCount != other.targetStepCount { return targetStepCount < other.targetStepCount }
    return number < other.number
  }
}

/// A step of a target path: a group or list of the layout in force, and which element of it.
@frozen
public struct TargetStep: Equatable, Sendable, BitwiseCopyable {
  public var field: UInt32
  /// Position in the array or list; 0 where there is none.
  public var element: UInt32

  @inlinable
  public init(field: UInt32, element: UInt32) {
    self.field = field
    self.element = element
  }

  func isBefore(_ other: TargetStep) -> Bool {
    field != other.field ? field < other.field : element < other.element
  }
}

/// The subsections that follow the data of a section or subsection, one after the other.
///
/// Checks heads, lengths, order and nesting. Data and targets are checked by
/// ``SectionWalker/check(layout:subsections:)``, marks by who knows the announcements.
///
/// Source: Specs/10-stream-format.md section 6.1.
@frozen
public struct SubsectionReader: ~Escapable {
  private var reader: ByteReader
  let octets: RawSpan
  private var left: Int
  private let numAnnounced: UInt16
  private let depth: Int
  private let limits: StreamLimits
  private var previous: Subsection
  /// Octets of the section's body, or of the subsection, in front of these: left-over data is counted against the whole.
  private let leading: Int

  /// - Parameters:
  ///   - octets: Everything after the data of the section.
  ///   - leading: Octets of the section's body before them.
  ///   - count: Direct subsections that the section says it has.
  ///   - numAnnounced: Subsections that the device announced.
  @_lifetime(copy octets)
  public init(
    _ octets: RawSpan, at base: UInt64, leading: Int, count: UInt16, numAnnounced: UInt16,
    limits: StreamLimits
  ) {
    self.init(
      octets, at: base, leading: leading, count: count, numAnnounced: numAnnounced, depth: 1,
      limits: limits)
  }

  @_lifetime(copy octets)
  private init(
    _ octets: RawSpan, at base: UInt64, leading: Int, count: UInt16, numAnnounced: UInt16,
    depth: Int, limits: StreamLimits
  ) {
    self.octets = octets
    self.leading = leading
    reader = ByteReader(octets, at: base, stage: .section)
    left = Int(count)
    self.numAnnounced = numAnnounced
    self.depth = depth
    self.limits = limits
    previous = Subsection.none(of: octets)
  }

  /// The subsections inside one that this reader gave.
  @_lifetime(copy subsection)
  public func inside(_ subsection: Subsection) -> SubsectionReader {
    SubsectionReader(
      subsection.nested, at: subsection.nestedOffset,
      leading: Int(subsection.nestedOffset &- subsection.offset), count: subsection.numSubsections,
      numAnnounced: numAnnounced, depth: depth + 1, limits: limits)
  }

  /// The next subsection, or nil after the last.
  ///
  /// - Throws: `unexpectedData` when octets follow the last, `truncatedData`, `badValue`, `reservedNotZero`,
  ///   `unknownSection`, `badOrder`, `limitExceeded`; each at its field.
  @_lifetime(copy self)
  public mutating func next() throws(StreamError) -> Subsection? {
    guard left > 0 else {
      guard reader.remaining == 0 else {
        throw reader.refusal(
          .unexpectedData, expected: UInt64(leading + octets.byteCount),
          found: UInt64(leading + reader.position))
      }
      return nil
    }
    let deepest = min(limits.nestingMax, 8)
    guard depth <= Int(deepest) else {
      throw reader.refusal(.limitExceeded, expected: UInt64(deepest), found: UInt64(depth))
    }
    let subsection = try take()
    if !previous.isNone, !previous.isBefore(subsection) {
      throw StreamError(.badOrder, .section, at: subsection.offset, found: UInt64(subsection.number))
    }
    previous = subsection
    left -= 1
    return subsection
  }

  @_lifetime(copy self)
  private mutating func take() throws(StreamError) -> Subsection {
    var head = reader
    let offset = head.offset
    let length = Int(clamping: try head.u32())
    let number = try head.u16()
    _ = try head.u16()
    _ = try head.u32()
    let numTarget = Int(try head.u16())
    try head.reserved(2)
    let lenData = try head.u64()
    guard length & 7 == 0, length >= 24 else {
      throw refusal(.badValue, expected: 24, found: UInt64(length))
    }
    guard number < numAnnounced else {
      throw refusal(.unknownSection, ahead: 4, expected: UInt64(numAnnounced), found: UInt64(number))
    }
    guard numTarget <= 8 else {
      throw refusal(.badValue, ahead: 12, expected: 8, found: UInt64(numTarget))
    }
    let room = length - 24 - 8 * numTarget
    guard room >= 0 else {
      throw refusal(
        .truncatedData, ahead: 12, expected: UInt64(24 + 8 * numTarget), found: UInt64(length))
    }
    guard lenData & 7 == 0 else { throw refusal(.badValue, ahead: 16, expected: 8, found: lenData) }
    guard lenData <= UInt64(room) else {
      throw refusal(.truncatedData, ahead: 16, expected: lenData, found: UInt64(room))
    }
    return Subsection(try reader.take(length), at: offset)
  }

  /// An error `ahead` octets after the start of the next subsection.
  private func refusal(
    _ code: StreamError.Code, ahead: UInt64 = 0, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    StreamError(code, .section, at: reader.offset &+ ahead, expected: expected, found: found)
  }
}
