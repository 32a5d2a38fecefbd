/// An input of several channels: how many there are, how long all but the last are, their octets, and the octet that every
/// input of FuzzDecode ends with.
///
/// ```
///  0        1                    1 + 4 * (count - 1)                        end - 1
///  | count  | length of 0 ...    | channel 0 | channel 1 | ... | last one   | choices |
///  | 2...16 | 4 octets each, little-endian; what is not there is cut off     |
/// ```
///
/// No stream of ours begins with such an octet, so inputs of one channel stay what they are.
public struct ChannelInput: Equatable, Sendable {
  /// Channel 0, then the others in any order.
  public var channels: [[UInt8]]
  public var choices: UInt8

  static let counts = 2...16

  public init(channels: [[UInt8]], choices: UInt8) { (self.channels, self.choices) = (channels, choices) }

  /// nil: an input of one channel.
  public init?(_ input: [UInt8]) {
    guard let first = input.first, Self.counts.contains(Int(first)), input.count > 1 + 4 * (Int(first) - 1) else {
      return nil
    }
    channels = []
    choices = input[input.count - 1]
    let count = Int(first)
    var rest = input[(1 + 4 * (count - 1))..<(input.count - 1)]
    for number in 0..<count {
      let place = 1 + 4 * number
      let length =
        number == count - 1 ? rest.count : (0..<4).reduce(0) { $0 | Int(input[place + $1]) << (8 * $1) }
      channels.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
  }

  public var octets: [UInt8] {
    var octets = [UInt8(channels.count)]
    for channel in channels.dropLast() { octets += (0..<4).map { UInt8(truncatingIfNeeded: channel.count >> (8 * $0)) } }
    for channel in channels { octets += channel }
    return octets + [choices]
  }
}
