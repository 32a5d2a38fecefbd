/// Why the reference reader refused a stream.
///
/// Source: Specs/40-reader-rules.md section 4.
public struct ReferenceRefusal: Error, Equatable, Sendable {
  public var code: ReferenceCode
  /// Whoever knows which body was being read fills it in, where the refusal does not say it itself.
  public var stage: ReferenceStage?
  /// Whose octets the offset counts; `ffff` for a hello.
  public var channel: UInt16 = 0
  /// Octets from the start of the channel to the field at fault.
  public var offset: UInt64
  public var expected: UInt64
  public var found: UInt64
  /// Sequence number of the record at fault; all ones before its header was right.
  public var record = UInt64.max

  init(
    _ code: ReferenceCode, at offset: Int, expected: UInt64 = 0, found: UInt64 = 0, stage: ReferenceStage? = nil
  ) {
    self.code = code
    self.stage = stage
    self.offset = UInt64(offset)
    self.expected = expected
    self.found = found
  }

  /// Whether more octets could still make it a right stream.
  public var isIncomplete: Bool { code == .truncated }

  func at(_ offset: Int) -> ReferenceRefusal {
    var moved = self
    moved.offset = UInt64(offset)
    return moved
  }

  func within(_ stage: ReferenceStage) -> ReferenceRefusal {
    var staged = self
    staged.stage = self.stage ?? stage
    return staged
  }
}

/// The codes that reading a stream can give, with their numbers.
public enum ReferenceCode: Int32, Sendable {
  case truncated = 10, badMagic, unsupportedMajor, unsupportedMinor, limitExceeded, badSync, badSequence
  case foreignChannel, trailingData, recordOutOfOrder, reservedNotZero, unknownMandatoryFlag, unknownRequired
  case badMark, badPadding, badValue, unsupportedDigest, undeclaredFeature, badText, duplicateName, unknownDevice
  case unexpectedData, truncatedData, duplicateSection, missingSection, sectionOutOfOrder, unknownSection, badTarget
  case badOrder, versionTooNew, digestMismatch, compressedDataDamaged, totalsMismatch, versionTooOld
  case unknownLayout = 50, badLayout, missingField, typeChanged, signChanged, unitChanged, symbolChanged, countChanged
  case countAboveMaximum, valueTooLarge, valueOutOfRange, verifyMismatch, notEnabled, conditionMismatch
  case danglingReference, duplicateKey, cyclicReference, ruleViolated, parameterRefused, wrongModel
  case unknownRegion, badExtent, badOffset, badUnit, dataAfterLast, incompleteBytes, badPass, badPlacement, badIndex
  case aborted = 80
  case notImplemented = 92
}

public enum ReferenceStage: UInt8, Sendable {
  case preamble = 1, record, manifest, layout, section, bulk, index, end, mapping
  case rules = 11
}

func demand(
  _ isRight: Bool, _ code: ReferenceCode, at offset: Int, _ expected: UInt64 = 0, _ found: UInt64 = 0
) throws(ReferenceRefusal) {
  if !isRight { throw ReferenceRefusal(code, at: offset, expected: expected, found: found) }
}
