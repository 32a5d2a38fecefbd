/// Reads the payload of RAM sections, record by record, and remembers what later records lean on.
struct MemorySection: Sendable {
  /// One step through a RAM section.
  enum Event {
    /// The list of blocks, now in ``MemorySection/blocks``.
    case blocks
    case page(Page)
    /// A wait for the other channels.
    case flush
    /// The end of this section's payload.
    case end
  }

  struct Page {
    var block: Int
    var blockOffset: UInt64
    var kind: QEMUPageRun.Kind
    /// Where the page's octets are, and how many; 0 and 0 for pages without.
    var fileOffset: Int
    var storedLength: Int
  }

  let pageSize: Int
  /// Whether a word was read: without one the page size has changed nothing.
  private(set) var hasBegun = false
  /// Whether block entries carry a guest address (capability `x-ignore-shared`).
  var hasGuestAddresses = false
  /// Whether pages lie at fixed places (capability `mapped-ram`).
  var isMapped = false
  /// Whether block entries may carry a page size (a postcopy advise came before).
  var mayHavePageSizes = false
  let limits: ForeignLimits

  private(set) var blocks: [QEMUMemoryBlock] = []
  private var numbers: [ArraySlice<UInt8>: Int] = [:]
  /// The block of the last page record; a "same block" flag refers to it, across sections.
  private var lastBlock: Int?

  init(pageSize: Int, limits: ForeignLimits) {
    self.pageSize = pageSize
    self.limits = limits
  }

  /// Reads one word of the section and what belongs to it.
  mutating func next(in reader: inout StreamReader) throws(ForeignError) -> Event {
    let start = reader.position
    let word = try reader.u64()
    hasBegun = true
    let flags = word & UInt64(pageSize - 1)
    let offset = word & ~UInt64(pageSize - 1)
    switch flags & ~QEMUFormat.Memory.sameBlock {
    case QEMUFormat.Memory.end: return .end
    case QEMUFormat.Memory.multifdFlush: return .flush
    case QEMUFormat.Memory.sizes:
      try readBlocks(total: offset, at: start, in: &reader)
      return .blocks
    case QEMUFormat.Memory.zero, QEMUFormat.Memory.page, QEMUFormat.Memory.xbzrle,
      QEMUFormat.Memory.compressed:
      return .page(try readPage(flags: flags, offset: offset, at: start, in: &reader))
    default:
      throw reader.failure(
        .badMemoryRecord, at: start, expected: QEMUFormat.Memory.end, found: flags)
    }
  }

  private mutating func readPage(
    flags: UInt64, offset: UInt64, at start: Int, in reader: inout StreamReader
  ) throws(ForeignError) -> Page {
    if flags & QEMUFormat.Memory.sameBlock == 0 { try readBlockName(in: &reader) }
    guard let block = lastBlock else {
      throw reader.failure(.badMemoryRecord, at: start, expected: 0, found: flags)
    }
    let length = blocks[block].length
    guard offset < length else {
      throw reader.failure(.badMemoryRecord, at: start, expected: length, found: offset)
    }
    guard !isMapped else {
      throw reader.failure(
        .badMemoryRecord, at: start, expected: QEMUFormat.Memory.end, found: flags)
    }
    var page = Page(block: block, blockOffset: offset, kind: .data, fileOffset: 0, storedLength: 0)
    switch flags & ~QEMUFormat.Memory.sameBlock {
    case QEMUFormat.Memory.zero:
      let octet = try reader.u8()
      page.kind = octet == 0 ? .zero : .fill(octet)
      return page
    case QEMUFormat.Memory.page: page.storedLength = pageSize
    case QEMUFormat.Memory.xbzrle:
      page.kind = .xbzrle
      page.storedLength = try readDifferenceLength(in: &reader)
    default:
      page.kind = .compressed
      page.storedLength = try readCompressedLength(in: &reader)
    }
    page.fileOffset = reader.position
    try reader.skip(page.storedLength)
    return page
  }

  private func readDifferenceLength(in reader: inout StreamReader) throws(ForeignError) -> Int {
    let start = reader.position
    let encoding = try reader.u8()
    guard encoding == 1 else {
      throw reader.failure(.badMemoryRecord, at: start, expected: 1, found: UInt64(encoding))
    }
    let length = Int(try reader.u16())
    guard length <= pageSize else {
      throw reader.failure(
        .badMemoryRecord, at: start + 1, expected: UInt64(pageSize), found: UInt64(length))
    }
    return length
  }

  /// A zlib stream of one page is at most a little longer than the page.
  private func readCompressedLength(in reader: inout StreamReader) throws(ForeignError) -> Int {
    let start = reader.position
    let length = try reader.u32()
    let most = UInt64(pageSize) * 2
    guard UInt64(length) <= most else {
      throw reader.failure(.badMemoryRecord, at: start, expected: most, found: UInt64(length))
    }
    return Int(length)
  }

