import MigrationStream
import ResumePath
import StreamTestKit
import Testing

@Suite struct SaveSessionTests {
  @Test func stopCopyOfSeveralDevices() throws {
    let log = SinkLog()
    var control = try Saving.machine()
    var save = try SaveSession(&control, LogSink(log), Saving.options())
    #expect(try save.step(&control) == .done)
    try save.stop(&control)
    #expect(Saving.states(control) == [.stopCopy, .stopCopy, .stopCopy, .stopCopy])
    try save.run(&control)
    try save.finish(&control)
    #expect(save.phase == .limbo)
    let summary = StreamSummary(log.octets)
    #expect(summary.error == nil)
    #expect(summary.records == "MLLmmmmmbbbSSbbbE")
    #expect(summary.devices == [0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3])
    #expect(summary.memory == [.ramp(3 * 4096), .ramp(2 * 4096)])
    #expect(summary.mandatoryFlags == 0)
    // Preamble, manifest, two layouts, five chunks, two units, two ends, two sections, END.
    #expect(log.transactions.count == 1 + 1 + 2 + 5 + 2 + 2 + 2 + 1)
  }

  @Test func passesOfPreCopy() throws {
    let log = SinkLog()
    var control = try Saving.machine()
    control.devices.devices[1].sendsSectionEarly = true
    var save = try SaveSession(&control, LogSink(log), Saving.options(preCopy: true))
    #expect(Saving.states(control) == [.preCopy, .preCopy, .running, .running])
    try save.run(&control, until: .passEnded)
    #expect(save.closedPassCount == 1)
    for _ in 0..<3 { #expect(try save.step(&control) == .noDataNow) }
    control.devices.write(0, page: 1, 0xee)
    try save.run(&control, until: .passEnded)
    #expect(save.closedPassCount == 2)
    control.devices.write(0, page: 1, 0xdd)
    control.devices.write(1, page: 0, 0xcc)
    #expect(try save.step(&control) == .more)
    // In the middle of a pass.
    try save.stop(&control)
    #expect(save.closedPassCount == 3)
    try save.run(&control)
    try save.finish(&control)
    let summary = StreamSummary(log.octets)
    #expect(summary.error == nil)
    #expect(summary.records == "MLLmmmmmS|m|m|mbbbRSbbbE")
    #expect(summary.passes == [0, 0, 0, 0, 0, 1, 2, 3])
    #expect(summary.mandatoryFlags == MandatoryFlags.passes)
    #expect(summary.memory[0] == control.devices.devices[0].memory.octets)
    #expect(summary.memory[1] == control.devices.devices[1].memory.octets)
  }
}
