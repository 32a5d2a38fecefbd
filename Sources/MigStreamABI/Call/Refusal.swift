internal import CMigStream
internal import MigrationStream
internal import ResumePath

extension mgs_error {
  init(_ error: StreamError) {
    self.init(
      code: error.code.rawValue, stage: UInt32(error.stage.rawValue), failure: UInt32(error.failureClass.rawValue),
      host_error: error.code.hostError.rawValue, offset: error.offset, expected: error.expected, found: error.found,
      record: error.sequence, device: error.device, channel: UInt32(error.channel), reserved: 0)
  }

  /// An error of the library's own, which had no effect.
  init(_ code: mgs_code) {
    self.init(StreamError(.wrongCall, .use, at: 0))
    self.code = Int32(bitPattern: code.rawValue)
  }
}

/// Tells the caller alone: the call had no effect.
func refuse(
  _ code: mgs_code, _ target: UnsafeMutablePointer<mgs_error>?, expected: Int = 0, found: Int = 0
) -> Int32 {
  var told = mgs_error(code)
  told.expected = UInt64(expected)
  told.found = UInt64(found)
  if let target = unsafe target { unsafe target.pointee = told }
  return status(code)
}

func refuse(_ error: StreamError, _ target: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  if let target = unsafe target { unsafe target.pointee = mgs_error(error) }
  return -error.code.rawValue
}

/// What a writer, a handler or a fill function of the caller has done: it returned another number than 0.
func callbackFailure(_ reason: Int64, at offset: UInt64 = 0) -> StreamError {
  StreamError(.deviceFailed, .use, at: offset, found: UInt64(bitPattern: reason))
}

/// Tells the caller and the log.
func tell(_ error: StreamError, _ log: LogHook, _ target: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  var told = mgs_error(error)
  if error.isCallbackFailure {
    told.code = Int32(bitPattern: MGS_ERROR_CALLBACK_FAILED.rawValue)
  }
  log(MGS_LOG_ERROR, told)
  if let target = unsafe target { unsafe target.pointee = told }
  return -told.code
}

extension StreamError {
  /// Whether it was made by ``callbackFailure(_:at:)``: devices fail in the stage `.resume`.
  var isCallbackFailure: Bool { code == .deviceFailed && stage == .use }
}
