import CDeviceFuzz
import DeviceModel
import MigrationStream

/// What the model document says to a stream, beside what the device says.
extension DeviceRun {
  /// - Parameter verdict: The device's, to the whole stream.
  func checkByDocument(_ verdict: Verdict) throws(DeviceFinding) {
    let flags = unsafe device.functions.flags
    let isAsked = verdict.isGood ? flags & UInt32(MGSF_MUST_REFUSE) != 0 : flags & UInt32(MGSF_MUST_TAKE) != 0 && verdict.isOfDevice
    guard isAsked, device.model != nil else { return }
    let judged = DocumentJudge.judge(currentStream, device)
    if verdict.isGood, let text = judged {
      throw DeviceFinding("rules", "the device takes what its model document forbids: \(text)")
    }
    if !verdict.isGood, judged == nil {
      throw DeviceFinding("strict", "the device refuses what its model document allows: \(verdict.text)")
    }
  }
}

enum DocumentJudge {
  /// - Returns: Why the stream breaks the document; nil when it does not.
  static func judge(_ stream: [UInt8], _ device: FuzzedDevice) -> String? {
    let document = device.document
    var judge = StreamJudge { name in name == document?.model ? document : nil }
    do throws(StreamError) {
      var options = DecoderOptions()
      options.checksSections = true
      var decoder = try PushDecoder(options: options)
      _ = unsafe try decoder.push(stream.span.bytes, to: &judge)
      try decoder.finish()
      return nil
    } catch {
      return judge.explanation ?? "\(error.code) at \(error.offset), expected \(error.expected), found \(error.found)"
    }
  }
}
