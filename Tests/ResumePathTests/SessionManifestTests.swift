import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// Which machines fit, and what is said of those that do not: Specs/resume-path.md section 7.2.
@Suite struct SessionManifestTests {
  /// A stream that does not fit, and where its MANIFEST is refused.
  struct Row: Sendable, CustomTestStringConvertible {
    enum Place {
      case body, device(Int), model(Int), region(Int), parameter(Int, Int), architecture

      /// The device that is to blame; nil where none need be.
      var device: Int? {
        switch self {
        case .device(let device), .model(let device), .parameter(let device, _): device
        case .body, .region, .architecture: nil
        }
      }
    }

    let testDescription: String
    let code: StreamError.Code
    var stage = StreamError.Stage.rules
    let place: @Sendable () -> Place
    var field: UInt64 = 0
    var expected: UInt64 = 0
    var found: UInt64 = 0
    /// What is other than usual, in the stream and in the machine.
    var stream: @Sendable (inout FakeSetup) -> Void = { _ in }
    var machine: @Sendable (inout FakeSetup) -> Void = { _ in }

    init(
      _ description: String, _ code: StreamError.Code, _ stage: StreamError.Stage = .rules,
      at place: @escaping @Sendable @autoclosure () -> Place, _ field: UInt64 = 0, expected: UInt64 = 0,
      found: UInt64 = 0, stream: @escaping @Sendable (inout FakeSetup) -> Void = { _ in },
      machine: @escaping @Sendable (inout FakeSetup) -> Void = { _ in }
    ) {
      (testDescription, self.code, self.stage, self.place, self.field) = (description, code, stage, place, field)
      (self.expected, self.found, self.stream, self.machine) = (expected, found, stream, machine)
    }
  }

  static let none = UInt64(UInt32.max)

  static let rows: [Row] = [
    Row("architecture", .wrongModel, at: .architecture, stream: { $0.architecture = "aarch64" }),
    Row("endianness", .wrongModel, at: .body, 6, expected: 1, found: 2, stream: { $0.guestEndianness = 2 }),
    Row(
      "a device that nobody has", .unknownDevice, .resume, at: .device(1), expected: 3, found: 1,
      stream: { $0.devices[1].path = "gpv" }),
    Row("model", .wrongModel, at: .model(0), stream: { $0.devices[0].model = "test/uarT" }),
    Row("a longer model", .wrongModel, at: .model(0), stream: { $0.devices[0].model = "test/uart2" }),
    Row("apply", .wrongModel, at: .device(2), 10, expected: 3, found: 1, stream: { $0.devices[2].apply = .staged }),
    Row("clock", .wrongModel, at: .device(2), 11, expected: 1, found: 2, stream: { $0.devices[2].clock = .monotonic }),
    Row(
      "value of a parameter", .parameterRefused, at: .parameter(0, 0), found: 115200,
      stream: { $0.devices[0].parameters[0].value = 115200 }),
    Row(
      "text of a parameter", .parameterRefused, at: .parameter(0, 1), expected: 1,
      stream: { $0.devices[0].parameters[1].text = "com2" }),
    Row(
      "type of a parameter", .parameterRefused, at: .parameter(0, 0), found: 1,
      stream: { ($0.devices[0].parameters[0].kind, $0.devices[0].parameters[0].value) = (.bool, 1) },
      machine: { $0.devices[0].parameters[0].value = 1 }),
    Row(
      "a parameter that is not listed here", .parameterRefused, at: .parameter(0, 1), expected: 1, found: 4,
      stream: { $0.devices[0].parameters.insert(.init(name: "fifo", value: 4), at: 1) }),
    Row(
      "one more parameter", .parameterRefused, at: .parameter(0, 2), expected: 2, found: 4,
      stream: { $0.devices[0].parameters.append(.init(name: "zeal", value: 4)) }),
    Row(
      "one parameter fewer", .parameterRefused, at: .device(0), expected: 2, found: 1,
      stream: { $0.devices[0].parameters.removeLast() }),
    Row("name of a region", .unknownRegion, at: .region(0), stream: { $0.regions[0].name = "rom" }),
    Row("owner of a region", .unknownRegion, at: .region(1), found: 1, stream: { $0.regions[1].owner = 0 }),
    Row(
      "a region twice", .duplicateName, at: .region(1), found: 1,
      stream: { $0.regions.insert(FakeSetup.Region(name: "ram"), at: 1) }),
    Row("flags of a region", .wrongModel, at: .region(1), 2, found: 1, stream: { $0.regions[1].flags = 1 }),
    Row("size", .wrongModel, at: .region(0), 16, expected: 65536, found: 65537, stream: { $0.regions[0].byteCount = 65537 }),
    Row("pages", .wrongModel, at: .region(0), 24, expected: 4096, found: 8192, stream: { $0.regions[0].pageByteCount = 8192 }),
    Row("memory of the machine is missing", .unknownRegion, at: .body, 12, found: none, stream: { $0.regions.removeFirst() }),
    Row(
      "memory of a device is missing", .unknownRegion, at: .device(1), expected: 1, found: none,
      stream: { $0.regions.removeLast() }),
    Row(
      "a version too new", .versionTooNew, at: .device(0), 28, expected: 2, found: 3,
      stream: { ($0.devices[0].version, $0.devices[0].versionMin) = (3, 3) }),
    Row(
      "a section is missing", .missingSection, at: .device(1), expected: 1 << 32, stream: { $0.devices[1].sections = [] }),
    Row(
      "a device is missing", .missingDevice, .resume, at: .body, 16, expected: 2, found: 2,
      stream: { $0.devices.removeLast() }),
    Row(
      "the first refusal", .wrongModel, at: .device(1), 11, expected: 1, found: 0,
      stream: {
        $0.devices[1].clock = .none
        $0.regions = []
        $0.devices[2].path = "other"
      }),
  ]

