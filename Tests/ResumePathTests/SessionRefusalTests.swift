import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// What a session refuses in sections and bulk, beyond what every reader does.
@Suite struct SessionRefusalTests {
  /// A stream in which one step is other than usual.
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: StreamError.Code
    var stage: StreamError.Stage
    /// Octets from the start of the record to the field at fault.
    var field: UInt64
    var expected: UInt64 = 0
    var found: UInt64 = 0
    /// Position in the steps of ``SessionPropertyTests/small``, and what stands there.
    var step: Int
    var change: @Sendable (inout FakeStream) -> Void

    init(
      _ description: String, _ code: StreamError.Code, _ stage: StreamError.Stage, step: Int, at field: UInt64,
      expected: UInt64 = 0, found: UInt64 = 0, _ change: @escaping @Sendable (inout FakeStream) -> Void
    ) {
      (testDescription, self.code, self.stage, self.step, self.field) = (description, code, stage, step, field)
      (self.expected, self.found, self.change) = (expected, found, change)
    }
  }

  /// Section data stand behind header and head.
  static let data: UInt64 = 64 + 24

  static let rows: [Row] = [
    Row("a value out of range", .valueOutOfRange, .mapping, step: 2, at: data, expected: 100, found: 101) {
      $0.steps[2] = .section(0, 0, layout: 0, FakeStream.state(control: 101))
    },
    Row("another configuration", .verifyMismatch, .mapping, step: 11, at: data + 4, expected: 11, found: 12) {
      $0.steps[11] = .section(1, 0, layout: 3, .joined(.u32(8), .u32(12)))
    },
    Row("a subsection that must not be there", .conditionMismatch, .rules, step: 9, at: data + 8 + 4, expected: none) {
      $0.steps[9] = .section(
        0, 0, layout: 0, FakeStream.state(control: 2), subsections: [FakeStream.subsection(.u64(12))], replaces: true)
    },
    Row("a subsection that is not there", .conditionMismatch, .rules, step: 9, at: data, found: none) {
      $0.steps[9] = .section(0, 0, layout: 0, FakeStream.state(control: 1), replaces: true)
    },
    Row("a layout of other fields", .missingField, .mapping, step: 10, at: data, found: 1) {
      $0.steps[10] = .section(0, 1, layout: 1, .u64(99))
    },
  ]

  static let none = UInt64(UInt32.max)

  @Test(arguments: rows)
  func refused(_ row: Row) throws {
    var stream = SessionPropertyTests.small
    row.change(&stream)
    let (octets, records) = try stream.encoded()
    var control = try FakeControl.fake(SessionPropertyTests.machine)
    let error = try #require(refusal { () throws(StreamError) in try control.resume(octets) })
    #expect((error.code, error.stage) == (row.code, row.stage))
    let record = records[1 + stream.layouts.count + row.step]
    #expect(error.offset == UInt64(record) + row.field, "\(error.offset - UInt64(record))")
    #expect((error.expected, error.found) == (row.expected, row.found))
    #expect(control.devices.applied == [:])
    #expect(control.allStates == [.error, .error, .error])
    control.reset()
    #expect(control.devices.isBlank == true)
    try control.resume(try SessionPropertyTests.small.encoded().octets)
  }

  @Test func imagesAndChannels() throws {
    var image = Preamble(uuid: StreamUUID(low: 1, high: 1))
    image.profile = .image
    var channels = Preamble(uuid: StreamUUID(low: 1, high: 1))
    (channels.channelCount, channels.mandatoryFlags) = (2, MandatoryFlags.channels)
    for (preamble, offset) in [(image, UInt64(14)), (channels, 26)] {
      var octets = OwnedBytes()
      try preamble.encode(into: &octets)
      var control = try FakeControl.fake(SessionPropertyTests.machine)
      let handle = try control.open()
      let error = refusal { () throws(StreamError) in _ = try control.write(octets.bytes, handle) }
      #expect(error?.code == .notImplemented)
      #expect(error?.offset == offset)
      #expect(control.compatibility == .refused(try #require(error)))
    }
  }

  @Test func aSourceThatGivesUp() throws {
    var stream = SessionPropertyTests.small
    stream.steps = Array(stream.steps.prefix(6)) + [.abort]
    var control = try FakeControl.fake(SessionPropertyTests.machine)
    let error = refusal { () throws(StreamError) in try control.resume(try stream.encoded().octets) }
    #expect((error?.code, error?.found) == (.aborted, 7))
    #expect(control.status == .poisoned(try #require(error)))
    #expect(control.allStates == [.error, .error, .error])
  }

  /// Records of two streams do not mix: those of another are noticed at once.
  @Test func aTailOfAnotherStream() throws {
    var other = SessionPropertyTests.small
    other.uuid = StreamUUID(low: 77, high: 4)
    let (octets, records) = try SessionPropertyTests.small.encoded()
    let tail = try other.encoded().octets
    for record in records {
      var control = try FakeControl.fake(SessionPropertyTests.machine)
      let error = refusal { () throws(StreamError) in
        try control.resume(Array(octets[0..<record] + tail[record...]))
      }
      #expect(error?.code == .digestMismatch)
      #expect(error?.offset == UInt64(record) + 56)
    }
  }

  /// Nothing of a forwarded record leaves before its digest was right.
  @Test func damagedOctetsAreNotForwarded() throws {
    let stream = SessionPropertyTests.small
    let (octets, records) = try stream.encoded()
    let record = records[1 + stream.layouts.count + 6]
    var damaged = octets
    // Payloads begin at a multiple of 64, behind header and body.
    damaged[(record + 96 + 63) / 64 * 64] ^= 1
    for size in [Int.max, 10] {
      var control = try FakeControl.fake(SessionPropertyTests.machine)
      let error = refusal { () throws(StreamError) in try control.resume(damaged, size: size) }
      #expect(error?.code == .digestMismatch)
      #expect(control.devices.forwarded == [:])
    }
  }
}
