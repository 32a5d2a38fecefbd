import MigrationStream
import StreamReport
import Testing

/// What people are told about errors of the resume path.
@Suite struct ResumeTextTests {
  private static let codes: [StreamError.Code] = [
    .noDataNow, .stateRefused, .sessionBusy, .sessionClosed, .deviceFailed, .missingDevice, .badAccess, .accessOutOfOrder,
    .windowTooSmall, .outOfMemory, .wrongCall, .notImplemented, .badRange, .rangeOverflow, .tooManyRanges,
  ]

  private static func error(_ code: StreamError.Code, at offset: UInt64 = 0) -> StreamError {
    StreamError(code, .resume, at: offset, expected: 2, found: 40, device: 3)
  }

  /// Every code says something of its own, and what to do next.
  @Test(arguments: codes) func everyCodeHasWords(_ code: StreamError.Code) {
    let (sentence, advice) = (ReportText.sentence(Self.error(code)), ReportText.advice(Self.error(code)))
    #expect(sentence != ReportText.sentence(Self.error(.badUnit)) && !sentence.hasPrefix("expected "))
    #expect(!advice.contains("broke a rule of the format"))
    #expect(Self.codes.filter { ReportText.sentence(Self.error($0)) == sentence } == [code])
    for text in [sentence, advice] {
      #expect(!text.isEmpty && !text.hasSuffix(".") && !text.contains("\n"))
    }
  }

  @Test func codesAreThoseOfTheChapter() {
    #expect(Self.codes == StreamError.Code.allCases.filter { $0.rawValue > 80 })
  }

  @Test(arguments: [
    (.stateRefused, 0, 2, 0xabcd, "device 3 does not go from state running to number 43981, which is none"),
    (.stateRefused, 0, 3, 6, "device 3 does not go from state stopCopy to preCopy"),
    (.deviceFailed, 0, 1, 40, "device 3 failed; its own reason is 40"),
    (.accessOutOfOrder, 24, 0, 2,
      "the field at offset 24 of the region is not to be accessed now: an iteration was begun, and its data was not asked for"),
    (.unknownDevice, 264, 1, 4, "this machine has no device for device 4 of the stream; it has 1"),
    (.parameterRefused, 320, 0, 32,
      "the device of this machine lists its parameters otherwise: not this one, not with the value 32, or more of them"),
    (.notImplemented, 14, 1, 2, "this is an image, which is mapped; what is resumed is a stream"),
    (.truncated, 3000, 0, 0, "the stream broke off before its END"),
    (.truncated, 0, 64, 0, "the input ends here; 64 octets are needed and 0 are there"),
    (.badRange, 0, 0, 6, "the page size 6 is not a power of two"),
    (.badRange, 8, 1, 0, "no range of addresses is named"),
    (.badRange, 56, 4096, 5, "range 2 of addresses has length 5, which is not a multiple of the page size 4096, or 0"),
    (.rangeOverflow, 40, 0, 0, "range 1 of addresses passes the end of the address space"),
  ] as [(StreamError.Code, UInt64, UInt64, UInt64, String)])
  func sentences(_ code: StreamError.Code, _ offset: UInt64, _ expected: UInt64, _ found: UInt64, _ text: String) {
    let error = StreamError(code, .resume, at: offset, expected: expected, found: found, device: 3)
    #expect(ReportText.sentence(error) == text)
  }

  @Test func wholeMachine() {
    let error = StreamError(.stateRefused, .resume, at: 0, expected: 0, found: 2)
    #expect(ReportText.sentence(error) == "the machine does not go from state error to running")
    #expect(ReportText.advice(error) == "reset the devices; nothing else leaves the error state")
  }

  /// Numbers of Specs/40-reader-rules.md for what is no device's state.
  @Test(arguments: [
    (256 + 3, 0, "the machine is in limbo: only the destination, or an operator, says who runs the guest"),
    (512 + 5, 0, "a guest that came with a stream runs here"), (512 + 6, 0, "the stream was refused: its guest never runs here"),
    (768 + 2, 0, "the save goes on"), (1024 + 1, 6, "device_state of the region is 1, and 6 is not to be written to it now"),
  ] as [(UInt64, UInt64, String)])
  func whoStands(_ expected: UInt64, _ found: UInt64, _ text: String) {
    let error = StreamError(.stateRefused, .resume, at: 0, expected: expected, found: found)
    #expect(ReportText.sentence(error) == text)
    #expect(ReportText.advice(error).contains("Specs/resume-path.md section 1"))
  }
}
