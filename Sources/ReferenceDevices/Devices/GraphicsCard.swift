import MigrationStream
import ResumePath

/// A GPU with sparse local memory, which goes on computing while it is saved.
///
/// ```
///  a command, 8 octets:   kind (1) | context or engine (1) | 0 (2) | place in local memory, pages (4)
///  driver's memory:   rings of the engines, each with 8 octets an entry
/// ```
final class GraphicsCard: StatefulDevice<GraphicsState>, ReferenceDevice {
  private static let contextsMax = 16
  private static let pendingMax = 8
  private static let page: UInt64 = 4096
  /// Pages that an engine writes to.
  private static let pagesUsed: UInt64 = 32
  private static let blocksPerUnit = 16

  let memoryByteCount: UInt64
  let ringEntries: UInt32
  /// Number of the region that is its local memory, and of the disk that it reaches; nil: there is none.
  private let localMemory: Int
  private let peer: Int?

  // Of a save that is under way.
  /// The generation of each block that was given.
  private var given: [UInt64] = []
  private var hasGivenTail = false
  /// Where the search for changed blocks goes on.
  private var cursor = 0
  // Of a resume that is under way.
  private var intake: FirmwareIntake?

  init(_ model: ReferenceModel, _ options: MachineOptions, localMemory: Int) {
    memoryByteCount = UInt64(model.number("memory-size")) << 30
    ringEntries = UInt32(model.number("ring-entries"))
    self.localMemory = localMemory
    peer = options.devices.contains(.blk) ? BlockDevice.disk : nil
    super.init(model, GraphicsState(model, byteStringByteCount: options.byteStringByteCount))
  }

  private init(like other: GraphicsCard) {
    memoryByteCount = other.memoryByteCount
    ringEntries = other.ringEntries
    localMemory = other.localMemory
    peer = other.peer
    super.init(like: other)
  }

  func freshCopy() -> any ReferenceDevice { GraphicsCard(like: self) }

  var interruptLevel: Bool { state.cause & state.mask != 0 && state.messageAddress != 0 }

  override func makeDigest() -> UInt64 {
    var digest = StateDigest()
    digest.add(super.makeDigest())
    digest.add(state.firmware.sum)
    for progress in state.firmware.progress { digest.add(progress) }
    return digest.value
  }

  override func powerOn() {
    super.powerOn()
    (given, hasGivenTail, cursor, intake) = ([], false, 0, nil)
  }

  override func holds(_ pattern: [UInt8]) -> Bool { super.holds(pattern) || intake?.holds(pattern) ?? false }

  // MARK: Workload

  func boot(_ number: Int, _ board: inout Board) {
    state.command = 6
    state.registersAt = 0xfd00_0000
    state.memoryAt = 1 << 40
    state.messageAddress = 0xfee0_0000
    state.mode = 1
    state.mask = 3
    let ringByteCount = (8 * UInt64(ringEntries) + Self.page - 1) / Self.page * Self.page
    for engine in state.engines.indices where UInt64(engine + 1) * ringByteCount <= 65536 {
      state.engines[engine].running = true
      state.engines[engine].ring = Board.driverMemory(number) + UInt64(engine) * ringByteCount
    }
    makeContext(&board)
  }

  func advance(_ number: Int, _ board: inout Board) {
    for engine in state.engines.indices {
      if state.engines[engine].busy {
        state.engines[engine].busyTime &+= 1000
      } else {
        state.engines[engine].idleTime &+= 1000
      }
    }
    state.timestamp = board.now
  }

  func operate(_ number: Int, _ board: inout Board) -> StaticString {
    let engine = board.random.below(state.engines.count)
    switch board.random.below(14) {
    case 0...2: return submit(engine, &board)
    case 3...4: return takeCommand(engine, &board)
    case 5...9: return compute(engine, &board)
    case 10:
      if state.contexts.count < Self.contextsMax { makeContext(&board) }
      return "driver makes a context"
    case 11:
      state.cause = 0
      state.clock = UInt32(500_000 + board.random.below(1_000_000))
      if !state.displays.isEmpty { setMode(board.random.below(state.displays.count), &board) }
      return "driver acknowledges"
    case 12: return reachPeer(&board)
    default: return putAside(engine, &board)
    }
  }

  private func makeContext(_ board: inout Board) {
    // The last number names no context: it stays behind all that do.
    guard state.nextContext < UInt32.max else { return }
    var context = GraphicsState.Context()
    context.id = state.nextContext
    context.parent = state.contexts.isEmpty ? 0 : state.contexts[board.random.below(state.contexts.count)].id
    context.pageTable = board.random.next() % (memoryByteCount / Self.page) * Self.page
    state.nextContext &+= 1
    state.contexts.append(context)
    board.memory.store(localMemory, context.pageTable, board.random.octets(64))
  }

