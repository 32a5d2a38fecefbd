import MigrationStream
import ResumePath

/// A card behind a pipe: its octets are forwarded to a driver, which is the only one to understand them.
final class VendorCard: StatefulDevice<VendorState>, ReferenceDevice {
  // Of a save that is under way.
  /// Pages that the driver has to give, again or at first.
  private var dirty: [Bool] = []
  private var hasGivenInitial = false
  private var hasGivenLast = false
  // Of a resume that is under way.
  private var driver: VendorDriver?
  private var pipe = BoundedPipe()
  /// The driver's end of the pipe is closed.
  var isGone = false

  let pageCount: Int

  init(_ model: ReferenceModel) {
    pageCount = model.number("pages")
    super.init(model, VendorState(model))
  }

  private init(like other: VendorCard) {
    pageCount = other.pageCount
    super.init(like: other)
  }

  func freshCopy() -> any ReferenceDevice { VendorCard(like: self) }

  var interruptLevel: Bool { state.interruptLevel && state.command & 1024 == 0 }

  override func makeDigest() -> UInt64 { StateDigest.mix(super.makeDigest() ^ state.driver.digest) }

  override func powerOn() {
    super.powerOn()
    (dirty, hasGivenInitial, hasGivenLast, driver, pipe) = ([], false, false, nil, BoundedPipe())
  }

  override func holds(_ pattern: [UInt8]) -> Bool {
    super.holds(pattern) || pipe.holds(pattern) || driver?.holds(pattern) ?? false
  }

  // MARK: Workload

  func boot(_ number: Int, _ board: inout Board) {
    state.command = 6
    state.registersAt = 0xfea0_0000
    for page in dirty.indices { dirty[page] = true }
  }

  func advance(_ number: Int, _ board: inout Board) {}

  func operate(_ number: Int, _ board: inout Board) -> StaticString {
    let page = board.random.below(state.writes.count)
    switch board.random.below(8) {
    case 0...2:
      let place = board.random.below(VendorDriverState.pageByteCount / 32) * 32
      state.driver.pages[page].replaceSubrange(place..<(place + 32), with: board.random.octets(32))
      state.driver.writes[page] &+= 1
      state.writes[page] &+= 1
      if dirty.indices.contains(page) { dirty[page] = true }
      return "driver writes to a page"
    case 3...4:
      guard state.driver.queue.count + 8 <= VendorDriverState.queueByteCountMax else { return "queue is full" }
      state.driver.queue += board.random.octets(8)
      return "card queues octets"
    case 5...6:
      let taken = [UInt8](state.driver.queue.prefix(12))
      state.driver.queue.removeFirst(taken.count)
      board.memory.store(Board.ram, Board.driverMemory(number), taken)
      board.setNote(number, 0, board.note(number, 0) &+ UInt64(taken.count))
      state.interruptLevel = !state.driver.queue.isEmpty
      return "guest takes queued octets"
    default:
      state.driver.registers[board.random.below(16)] = UInt32(truncatingIfNeeded: board.random.next())
      state.interruptLevel.toggle()
      return "guest writes a register"
    }
  }

  // MARK: Source

  func beginSaving() {
    dirty = [Bool](repeating: true, count: state.writes.count)
    (hasGivenInitial, hasGivenLast) = (false, false)
  }

  var byteStringEstimate: SaveEstimate {
    var estimate = SaveEstimate()
    let count = UInt64(dirty.count { $0 } * VendorDriverState.messageByteCountMax)
    if hasGivenInitial { estimate.dirtyByteCount = count } else { estimate.initialByteCount = count }
    estimate.stopCopyByteCount = count + UInt64(VendorDriverState.headByteCount + 68 + state.driver.queue.count)
    return estimate
  }

  /// Gives one message, which is one write unit.
  func giveByteString<Sink: OctetSink & ~Copyable>(
    _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer? {
    guard !hasGivenLast else { return nil }
    var flags = RecordFlags.unitFirst | RecordFlags.unitLast
    guard let page = dirty.firstIndex(of: true) else {
      guard phase == .stopCopy else { return .noDataNow }
      hasGivenLast = true
      let message = try state.driver.lastMessage()
      try emitter.bytes(message.bytes, flags: flags | RecordFlags.last, source: .stable)
      return .more
    }
    dirty[page] = false
    if !hasGivenInitial, !dirty.contains(true) {
      hasGivenInitial = true
      flags |= RecordFlags.initialDataEnd
    }
    let message = try state.driver.message(page: page)
    try emitter.bytes(message.bytes, flags: flags, source: .stable)
    return .more
  }

  // MARK: Destination

  func beginResuming() {
    driver = VendorDriver(initial.driver)
    pipe = BoundedPipe()
  }

  /// Writes to the pipe, and lets the other end read when it is full.
  func takeByteString(_ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    guard !isGone, driver != nil else { throw DeviceReason.driverGone.failure }
    var start = 0
    while start < octets.byteCount {
      start += pipe.write(octets.extracting(start..<octets.byteCount))
      driver?.run(&pipe)
      guard driver?.isRefused == false else { throw DeviceReason.driverRefused.failure }
    }
  }

  override func complete(_ fresh: inout VendorState) throws(DeviceFailure) {
    guard !isGone, let driver else { throw DeviceReason.driverGone.failure }
    guard driver.isComplete else { throw DeviceReason.firmwareIncomplete.failure }
    fresh.driver = driver.state
  }

  override func check(_ state: VendorState, _ board: borrowing Board) throws(DeviceFailure) {
    guard state.writes == state.driver.writes else { throw DeviceReason.driverDisagrees.failure }
  }

  override func commit() throws(DeviceFailure) {
    try super.commit()
    driver = nil
  }
}
