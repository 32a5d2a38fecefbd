import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// The preamble names what is used, and nothing else.
@Suite struct SaveOptionsTests {
  struct Case: Sendable {
    var name: String
    var flags: UInt32
    var options = Saving.options()
    var isOpaque = false
    var hasExternalLayout = false
    var isSingle = false
    var code: StreamError.Code?
  }

  static let cases: [Case] = {
    var compressing = Saving.options()
    compressing.compresses = true
    var single = Saving.options()
    single.isSingleDevice = true
    var promising = Saving.options()
    promising.recordByteCountMax = 5000
    var narrow = promising
    narrow.recordByteCountMax = 4000
    return [
      Case(name: "nothing", flags: 0),
      Case(name: "pre-copy", flags: MandatoryFlags.passes, options: Saving.options(preCopy: true)),
      Case(name: "compressed", flags: MandatoryFlags.zstd, options: compressing),
      Case(name: "opaque", flags: MandatoryFlags.opaqueMemory, isOpaque: true),
      Case(name: "external", flags: MandatoryFlags.externalLayouts, hasExternalLayout: true),
      Case(name: "single", flags: MandatoryFlags.singleDevice, options: single, isSingle: true),
      Case(name: "single, of a machine", flags: 0, options: single, code: .badValue),
      Case(name: "machine that names no architecture", flags: 0, isSingle: true),
      Case(name: "promise", flags: 0, options: promising),
      Case(name: "promise that a chunk breaks", flags: 0, options: narrow, code: .limitExceeded),
    ]
  }()

  @Test(arguments: cases)
  func flags(_ row: Case) throws {
    let log = SinkLog()
    var device = SaveFakeDevices.Device()
    device.capabilities = [.stopCopy, .preCopy]
    (device.value, device.byteString) = (1, .zeros(300))
    device.memory = FakeMemory(.ramp(2 * 4096))
    (device.isOpaque, device.hasExternalLayout) = (row.isOpaque, row.hasExternalLayout)
    var machine = try SaveFakeDevices([device])
    machine.isSingle = row.isSingle
    var control = try MigrationControl(machine)
    var refusal: StreamError?
    do throws(StreamError) {
      var save = try SaveSession(&control, LogSink(log), row.options)
      try save.run(&control, until: .passEnded)
      try save.stop(&control)
      try save.run(&control)
      try save.finish(&control)
    } catch { refusal = error }
    #expect(refusal?.code == row.code)
    guard row.code == nil else { return }
    let summary = StreamSummary(log.octets)
    #expect(summary.isWhole && summary.mandatoryFlags == row.flags)
    #expect(summary.memory == [.ramp(2 * 4096)])
  }
}

extension SaveOptionsTests.Case: CustomTestStringConvertible {
  var testDescription: String { name }
}
