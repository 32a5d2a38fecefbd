import MigrationStream
import Testing

@Suite("An error that nobody renders says what and where")
struct ErrorDescriptionTests {
  @Test func allMembers() {
    let error = StreamError(.badMark, .section, at: 96, expected: 1, found: 7, sequence: 4, device: 2)
    #expect("\(error)" == "section badMark at octet 96, expected 1, found 7, record 4, device 2")
    #expect("\(error.on(channel: 3))" == "section badMark at octet 96, expected 1, found 7, record 4, device 2, channel 3")
  }

  @Test func onlyWhatThereIs() {
    let error = StreamError(.truncated, .preamble, at: 12)
    #expect("\(error)" == "preamble truncated at octet 12, expected 0, found 0")
    #expect("\(error.on(channel: StreamError.noChannel))" == "preamble truncated at octet 12, expected 0, found 0, in a hello")
  }
}
