import CMigStream

/// What a call of the C library said.
struct Verdict: Equatable {
  var code: Int32
  var stage: UInt32 = 0
  /// From the start of the stream.
  var offset: UInt64 = 0
  var expected: UInt64 = 0
  var found: UInt64 = 0

  static let good = Verdict(code: 0)

  init(code: Int32) { self.code = code }

  init(_ error: mgs_error) {
    (code, stage) = (error.code, error.stage)
    (offset, expected, found) = (error.offset, error.expected, error.found)
  }

  var isGood: Bool { code == 0 }

  /// Whether the device itself refused.
  var isOfDevice: Bool { code == Int32(MGS_ERROR_DEVICE_FAILED.rawValue) }

  var text: String {
    if isGood { return "ok" }
    let name = unsafe String(cString: mgs_code_name(code))
    let stageName = unsafe String(cString: mgs_stage_name(stage))
    return "\(name) (\(stageName)) at \(offset): expected \(expected), found \(found)"
  }
}
