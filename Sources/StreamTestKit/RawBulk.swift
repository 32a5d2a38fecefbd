/// A run of octets of a region.
///
/// Source: Specs/10-stream-format.md section 7.
public struct RawExtent: Sendable {
  public var offset: UInt64
  public var length: UInt64
  /// 1 data, 2 zero, 3 discard.
  public var kind: UInt8

  public init(_ offset: UInt64, _ length: UInt64, kind: UInt8 = 1) {
    self.offset = offset
    self.length = length
    self.kind = kind
  }

  public static func data(_ offset: UInt64, _ length: UInt64) -> RawExtent { RawExtent(offset, length) }
  public static func zero(_ offset: UInt64, _ length: UInt64) -> RawExtent {
    RawExtent(offset, length, kind: 2)
  }
  public static func discard(_ offset: UInt64, _ length: UInt64) -> RawExtent {
    RawExtent(offset, length, kind: 3)
  }
}

extension RawRecord {
  /// A MEMORY record; without octets of its own it carries a ramp as long as its data extents.
  ///
  /// Source: Specs/10-stream-format.md section 7.
  public static func memory(
    region: UInt32 = 0, pass: UInt32 = 0, device: UInt32 = none32, _ extents: [RawExtent],
    payload: [UInt8]? = nil, extra: [UInt8] = []
  ) -> RawRecord {
    let plain = extents.filter { $0.kind == 1 }.reduce(0) { $0 &+ $1.length }
    var body: [UInt8] = .joined(.u32(region), .u32(pass), .u32(UInt32(extents.count)), [0, 0, 0, 0])
    body.put(.u64(plain), .u64(0))
    for extent in extents {
      body.put(.u64(extent.offset), .u64(extent.length | UInt64(extent.kind) << 56))
    }
    return RawRecord(
      RawKind.memory, device: device, body: body + extra, payload: payload ?? .ramp(Int(plain)))
  }

  /// A MEMORY record of one data extent at the start of region 0, in a zstd frame made elsewhere.
  public static func memory(zstd frame: [UInt8], plain: [UInt8]) -> RawRecord {
    var record = memory([.data(0, UInt64(plain.count))], payload: frame)
    record.body.set([1], at: 12)
    record.body.set(.u64(plain.digest), at: 24)
    return record
  }

  /// A BYTES record.
  ///
  /// Source: Specs/10-stream-format.md section 8.
  public static func bytes(
    device: UInt32 = 0, offset: UInt64 = 0, pass: UInt32 = 0, flags: UInt16 = RawFlag.whole,
    _ payload: [UInt8]
  ) -> RawRecord {
    var body: [UInt8] = .joined(.u64(offset), .u32(pass), [0, 0, 0, 0])
    body.put(.u64(UInt64(payload.count)), .u64(0))
    return RawRecord(RawKind.bytes, flags: flags, device: device, body: body, payload: payload)
  }

  /// A BYTES record around a zstd frame made elsewhere.
  public static func bytes(zstd frame: [UInt8], plain: [UInt8]) -> RawRecord {
    var record = bytes(frame)
    record.body.set([1], at: 12)
    record.body.set(.joined(.u64(UInt64(plain.count)), .u64(plain.digest)), at: 16)
    return record
  }

  /// A BARRIER.
  ///
  /// Source: Specs/30-channels-passes-images.md section 2.
  ///
  /// - Parameter next: sequence_next of each channel.
  public static func barrier(pass: UInt32, next: UInt64...) -> RawRecord {
    RawRecord(
      RawKind.barrier, body: .joined(.u32(pass), .u32(UInt32(next.count)), next.flatMap { [UInt8].u64($0) }))
  }

  /// Source: Specs/10-stream-format.md section 10.
  public static func abort(reason: UInt32, _ text: [UInt8]) -> RawRecord {
    RawRecord(
      RawKind.abort,
      body: .joined(.u32(reason), .u16(UInt16(text.count)), .u16(0), .textGroup([text])))
  }

  /// An INDEX with the lists given as octets.
  ///
  /// Source: Specs/30-channels-passes-images.md section 4.
  public static func index(
    layouts: [[UInt8]] = [], sections: [[UInt8]] = [], pages: [[UInt8]] = [], byteStrings: [[UInt8]] = []
  ) -> RawRecord {
    var body: [UInt8] = []
    for list in [layouts, sections, pages, byteStrings] { body += .u32(UInt32(list.count)) }
    body.put(.u64(64), .u64(0))
    for list in [layouts, sections, pages, byteStrings] { body += list.flatMap { $0 } }
    return RawRecord(RawKind.index, flags: RawFlag.skippable, body: body)
  }

  /// Source: Specs/30-channels-passes-images.md section 4.
  public static func indexPage(region: UInt32, _ extents: [[UInt8]]) -> RawRecord {
    let body: [UInt8] = .joined(.u32(region), .u32(UInt32(extents.count)), .u64(0))
    return RawRecord(
      RawKind.indexPage, flags: RawFlag.skippable, body: body + extents.flatMap { $0 })
  }
}
