import MigrationStream
import StreamTestKit

/// A right stream as a list of encoder calls; every input is one.
struct RoundTripProgram {
  static let regionByteCount = 3 * 4096
  static let zeroRegion = [UInt8](repeating: 0, count: regionByteCount)

  enum Call {
    /// Octets to place; zero pages among them become extents without octets.
    case memory(region: Int, offset: Int, octets: [UInt8], compresses: Bool, isLive: Bool)
    /// An extent without octets.
    case run(region: Int, offset: Int, length: Int, isDiscard: Bool)
    case bytes(device: Int, octets: [UInt8], flags: UInt16, compresses: Bool)
    case section(device: Int, section: Int, data: RandomSection, replaces: Bool)
    case barrier
    /// A record that no reader knows.
    case unknown(kind: UInt16, body: [UInt8], payload: [UInt8])
  }

  struct Device {
    var sections: Int
    /// Bit n: section n is required.
    var marks: Int
    var mark: Mark
    var parameters: Int
  }

  var isSingle = false
  var regions: [(isOpaque: Bool, owner: UInt32)] = []
  var devices: [Device] = []
  var layouts: [ModelLayout] = []
  var compressesLayouts = false
  var indexes = false
  var calls: [Call] = []

  init(_ input: [UInt8]) {
    var random = SeededGenerator(choices: input)
    let head = random.pick(0...255)
    isSingle = head & 1 == 1
    compressesLayouts = head & 2 == 2
    indexes = head & 4 == 4
    for _ in 0..<(isSingle ? 1 : head >> 3 & 3) {
      let bits = random.pick(0...255)
      devices.append(
        Device(
          sections: bits & 3, marks: bits >> 2 & 7, mark: bits & 32 == 0 ? .required : .skippable, parameters: bits >> 6))
    }
    for _ in 0..<(head >> 5 & 3) {
      let bits = random.pick(0...255)
      let owner = bits >> 1 % (devices.count + 1)
      let hasOwner = isSingle || owner < devices.count
      regions.append((bits & 1 == 1, hasOwner ? UInt32(isSingle ? 0 : owner) : Format.none32))
    }
    addCalls(&random)
  }

  private mutating func addCalls(_ random: inout SeededGenerator) {
    let first = RandomSection(random: &random, fieldsMax: 8)
    layouts = first.layouts
    // Sections that have come at all, and the last one of the pass.
    var sent: Set<Int> = []
    var last = -1
    var strings = [(hasBegun: Bool, isLast: Bool)](repeating: (false, false), count: devices.count)
    while random.hasChoices, calls.count < 12 {
      let kind = random.pick(0...7)
      switch kind {
      case 0, 1: addMemory(&random, isRun: kind == 1)
      case 2, 3: addBytes(&random, &strings)
      case 4, 5:
        // The next one that may come: any behind the last of the pass.
        let places = self.places
        guard last + 1 < places.count else { continue }
        let place = random.pick((last + 1)...(places.count - 1))
        addSection(place, RandomSection(of: layouts, random: &random), &sent)
        last = place
      case 6:
        calls.append(.barrier)
        last = -1
      default:
        calls.append(
          .unknown(
            kind: UInt16(0x8000 + random.pick(0...255)),
            body: random.octets(8 * random.pick(0...4)), payload: random.octets(random.pick(0...70))))
      }
    }
    finish(first, &sent, last, strings)
  }

  /// What a right stream still lacks.
  private mutating func finish(
    _ values: RandomSection, _ sent: inout Set<Int>, _ last: Int, _ strings: [(hasBegun: Bool, isLast: Bool)]
  ) {
    let missing = places.indices.filter { !sent.contains($0) }
    if let first = missing.first, first <= last { calls.append(.barrier) }
    for place in missing { addSection(place, values, &sent) }
    for (device, string) in strings.enumerated() where string.hasBegun && !string.isLast {
      calls.append(.bytes(device: device, octets: [], flags: RecordFlags.last, compresses: false))
    }
  }

  /// All sections, in the order in which they come.
  private var places: [(device: Int, section: Int)] {
    devices.enumerated().flatMap { device, entry in (0..<entry.sections).map { (device, $0) } }
  }

  private mutating func addSection(_ place: Int, _ values: RandomSection, _ sent: inout Set<Int>) {
    let (device, section) = places[place]
    let isNew = sent.insert(place).inserted
    calls.append(.section(device: device, section: section, data: values, replaces: !isNew))
  }

  private mutating func addMemory(_ random: inout SeededGenerator, isRun: Bool) {
    let bits = random.pick(0...255)
    guard !regions.isEmpty else { return }
    let region = bits % regions.count
    let offset = random.pick(0...(Self.regionByteCount - 1))
    let length = min(random.pick(1...Self.regionByteCount), Self.regionByteCount - offset)
    if isRun {
      guard !regions[region].isOpaque else { return }
      return calls.append(.run(region: region, offset: offset, length: length, isDiscard: bits & 128 == 128))
    }
    // A few octets of the input, repeated, among zeros, or pages of these.
    let pattern = random.octets(random.pick(1...16))
    var octets = Array(Self.zeroRegion.prefix(length))
    for page in stride(from: 0, to: length, by: 4096) where bits >> (3 + page / 4096) & 1 == 0 {
      for place in page..<min(length, page + 128) { octets[place] = pattern[place % pattern.count] }
    }
    calls.append(
      .memory(
        region: region, offset: offset, octets: octets, compresses: bits & 64 == 64, isLive: bits & 128 == 128))
  }

  private mutating func addBytes(
    _ random: inout SeededGenerator, _ strings: inout [(hasBegun: Bool, isLast: Bool)]
  ) {
    let bits = random.pick(0...255)
    let octets = random.octets(random.pick(0...80))
    guard !devices.isEmpty else { return }
    let device = bits % devices.count
    guard !strings[device].isLast else { return }
    var flags = octets.isEmpty ? 0 : RecordFlags.unitFirst | RecordFlags.unitLast
    if bits & 128 == 128 { flags |= RecordFlags.last }
    if bits & 64 == 64, !strings[device].hasBegun { flags |= RecordFlags.initialDataEnd }
    strings[device] = (true, bits & 128 == 128)
    calls.append(.bytes(device: device, octets: octets, flags: flags, compresses: bits & 32 == 32))
  }
}