  private mutating func readBlockName(in reader: inout StreamReader) throws(ForeignError) {
    let start = reader.position
    let count = Int(try reader.u8())
    let index = try reader.take(count)
    let name = reader.window[index..<(index + count)]
    if let lastBlock, blocks[lastBlock].nameOctets[...] == name { return }
    guard let block = numbers[name] else {
      var failure = reader.failure(.badMemoryRecord, at: start, found: UInt64(count))
      failure.path = String(decoding: name, as: UTF8.self)
      throw failure
    }
    lastBlock = block
  }
}

extension MemorySection {
  /// Reads block entries until their lengths add up to `total`.
  private mutating func readBlocks(
    total: UInt64, at start: Int, in reader: inout StreamReader
  ) throws(ForeignError) {
    var left = total
    var known = 0
    while left > 0 {
      let entry = reader.position
      let name = try reader.string8()
      guard !name.isEmpty else { throw reader.failure(.badName, at: entry, expected: 1, found: 0) }
      let lengthOffset = reader.position
      var block = QEMUMemoryBlock(
        name: String(decoding: name, as: UTF8.self), nameOctets: name, length: try reader.u64(),
        lengthOffset: UInt64(lengthOffset))
      guard block.length <= left else {
        throw reader.failure(
          .badMemoryRecord, at: lengthOffset, expected: left, found: block.length)
      }
      left -= block.length
      try readExtras(of: &block, in: &reader)
      known += 1
      guard known <= limits.memoryBlocks else {
        throw reader.failure(
          .limitExceeded, at: entry, expected: UInt64(limits.memoryBlocks), found: UInt64(known))
      }
      insert(block)
    }
  }

  private mutating func insert(_ block: QEMUMemoryBlock) {
    if let place = numbers[block.nameOctets[...]] {
      blocks[place] = block
    } else if blocks.count < limits.memoryBlocks {
      numbers[block.nameOctets[...]] = blocks.count
      blocks.append(block)
    }
  }

  /// What follows a block's length; which of it is there depends on capabilities.
  private func readExtras(
    of block: inout QEMUMemoryBlock, in reader: inout StreamReader
  ) throws(ForeignError) {
    if mayHavePageSizes, let size = try peekPageSize(in: &reader) {
      block.pageSize = size
      try reader.skip(8)
    }
    if hasGuestAddresses { block.guestAddress = try reader.u64() }
    if isMapped { try readMapping(of: &block, in: &reader) }
  }

  /// A page size cannot be told from what else may follow by its place, but by its value: a name begins with its
  /// length, never zero, and a word of the section has flags.
  private func peekPageSize(in reader: inout StreamReader) throws(ForeignError) -> UInt64? {
    var probe = reader
    guard probe.remaining >= 8 else { return nil }
    let value = try probe.u64()
    let isPowerOfTwo = value != 0 && value & (value - 1) == 0
    return isPowerOfTwo && value >= UInt64(pageSize) && value < 1 << 56 ? value : nil
  }

  private func readMapping(
    of block: inout QEMUMemoryBlock, in reader: inout StreamReader
  ) throws(ForeignError) {
    let start = reader.position
    let version = try reader.u32()
    guard version == 1 else {
      throw reader.failure(.unsupportedVersion, at: start, expected: 1, found: UInt64(version))
    }
    let mapping = QEMUMemoryBlock.Mapping(
      pageSize: try reader.u64(), bitmapOffset: try reader.u64(), pagesOffset: try reader.u64())
    guard mapping.pageSize == UInt64(pageSize) else {
      throw reader.failure(
        .badMemoryRecord, at: start + 4, expected: UInt64(pageSize), found: mapping.pageSize)
    }
    let pageCount = block.length / mapping.pageSize + (block.length % mapping.pageSize == 0 ? 0 : 1)
    let bitmapOctets = (pageCount / 64 + (pageCount % 64 == 0 ? 0 : 1)) * 8
    let end = UInt64(reader.octetCount)
    let first = UInt64(reader.position)
    guard mapping.bitmapOffset >= first, mapping.bitmapOffset <= end,
      bitmapOctets <= end - mapping.bitmapOffset
    else {
      throw reader.failure(
        .badMemoryRecord, at: start + 12, expected: first, found: mapping.bitmapOffset)
    }
    let bitmapEnd = mapping.bitmapOffset + bitmapOctets
    guard mapping.pagesOffset >= bitmapEnd, mapping.pagesOffset <= end,
      block.length <= end - mapping.pagesOffset
    else {
      throw reader.failure(
        .badMemoryRecord, at: start + 20, expected: bitmapEnd, found: mapping.pagesOffset)
    }
    block.mapping = mapping
    reader.position = Int(mapping.pagesOffset + block.length)
  }
}
