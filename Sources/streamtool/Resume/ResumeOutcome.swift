import DeviceModel
import MigrationStream
import ReferenceDevices
import ResumePath
import StreamReport

/// How a resume ended, for people and programs.
struct ResumeOutcome {
  struct Device {
    var path: String
    var model: String
    var timeline: [String]
    var octets: DeviceOctets
  }

  struct Region {
    var name: String
    var data: UInt64
    var cleared: UInt64
  }

  var file: String
  var stream: StreamUUID?
  var fault: ReportFault?
  /// The failure that the fault is.
  var error: StreamError?
  var octets: UInt64 = 0
  var devices: [Device] = []
  var regions: [Region] = []
  /// Steps of the workload that the guest had done when it was resumed, and what it saw.
  var steps: UInt64 = 0
  var digest: UInt64 = 0
  /// The same after the steps that it did here.
  var later: (steps: UInt64, digest: UInt64)?
  var notes: [String] = []

  init(file: String) { self.file = file }

  var status: ToolStatus { fault == nil ? .good : ToolStatus(error) }

  /// Takes down what happened to the machine.
  mutating func note(_ run: inout ResumeRun) throws(StreamError) {
    stream = run.uuid
    octets = run.control.offset
    let machine = try Manifest(run.control.devices.manifest(allocator: .system))
    devices = (0..<machine.devices.count).map { number in
      let device = machine.devices[number]
      return Device(
        path: String(octets: machine.path(of: device)), model: String(octets: machine.model(of: device)),
        timeline: Self.timeline(run.control.devices.events[number], final: run.control.state(of: number)),
        octets: run.control.devices.applied[number])
    }
    regions = (0..<machine.regions.count).compactMap { number in
      guard let octets = run.control.devices.regions[number] else { return nil }
      return Region(name: String(octets: machine.name(of: machine.regions[number])), data: octets.data, cleared: octets.cleared)
    }
  }

  /// Takes down what happened to a machine that refused, and resets it.
  mutating func noteAndReset(_ run: inout ResumeRun) throws(StreamError) {
    try note(&run)
    run.control.reset()
    for number in devices.indices { devices[number].timeline += ["reset", "\(run.control.state(of: number))"] }
  }

  mutating func refuse(_ error: StreamError, path: String, _ window: HexWindow = HexWindow()) {
    self.error = error
    fault = ReportFault(error, path: path, window: window)
  }

  /// - Parameter final: What the device is in; an error is not always a step of the device itself.
  private static func timeline(_ events: [DeviceEvent], final: MigrationState) -> [String] {
    var timeline = events.map { event in
      switch event {
      case .state(let state): "\(state)"
      case .prepared: "prepared"
      case .committed: "committed"
      case .wasReset: "reset"
      case .failed(let failure): "failed (\(Self.text(failure)))"
      }
    }
    if timeline.last != "\(final)" { timeline.append("\(final)") }
    return timeline
  }

  static func text(_ failure: DeviceFailure) -> String {
    DeviceReason(rawValue: failure.reason)?.text ?? "reason \(failure.reason)"
  }

  // MARK: Text

  /// - Parameter colour: Of the words that count.
  func text(_ colour: ReportColour) -> String {
    var text = ""
    if let fault {
      for line in ReportText.lines(fault) { text += colour.fault("error ") + line + "\n" }
      if let error { text += colour.fault("error ") + "class \(error.code.failureClass), \(error.code.hostError.name)\n" }
    }
    for device in devices {
      text += "\(device.path.visible) (\(device.model.visible))\n  \(device.timeline.joined(separator: " > "))\n"
      guard fault == nil else { continue }
      let octets = device.octets
      text += "  applied: \(octets.sections) piece\(octets.sections == 1 ? "" : "s") of \(ReportText.size(octets.sectionByteCount))"
      text += octets.byteStringByteCount > 0 ? ", byte string \(ReportText.size(octets.byteStringByteCount))\n" : "\n"
    }
    if fault == nil {
      for region in regions {
        text += "memory \(region.name.visible): \(ReportText.size(region.data))"
        text += region.cleared > 0 ? ", \(ReportText.size(region.cleared)) cleared\n" : "\n"
      }
    }
    for note in notes { text += "note: \(note.visible(keeping: "\"\\"))\n" }
    return text + ending
  }

  private var ending: String {
    if fault != nil {
      return "refused after \(ReportText.size(octets)); nothing of it is visible to the guest\n"
    }
    var text = "resumed: \(ReportText.size(octets)); the guest has done \(steps) steps and sees \(ReportText.digest(digest))\n"
    if let later { text += "\(later.steps) steps later it sees \(ReportText.digest(later.digest))\n" }
    return text
  }

  // MARK: JSON

  /// Source: Specs/50-inspection.md section 13.
  var json: JSONValue {
    .record([
      "schema": .number(ToolWriter.schema), "command": .text("resume"), "file": .text(file),
      "uuid": stream.map { .text($0.text) }, "octets": .wide(octets),
      "devices": .list(
        devices.map { device in
          .record([
            "path": .text(device.path), "model": .text(device.model), "timeline": .list(device.timeline.map { .text($0) }),
            "pieces": .wide(device.octets.sections), "section_octets": .wide(device.octets.sectionByteCount),
            "byte_string_octets": .wide(device.octets.byteStringByteCount),
          ])
        }),
      "regions": .list(
        regions.map { .record(["name": .text($0.name), "octets": .wide($0.data), "cleared": .wide($0.cleared)]) }),
      "steps": fault == nil ? .wide(steps) : nil, "digest": fault == nil ? .text(ReportText.digest(digest)) : nil,
      "later": later.map { .record(["steps": .wide($0.steps), "digest": .text(ReportText.digest($0.digest))]) },
      "fault": fault.map { .fault($0) }, "class": error.map { .text("\($0.code.failureClass)") },
      "errno": error.map { .text($0.code.hostError.name) },
      "verdict": .record([
        "result": .text(fault == nil ? "resumed" : "refused"),
        "notes": notes.isEmpty ? nil : .list(notes.map { .text($0) }),
      ]),
    ])
  }
}

extension HostError {
  /// As the C library calls it.
  fileprivate var name: String { "\(self)".uppercased() }
}
