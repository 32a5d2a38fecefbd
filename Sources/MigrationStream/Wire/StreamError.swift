/// Why a stream was refused, and at which octet.
///
/// A trivial value: no strings, no boxes, so refusing hostile input never allocates. Text is made in `StreamReport`.
///
/// Source: Specs/40-reader-rules.md section 4.
@frozen
public struct StreamError: Error, Equatable, BitwiseCopyable, Sendable {
  /// The rule that was broken. Raw values are stable; new rules take new numbers.
  @frozen
  public enum Code: Int32, Sendable, BitwiseCopyable, CaseIterable {
    case truncated = 10
    case badMagic = 11
    case unsupportedMajor = 12
    case unsupportedMinor = 13
    case limitExceeded = 14
    case badSync = 15
    case badSequence = 16
    case foreignChannel = 17
    case trailingData = 18
    case recordOutOfOrder = 19
    case reservedNotZero = 20
    case unknownMandatoryFlag = 21
    case unknownRequired = 22
    case badMark = 23
    case badPadding = 24
    case badValue = 25
    case unsupportedDigest = 26
    case undeclaredFeature = 27
    case badText = 28
    case duplicateName = 29
    case unknownDevice = 30
    case unexpectedData = 31
    case truncatedData = 32
    case duplicateSection = 33
    case missingSection = 34
    case sectionOutOfOrder = 35
    case unknownSection = 36
    case badTarget = 37
    case badOrder = 38
    case versionTooNew = 39
    case digestMismatch = 40
    case compressedDataDamaged = 41
    case totalsMismatch = 42
    case versionTooOld = 43
    case unknownLayout = 50
    case badLayout = 51
    case missingField = 52
    case typeChanged = 53
    case signChanged = 54
    case unitChanged = 55
    case symbolChanged = 56
    case countChanged = 57
    case countAboveMaximum = 58
    case valueTooLarge = 59
    case valueOutOfRange = 60
    case verifyMismatch = 61
    case notEnabled = 62
    case conditionMismatch = 63
    case danglingReference = 64
    case duplicateKey = 65
    case cyclicReference = 66
    case ruleViolated = 67
    case parameterRefused = 68
    case wrongModel = 69
    case unknownRegion = 70
    case badExtent = 71
    case badOffset = 72
    case badUnit = 73
    case dataAfterLast = 74
    case incompleteBytes = 75
    case badPass = 76
    case badPlacement = 77
    case badIndex = 78
    case aborted = 80
    case noDataNow = 81
    case stateRefused = 82
    case sessionBusy = 83
    case sessionClosed = 84
    case deviceFailed = 85
    case missingDevice = 86
    case badAccess = 87
    case accessOutOfOrder = 88
    case windowTooSmall = 89
    case outOfMemory = 90
    case wrongCall = 91
    case notImplemented = 92
    case badRange = 93
    case rangeOverflow = 94
    case tooManyRanges = 95
  }

  /// What was being read.
  @frozen
  public enum Stage: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case preamble = 1
    case record = 2
    case manifest = 3
    case layout = 4
    case section = 5
    case bulk = 6
    case index = 7
    case end = 8
    case mapping = 9
    case use = 10
    case rules = 11
    case resume = 12
  }

  /// Code, stage, channel and device side by side: hundreds of places throw an error, and thousands pass one on, in less
  /// code when it is five words than when it has eight members.
  @usableFromInline var what: UInt64
  /// Octets from the start of the stream, or of the channel's hello, to the field at fault.
  public var offset: UInt64
  /// What was wanted and what was there: octets, counts, digests or values, as the code says.
  public var expected: UInt64
  public var found: UInt64
  /// Sequence number of the record; ``noRecord`` outside records.
  public var sequence: UInt64

  public static var noRecord: UInt64 { @inlinable get { UInt64.max } }

  /// The channel of an error in a hello, whose number does not count before all of it was right.
  public static var noChannel: UInt16 { @inlinable get { UInt16.max } }

  @inlinable
  public init(
    _ code: Code, _ stage: Stage, at offset: UInt64, expected: UInt64 = 0, found: UInt64 = 0,
    sequence: UInt64 = StreamError.noRecord, device: UInt32 = UInt32.max
  ) {
    what = UInt64(device) << 32 | UInt64(stage.octet) << 8 | UInt64(code.octet)
    self.offset = offset
    self.expected = expected
    self.found = found
    self.sequence = sequence
  }

  /// The same error; when the allocator refused, which knows no offset, at the octets that were reached.
  func reached(_ offset: UInt64) -> StreamError {
    guard code == .outOfMemory, self.offset == 0 else { return self }
    var located = self
    located.offset = offset
    return located
  }

  /// The same error, saying which record it was found in; in a record of no device the error may name one itself.
  @inlinable
  public func within(sequence: UInt64, device: UInt32) -> StreamError {
    var located = self
    located.sequence = sequence
    if device != UInt32.max { located.device = device }
    return located
  }

  /// The same error, saying which channel it was found on.
  @inlinable
  public func on(channel: UInt16) -> StreamError {
    var located = self
    located.channel = channel
    return located
  }
}

extension StreamError {
  public var code: Code {
    // Safe: the octet was made of a code.
    @inlinable get { unsafe unsafeBitCast(UInt8(truncatingIfNeeded: what), to: Code.self) }
    @inlinable set { what = what & ~0xff | UInt64(newValue.octet) }
  }

  public var stage: Stage {
    // Safe: the octet was made of a stage.
    @inlinable get { unsafe unsafeBitCast(UInt8(truncatingIfNeeded: what >> 8), to: Stage.self) }
    @inlinable set { what = what & ~0xff00 | UInt64(newValue.octet) << 8 }
  }

  /// Whose octets the other numbers count; 0 where there is one channel, ``noChannel`` in a hello.
  public var channel: UInt16 {
    @inlinable get { UInt16(truncatingIfNeeded: what >> 16) }
    @inlinable set { what = what & ~0xffff_0000 | UInt64(newValue) << 16 }
  }

  /// Device number of the record; `UInt32.max` when there is none.
  public var device: UInt32 {
    @inlinable get { UInt32(truncatingIfNeeded: what >> 32) }
    @inlinable set { what = what & 0xffff_ffff | UInt64(newValue) << 32 }
  }
}

extension StreamError.Code {
  // Safe: a case without payload, of fewer than 257, is stored as one octet, which is not its raw value.
  @usableFromInline var octet: UInt8 { @inlinable get { unsafe unsafeBitCast(self, to: UInt8.self) } }
}

extension StreamError.Stage {
  // Safe: as for a code.
  @usableFromInline var octet: UInt8 { @inlinable get { unsafe unsafeBitCast(self, to: UInt8.self) } }
}
