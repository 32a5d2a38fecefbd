public import MigrationStream

/// What a caller can do after an error.
///
/// Source: Specs/resume-path.md section 5.
@frozen
public enum FailureClass: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// Goes on with more octets; no error of a stream is of this class.
  case needMore = 1
  /// Goes on later.
  case noDataNow = 2
  /// May go on: the call was refused, and nothing changed.
  case rejectedNoEffect = 3
  /// Resets: nothing of the session will have an effect.
  case fatalSession = 4
  /// Resets: a device failed.
  case fatalDevice = 5
}

extension StreamError.Code {
  public var failureClass: FailureClass {
    switch self {
    case .noDataNow: .noDataNow
    case .stateRefused, .sessionBusy, .badAccess, .accessOutOfOrder, .wrongCall, .badRange, .rangeOverflow, .tooManyRanges:
      .rejectedNoEffect
    case .deviceFailed: .fatalDevice
    case .truncated, .badMagic, .unsupportedMajor, .unsupportedMinor, .limitExceeded, .badSync, .badSequence,
      .foreignChannel, .trailingData, .recordOutOfOrder, .reservedNotZero, .unknownMandatoryFlag, .unknownRequired,
      .badMark, .badPadding, .badValue, .unsupportedDigest, .undeclaredFeature, .badText, .duplicateName, .unknownDevice,
      .unexpectedData, .truncatedData, .duplicateSection, .missingSection, .sectionOutOfOrder, .unknownSection,
      .badTarget, .badOrder, .versionTooNew, .digestMismatch, .compressedDataDamaged, .totalsMismatch, .versionTooOld,
      .unknownLayout, .badLayout, .missingField, .typeChanged, .signChanged, .unitChanged, .symbolChanged, .countChanged,
      .countAboveMaximum, .valueTooLarge, .valueOutOfRange, .verifyMismatch, .notEnabled, .conditionMismatch,
      .danglingReference, .duplicateKey, .cyclicReference, .ruleViolated, .parameterRefused, .wrongModel, .unknownRegion,
      .badExtent, .badOffset, .badUnit, .dataAfterLast, .incompleteBytes, .badPass, .badPlacement, .badIndex, .aborted,
      .sessionClosed, .missingDevice, .windowTooSmall, .outOfMemory, .notImplemented:
      .fatalSession
    }
  }

  public var hostError: HostError {
    switch self {
    case .noDataNow: .enomsg
    case .stateRefused, .wrongCall, .badAccess, .accessOutOfOrder, .badRange: .einval
    case .sessionBusy: .ebusy
    case .sessionClosed: .enodev
    case .deviceFailed: .eio
    case .outOfMemory: .enomem
    case .aborted: .ecanceled
    case .truncated, .missingSection, .incompleteBytes: .enodata
    case .limitExceeded, .tooManyRanges: .e2big
    case .rangeOverflow: .eoverflow
    case .unsupportedMajor, .unsupportedMinor, .unknownMandatoryFlag, .unknownRequired, .unsupportedDigest,
      .versionTooNew, .versionTooOld, .notImplemented:
      .eopnotsupp
    case .missingField, .typeChanged, .signChanged, .unitChanged, .symbolChanged, .countChanged, .countAboveMaximum,
      .valueTooLarge, .verifyMismatch, .notEnabled, .parameterRefused, .wrongModel, .missingDevice, .windowTooSmall:
      .exdev
    case .badMagic, .badSync, .badSequence, .foreignChannel, .trailingData, .recordOutOfOrder, .reservedNotZero, .badMark,
      .badPadding, .badValue, .undeclaredFeature, .badText, .duplicateName, .unknownDevice, .unexpectedData,
      .truncatedData, .duplicateSection, .sectionOutOfOrder, .unknownSection, .badTarget, .badOrder, .digestMismatch,
      .compressedDataDamaged, .totalsMismatch, .unknownLayout, .badLayout, .valueOutOfRange, .conditionMismatch,
      .danglingReference, .duplicateKey, .cyclicReference, .ruleViolated, .unknownRegion, .badExtent, .badOffset,
      .badUnit, .dataAfterLast, .badPass, .badPlacement, .badIndex:
      .ebadmsg
    }
  }
}

extension StreamError {
  public var failureClass: FailureClass { code.failureClass }
}
