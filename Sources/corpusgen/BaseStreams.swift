import StreamTestKit

/// Streams that scenarios start from. Offsets in the scenario tables count on the places given here.
enum Base {
  /// MANIFEST 64 (body 128), END 168 (body 232), 648 octets.
  static let empty = RawStream([RawManifest().record, .end])

  /// One device with one section of one octet.
  ///
  /// MANIFEST 64 (body 128), LAYOUT 248 (body 312, canonical 344), SECTION 440 (body 504), END 536 (body 600),
  /// 1016 octets.
  static let uart = device()

  static func device(
    mandatory: UInt32 = 0, _ change: (inout RawDevice) -> Void = { _ in }
  ) -> RawStream {
    RawStream(
      mandatory: mandatory,
      [
        RawManifest { $0.devices = [RawDevice(change)] }.record, oneField.record(0),
        RawSection(data: .zeros(8)).record, .end,
      ])
  }

  /// 96 octets.
  static let oneField = RawLayout("uart", [RawField("lcr", .unsigned, width: 1)])

  /// One section of the layout with the given fields. LAYOUT 248 (body 312, canonical 344).
  static func section(_ fields: [RawField], data: [UInt8]) -> RawStream {
    RawStream([
      RawManifest { $0.devices = [RawDevice()] }.record, RawLayout("uart", fields).record(0),
      RawSection(data: data).record, .end,
    ])
  }

  /// One region. MANIFEST 64 (body 128), MEMORY 208 (body 272, one extent: payload 320), END behind it.
  static func ram(mandatory: UInt32 = 0, _ records: [RawRecord]) -> RawStream {
    ram(mandatory: mandatory, { _ in }, records)
  }

  static func ram(
    mandatory: UInt32 = 0, _ region: (inout RawRegion) -> Void, _ records: [RawRecord]
  ) -> RawStream {
    RawStream(
      mandatory: mandatory, [RawManifest { $0.regions = [RawRegion(region)] }.record] + records + [.end])
  }

  /// 64 octets at the start of the region: MEMORY 208, payload 320, END 384 (body 448), 864 octets.
  static let memory = ram([.memory([.data(0, 64)])])

  /// One device that has only a byte string. MANIFEST 64 (body 128), first BYTES 224 (body 288, payload 320).
  static func bytes(mandatory: UInt32 = 0, _ records: [RawRecord]) -> RawStream {
    let device = RawDevice { device in
      device.path = .text("/gpu0")
      device.apply = 3
      device.sections = []
    }
    return RawStream(
      mandatory: mandatory, [RawManifest { $0.devices = [device] }.record] + records + [.end])
  }

  /// A structure array for subsections to hang on.
  ///
  /// Fields 0 `lcr`, 1 `ports` (structure, 2 elements), 2 `dr`, 3 `more` (optional), 4 `ier`. Data: 8 octets.
  /// MANIFEST 64, LAYOUT 296 (body 360), SECTION 760 (body 824, data 848, subsections 856).
  static func subsections(data: [UInt8] = .zeros(8), _ subsections: [RawSubsection]) -> RawStream {
    let device = RawDevice {
      $0.subsections = [RawAnnouncement("fifo"), RawAnnouncement("timer", flags: RawFlag.skippable)]
    }
    return RawStream([
      RawManifest { $0.devices = [device] }.record, ports.record(0),
      RawSection(data: data, subsections).record, .end,
    ])
  }

  /// 368 octets: 24, 5 entries of 64, 24 of text.
  static let ports = RawLayout(
    "uart",
    [
      RawField("lcr", .unsigned, width: 1),
      RawField("ports", .structure, [RawField("dr", .unsigned, width: 1)]).array(2),
      RawField("more", .optional, [RawField("ier", .unsigned, width: 1)]),
    ])
}
