/// A memory region of a manifest.
///
/// Source: Specs/10-stream-format.md section 4.1.
public struct RawRegion: Sendable {
  public var name: [UInt8] = .text("ram")
  public var flags: UInt16 = 0
  public var owner: UInt32 = none32
  public var guestAddress: UInt64 = 0
  public var length: UInt64 = 65536
  public var pageSize: UInt64 = 4096

  public init(_ change: (inout RawRegion) -> Void = { _ in }) { change(&self) }

  var octets: [UInt8] {
    .joined(
      .u16(UInt16(name.count)), .u16(flags), .u32(owner), .u64(guestAddress), .u64(length),
      .u64(pageSize), .textGroup([name]))
  }
}

/// The announcement of a section or a subsection.
///
/// Source: Specs/10-stream-format.md section 4.2.
public struct RawAnnouncement: Sendable {
  public var name: [UInt8]
  public var flags: UInt16
  public var version: UInt32 = 1
  public var versionMin: UInt32 = 1

  public init(_ name: String, flags: UInt16 = RawFlag.required) {
    self.name = .text(name)
    self.flags = flags
  }

  var octets: [UInt8] {
    .joined(
      .u16(UInt16(name.count)), .u16(flags), .u32(version), .u32(versionMin), .u32(0), .textGroup([name]))
  }
}

/// A parameter of a device.
///
/// Source: Specs/10-stream-format.md section 4.3.
public struct RawParameter: Sendable {
  public var name: [UInt8]
  /// 1 bool, 2 int, 3 str.
  public var type: UInt8
  public var value: UInt64
  public var text: [UInt8]

  public init(_ name: String, type: UInt8, value: UInt64 = 0, text: String = "") {
    self.name = .text(name)
    self.type = type
    self.value = value
    self.text = .text(text)
  }

  var octets: [UInt8] {
    .joined(
      .u16(UInt16(name.count)), [type, 0], .u32(UInt32(text.count)), .u64(value), .textGroup([name, text]))
  }
}

/// A device of a manifest.
///
/// Source: Specs/10-stream-format.md section 4.2.
public struct RawDevice: Sendable {
  public var path: [UInt8] = .text("/uart0")
  public var address: [UInt8] = []
  public var model: [UInt8] = []
  public var parent: UInt32 = none32
  public var flags: UInt16 = RawFlag.required
  /// 1 staged, 2 inPlace, 3 external.
  public var apply: UInt8 = 1
  public var clock: UInt8 = 0
  public var version: UInt32 = 1
  public var versionMin: UInt32 = 1
  public var lenInitial: UInt64 = 0
  public var lenTotal: UInt64 = 0
  public var parameters: [RawParameter] = []
  public var sections: [RawAnnouncement] = [RawAnnouncement("state")]
  public var subsections: [RawAnnouncement] = []
  /// Octets behind the last announcement, counted by len_entry.
  public var extra: [UInt8] = []

  public init(_ change: (inout RawDevice) -> Void = { _ in }) { change(&self) }

  var octets: [UInt8] {
    var entry: [UInt8] = .joined(.u32(parent), .u16(flags), [apply, clock])
    for text in [path, address, model] { entry += .u16(UInt16(text.count)) }
    for count in [parameters.count, sections.count, subsections.count] { entry += .u16(UInt16(count)) }
    entry.put(.u32(version), .u32(versionMin), .u64(lenInitial), .u64(lenTotal))
    entry += .textGroup([path, address, model])
    entry += parameters.flatMap(\.octets)
    entry.put((sections + subsections).flatMap(\.octets), extra)
    return .joined(.u32(UInt32(entry.count + 4)), entry)
  }
}

/// The topology of a stream.
///
/// Source: Specs/10-stream-format.md section 4.
public struct RawManifest: Sendable {
  public var producer: [UInt8] = .text("corpus")
  public var producerVersion: [UInt8] = .text("1")
  public var architecture: [UInt8] = .text("x86_64")
  public var endianness: UInt8 = 1
  public var pageSize: UInt32 = 4096
  public var regions: [RawRegion] = []
  public var devices: [RawDevice] = []
  /// Octets behind the last device.
  public var extra: [UInt8] = []

  public init(_ change: (inout RawManifest) -> Void = { _ in }) { change(&self) }

  public var record: RawRecord {
    var body: [UInt8] = []
    for text in [producer, producerVersion, architecture] { body += .u16(UInt16(text.count)) }
    body.put([endianness, 0], .u32(pageSize))
    body.put(.u32(UInt32(regions.count)), .u32(UInt32(devices.count)), .u32(0))
    body += .textGroup([producer, producerVersion, architecture])
    body.put(regions.flatMap(\.octets), devices.flatMap(\.octets), extra)
    return RawRecord(RawKind.manifest, body: body)
  }
}
