internal import ForeignStreams

/// Guest memory: addresses, blocks, octets and flags of its pages.
extension QEMUMutator {
  private var memoryRecords: [QEMURecord] {
    stream.records.filter { record in record.section.map { stream.sections[$0].content == .memory } ?? false }
  }

  /// Pages that follow on one of a stream: at even or uneven distances, of octets and of none.
  func furtherPages(_ chance: inout Chance) -> OctetEdit? {
    let pages = QEMUMemoryWords(octets, memoryRecords.map(\.payload), stream).words.filter { $0.isPage && $0.block >= 0 }
    guard !pages.isEmpty else { return nil }
    let page = pages[chance.below(pages.count)]
    guard var word = octets.bigEndian(at: page.offset, width: 8) else { return nil }
    let (size, name) = (UInt64(stream.pageSize), stream.memoryBlocks[page.block].nameOctets)
    let isStored = page.contentCount == stream.pageSize
    var new: [UInt8] = []
    for _ in 0...chance.below(3) {
      word &+= chance.isOne(in: 8) ? size &* 2 : size
      let isNamed = chance.isOne(in: 3)
      let kind = isStored != chance.isOne(in: 8) ? QEMUFormat.Memory.page : QEMUFormat.Memory.zero
      let flags = kind | (isNamed ? 0 : QEMUFormat.Memory.sameBlock)
      new += [UInt8](bigEndian: word & ~(size - 1) | flags, width: 8)
      if isNamed { new += [UInt8(truncatingIfNeeded: name.count)] + name }
      let octet = UInt8(truncatingIfNeeded: chance.isOne(in: 4) ? 0 : chance.below(256))
      new += [UInt8](repeating: octet, count: kind == QEMUFormat.Memory.page ? stream.pageSize : 1)
    }
    return OctetEdit(page.contentOffset + page.contentCount, 0, new)
  }

  func memory(_ operation: QEMUOperator, _ chance: inout Chance) -> QEMUMutation? {
    let records = memoryRecords
    guard !records.isEmpty else { return nil }
    let words = QEMUMemoryWords(octets, records.map(\.payload), stream)
    let choices = words.words.filter { word in
      switch operation {
      // A page of zeros is like most others, wherever it is.
      case .memoryAddress: word.contentCount > 1 || word.isBlock
      case .memoryBlock: word.name != nil
      case .memoryOctets: word.contentCount > 0
      default: !word.isBlock
      }
    }
    guard !choices.isEmpty else { return nil }
    let word = choices[chance.below(choices.count)]
    guard let edit = edit(operation, word, &chance) else { return nil }
    let path = word.isBlock ? "block length" : word.isPage ? "page" : "word"
    let section = records.first?.section.map { stream.sections[$0] }
    return QEMUMutation(
      operation, section?.name ?? "", instance: section?.instance ?? 0, path: "\(path) \(words.blockName(word))", [edit])
  }

  private func edit(_ operation: QEMUOperator, _ word: QEMUMemoryWords.Word, _ chance: inout Chance) -> OctetEdit? {
    let size = UInt64(stream.pageSize)
    switch operation {
    case .memoryAddress:
      guard let old = octets.bigEndian(at: word.offset, width: 8) else { return nil }
      let flags = word.isBlock ? 0 : old & (size - 1)
      let address = old - flags
      let length = stream.memoryBlocks.indices.contains(word.block) ? stream.memoryBlocks[word.block].length : 0
      let others = [address &+ size, address &- size, length, 0 &- size, 0, address ^ size &* 2, length &- size, 1 << 40]
      return OctetEdit(word.offset, 8, [UInt8](bigEndian: others[chance.below(others.count)] | flags, width: 8))
    case .memoryBlock:
      guard let name = word.name, !stream.memoryBlocks.isEmpty else { return nil }
      if chance.isOne(in: 2), name.count > 0 {
        let place = name.lowerBound + chance.below(name.count)
        return OctetEdit(place, 1, [octets[place] ^ 1])
      }
      let other = stream.memoryBlocks[chance.below(stream.memoryBlocks.count)].nameOctets
      return OctetEdit((name.lowerBound - 1)..<name.upperBound, [UInt8(truncatingIfNeeded: other.count)] + other)
    case .memoryOctets:
      let place = word.contentOffset + chance.below(word.contentCount)
      return OctetEdit(place, 1, [octets[place] ^ 1 << UInt8(chance.below(8))])
    default:
      guard let old = octets.bigEndian(at: word.offset, width: 8) else { return nil }
      let bit = UInt64(1) << UInt64(chance.below(10))
      return OctetEdit(word.offset, 8, [UInt8](bigEndian: old ^ bit, width: 8))
    }
  }
}

