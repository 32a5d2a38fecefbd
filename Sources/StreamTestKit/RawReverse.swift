/// What a destination tells the source, put together like ``RawStream``.
///
/// Source: Specs/resume-path.md section 9.
public struct RawReverse: Sendable {
  /// Devices of the stream that is answered; its uuid is ``RawStream/uuid``.
  public static let deviceCount: UInt32 = 3

  /// The 56 octets of the hello before its digest.
  public var hello: [UInt8]
  public var records: [RawRecord]
  public var patches: [RawPatch] = []
  public var damages: [RawPatch] = []
  /// Octets that stay; nil for all.
  public var cut: Int?
  /// Octets behind the last record.
  public var tail: [UInt8] = []

  public init(_ records: [RawRecord]) {
    hello = .joined(.hex("89 4d 47 56 0d 0a 1a 0a"), .u16(1), .u16(0), .u16(0), .u16(0), RawStream.uuid)
    hello += .zeros(24)
    self.records = records
  }

  /// The same with octets replaced before digests are computed.
  public func patched(_ offset: Int, _ octets: [UInt8]) -> RawReverse {
    changing { $0.patches.append(RawPatch(offset: offset, octets: octets)) }
  }

  /// The same with octets replaced and no digest repaired.
  public func damaged(_ offset: Int, _ octets: [UInt8]) -> RawReverse {
    changing { $0.damages.append(RawPatch(offset: offset, octets: octets)) }
  }

  public func changing(_ change: (inout RawReverse) -> Void) -> RawReverse {
    var changed = self
    change(&changed)
    return changed
  }

  /// The octets, and a label for each part.
  public func assembled() -> (octets: [UInt8], labels: [RawLabel]) {
    var work = RawStream.Assembly(patches: patches)
    work.channel = .max
    work.appendHello(hello, uuid: RawStream.uuid)
    for record in records { work.append(record) }
    var octets = work.octets + tail
    if !tail.isEmpty { work.labels.append(RawLabel(offset: work.octets.count, name: "behind")) }
    for damage in damages { octets.set(damage.octets, at: damage.offset) }
    if let cut { octets.removeSubrange(cut...) }
    return (octets, work.labels.filter { $0.offset < octets.count })
  }
}

extension RawRecord {
  public static var compatible: RawRecord { RawRecord(RawKind.compatible, body: []) }
  public static var resumed: RawRecord { RawRecord(RawKind.resumed, body: []) }

  public static func initialLoaded(_ device: UInt32) -> RawRecord {
    RawRecord(RawKind.initialLoaded, device: device, body: [])
  }

  /// REFUSED with a body of 48 octets.
  public static func refused(
    code: UInt32, stage: UInt8, channel: UInt16 = 0, offset: UInt64, expected: UInt64 = 0, found: UInt64 = 0,
    sequence: UInt64 = none64, device: UInt32 = none32
  ) -> RawRecord {
    var body: [UInt8] = .joined(.u32(code), [stage, 0], .u16(channel), .u64(offset), .u64(expected))
    body.put(.u64(found), .u64(sequence), .u32(device), .u32(0))
    return RawRecord(RawKind.refused, body: body)
  }
}
