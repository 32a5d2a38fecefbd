/// Why a foreign stream was refused, at which octet, and while reading what.
///
/// Unlike the codec's errors this one carries a short path: readers of foreign formats serve people, not a resume path.
public struct ForeignError: Error, Equatable, Sendable {
  /// The rule that was broken. Raw values are stable; new rules take new numbers.
  public enum Code: Int32, Sendable {
    /// The source could not deliver octets that it says it has.
    case sourceUnreadable = 1
    /// The caller's output refused more octets.
    case sinkRefused = 2
    /// The input ends inside something.
    case truncated = 10
    /// The magic is not that of a format this room reads.
    case notRecognised = 11
    /// The format version is not one this room reads.
    case unsupportedVersion = 12
    /// A limit of this reader was reached; `expected` is the limit.
    case limitExceeded = 13
    /// A record type or flag that the format does not have.
    case unknownRecord = 20
    /// A section's footer is missing or names another section.
    case badFooter = 21
    /// A part refers to a section that never started.
    case unknownSection = 22
    /// A name is empty or not printable where the format wants a name.
    case badName = 23
    /// A command's argument has a length the format does not allow.
    case badCommand = 24
    /// The description is not JSON, or lacks what a description must have.
    case descriptionInvalid = 30
    /// The stream does not have the form its own description claims.
    case descriptionMismatch = 31
    /// A guest memory record is impossible: unknown block, offset outside, bad flags.
    case badMemoryRecord = 40
    /// The format that a stream is converted to has no place for this; ``ForeignError/path`` says what it is.
    case notConvertible = 50
    /// The codec refused what a conversion gave it; `found` is its error code, the offset one of the converted stream.
    case refusedByCodec = 51
  }

  /// What the reader was doing.
  public enum Stage: String, Sendable {
    case opening, header, configuration, record, memory, section, search, footer, command,
      description, printing, tree, conversion
  }

  public var code: Code
  public var stage: Stage
  /// Octets from the start of the input to the first octet of the field at fault.
  public var offset: UInt64
  /// What was wanted: octets for `.truncated`, the limit for `.limitExceeded`, else the field's value.
  public var expected: UInt64
  /// What was there, in the unit of ``expected``.
  public var found: UInt64
  /// Section and field, such as `cpu/env.regs`; empty outside sections.
  public var path: String

  public init(
    _ code: Code, _ stage: Stage, at offset: UInt64, expected: UInt64 = 0, found: UInt64 = 0,
    path: String = ""
  ) {
    self.code = code
    self.stage = stage
    self.offset = offset
    self.expected = expected
    self.found = found
    self.path = path
  }
}