  @Test(arguments: rows)
  func refused(_ row: Row) throws {
    var stream = FakeStream()
    row.stream(&stream.setup)
    stream.steps = []
    var machine = FakeSetup.usual
    row.machine(&machine)
    // MANIFEST only: what follows is not asked for.
    let octets = try stream.opening()
    let log = FakeLog()
    var control = try FakeControl.fake(machine, log: log)
    let handle = try control.open()
    let moves = log.calls
    let error = try #require(refusal { () throws(StreamError) in try control.deliver(octets, handle, size: 50) })
    #expect((error.code, error.stage) == (row.code, row.stage))
    #expect(error.offset == 128 + (try Self.start(row.place(), stream.setup)) + row.field)
    #expect((error.expected, error.found) == (row.expected, row.found))
    if let device = row.place().device { #expect(error.device == UInt32(device)) }
    #expect(control.compatibility == .refused(error))
    #expect(control.status == .poisoned(error))
    // Before any bulk.
    #expect(log.calls == moves)
    #expect(SessionTests.refusalOfWrite(&control, handle, [0]) == error)
    #expect(control.compatibility == .refused(error))
    control.reset()
    #expect(control.compatibility == .unknown)
  }

  private static func start(_ place: Row.Place, _ setup: FakeSetup) throws(StreamError) -> UInt64 {
    let manifest = try Manifest(setup.builder())
    switch place {
    case .body: return 0
    // Producer "fake" and its version "1" stand before it.
    case .architecture: return 24 + 5
    case .device(let number): return manifest.devices[number].start
    case .model(let number): return manifest.devices[number].start + 48 + UInt64(setup.devices[number].path.utf8.count)
    case .region(let number): return manifest.regions[number].start
    case .parameter(let device, let number): return manifest.parameter(number, of: manifest.devices[device]).start
    }
  }

  // MARK: What fits

  @Test func knownBeforeBulk() throws {
    let (octets, records) = try FakeStream().encoded()
    var control = try FakeControl.fake()
    let handle = try control.open()
    try control.deliver(Array(octets[0..<(records[1] - 1)]), handle, size: 1)
    #expect(control.compatibility == .unknown || control.compatibility == .compatible)
    try control.deliver(Array(octets[(records[1] - 1)..<records[1]]), handle)
    #expect(control.compatibility == .compatible)
    var damaged = Array(octets[records[1]...])
    damaged[0] ^= 1
    let error = refusal { () throws(StreamError) in try control.deliver(damaged, handle) }
    #expect(error != nil)
    // The devices do fit; this stream does not come.
    #expect(control.compatibility == .compatible)
  }

  /// The order of devices and regions is the stream's own.
  @Test func otherOrder() throws {
    var machine = FakeSetup.usual
    machine.devices = [machine.devices[2], machine.devices[0], machine.devices[1]]
    machine.regions = [FakeSetup.Region(name: "vram", owner: 2), FakeSetup.Region(name: "ram")]
    var control = try FakeControl.fake(machine)
    try control.resume(try FakeStream().encoded().octets)
    #expect(control.devices.applied[1]?.byteString == .ramp(40))
    #expect(control.devices.applied[2]?.pieces.count == 1)
    #expect(Array(control.devices.memory(of: 1)[0..<4096]) == .ramp(4096))
    #expect(Array(control.devices.byteString(of: 2)[0..<300]) == .ramp(300))
    #expect(control.devices.forwarded[0]?.count == 1250)
  }

  /// Sections and subsections that a device does not know, and may step over, are told; nothing else is different.
  @Test func skippedPieces() throws {
    var stream = FakeStream()
    stream.setup.devices[0].sections.append(FakeSetup.Piece(name: "more", mark: .skippable))
    stream.setup.devices[0].subsections.append(FakeSetup.Piece(name: "extra", mark: .skippable))
    stream.steps[11] = .section(
      0, 0, layout: 0, FakeStream.state(control: 3),
      subsections: [FakeStream.subsection(.u64(12)), FakeStream.subsection(.u64(5), number: 1)], replaces: true)
    stream.steps.insert(.section(0, 2, layout: 1, .u64(6)), at: 13)
    let (octets, records) = try stream.encoded()
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    try control.resume(octets)
    try SessionTests.expectUsual(control.devices)
    // MANIFEST and four layouts come before the steps; the heads of a record, a section and a subsection take 64, 24 and 24.
    let (first, second) = (records[16] + 64 + 24 + 8 + 32 + 24, records[18] + 64 + 24)
    #expect(
      log.skipped == ["subsection extra of 0, record 16, at \(first)", "section more of 0, record 18, at \(second)"])
  }

