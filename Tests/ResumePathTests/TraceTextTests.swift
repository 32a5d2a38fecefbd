import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// The text form of traces.
///
/// Source: Specs/resume-path.md section 14.
struct TraceTextTests {
  private func parsed(_ text: String) throws(TraceFault) -> Trace { try Trace(parsing: Array(text.utf8)) }

  @Test("One spelling: what is printed is read back as it was, and prints the same", arguments: 0..<200)
  func roundTrip(seed: UInt64) throws {
    var random = RandomTrace(seed: seed)
    let trace = Trace((0..<40).map { _ in random.operation() })
    let text = trace.text
    let again = try parsed(text)
    #expect(again == trace, "seed \(seed)")
    #expect(again.text == text, "seed \(seed)")
  }

  @Test("Spaces, tabs, comments, other spellings of numbers and ranges become the one spelling")
  func spelling() throws {
    let text = "  machine\tserial  steps 0x10 seed 7 fifo=16 # made\r\n\n# nothing\nwrite A 64.. bytes 1\nwrite A ..r3\n"
      + "request 4\nv1 read u64 16\nexpect digest 255\nset A end-2 AbCd\n"
    #expect(
      try parsed(text).text == """
        machine serial seed 7 steps 16 fifo=16
        write A 64..end bytes 1
        write A 0..r3
        request resuming
        v1 read data_offset
        expect digest 0xff
        set A end-2 abcd

        """)
    #expect(try parsed(text).steps.map(\.line) == [1, 4, 5, 6, 7, 8, 9])
  }

  @Test(
    "What is no trace is refused with line and column",
    arguments: [
      ("reset\nfrobnicate\n", 2, 1, "'frobnicate' is no operation"),
      ("reset now", 1, 7, "nothing may follow here, and 'now' does"),
      ("write A", 1, 8, "a range (PLACE..PLACE) is missing"),
      ("write A 1", 1, 9, "'1' is not a range (PLACE..PLACE)"),
      ("write A 0..8 bytes 0", 1, 20, "a piece has at least one octet"),
      ("  run -1", 1, 7, "'-1' is not a number of steps"),
      ("run 18446744073709551616", 1, 5, "'18446744073709551616' is not a number of steps"),
      ("run +1", 1, 5, "'+1' is not a number of steps"),
      ("flip A 3.8", 1, 8, "'3.8' is not a place and a bit (PLACE.BIT)"),
      ("stream A octets abc", 1, 17, "'abc' is not octets (1 to 65536 pairs of hexadecimal digits)"),
      ("stream A file ../secret", 1, 15, "'../secret' is not a file's name (a letter, then letters, digits, - _ .)"),
      ("stream 1 copy B", 1, 8, "'1' is not a stream's name (a letter, then letters, digits, - _ .)"),
      ("reset \u{1b}[2J", 1, 7, "a word of a trace has printable ASCII characters only"),
      ("expect code nonsense", 1, 13, "'nonsense' is not a code of chapter 40"),
      ("query 4294967296", 1, 7, "'4294967296' is not a device's number (a number up to 4294967295)"),
    ])
  func faults(text: String, line: Int, column: Int, message: String) throws {
    let fault = #expect(throws: TraceFault.self) { try parsed(text) }
    #expect(fault?.line == line)
    #expect(fault?.column == column)
    #expect(fault?.message == message)
  }

  @Test("Octets that are no UTF-8, and traces that are too long, are refused")
  func limits() throws {
    #expect(throws: TraceFault.self) { try Trace(parsing: [0x72, 0xff, 0x0a]) }
    #expect(throws: TraceFault.self) { try Trace(parsing: Array(repeating: 0x0a, count: TraceLimits.textBytesMax + 1)) }
    let most = Array(String(repeating: "abort\n", count: TraceLimits.operationsMax).utf8)
    #expect(try Trace(parsing: most).steps.count == TraceLimits.operationsMax)
    let fault = #expect(throws: TraceFault.self) { try Trace(parsing: most + Array("abort".utf8)) }
    #expect(fault?.line == TraceLimits.operationsMax + 1)
  }

  @Test("Damage anywhere in a trace is refused or is another trace", arguments: 0..<100)
  func damage(seed: UInt64) throws {
    var random = RandomTrace(seed: seed)
    var text = Array(Trace((0..<10).map { _ in random.operation() }).text.utf8)
    for _ in 0..<4 { text[random.number(below: text.count)] = UInt8(random.number(below: 256)) }
    if let trace = try? Trace(parsing: text) {
      #expect(try parsed(trace.text).text == trace.text, "seed \(seed)")
    }
  }
}
