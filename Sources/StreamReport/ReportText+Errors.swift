public import MigrationStream

extension ReportText {
  /// What is wrong, with what was expected and what was found.
  public static func sentence(_ error: StreamError) -> String {
    rules(error) ?? resume(error) ?? framing(error) ?? data(error) ?? mapping(error) ?? bulk(error)
  }

  private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  private static func digest(_ value: UInt64) -> String {
    ReportValue.number(value, radix: 16, width: 8)
  }

  private static func device(_ error: StreamError) -> String {
    error.device == UInt32.max ? "the machine" : "device \(error.device)"
  }

  private static func framing(_ error: StreamError) -> String? {
    let (expected, found) = (error.expected, error.found)
    return switch error.code {
    case .truncated:
      "the input ends here; \(expected) octets are needed and \(found) are there"
    case .badMagic: "this is not a device migration stream; its first eight octets are others"
    case .unsupportedMajor: "the stream has format major \(found), this program reads \(expected)"
    case .unsupportedMinor:
      "the stream needs a reader of format minor \(found), this program implements \(expected)"
    case .limitExceeded: "the stream claims \(found) where the limit is \(expected)"
    case .badSync: "a record should start here; its first four octets are \(hex(found)), not 0x52474dd6"
    case .badSequence where error.stage == .bulk:
      "the barrier says that the next record of a channel is \(found), the channel's records say \(expected)"
    case .badSequence:
      "record number \(found) stands where \(expected) should: a record is lost, doubled or out of place"
    case .foreignChannel where error.stage == .preamble: foreignHello(error)
    case .foreignChannel where error.stage == .bulk:
      "the byte string of \(device(error)) comes on channels \(expected) and \(found)"
    case .foreignChannel:
      "this belongs to channel or stream \(found), and \(expected) is being read"
    case .trailingData: "octets follow the end of the stream"
    case .recordOutOfOrder: "a record of kind \(hex(found)) may not stand here"
    case .reservedNotZero: "reserved octets or bits are not zero: \(hex(found))"
    case .unknownMandatoryFlag: "mandatory flags \(hex(found)) are not known to this program"
    case .unknownRequired: "this program does not know number \(hex(found)), which is marked required"
    case .badMark: "the mark is \(hex(found)); exactly one of required (1) and skippable (2) was expected here"
    case .badPadding: "padding is \(hex(found)) where \(hex(expected)) was expected"
    case .badValue: "the value \(found) is outside what may stand here; expected \(expected)"
    case .unsupportedDigest: "digest kind \(found) is not known, \(expected) is"
    case .undeclaredFeature: "the stream uses what mandatory flag bit \(expected) guards, which is not set"
    case .digestMismatch:
      "the stream says that the digest is \(digest(expected)), its octets give \(digest(found))"
    case .compressedDataDamaged:
      "the zstd frame is damaged or of a forbidden kind; expected \(expected), found \(found)"
    case .totalsMismatch: "END says \(expected), and \(found) came"
    case .notImplemented where error.stage == .preamble && error.offset == 26:
      "the stream has \(found) channels, and this is channel 0 alone"
    case .notImplemented:
      "this program does not implement what stands here; it wants \(expected) where \(found) stands"
    case .aborted: "the source gave up: \(abortReason(found))"
    default: nil
    }
  }

  /// A channel that is not of the stream, or not once.
  private static func foreignHello(_ error: StreamError) -> String {
    switch error.offset {
    case 0: "channel \(error.expected) is missing"
    case 10: "channel \(error.found) comes twice"
    case 16: "this channel belongs to another stream"
    default: "the stream has one channel"
    }
  }

  private static func data(_ error: StreamError) -> String? {
    let (expected, found) = (error.expected, error.found)
    return switch error.code {
    case .badText: "the text is not UTF-8, or holds a control character"
    case .duplicateName: "this name was used before"
    case .unknownDevice: "device \(found) is not in the manifest, which has \(expected)"
    case .unexpectedData: "\(expected) octets were declared and \(found) consumed: octets are left over"
    case .truncatedData: "the data ends early: \(expected) octets are needed and \(found) are there"
    case .duplicateSection: "this section of \(device(error)) came before in this pass, or without the replaces flag"
    case .missingSection:
      "section \(expected & 0xffff_ffff) of device \(expected >> 32) was announced and did not come"
    case .sectionOutOfOrder: "this section of \(device(error)) comes after one that it should precede"
    case .unknownSection: "position \(found) was not announced; \(expected) were"
    case .badTarget: "the subsection's target does not exist; step \(found)"
    case .badOrder: "this list must ascend; \(found) does not follow what was expected, \(expected)"
    case .versionTooNew: "the oldest reader that can load this has version \(found), this one has \(expected)"
    case .versionTooOld: "the stream has version \(found), this reader needs \(expected) or newer"
    case .unknownLayout: "layout \(found) was not sent; \(expected) were"
    case .badLayout: "the layout breaks a rule; expected \(expected), found \(found)"
    default: nil
    }
  }

  private static func mapping(_ error: StreamError) -> String? {
    let (expected, found) = (error.expected, error.found)
    return switch error.code {
    case .missingField: "the stream lacks a field that the reader needs, number \(expected) of its layout"
    case .typeChanged: "the field has type \(found), the reader's has \(expected)"
    case .signChanged: "the field is signed on one side only"
    case .unitChanged: "the field's unit or clock is not the reader's"
    case .symbolChanged: "the value \(found) has another name, or none, at the reader"
    case .countChanged: "the field has \(found) elements or octets, the reader's has \(expected)"
    case .countAboveMaximum: "the field has \(found) elements, the reader takes \(expected) at most"
    case .valueTooLarge: "the value \(found) does not fit the reader's field, which holds \(expected)"
    case .valueOutOfRange: "the value \(found) is outside its range, whose border is \(expected)"
    case .verifyMismatch: "the stream has \(found) where the destination is configured with \(expected)"
    default: nil
    }
  }

