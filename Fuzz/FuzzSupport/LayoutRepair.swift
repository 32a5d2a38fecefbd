import MigrationStream

/// Writes into a canonical layout the sums that its other octets demand.
///
/// Source: Specs/20-layouts.md section 3.
struct LayoutRepair {
  private let octets: FuzzOctets
  private let range: Range<Int>
  private let count: Int

  init(_ octets: FuzzOctets, _ range: Range<Int>) {
    self.octets = octets
    self.range = range
    let room = max(0, (range.count - 24) / 64)
    count = range.count < 24 ? 0 : Int(min(UInt64(octets.load(range.lowerBound, as: UInt32.self)), UInt64(room)))
  }

  func repair() {
    guard count > 0 else { return }
    octets.store(UInt32(count), range.lowerBound)
    // From the last entry on: what belongs to an entry is right before it is added up.
    for number in (0..<count).reversed() { repairWidth(number) }
    octets.store(sum(0..<count), range.lowerBound + 12)
    repairTexts()
  }

  private func start(_ number: Int) -> Int { range.lowerBound + 24 + 64 * number }

  private func descendants(_ number: Int) -> Int {
    Int(min(UInt64(octets.load(start(number) + 12, as: UInt32.self)), UInt64(count - number - 1)))
  }

  private func repairWidth(_ number: Int) {
    let entry = start(number)
    guard let type = FieldType(rawValue: octets.load(entry, as: UInt8.self)) else { return }
    if type == .structure {
      octets.store(sum((number + 1)..<(number + 1 + descendants(number))), entry + 4)
    } else if !type.allowsWidth(octets.load(entry + 4, as: UInt32.self)),
      let width = [4, 8, 1, 16, 6].first(where: { type.allowsWidth($0) })
    {
      octets.store(width, entry + 4)
    }
  }

  private func sum(_ numbers: Range<Int>) -> UInt32 {
    var sum: UInt32 = 0
    var number = numbers.lowerBound
    while number < numbers.upperBound {
      let entry = start(number)
      let width = octets.load(entry + 4, as: UInt32.self)
      switch octets.load(entry + 1, as: UInt8.self) {
      case 1: sum &+= width &* octets.load(entry + 8, as: UInt32.self)
      case 2: sum &+= 4
      default: sum &+= width
      }
      number += 1 + descendants(number)
    }
    return sum
  }

  /// The text takes the rest; its length is what the names, units and symbols add up to, if there is room.
  private func repairTexts() {
    var symbols = 0
    var text = Int(octets.load(range.lowerBound + 16, as: UInt16.self))
    for number in 0..<count {
      let entry = start(number)
      text += Int(octets.load(entry + 16, as: UInt16.self)) + Int(octets.load(entry + 18, as: UInt16.self))
      symbols += Int(octets.load(entry + 24, as: UInt32.self) & 0xffff)
    }
    let symbolStart = start(count)
    guard symbolStart + 16 * symbols <= range.upperBound else { return }
    for symbol in 0..<symbols { text += Int(octets.load(symbolStart + 16 * symbol + 8, as: UInt16.self)) }
    let textStart = symbolStart + 16 * symbols
    // The name of the layout takes what is left over, or gives what is missing.
    let name = Int(octets.load(range.lowerBound + 16, as: UInt16.self))
    let room = range.upperBound - textStart
    if (text + 7) & ~7 != room, (1...255).contains(name + room - text) {
      octets.store(UInt16(name + room - text), range.lowerBound + 16)
      text = room
    }
    guard text <= room else { return }
    octets.store(UInt32(symbols), range.lowerBound + 4)
    octets.store(UInt32(text), range.lowerBound + 8)
    octets.clear((textStart + text)..<range.upperBound)
  }
}
