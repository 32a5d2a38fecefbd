import DeviceModel

/// The canonical octets of a layout.
///
/// Source: Specs/20-layouts.md section 3.
extension DerivedLayout {
  private static let clocks = ["none", "virtual", "monotonic", "realtime"]
  /// A block, and one element of any shape.
  private static let blockMax: UInt64 = 1 << 24

  /// - Parameter clock: Of instants and durations that do not say theirs.
  func octets(isWriter: Bool, clock: String) throws(DerivationRefusal) -> [UInt8] {
    let isKept = isWriter ? isWritten : entries.map { _ in true }
    /// How many are kept before each entry, and of all.
    let before = isKept.reduce(into: [UInt64(0)]) { $0.append($0[$0.count - 1] + ($1 ? 1 : 0)) }
    let kept = entries.indices.filter { isKept[$0] }
    let (widths, block) = try blocks(kept)
    let symbols = kept.flatMap { entries[$0].symbols }
    let text = kept.reduce(into: Array(name.utf8)) { text, number in
      text += entries[number].name.utf8
      text += (entries[number].json.text("unit") ?? "").utf8
      for symbol in entries[number].symbols { text += symbol.name.utf8 }
    }
    var octets = OctetList()
    octets.add(UInt64(kept.count), 4)
    octets.add(UInt64(symbols.count), 4)
    octets.add(UInt64(text.count), 4)
    octets.add(block, 4)
    octets.add(UInt64(name.utf8.count), 8)
    for number in kept {
      let entry = entries[number]
      // A list has no place there, nor has what has gone.
      let array = entry.reference.flatMap { entries[$0].shape != .one && isKept[$0] ? before[$0] + 1 : nil }
      let within = before[entry.end] - before[number] - 1
      Self.add(entry, width: widths[number], within: within, array: array ?? 0, clock, to: &octets)
    }
    for symbol in symbols {
      octets.add(symbol.value, 8)
      octets.add(UInt64(symbol.name.utf8.count), 8)
    }
    octets.octets += text
    while octets.octets.count % 8 != 0 { octets.octets.append(0) }
    return octets.octets
  }

  /// Appends the 64 octets of an entry.
  ///
  /// - Parameters:
  ///   - within: How many entries belong to it.
  ///   - array: 1 + number of the entry that it refers to.
  private static func add(
    _ entry: DerivedField, width: UInt64, within: UInt64, array: UInt64, _ clock: String, to octets: inout OctetList
  ) {
    let json = entry.json
    octets.add(UInt64(entry.type.code), 1)
    octets.add(UInt64(entry.shape.rawValue), 1)
    octets.add(entry.isRequired ? 1 : 2, 1)
    let flags: [Bool] = [
      json.isTrue("secret"), entry.range != nil, entry.defaultValue != nil, json.text("verify") == "equal",
    ]
    octets.add(flags.enumerated().reduce(0) { $0 | ($1.element ? 1 << UInt64($1.offset) : 0) }, 1)
    octets.add(width, 4)
    octets.add(entry.count, 4)
    octets.add(within, 4)
    octets.add(UInt64(entry.name.utf8.count), 2)
    octets.add(UInt64(json.text("unit")?.utf8.count ?? 0), 2)
    octets.add(UInt64(json.whole("radix") ?? 0), 1)
    let ticks = entry.type.isInstantOrDuration ? json.text("clock") ?? clock : "none"
    octets.add(UInt64(clocks.firstIndex(of: ticks) ?? 0), 1)
    octets.add(UInt64((json.whole("alignment") ?? 1).trailingZeroBitCount), 2)
    octets.add(UInt64(entry.symbols.count), 4)
    octets.add(array, 4)
    octets.add(UInt64(truncatingIfNeeded: entry.range?.lowerBound ?? 0), 8)
    octets.add(UInt64(truncatingIfNeeded: entry.range?.upperBound ?? 0), 8)
    octets.add(UInt64(truncatingIfNeeded: entry.defaultValue ?? 0), 8)
    octets.add(UInt64(entry.since), 4)
    octets.add(UInt64(entry.until), 4)
  }

  /// Octets of one element of each entry in the block, and of the whole block.
  private func blocks(_ kept: [Int]) throws(DerivationRefusal) -> (widths: [UInt64], block: UInt64) {
    var widths = entries.map(\.type.width)
    /// What the fields of each group take together.
    var sums = entries.map { _ in UInt64(0) }
    var block: UInt64 = 0
    for number in kept.reversed() {
      let entry = entries[number]
      if entry.type.isStructure { widths[number] = sums[number] }
      let taken =
        switch entry.shape {
        case .one: widths[number]
        case .fixedArray: widths[number] * entry.count
        case .countedArray: UInt64(4)
        }
      let together = entry.type.isUnion ? 0 : sums[number]
      guard max(together, widths[number], taken) <= Self.blockMax else {
        throw DerivationRefusal("\(entry.name) takes \(max(together, widths[number], taken)) octets of a block")
      }
      if let parent = entry.parent { sums[parent] += taken } else { block += taken }
    }
    guard block <= Self.blockMax else { throw DerivationRefusal("the block of \(name) takes \(block) octets") }
    return (widths, block)
  }
}

/// Octets that are made from little-endian integers.
struct OctetList {
  var octets: [UInt8] = []

  mutating func add(_ value: UInt64, _ count: Int) {
    for index in 0..<count { octets.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }
}