  /// A device that is skippable and not there is stepped over with all that is its own.
  @Test(arguments: [false, true])
  func steppedOver(_ isStrict: Bool) throws {
    var stream = FakeStream()
    stream.setup.devices.append(
      FakeSetup.Device(
        path: "extra", model: "test/extra", mark: .skippable,
        sections: [FakeSetup.Piece(name: "anything", mark: .skippable, version: 9, versionMin: 9)]))
    stream.setup.regions.append(FakeSetup.Region(name: "more", owner: 3, byteCount: 1 << 40))
    stream.steps.insert(.memory(2, 1 << 39, .ramp(900)), at: 2)
    stream.steps.append(.bytes(3, .ramp(70), FakeStream.whole | RecordFlags.last))
    stream.steps.append(.section(3, 0, layout: 1, .u64(5)))
    let (octets, records) = try stream.encoded()
    if isStrict {
      var control = try FakeControl.fake()
      let handle = try control.open()
      var position = 0
      while control.status == .open {
        // Nothing is lent for it.
        let count = try control.writeInPlace(byteCount: .max, handle) { memory in
          memory.update(from: octets.span.octets.extracting(position..<(position + memory.byteCount)))
          return memory.byteCount
        }
        if let count {
          position += count
        } else {
          position += try control.write(
            octets.span.octets.extracting(position..<(position + control.wantedByteCount)), handle)
        }
      }
      try control.finish(handle)
      try SessionTests.expectUsual(control.devices)
    } else {
      let outcome = try SessionPropertyTests.outcome(octets, cuts: records, .usual)
      #expect(outcome.error == nil)
      #expect(outcome == (try SessionPropertyTests.outcome(try FakeStream().encoded().octets, cuts: [], .usual)).moved(to: octets.count))
    }
  }

  @Test func missingDevicesMayBeAllowed() throws {
    var stream = FakeStream()
    stream.setup.devices.removeLast()
    stream.steps.removeAll { if case .bytes(2, _, _, _) = $0 { true } else { false } }
    let log = FakeLog()
    var options = ResumeOptions()
    options.allowsMissingDevices = true
    var control = try FakeControl.fake(log: log, options: options)
    try control.resume(try stream.encoded().octets)
    #expect(control.allStates == [.stop, .stop, .stop])
    #expect(!log.calls.contains(.prepare(2)) && !log.calls.contains(.commit(2)))
    #expect(control.devices.applied[2] == nil)
  }

  /// The single-device form, with and without a path.
  @Test(arguments: ["", "uart", "gpu"])
  func singleDevice(_ path: String) throws {
    var stream = FakeStream()
    stream.mandatoryFlags |= MandatoryFlags.singleDevice
    stream.setup = FakeSetup(architecture: "", guestEndianness: 0, regions: [], devices: [FakeSetup.usual.devices[0]])
    stream.setup.devices[0].path = path
    stream.steps = [.section(0, 0, layout: 0, FakeStream.state(control: 2)), .section(0, 1, layout: 2, .u64(4))]
    let octets = try stream.encoded().octets
    var alone = FakeSetup.usual
    (alone.devices, alone.regions) = ([alone.devices[0]], [alone.regions[0]])
    var control = try FakeControl.fake(alone)
    let error = refusal { () throws(StreamError) in try control.resume(octets) }
    #expect(error?.code == (path == "gpu" ? .unknownDevice : nil))
    if path != "gpu" { #expect(control.devices.applied[0]?.pieces.count == 2) }
    // Of several machines' devices the one without a path could be any.
    var several = try FakeControl.fake()
    let other = refusal { () throws(StreamError) in try several.resume(octets) }
    #expect(other?.code == (path == "" ? .unknownDevice : path == "gpu" ? .wrongModel : .missingDevice))
  }

  /// A section that is younger than the stream is made of defaults.
  @Test func madeOfDefaults() throws {
    var stream = FakeStream()
    stream.setup.devices[0].version = 1
    stream.setup.devices[0].sections.removeLast()
    stream.steps.removeAll { if case .section(0, 1, _, _, _, _) = $0 { true } else { false } }
    var control = try FakeControl.fake()
    try control.resume(try stream.encoded().octets)
    #expect(
      control.devices.applied[0]?.pieces.last
        == FakeDevices.Given(isSubsection: false, number: 1, owner: -1, data: .u64(7)))
    #expect(control.devices.applied[0]?.pieces.count == 3)
  }
}

extension SessionPropertyTests.Outcome {
  /// The same of a stream of another length.
  func moved(to offset: Int) -> Self {
    var moved = self
    moved.offset = UInt64(offset)
    return moved
  }
}