  private func setMode(_ number: Int, _ board: inout Board) {
    var display = GraphicsState.Display(number: state.displays[number].number)
    display.plugged = true
    display.edid = board.random.octets(128)
    display.enabled = board.random.below(4) > 0
    (display.width, display.height) = (640 << UInt32(board.random.below(3)), 480)
    (display.pitch, display.refresh) = (display.width * 4, 60_000)
    display.picture = UInt64(board.random.below(64)) * Self.page
    display.nextBlank = display.enabled ? board.now &+ 16_666_667 : UInt64.max
    display.hasCursor = board.random.below(2) > 0
    if display.hasCursor { (display.cursorX, display.cursorY) = (Int32(board.random.below(640)) - 32, -5) }
    state.displays[number] = display
  }

  private func submit(_ engine: Int, _ board: inout Board) -> StaticString {
    let ring = state.engines[engine]
    guard ring.running, !state.contexts.isEmpty, (ring.tail + 1) % ringEntries != ring.head else {
      return "driver finds no place"
    }
    let kind = UInt64(board.random.below(3))
    let context = UInt64(state.contexts[board.random.below(state.contexts.count)].id & 255)
    let place = UInt64(board.random.below(Int(memoryByteCount / Self.page)))
    board.memory.store(Board.ram, ring.ring + 8 * UInt64(ring.tail), kind | context << 8 | place << 32)
    state.engines[engine].tail = (ring.tail + 1) % ringEntries
    return "driver submits a command"
  }

  private func takeCommand(_ engine: Int, _ board: inout Board) -> StaticString {
    let ring = state.engines[engine]
    guard ring.running, ring.head != ring.tail, ring.pending.count < Self.pendingMax else {
      return "engine takes nothing"
    }
    let word = board.memory.load(Board.ram, ring.ring + 8 * UInt64(ring.head), as: UInt64.self)
    let place = (word >> 32) % (memoryByteCount / Self.page) * Self.page
    let command: GraphicsState.Command =
      switch word & 255 {
      case 0:
        .batch(context: UInt32(word >> 8 & 255), address: place, octets: 256, priority: 0)
      case 1:
        .copy(from: place, to: state.contexts.last?.pageTable ?? 0, octets: 256)
      default:
        .wait(fence: ring.fence, engine: UInt8((engine + 1) % state.engines.count))
      }
    state.engines[engine].pending.append(command)
    state.engines[engine].head = (ring.head + 1) % ringEntries
    return "engine takes a command"
  }

  /// The engine goes on with its batch, or begins the next command.
  private func compute(_ engine: Int, _ board: inout Board) -> StaticString {
    guard state.engines[engine].busy else { return begin(engine, &board) }
    state.firmware.compute(engine: engine, context: state.engines[engine].context)
    // Of so much memory a guest uses little, spread over all of it.
    let used = state.firmware.progress[engine] % Self.pagesUsed &+ UInt64(engine) << 32
    let page = StateDigest.mix(used) % (memoryByteCount / Self.page)
    let octets = board.random.octets(256)
    board.memory.store(localMemory, page * Self.page + 512, octets)
    guard board.random.below(3) == 0 else { return "engine computes" }
    state.engines[engine].busy = false
    state.engines[engine].fence &+= 1
    state.cause |= 1
    return "engine ends a batch"
  }

  private func begin(_ engine: Int, _ board: inout Board) -> StaticString {
    guard state.engines[engine].running, !state.engines[engine].pending.isEmpty else { return "engine is idle" }
    switch state.engines[engine].pending.removeFirst() {
    case .batch(let context, _, _, _):
      guard state.contexts.contains(where: { $0.id == context }) else {
        state.cause |= 2
        return "engine skips a batch"
      }
      (state.engines[engine].context, state.engines[engine].busy) = (context, true)
      return "engine begins a batch"
    case .copy(let from, let to, let octets):
      let count = Int(min(octets, Self.page))
      board.memory.store(localMemory, to, board.memory.load(localMemory, from, count: count))
      return "engine copies"
    case .wait(let fence, let other):
      let isDone = Int(other) < state.engines.count && state.engines[Int(other)].fence >= fence
      if !isDone { state.engines[engine].pending.append(.wait(fence: fence, engine: other)) }
      return "engine waits"
    }
  }

  /// Reads a sector from the block device's disk, without the guest.
  private func reachPeer(_ board: inout Board) -> StaticString {
    guard let peer, board.allowsPeers else { return "card reaches no peer" }
    let sector = UInt64(board.random.below(Int(BlockDevice.diskByteCount / 512)))
    let page = UInt64(board.random.below(64))
    board.memory.store(localMemory, page * Self.page, board.memory.load(peer, sector * 512, count: 512))
    return "card reads from its peer"
  }

  private func putAside(_ engine: Int, _ board: inout Board) -> StaticString {
    guard state.hasPreemption else { return "driver rests" }
    if state.engines[engine].hasPutAside {
      (state.engines[engine].hasPutAside, state.engines[engine].busy) = (false, true)
      state.engines[engine].context = state.engines[engine].asideContext
      (state.engines[engine].asideContext, state.engines[engine].asideResumeAt) = (0, 0)
      state.engines[engine].asideSince = 0
      return "engine goes on with a batch"
    }
    guard state.engines[engine].busy else { return "engine has nothing to put aside" }
    (state.engines[engine].hasPutAside, state.engines[engine].busy) = (true, false)
    state.engines[engine].asideContext = state.engines[engine].context
    state.engines[engine].asideResumeAt = UInt64(board.random.below(1 << 20)) * 256
    state.engines[engine].asideSince = board.now
    return "engine puts a batch aside"
  }

