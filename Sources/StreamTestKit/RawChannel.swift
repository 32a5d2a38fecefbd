/// A channel other than 0, put together like ``RawStream``.
///
/// Source: Specs/30-channels-passes-images.md section 1.
public struct RawChannel: Sendable {
  public var number: UInt16
  /// The 56 octets of the hello before its digest.
  public var hello: [UInt8]
  public var records: [RawRecord]
  public var patches: [RawPatch] = []
  public var damages: [RawPatch] = []
  /// Octets that stay; nil for all.
  public var cut: Int?
  /// Octets behind the last record.
  public var tail: [UInt8] = []
  /// How often it comes.
  public var times = 1

  /// - Parameter records: Without CHANNEL_END, which is added.
  public init(_ number: UInt16, of count: UInt16, _ records: [RawRecord]) {
    self.number = number
    hello = .joined(.hex("89 4d 47 43 0d 0a 1a 0a"), .u16(1), .u16(number), .u16(count), .u16(0), RawStream.uuid)
    hello += .zeros(24)
    self.records = records + [.channelEnd]
  }

  /// The octets, and a label for each part.
  public func assembled(uuid: [UInt8]) -> (octets: [UInt8], labels: [RawLabel]) {
    let work = run(uuid: uuid)
    var octets = work.octets + tail
    var labels = work.labels
    if !tail.isEmpty { labels.append(RawLabel(offset: work.octets.count, name: "behind")) }
    for damage in damages { octets.set(damage.octets, at: damage.offset) }
    if let cut { octets.removeSubrange(cut...) }
    return (octets, labels.filter { $0.offset < octets.count })
  }

  func run(uuid: [UInt8]) -> RawStream.Assembly {
    var work = RawStream.Assembly(patches: patches)
    work.channel = number
    work.appendHello(hello, uuid: uuid)
    for record in records { work.append(record) }
    return work
  }
}

extension RawStream {
  /// A stream of several channels; channel 0 has these records.
  public init(mandatory: UInt32 = 0, _ records: [RawRecord], channels: [[RawRecord]]) {
    self.init(mandatory: mandatory | 1 << 1, records)
    let count = UInt16(channels.count) + 1
    preamble.set(.u16(count), at: 26)
    self.channels = channels.enumerated().map { RawChannel(UInt16($0) + 1, of: count, $1) }
  }

  /// The same stream with one of its other channels changed.
  public func changingChannel(_ number: Int, _ change: (inout RawChannel) -> Void) -> RawStream {
    var stream = self
    change(&stream.channels[number - 1])
    return stream
  }

  /// The same stream with octets of a channel replaced before digests are computed.
  public func patchedOn(_ number: Int, _ offset: Int, _ octets: [UInt8]) -> RawStream {
    changingChannel(number) { $0.patches.append(RawPatch(offset: offset, octets: octets)) }
  }

  /// The same stream with octets of a channel replaced and no digest repaired.
  public func damagedOn(_ number: Int, _ offset: Int, _ octets: [UInt8]) -> RawStream {
    changingChannel(number) { $0.damages.append(RawPatch(offset: offset, octets: octets)) }
  }

  /// The octets and labels of the other channels, as often as they come.
  public func assembledChannels() -> [(octets: [UInt8], labels: [RawLabel])] {
    channels.flatMap { channel in
      [(octets: [UInt8], labels: [RawLabel])](
        repeating: channel.assembled(uuid: [UInt8](preamble[40..<56])), count: channel.times)
    }
  }
}
