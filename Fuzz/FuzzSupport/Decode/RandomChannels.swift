import StreamMutation
import StreamTestKit

/// Streams of several channels and passes, drawn anew: what the channels say of each other has to fit, which changes of a
/// few octets seldom leave so.
///
/// Each channel has a part of the region to itself in each pass, and sends it in records that overlap as they like. Half
/// of the streams then have one thing that does not fit.
///
/// Source: Specs/30-channels-passes-images.md sections 1 and 2.
struct RandomChannels {
  private var chance: Chance
  private let count: Int
  private let passCount: Int
  private var records: [[RawRecord]]
  /// What does not fit, and in which pass.
  private let fault: (kind: Fault, pass: Int)?

  private enum Fault: CaseIterable {
    /// A record lies in another channel's part.
    case overlap
    /// A record of a pass comes behind the record that its barrier names.
    case late
    /// One of the numbers in a barrier is another.
    case number
    /// A record has another pass.
    case pass
  }

  static func draw(_ chance: inout Chance) -> ChannelInput {
    var channels = RandomChannels(&chance)
    let stream = channels.stream()
    return ChannelInput(
      channels: [stream.octets] + stream.assembledChannels().map(\.octets), choices: UInt8(truncatingIfNeeded: chance.next()))
  }

  private init(_ chance: inout Chance) {
    count = 2 + chance.below(3)
    passCount = 1 + chance.below(3)
    let (pass, index) = (chance.below(passCount), chance.below(2 * Fault.allCases.count))
    fault = index < Fault.allCases.count ? (Fault.allCases[index], pass) : nil
    records = [[RawRecord]](repeating: [], count: count)
    self.chance = Chance(chance.next())
  }

  private mutating func stream() -> RawStream {
    records[0] = [RawManifest { $0.regions = [RawRegion(), RawRegion { $0.name = .text("rom") }] }.record]
    for pass in 0..<passCount {
      for channel in 0..<count {
        for _ in 0..<chance.below(4) { add(to: channel, pass) }
      }
      if pass + 1 < passCount { close(pass) }
    }
    records[0].append(.end)
    return RawStream(mandatory: 1 << 2, records[0], channels: Array(records.dropFirst()))
  }

  private func has(_ kind: Fault, _ pass: Int) -> Bool { fault.map { $0.kind == kind && $0.pass == pass } ?? false }

  /// Octets of a region that one channel has to itself in one pass.
  private static let partByteCount = 16

  private mutating func add(to channel: Int, _ pass: Int) {
    if chance.isOne(in: 8) {
      records[channel].append(RawRecord(0x7fff, flags: RawFlag.skippable, body: .zeros(8)))
      return
    }
    let owner = has(.overlap, pass) && chance.isOne(in: 2) ? chance.below(count) : channel
    var (extents, place): ([RawExtent], Int) = ([], 0)
    repeat {
      place += chance.below(6)
      let length = 1 + chance.below(max(1, Self.partByteCount - place))
      let start = (owner + pass) % count * Self.partByteCount + place
      extents.append(RawExtent(UInt64(start), UInt64(length), kind: UInt8(1 + chance.below(3))))
      place += length
    } while place < Self.partByteCount && chance.isOne(in: 3)
    let said = has(.pass, pass) && chance.isOne(in: 4) ? chance.below(passCount + 1) : pass
    records[channel].append(.memory(region: UInt32(chance.below(2)), pass: UInt32(said), extents))
  }

  private mutating func close(_ pass: Int) {
    var next = records.map { UInt64($0.count) }
    next[0] += 1
    if has(.number, pass) {
      let channel = chance.below(count)
      next[channel] = chance.isOne(in: 2) ? next[channel] + 1 : max(1, next[channel]) - 1
    }
    if has(.late, pass) { add(to: 1 + chance.below(count - 1), pass) }
    let body: [UInt8] = .joined(.u32(UInt32(pass)), .u32(UInt32(count)), next.flatMap { [UInt8].u64($0) })
    records[0].append(RawRecord(RawKind.barrier, body: body))
  }
}