  // MARK: Source

  func beginSaving() { (given, hasGivenTail, cursor) = ([], false, 0) }

  var byteStringEstimate: SaveEstimate {
    let unit = UInt64(FirmwareState.blockByteCount)
    var estimate = SaveEstimate()
    estimate.initialByteCount = UInt64(state.firmware.generations.count - given.count) * unit
    let changed = given.indices.count { given[$0] != state.firmware.generations[$0] }
    estimate.dirtyByteCount = UInt64(changed) * unit
    estimate.stopCopyByteCount =
      estimate.initialByteCount + estimate.dirtyByteCount + UInt64(FirmwareState.tailByteCount)
    return estimate
  }

  func giveByteString<Sink: OctetSink & ~Copyable>(
    _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer? {
    guard !hasGivenTail else { return nil }
    var octets = OwnedBytes()
    var flags = RecordFlags.unitFirst | RecordFlags.unitLast
    let total = state.firmware.generations.count
    if given.count < total {
      for block in given.count..<min(total, given.count + Self.blocksPerUnit) {
        try state.firmware.append(block: block, to: &octets)
        given.append(state.firmware.generations[block])
      }
      if given.count == total { flags |= RecordFlags.initialDataEnd }
    } else {
      try appendChanged(to: &octets)
      if octets.count == 0 {
        guard phase == .stopCopy else { return .noDataNow }
        try state.firmware.appendTail(to: &octets)
        hasGivenTail = true
        flags |= RecordFlags.last
      }
    }
    try emitter.bytes(octets.bytes, flags: flags, source: .stable)
    return .more
  }

  private func appendChanged(to octets: inout OwnedBytes) throws(StreamError) {
    let total = given.count
    var looked = 0
    while looked < total, octets.count < Self.blocksPerUnit * FirmwareState.blockByteCount {
      if given[cursor] != state.firmware.generations[cursor] {
        try state.firmware.append(block: cursor, to: &octets)
        given[cursor] = state.firmware.generations[cursor]
      }
      cursor = (cursor + 1) % total
      looked += 1
    }
  }

  // MARK: Destination

  func beginResuming() { intake = FirmwareIntake(initial.firmware) }

  func takeByteString(_ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) { intake?.take(octets) }

  override func complete(_ fresh: inout GraphicsState) throws(DeviceFailure) {
    guard let taken = intake else { throw DeviceReason.firmwareIncomplete.failure }
    guard !taken.isDamaged else { throw DeviceReason.firmwareDamaged.failure }
    guard taken.isComplete, taken.hasAllBlocks else { throw DeviceReason.firmwareIncomplete.failure }
    fresh.firmware = taken.state
    fresh.engines.sort { $0.number < $1.number }
    fresh.displays.sort { $0.number < $1.number }
  }

  override func commit() throws(DeviceFailure) {
    try super.commit()
    intake = nil
  }

  override func check(_ state: GraphicsState, _ board: borrowing Board) throws(DeviceFailure) {
    for (number, engine) in state.engines.enumerated() {
      guard Int(engine.number) == number else { throw DeviceReason.duplicateIndex.failure }
      guard engine.head < ringEntries, engine.tail < ringEntries else { throw DeviceReason.indexOutOfRange.failure }
      guard !engine.running || board.hasGuestMemory(engine.ring, 8 * UInt64(ringEntries)) else {
        throw DeviceReason.ringOutsideMemory.failure
      }
      guard !engine.busy || state.contexts.contains(where: { $0.id == engine.context }),
        !engine.hasPutAside || state.contexts.contains(where: { $0.id == engine.asideContext })
      else { throw DeviceReason.unknownContext.failure }
      guard engine.running || !engine.hasPutAside else { throw DeviceReason.statusContradictsQueues.failure }
      guard engine.asideResumeAt < memoryByteCount else { throw DeviceReason.addressOutsideLocalMemory.failure }
      for command in engine.pending { try check(command, state) }
    }
    guard state.mode == 1 || !state.engines.contains(where: \.running) else {
      throw DeviceReason.statusContradictsQueues.failure
    }
    for (number, display) in state.displays.enumerated() {
      guard Int(display.number) == number else { throw DeviceReason.duplicateIndex.failure }
      guard display.picture < memoryByteCount, display.cursorPicture < memoryByteCount else {
        throw DeviceReason.addressOutsideLocalMemory.failure
      }
    }
  }

  private func check(_ command: GraphicsState.Command, _ state: GraphicsState) throws(DeviceFailure) {
    switch command {
    case .batch: break
    case .copy(let from, let to, let octets):
      guard octets <= memoryByteCount, from <= memoryByteCount - octets, to <= memoryByteCount - octets else {
        throw DeviceReason.addressOutsideLocalMemory.failure
      }
    case .wait(_, let engine):
      guard Int(engine) < state.engines.count else { throw DeviceReason.indexOutOfRange.failure }
    }
  }
}
