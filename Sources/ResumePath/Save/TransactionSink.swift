public import MigrationStream

/// Keeps what was written until somebody takes it, transaction by transaction: for readers that want each write to be
/// exactly one, and for those that ask for octets in their own time.
///
/// Memory: the transactions of one step of the save, at most as many octets as it was told.
public struct TransactionSink: ~Copyable, OctetSink {
  private let addressOnly = AddressOnly()
  /// Octets that one transaction may have: the reader's data window.
  public let transactionByteCountMax: Int
  /// Octets that all of them may have together.
  public let byteCountMax: Int
  private var octets: OwnedBytes
  /// Where the transactions that are complete end.
  private var ends: OwnedBuffer<Int>
  private var takenCount = 0
  private var isOpen = false

  public init(
    transactionByteCountMax: Int = 64 << 20, byteCountMax: Int = 128 << 20, allocator: StreamAllocator = .system
  ) {
    self.transactionByteCountMax = transactionByteCountMax
    self.byteCountMax = byteCountMax
    octets = OwnedBytes(allocator: allocator)
    ends = OwnedBuffer(allocator: allocator)
  }

  /// Complete transactions that nobody has taken.
  public var count: Int { ends.count - takenCount }

  /// The transaction that comes next; empty when none is complete.
  public var first: RawSpan {
    @_lifetime(borrow self)
    get {
      guard count > 0 else { return RawSpan() }
      return octets.bytes.extracting(start..<ends[takenCount])
    }
  }

  /// Forgets the first transaction.
  public mutating func removeFirst() {
    guard count > 0 else { return }
    takenCount += 1
    guard count == 0, octets.count == start else { return }
    octets.removeAll()
    ends.removeAll()
    takenCount = 0
  }

  // MARK: Sink

  /// - Throws: `windowTooSmall` for a transaction that is too long, `limitExceeded` when nobody takes them.
  public mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    let byteCount = list.byteCount
    if start > octets.count - start { try dropTaken() }
    let (unit, overflow) = (octets.count - lastEnd).addingReportingOverflow(byteCount)
    guard !overflow, unit <= transactionByteCountMax else {
      throw StreamError(
        .windowTooSmall, .resume, at: 0, expected: UInt64(clamping: transactionByteCountMax), found: UInt64(clamping: unit))
    }
    guard byteCount <= byteCountMax - octets.count else {
      throw StreamError(
        .limitExceeded, .resume, at: 0, expected: UInt64(clamping: byteCountMax), found: UInt64(octets.count + byteCount))
    }
    for index in 0..<list.count { try octets.append(list[index]) }
    if !isOpen { try ends.append(octets.count) }
  }

  public mutating func beginTransaction() throws(StreamError) { isOpen = true }

  public mutating func endTransaction() throws(StreamError) {
    isOpen = false
    if octets.count > lastEnd { try ends.append(octets.count) }
  }

  /// Readers that always leave a transaction behind get the memory of those before it back.
  private mutating func dropTaken() throws(StreamError) {
    var rest = OwnedBytes(allocator: octets.allocator)
    var restEnds = OwnedBuffer<Int>(allocator: ends.allocator)
    try rest.append(octets.bytes.extracting(droppingFirst: start))
    for index in takenCount..<ends.count { try restEnds.append(ends[index] - start) }
    swap(&octets, &rest)
    swap(&ends, &restEnds)
    takenCount = 0
  }

  /// Where the first transaction starts.
  private var start: Int { takenCount == 0 ? 0 : ends[takenCount - 1] }

  private var lastEnd: Int { ends.count == 0 ? 0 : ends[ends.count - 1] }
}
