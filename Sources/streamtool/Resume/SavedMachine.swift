import DeviceModel
import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath
import StreamReport

/// What was saved, for people and programs.
struct SavedMachine {
  struct Device {
    var path: String
    var model: String
    var tally: RecordTally.Device
  }

  var stream: StreamUUID
  var tally: RecordTally
  var devices: [Device]
  /// Steps of the workload that the guest has done, and what it sees.
  var steps: UInt64
  var digest: UInt64

  init(_ machine: borrowing ReferenceMachine, _ stream: StreamUUID, _ tally: RecordTally) throws(StreamError) {
    self.stream = stream
    self.tally = tally
    steps = machine.operationCount
    digest = machine.visibleDigest()
    let manifest = try Manifest(machine.manifest(allocator: .system))
    devices = (0..<manifest.devices.count).map { number in
      let device = manifest.devices[number]
      return Device(
        path: String(octets: manifest.path(of: device)), model: String(octets: manifest.model(of: device)),
        tally: tally.devices[UInt32(number)] ?? RecordTally.Device())
    }
  }

  /// Lines for people.
  var text: String {
    var text = ""
    for device in devices {
      let tally = device.tally
      var parts = ["\(tally.sections) section\(tally.sections == 1 ? "" : "s") of \(ReportText.size(tally.sectionByteCount))"]
      if tally.memoryByteCount > 0 { parts.append("memory \(ReportText.size(tally.memoryByteCount))") }
      if tally.byteStringByteCount > 0 { parts.append("byte string \(ReportText.size(tally.byteStringByteCount))") }
      text += "\(device.path.visible) (\(device.model.visible)): \(parts.joined(separator: ", "))\n"
    }
    if tally.memoryByteCount > 0 { text += "memory of the machine: \(ReportText.size(tally.memoryByteCount))\n" }
    text += "stream \(stream.text): \(ReportText.size(tally.octets)), \(tally.records) records, "
    text += "\(tally.passes) pass\(tally.passes == 1 ? "" : "es")\n"
    return text + "the guest did \(steps) steps and sees \(digestText)\n"
  }

  private var digestText: String { ReportText.digest(digest) }

  /// Members of the JSON document.
  ///
  /// Source: Specs/50-inspection.md section 13.
  var json: JSONValue {
    .record([
      "uuid": .text(stream.text), "octets": .wide(tally.octets), "records": .wide(tally.records),
      "passes": .wide(tally.passes), "memory_octets": .wide(tally.memoryByteCount),
      "devices": .list(
        devices.map { device in
          .record([
            "path": .text(device.path), "model": .text(device.model), "sections": .wide(device.tally.sections),
            "section_octets": .wide(device.tally.sectionByteCount), "memory_octets": .wide(device.tally.memoryByteCount),
            "byte_string_octets": .wide(device.tally.byteStringByteCount),
          ])
        }), "steps": .wide(steps), "digest": .text(digestText),
    ])
  }
}

extension ReportText {
  /// A digest: 16 hexadecimal digits.
  static func digest(_ digest: UInt64) -> String {
    let digits = String(digest, radix: 16)
    return "0x" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
