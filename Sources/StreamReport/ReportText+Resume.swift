import MigrationStream

/// Errors of the resume path: devices, states, sessions, the first protocol's region.
extension ReportText {
  static func resume(_ error: StreamError) -> String? {
    let (expected, found) = (error.expected, error.found)
    return switch error.code {
    case .unknownDevice where error.stage == .resume:
      "this machine has no device for device \(found) of the stream; it has \(expected)"
    case .parameterRefused:
      "the device of this machine lists its parameters otherwise: not this one, not with the value \(found), "
        + "or more of them"
    case .notImplemented where error.stage == .resume && error.offset == 14:
      "this is an image, which is mapped; what is resumed is a stream"
    case .truncated where error.stage == .resume && expected == 0: "the stream broke off before its END"
    case .noDataNow: "the source's device has nothing to give at present; this is not the end"
    case .stateRefused where expected >= 1024:
      "device_state of the region is \(expected - 1024), and \(found) is not to be written to it now"
    case .stateRefused where expected >= 256: standing(expected)
    case .stateRefused:
      "\(who(error)) does not go from state \(stateName(expected)) to \(stateName(found))"
    case .sessionBusy: "another session, or another caller, has the devices"
    case .sessionClosed: "the session that this belongs to has ended"
    case .deviceFailed: "\(who(error)) failed; its own reason is \(found)"
    case .missingDevice: "device \(expected) of this machine is not in the stream"
    case .badAccess where error.stage == .resume:
      "the region has no field at offset \(error.offset) that takes this access of \(found) octets"
    case .accessOutOfOrder where error.stage == .resume:
      "the field at offset \(error.offset) of the region is not to be accessed now: \(iteration(found))"
    case .windowTooSmall:
      "what the source gave in one go has \(found) octets, and the data window holds \(expected)"
    case .badRange where error.offset == 0: "the page size \(found) is not a power of two"
    case .badRange where error.offset == 8: "no range of addresses is named"
    case .badRange where error.offset % 16 == 8:
      "range \(range(error)) of addresses has length \(found), which is not a multiple of the page size \(expected), or 0"
    case .badRange:
      "range \(range(error)) of addresses begins at \(hexadecimal(found)), inside of another that ends at "
        + "\(hexadecimal(expected)), or not at a multiple of \(hexadecimal(expected))"
    case .rangeOverflow: "range \(range(error)) of addresses passes the end of the address space"
    case .tooManyRanges: "\(found) ranges of addresses are named where there may be \(expected)"
    default: nil
    }
  }

  static func resumeAdvice(_ error: StreamError) -> String? {
    switch error.code {
    case .unknownDevice where error.stage == .resume:
      "give this machine the devices that the source has, of the same models and at the same paths"
    case .notImplemented where error.stage == .resume && error.offset == 14:
      "make a stream of it: streamtool convert --to stream"
    case .truncated where error.stage == .resume && error.expected == 0:
      "look at the source: it says whether its guest goes on there; this machine is as it was before"
    case .noDataNow: "ask again later, or stop the device: then it gives everything that is left"
    case .stateRefused where error.expected == 0: "reset the devices; nothing else leaves the error state"
    case .stateRefused where error.expected >= 1024:
      "Specs/resume-path.md section 11 says which values follow which"
    case .stateRefused where error.expected >= 256: "Specs/resume-path.md section 10 says what each side may do, and when"
    case .stateRefused:
      "look at the table of states in Specs/resume-path.md section 4, and at what the device is capable of"
    case .sessionBusy: "end that session, or reset the devices"
    case .sessionClosed: "open a session, and begin the stream again from its first octet"
    case .deviceFailed: "look at the device's own log, then reset the devices"
    case .missingDevice:
      "give both machines the same devices, or allow the resume to leave this one as it is"
    case .badAccess, .accessOutOfOrder:
      "this is a defect of the program that uses the region; Specs/resume-path.md section 11 says what it may do"
    case .windowTooSmall: "give the destination a window as large as the source's"
    case .badRange, .rangeOverflow: "correct this range; Specs/resume-path.md section 12 has the rules"
    case .tooManyRanges: "join ranges that touch, or name larger ones"
    default: nil
    }
  }

  private static func who(_ error: StreamError) -> String {
    error.device == UInt32.max ? "the machine" : "device \(error.device)"
  }

  private static func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  /// Which range of a request, from the offset of its field.
  private static func range(_ error: StreamError) -> UInt64 {
    error.offset < 16 ? 0 : (error.offset - 16) / 16
  }

  /// A state asked for may be any number.
  private static func stateName(_ number: UInt64) -> String {
    switch number {
    case 0: "error"
    case 1: "stop"
    case 2: "running"
    case 3: "stopCopy"
    case 4: "resuming"
    case 5: "runningP2P"
    case 6: "preCopy"
    case 7: "preCopyP2P"
    default: "number \(number), which is none"
    }
  }

  /// Where a side that hands over stands, or a save.
  private static func standing(_ number: UInt64) -> String {
    switch number {
    case 257: "no stream of this machine waits for an answer: its guest is here"
    case 258: "the stream of this machine has not ended: its guest is still here"
    case 259, 771: "the machine is in limbo: only the destination, or an operator, says who runs the guest"
    case 260, 772: "the guest was handed over: it never runs here again"
    case 513, 514, 515: "no guest has come here whole yet"
    case 516: "a guest has come, and waits to be let run"
    case 517: "a guest that came with a stream runs here"
    case 518: "the stream was refused: its guest never runs here"
    case 773, 774: "the save has ended"
    default: "the save goes on"
    }
  }

  private static func iteration(_ number: UInt64) -> String {
    switch number {
    case 1: "no iteration was begun"
    case 2: "an iteration was begun, and its data was not asked for"
    case 3: "an iteration is under way"
    case 4: "the iteration is over"
    default: "nothing is given or taken in this state"
    }
  }
}
