import MigrationStream

/// The sums of a canonical layout that its other octets demand.
///
/// Source: Specs/20-layouts.md section 3.
extension RepairRun {
  mutating func repairLayout(_ range: Range<Int>) {
    let entries = LayoutEntries(octets, range)
    guard entries.count > 0 else { return }
    put(UInt64(entries.count), range.lowerBound, 4)
    // From the last entry on: what belongs to an entry is right before it is added up.
    for number in (0..<entries.count).reversed() { repairWidth(entries, number) }
    put(UInt64(blockSum(entries, 0..<entries.count)), range.lowerBound + 12, 4)
    repairTexts(entries, range)
  }

  private mutating func repairWidth(_ entries: LayoutEntries, _ number: Int) {
    let entry = entries.start(number)
    guard let type = FieldType(rawValue: octets[entry]) else { return }
    if type == .structure {
      let below = (number + 1)..<(number + 1 + entries.descendants(octets, number))
      put(UInt64(blockSum(entries, below)), entry + 4, 4)
    } else if !type.allowsWidth(octets.word32(entry + 4)),
      let width = [4, 8, 1, 16, 6].first(where: { type.allowsWidth($0) })
    {
      put(UInt64(width), entry + 4, 4)
    }
  }

  private func blockSum(_ entries: LayoutEntries, _ numbers: Range<Int>) -> UInt32 {
    var sum: UInt32 = 0
    var number = numbers.lowerBound
    while number < numbers.upperBound {
      sum &+= UInt32(truncatingIfNeeded: entries.blockCount(octets, number))
      number += 1 + entries.descendants(octets, number)
    }
    return sum
  }

  /// The text takes the rest; its length is what the names, units and symbols add up to, if there is room.
  private mutating func repairTexts(_ entries: LayoutEntries, _ range: Range<Int>) {
    var symbols = 0
    var text = Int(octets.word16(range.lowerBound + 16))
    for number in 0..<entries.count {
      let entry = entries.start(number)
      text += Int(octets.word16(entry + 16)) + Int(octets.word16(entry + 18))
      symbols += Int(octets.word32(entry + 24) & 0xffff)
    }
    let symbolStart = entries.start(entries.count)
    guard symbolStart + 16 * symbols <= range.upperBound else { return }
    for symbol in 0..<symbols { text += Int(octets.word16(symbolStart + 16 * symbol + 8)) }
    let textStart = symbolStart + 16 * symbols
    // The name of the layout takes what is left over, or gives what is missing.
    let name = Int(octets.word16(range.lowerBound + 16))
    let room = range.upperBound - textStart
    if text.padded != room, (1...255).contains(name + room - text) {
      put(UInt64(name + room - text), range.lowerBound + 16, 2)
      text = room
    }
    guard text <= room else { return }
    put(UInt64(symbols), range.lowerBound + 4, 4)
    put(UInt64(text), range.lowerBound + 8, 4)
    clear((textStart + text)..<range.upperBound)
  }
}

/// The field entries of a canonical layout that may be wrong.
struct LayoutEntries {
  static let headCount = 24
  static let entryCount = 64

  /// Octets of the layout in those that hold it.
  let range: Range<Int>
  /// Entries that there is room for.
  let count: Int

  init(_ octets: [UInt8], _ range: Range<Int>) {
    self.range = range
    let room = max(0, (range.count - Self.headCount) / Self.entryCount)
    count = room == 0 ? 0 : Int(min(UInt64(octets.word32(range.lowerBound)), UInt64(room)))
  }

  func start(_ number: Int) -> Int { range.lowerBound + Self.headCount + Self.entryCount * number }

  func descendants(_ octets: [UInt8], _ number: Int) -> Int {
    Int(min(UInt64(octets.word32(start(number) + 12)), UInt64(count - number - 1)))
  }

  /// Octets that an entry takes in the block.
  func blockCount(_ octets: [UInt8], _ number: Int) -> Int {
    let width = Int(octets.word32(start(number) + 4))
    switch octets[start(number) + 1] {
    case 1: return width &* Int(octets.word32(start(number) + 8))
    case 2: return 4
    default: return width
    }
  }
}
