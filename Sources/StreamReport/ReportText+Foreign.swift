public import ForeignStreams

extension ReportText {
  /// What is wrong with a stream of another VMM.
  public static func sentence(_ error: ForeignError) -> String {
    let (expected, found) = (error.expected, error.found)
    return switch error.code {
    case .sourceUnreadable: "these octets could not be read; \(expected) were wanted and \(found) came"
    case .sinkRefused: "the output took no more"
    case .truncated: "the input ends here; \(expected) octets are needed and \(found) are there"
    case .notRecognised: "this is not a stream of a kind that this program reads"
    case .unsupportedVersion: "the stream has version \(found), this program reads \(expected)"
    case .limitExceeded: "the stream claims \(found) where the limit is \(expected)"
    case .unknownRecord: "the format has no record or flag 0x\(String(found, radix: 16))"
    case .badFooter: "the section's footer names \(found) where \(expected) should stand"
    case .unknownSection: "this part belongs to section \(found), which never started"
    case .badName: "a name should stand here; it is empty or not printable"
    case .badCommand: "the command's argument has \(found) octets, the format wants \(expected)"
    case .descriptionInvalid: "the stream's own description is not what a description must be"
    case .descriptionMismatch:
      "the stream does not have the form that its own description claims; expected \(expected), found \(found)"
    case .notConvertible where error.stage == .memory:
      "the block has \(found) octets, and a memory region of ours at most \(expected)"
    case .notConvertible: "these pages are stored as differences or compressed, which cannot be converted"
    case .refusedByCodec: "our own format has no place for this; expected \(expected), found \(found)"
    case .badMemoryRecord: "this guest memory record is impossible; expected \(expected), found \(found)"
    }
  }

  static func advice(_ error: ForeignError) -> String {
    switch error.code {
    case .truncated: "the copy or the save is incomplete; compare its size with the source's, and copy it again"
    case .notRecognised: "see what kind of file it is"
    case .limitExceeded: "if the stream is trusted, report this limit; else treat the stream as damaged"
    case .unsupportedVersion, .unknownRecord: "see which version of QEMU wrote it; it may be newer than this program"
    case .descriptionMismatch, .descriptionInvalid:
      "known for some QEMU versions; what the description does not explain is shown as octets"
    case .sourceUnreadable, .sinkRefused: "see the message of the operating system"
    default: "octets changed or were lost after the save; take the copy again from its source"
    }
  }
}
