import MigrationStream
import StreamMutation

extension ChannelInput {
  /// Changes one channel, or which of them there are; what END of channel 0 says of a channel that was changed is mostly
  /// put right.
  mutating func mutate(byteCountMax: Int, chance: inout Chance, repairs: Bool) {
    if chance.isOne(in: 6), case let drawn = RandomChannels.draw(&chance), drawn.octets.count <= byteCountMax {
      self = drawn
      return
    }
    let other = 1 + chance.below(channels.count - 1)
    switch chance.below(24) {
    case 0: channels.swapAt(0, other)
    case 1 where channels.count > 2: channels.remove(at: other)
    case 2 where channels.count < Self.counts.upperBound && room(byteCountMax) >= channels[other].count + 4:
      channels.append(channels[other])
    case 3: choices = UInt8(truncatingIfNeeded: chance.next())
    default:
      let number = chance.below(channels.count)
      let most = channels[number].count + room(byteCountMax)
      guard most > 0 else { return }
      StreamMutator.mutate(
        &channels[number], byteCountMax: most, chance: &chance, repairs: repairs,
        leaf: { LeafMutation.mutate(&$0, byteCountMax: $1) })
      if repairs, !chance.isOne(in: 8) { settleTotals() }
    }
  }

  /// Parts of one channel of another input, which may be of another stream.
  mutating func crossOver(with other: ChannelInput?, byteCountMax: Int, chance: inout Chance, repairs: Bool) {
    guard let other else { return }
    let number = chance.below(channels.count)
    let most = channels[number].count + room(byteCountMax)
    guard most > 0 else { return }
    channels[number] = StreamMutator.crossOver(
      channels[number], other.channels[chance.below(other.channels.count)], byteCountMax: most, chance: &chance,
      repairs: repairs)
    if repairs { settleTotals() }
  }

  /// Octets that may be added.
  private func room(_ byteCountMax: Int) -> Int {
    max(0, byteCountMax - channels.reduce(2 + 4 * (channels.count - 1)) { $0 + $1.count })
  }

  /// Copies what CHANNEL_END says of each further channel into END of channel 0.
  ///
  /// Source: Specs/30-channels-passes-images.md section 1, Specs/10-stream-format.md section 11.
  private mutating func settleTotals() {
    guard let end = RecordTree(channels[0]).records.last, RecordKind(rawValue: end.kind) == .end, end.bodyCount == 416
    else { return }
    for channel in channels.dropFirst() {
      guard let last = RecordTree(channel).records.last, RecordKind(rawValue: last.kind) == .channelEnd,
        last.bodyCount == 32, case let number = Int(channel[10]), number > 0, number < Self.counts.upperBound
      else { continue }
      let place = end.body.lowerBound + 32 + 24 * number
      channels[0].replaceSubrange(place..<(place + 24), with: channel[last.body.prefix(24)])
    }
    var main = channels[0]
    let seed = StreamUUID(
      low: main.span.octets.integer(at: 40, as: UInt64.self), high: main.span.octets.integer(at: 48, as: UInt64.self)
    ).seed
    Self.put(Digest.xxh3(main.span.octets.extracting(end.body)), in: &main, at: end.start + 32)
    Self.put(Digest.xxh3(header: main.span.octets.words(at: end.start), seed: seed), in: &main, at: end.start + 56)
    channels[0] = main
  }

  private static func put(_ value: UInt64, in octets: inout [UInt8], at place: Int) {
    for octet in 0..<8 { octets[place + octet] = UInt8(truncatingIfNeeded: value >> UInt64(8 * octet)) }
  }
}
