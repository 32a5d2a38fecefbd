import DeviceModel
import MigrationStream
import StreamReport

extension JSONValue {
  /// A refusal, with the keys that faults have in reports.
  ///
  /// Source: Specs/50-inspection.md section 2.
  static func fault(_ fault: ReportFault) -> JSONValue {
    .record([
      "code": .text(fault.code), "number": .number(fault.number), "stage": .text(fault.stage), "path": .text(fault.path),
      "channel": fault.channel.map { .number($0) }, "offset": .wide(fault.offset), "expected": .wide(fault.expected),
      "found": .wide(fault.found), "record": fault.record.map { .wide($0) }, "device": fault.device.map { .number($0) },
      "message": .text(fault.message), "next": .text(fault.advice),
    ])
  }
}
