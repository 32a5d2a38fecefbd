internal import CMigStream
internal import MigrationStream

extension StreamError.Code {
  /// The name in Specs/40-reader-rules.md section 4.
  var name: StaticString {
    switch self {
    case .truncated: "truncated"
    case .badMagic: "badMagic"
    case .unsupportedMajor: "unsupportedMajor"
    case .unsupportedMinor: "unsupportedMinor"
    case .limitExceeded: "limitExceeded"
    case .badSync: "badSync"
    case .badSequence: "badSequence"
    case .foreignChannel: "foreignChannel"
    case .trailingData: "trailingData"
    case .recordOutOfOrder: "recordOutOfOrder"
    case .reservedNotZero: "reservedNotZero"
    case .unknownMandatoryFlag: "unknownMandatoryFlag"
    case .unknownRequired: "unknownRequired"
    case .badMark: "badMark"
    case .badPadding: "badPadding"
    case .badValue: "badValue"
    case .unsupportedDigest: "unsupportedDigest"
    case .undeclaredFeature: "undeclaredFeature"
    case .badText: "badText"
    case .duplicateName: "duplicateName"
    case .unknownDevice: "unknownDevice"
    case .unexpectedData: "unexpectedData"
    case .truncatedData: "truncatedData"
    case .duplicateSection: "duplicateSection"
    case .missingSection: "missingSection"
    case .sectionOutOfOrder: "sectionOutOfOrder"
    case .unknownSection: "unknownSection"
    case .badTarget: "badTarget"
    case .badOrder: "badOrder"
    case .versionTooNew: "versionTooNew"
    case .digestMismatch: "digestMismatch"
    case .compressedDataDamaged: "compressedDataDamaged"
    case .totalsMismatch: "totalsMismatch"
    case .versionTooOld: "versionTooOld"
    case .unknownLayout: "unknownLayout"
    case .badLayout: "badLayout"
    case .missingField: "missingField"
    case .typeChanged: "typeChanged"
    case .signChanged: "signChanged"
    case .unitChanged: "unitChanged"
    case .symbolChanged: "symbolChanged"
    case .countChanged: "countChanged"
    case .countAboveMaximum: "countAboveMaximum"
    case .valueTooLarge: "valueTooLarge"
    case .valueOutOfRange: "valueOutOfRange"
    case .verifyMismatch: "verifyMismatch"
    case .notEnabled: "notEnabled"
    case .conditionMismatch: "conditionMismatch"
    case .danglingReference: "danglingReference"
    case .duplicateKey: "duplicateKey"
    case .cyclicReference: "cyclicReference"
    case .ruleViolated: "ruleViolated"
    case .parameterRefused: "parameterRefused"
    case .wrongModel: "wrongModel"
    case .unknownRegion: "unknownRegion"
    case .badExtent: "badExtent"
    case .badOffset: "badOffset"
    case .badUnit: "badUnit"
    case .dataAfterLast: "dataAfterLast"
    case .incompleteBytes: "incompleteBytes"
    case .badPass: "badPass"
    case .badPlacement: "badPlacement"
    case .badIndex: "badIndex"
    case .aborted: "aborted"
    case .noDataNow: "noDataNow"
    case .stateRefused: "stateRefused"
    case .sessionBusy: "sessionBusy"
    case .sessionClosed: "sessionClosed"
    case .deviceFailed: "deviceFailed"
    case .missingDevice: "missingDevice"
    case .badAccess: "badAccess"
    case .accessOutOfOrder: "accessOutOfOrder"
    case .windowTooSmall: "windowTooSmall"
    case .outOfMemory: "outOfMemory"
    case .wrongCall: "wrongCall"
    case .notImplemented: "notImplemented"
    case .badRange: "badRange"
    case .rangeOverflow: "rangeOverflow"
    case .tooManyRanges: "tooManyRanges"
    }
  }
}

extension StreamError.Stage {
  var name: StaticString {
    switch self {
    case .preamble: "preamble"
    case .record: "record"
    case .manifest: "manifest"
    case .layout: "layout"
    case .section: "section"
    case .bulk: "bulk"
    case .index: "index"
    case .end: "end"
    case .mapping: "mapping"
    case .use: "use"
    case .rules: "rules"
    case .resume: "resume"
    }
  }
}

/// The name of a code, or of a status.
func codeName(_ code: Int32) -> StaticString {
  let number = code.magnitude
  if let known = Int32(exactly: number).flatMap({ StreamError.Code(rawValue: $0) }) { return known.name }
  switch number {
  case MGS_OK.rawValue: return "ok"
  case MGS_ERROR_BAD_ARGUMENT.rawValue: return "badArgument"
  case MGS_ERROR_BAD_HANDLE.rawValue: return "badHandle"
  case MGS_ERROR_CALLBACK_FAILED.rawValue: return "callbackFailed"
  case MGS_ERROR_TARGET_TOO_SMALL.rawValue: return "targetTooSmall"
  default: return "unknown"
  }
}

func stageName(_ stage: UInt32) -> StaticString {
  guard let number = UInt8(exactly: stage), let known = StreamError.Stage(rawValue: number) else { return "unknown" }
  return known.name
}

/// The name of an event; nil for a number that is none.
func eventName(_ event: UInt64) -> StaticString? {
  switch UInt32(exactly: event).map({ mgs_event(rawValue: $0) }) {
  case MGS_EVENT_RECORD_SKIPPED: "recordSkipped"
  case MGS_EVENT_DEVICE_SKIPPED: "deviceSkipped"
  case MGS_EVENT_SECTION_SKIPPED: "sectionSkipped"
  case MGS_EVENT_SUBSECTION_SKIPPED: "subsectionSkipped"
  case MGS_EVENT_STREAM_FITS: "streamFits"
  case MGS_EVENT_DEVICE_LOADED: "deviceLoaded"
  case MGS_EVENT_GUEST_RUNS: "guestRuns"
  case MGS_EVENT_SAVE_OPENED: "saveOpened"
  case MGS_EVENT_DEVICES_STOPPED: "devicesStopped"
  case MGS_EVENT_LIMBO: "limbo"
  case MGS_EVENT_HANDED_OVER: "handedOver"
  case MGS_EVENT_GUEST_STAYS: "guestStays"
  default: nil
  }
}