  /// What a device's own rules refuse; a code that says it all is left to the others.
  private static func rules(_ error: StreamError) -> String? {
    let (expected, found) = (error.expected, error.found)
    return switch error.code {
    case .notEnabled: "this is number \(found) of the reader's table, which the device's parameters switch off"
    case .conditionMismatch where found == UInt64(UInt32.max):
      "subsection \(expected) of the reader's table is missing: the fields that call for it are as they say"
    case .conditionMismatch:
      "subsection \(found) of the reader's table is here, and the fields that call for it say otherwise"
    case .danglingReference: "the value \(found) refers to something that is not there"
    case .duplicateKey: "the value \(found) stands here twice, and names one thing"
    case .cyclicReference: "number \(expected) has the parent \(found), which leads back to it"
    case .ruleViolated: "the value \(found) contradicts other fields; they demand \(expected)"
    case .wrongModel: "this is the state of another device model"
    case .missingSection where error.stage == .rules:
      "section \(expected & 0xffff_ffff) of the reader's table for device \(expected >> 32) is not announced"
    case .duplicateSection where error.stage == .rules:
      "section \(found) of the reader's table is announced twice"
    case .sectionOutOfOrder where error.stage == .rules:
      "section \(found) of the reader's table is announced after section \(expected), which it precedes"
    case .badTarget where error.stage == .rules:
      "subsection \(found) of the reader's table does not belong here"
    default: nil
    }
  }

  private static func bulk(_ error: StreamError) -> String {
    let (expected, found) = (error.expected, error.found)
    return switch error.code {
    case .unknownRegion: "memory region \(found) is not in the manifest, which has \(expected)"
    case .badExtent:
      "an extent is empty, overlaps, does not ascend, or leaves its region, or two channels send the same octets in "
        + "one pass: \(hex(found)), border or region \(hex(expected))"
    case .badOffset: "the byte string of \(device(error)) goes on at \(expected), this record says \(found)"
    case .badUnit: "write units of \(device(error)) do not start and end in turn"
    case .dataAfterLast: "the byte string of \(device(error)) had ended"
    case .incompleteBytes: "the byte string of \(device(error)) was begun and not ended"
    case .badPass: "this belongs to pass \(found), pass \(expected) is being read"
    case .badPlacement: "the place \(hex(found)) in the image breaks a rule; expected \(hex(expected))"
    case .badIndex: "the index is wrong: it says \(found), the stream has \(expected)"
    case .outOfMemory: "no memory for \(found) octets"
    case .wrongCall: "calls came in an order that is not allowed"
    default: "expected \(expected), found \(found)"
    }
  }

  static func abortReason(_ reason: UInt64) -> String {
    switch reason {
    case 1: "cancelled"
    case 2: "a device failed"
    case 3: "out of memory"
    case 4: "time exceeded"
    case 5: "refused by the destination"
    case 6: "internal error of the source"
    default: "reason \(reason)"
    }
  }

  /// What to do next.
  public static func advice(_ error: StreamError) -> String {
    resumeAdvice(error) ?? streamAdvice(error)
  }

  private static func streamAdvice(_ error: StreamError) -> String {
    switch error.code {
    case .truncated:
      "the copy or the save is incomplete; compare its size with the source's, and copy it again"
    case .badMagic:
      "see what kind of file it is and what wrote it; a text-mode transfer also breaks the first octets"
    case .unsupportedMajor, .unsupportedMinor, .unknownMandatoryFlag, .unsupportedDigest, .unknownRequired:
      "use a newer reader, or save again with this feature switched off at the source"
    case .limitExceeded:
      "if the stream is trusted, raise the limit; else treat it as damaged"
    case .badSequence where error.stage == .bulk:
      "the writer broke a rule of the format; report it to the writer's authors with this offset"
    case .badSync, .badSequence, .foreignChannel, .digestMismatch, .totalsMismatch, .compressedDataDamaged,
      .badPadding, .badIndex:
      "octets changed or were lost after the save; take the copy again from its source and verify both"
    case .trailingData:
      "cut the file at this offset if what follows is not yours, or look whether two streams were joined"
    case .versionTooNew, .versionTooOld:
      "resume in a version between the two, or configure the source for the older machine"
    case .valueOutOfRange where error.stage == .section:
      "the writer contradicts its own layout; report it to the writer's authors with this offset"
    case .missingField, .typeChanged, .signChanged, .unitChanged, .symbolChanged, .countChanged,
      .countAboveMaximum, .valueTooLarge, .valueOutOfRange, .verifyMismatch, .notEnabled, .parameterRefused,
      .wrongModel:
      "compare the device's model and parameters at source and destination"
    case .conditionMismatch, .danglingReference, .duplicateKey, .cyclicReference, .ruleViolated:
      "the device's state contradicts itself; report it to the authors of the source's device with this offset"
    case .missingSection, .incompleteBytes:
      "the source ended too early or skipped a device; look at its log"
    case .foreignChannel where error.stage == .preamble:
      "name the file of each other channel of this save once, with --channel"
    case .notImplemented where error.stage == .preamble && error.offset == 26:
      "give the files of the others to verify or to convert, with --channel FILE for each; convert makes one stream of them that every command reads"
    case .notImplemented: "convert it with a program that does, or save again without this feature"
    case .aborted: "the save failed at the source; its log says why. There is nothing to resume here"
    case .outOfMemory: "free memory, or lower the limits"
    case .wrongCall: "this is a defect of the tool; please report it"
    default: "the writer broke a rule of the format; report it to the writer's authors with this offset"
    }
  }
}
