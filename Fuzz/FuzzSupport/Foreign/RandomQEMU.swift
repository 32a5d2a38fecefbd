import StreamMutation

/// QEMU streams of a few devices, drawn anew with the description of their fields: what a description may nest, which
/// changes of recorded ones seldom come to, since all sizes around it have to fit.
struct RandomQEMU {
  private var chance: Chance
  private var names = 0

  static func draw(_ chance: inout Chance) -> [UInt8] {
    var random = RandomQEMU(chance: Chance(chance.next()))
    return random.stream()
  }

  private init(chance: Chance) { self.chance = chance }

  private mutating func stream() -> [UInt8] {
    var octets: [UInt8] = Array("QEVM".utf8) + Self.number(3, 4) + [7] + Self.number(4, 4) + Array("test".utf8)
    var devices: [String] = []
    for id in 0..<(1 + chance.below(3)) {
      let name = "d\(chance.below(4))"
      let (fields, byteCount) = fields(depth: 0)
      octets += [4] + Self.number(UInt64(id), 4) + Self.name(name) + Self.number(UInt64(id), 4) + Self.number(1, 4)
      octets += (0..<byteCount).map { _ in octet() }
      var subsections: [String] = []
      while subsections.count < 2, chance.isOne(in: 3) {
        let title = "\(name)/s\(subsections.count)"
        let (fields, byteCount) = self.fields(depth: 1)
        octets += [5] + Self.name(title) + Self.number(1, 4) + (0..<byteCount).map { _ in octet() }
        subsections.append(#"{"vmsd_name": "\#(title)", "version": 1, "fields": [\#(fields)]}"#)
      }
      octets += [0x7e] + Self.number(UInt64(id), 4)
      let more = subsections.isEmpty ? "" : #", "subsections": [\#(subsections.joined(separator: ", "))]"#
      devices.append(
        #"{"name": "\#(name)", "instance_id": \#(id), "vmsd_name": "\#(name)", "version": 1, "fields": [\#(fields)]\#(more)}"#)
    }
    let description = Array(#"{"page_size": 4096, "devices": [\#(devices.joined(separator: ", "))]}"#.utf8)
    return octets + [0, 6] + Self.number(UInt64(description.count), 4) + description
  }

  // MARK: Fields

  private mutating func fields(depth: Int) -> (text: String, byteCount: Int) {
    var (texts, total): ([String], Int) = ([], 0)
    for _ in 0..<(1 + chance.below(3)) {
      let (text, byteCount) = field(depth: depth)
      texts.append(text)
      total += byteCount
    }
    return (texts.joined(separator: ", "), total)
  }

  /// One field, several of one name told apart by their numbers, or an array in one.
  private mutating func field(depth: Int) -> (text: String, byteCount: Int) {
    names += 1
    let (kind, size) = kind(depth: depth)
    let name = #""name": "f\#(names)""#
    switch chance.below(4) {
    case 0:
      let count = 1 + chance.below(3)
      return (#"{\#(name), "array_len": \#(count), \#(kind), "size": \#(size)}"#, count * size)
    case 1:
      let count = 1 + chance.below(3)
      let texts = (0..<count).map { #"{\#(name), "index": \#($0), \#(kind), "size": \#(size)}"# }
      return (texts.joined(separator: ", "), count * size)
    default: return (#"{\#(name), \#(kind), "size": \#(size)}"#, size)
    }
  }

  private mutating func kind(depth: Int) -> (text: String, byteCount: Int) {
    if depth < 3, chance.isOne(in: 3) {
      let (text, byteCount) = fields(depth: depth + 1)
      return (#""type": "struct", "struct": {"vmsd_name": "s", "version": 1, "fields": [\#(text)]}"#, byteCount)
    }
    let leaves: [(String, Int)] = [
      ("uint8", 1), ("uint16", 2), ("uint32", 4), ("uint64", 8), ("int8", 1), ("int16", 2), ("int32", 4), ("int64", 8),
      ("bool", 1), ("buffer", 1 + chance.below(6)), ("unused_buffer", 1 + chance.below(4)), ("timer", 8), ("other", 3),
    ]
    let (type, byteCount) = leaves[chance.below(leaves.count)]
    return (#""type": "\#(type)""#, byteCount)
  }

  // MARK: Octets

  private mutating func octet() -> UInt8 { chance.isOne(in: 2) ? UInt8(chance.below(2)) : UInt8(chance.below(256)) }

  private static func number(_ value: UInt64, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - $0))) }
  }

  private static func name(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
}