/// The words that the payloads of a memory section are made of.
///
/// ```
///  | offset, flags: 8 octets | name, when the block changes | content |
/// ```
struct QEMUMemoryWords {
  struct Word {
    /// Where its 8 octets are: offset and flags, or a block's length.
    let offset: Int
    let isBlock: Bool
    let isPage: Bool
    /// The number of its block; -1: none.
    let block: Int
    /// The octets of a name behind or before it.
    var name: Range<Int>?
    var contentOffset = 0
    var contentCount = 0
  }

  private typealias Memory = QEMUFormat.Memory

  private(set) var words: [Word] = []
  private let octets: [UInt8]
  private let stream: QEMUStream
  private var block = -1
  /// More words than that are left alone: the work of one mutation is bounded.
  private static let wordsMax = 1 << 16

  init(_ octets: [UInt8], _ payloads: [Range<Int>], _ stream: QEMUStream) {
    self.octets = octets
    self.stream = stream
    for payload in payloads where payload.upperBound <= octets.count { read(payload) }
  }

  func blockName(_ word: Word) -> String {
    stream.memoryBlocks.indices.contains(word.block) ? stream.memoryBlocks[word.block].name : "without block"
  }

  private mutating func read(_ payload: Range<Int>) {
    var position = payload.lowerBound
    while position < payload.upperBound, words.count < Self.wordsMax, let next = readWord(position, payload.upperBound) {
      position = next
    }
  }

  /// Reads a word and what belongs to it; nil when the rest is not understood.
  private mutating func readWord(_ start: Int, _ end: Int) -> Int? {
    guard let value = octets.bigEndian(at: start, width: 8) else { return nil }
    let flags = value & UInt64(stream.pageSize - 1)
    switch flags & ~Memory.sameBlock {
    case Memory.sizes: return readBlocks(total: value - flags, start + 8, end)
    case Memory.zero, Memory.page, Memory.xbzrle, Memory.compressed: break
    default:
      words.append(Word(offset: start, isBlock: false, isPage: false, block: -1))
      return start + 8
    }
    var position = start + 8
    var name: Range<Int>?
    if flags & Memory.sameBlock == 0 {
      guard let range = nameRange(position, end) else { return nil }
      name = range
      position = range.upperBound
      block = stream.memoryBlocks.firstIndex { $0.nameOctets[...] == octets[range] } ?? -1
    }
    guard let content = content(flags & ~Memory.sameBlock, position), content.upperBound <= end else { return nil }
    words.append(
      Word(
        offset: start, isBlock: false, isPage: true, block: block, name: name, contentOffset: content.lowerBound,
        contentCount: content.count))
    return content.upperBound
  }

  private func content(_ flags: UInt64, _ position: Int) -> Range<Int>? {
    switch flags {
    case Memory.zero: return position..<(position + 1)
    case Memory.page: return position..<(position + stream.pageSize)
    case Memory.xbzrle: return octets.bigEndian(at: position + 1, width: 2).map { (position + 3)..<(position + 3 + Int($0)) }
    default: return octets.bigEndian(at: position, width: 4).map { (position + 4)..<(position + 4 + Int($0)) }
    }
  }

  private func nameRange(_ position: Int, _ end: Int) -> Range<Int>? {
    guard position < end else { return nil }
    let upper = position + 1 + Int(octets[position])
    return upper <= end ? (position + 1)..<upper : nil
  }

  /// Blocks until their lengths make up the total; lists with more than name and length in an entry are left alone.
  private mutating func readBlocks(total: UInt64, _ start: Int, _ end: Int) -> Int? {
    var left = total
    var position = start
    while left > 0, words.count < Self.wordsMax {
      guard let name = nameRange(position, end), let length = octets.bigEndian(at: name.upperBound, width: 8),
        let number = stream.memoryBlocks.firstIndex(where: { $0.nameOctets[...] == octets[name] }), length <= left
      else { return nil }
      let entry = stream.memoryBlocks[number]
      guard entry.guestAddress == nil, entry.pageSize == nil, entry.mapping == nil else { return nil }
      words.append(Word(offset: name.upperBound, isBlock: true, isPage: false, block: number, name: name))
      left -= length
      position = name.upperBound + 8
    }
    return position
  }
}
