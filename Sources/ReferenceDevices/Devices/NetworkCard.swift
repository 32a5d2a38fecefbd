import MigrationStream
import ResumePath

/// A network card with its wire and its driver.
///
/// ```
///  a descriptor, 16 octets:   address (8) | length (2) | flags (2): bit 0 done, bit 1 last of a frame | 0
///  driver's memory:   receive ring | transmit ring | 32768: 16 receive buffers, 16 transmit buffers of 256 octets
/// ```
final class NetworkCard: StatefulDevice<NetworkState>, ReferenceDevice {
  private typealias Cause = NetworkState.Cause
  private static let bufferCount = 16
  private static let bufferByteCount: UInt64 = 256
  private static let waitingMax = 16
  private static let frameByteCountMax = 9216

  /// Notes of the driver.
  private enum Note {
    static let receiveSeen = 0
    static let frames = 1
    static let checksum = 2
  }

  let ringSize: UInt16

  init(_ model: ReferenceModel) {
    ringSize = UInt16(model.number("ring-size"))
    super.init(model, NetworkState(model))
  }

  private init(like other: NetworkCard) {
    ringSize = other.ringSize
    super.init(like: other)
  }

  func freshCopy() -> any ReferenceDevice { NetworkCard(like: self) }

  var interruptLevel: Bool { state.cause & state.mask != 0 && state.command & 1024 == 0 }

  func advance(_ number: Int, _ board: inout Board) {
    if state.framesHeld > 0, state.due <= board.now { raiseReceive() }
  }

  func boot(_ number: Int, _ board: inout Board) {
    let memory = Board.driverMemory(number)
    state.command = 6
    state.registersAt = 0xfeb0_0000
    state.mask = 0x1f
    state.accept = 1
    state.receive = NetworkState.Ring(running: true, address: memory)
    state.transmit = NetworkState.Ring(running: true, address: memory + 16384)
    refill(number, &board, count: Self.bufferCount)
  }

  func operate(_ number: Int, _ board: inout Board) -> StaticString {
    defer { state.interruptLevel = interruptLevel }
    switch board.random.below(16) {
    case 0...3:
      arrive(frame(&board), &board)
      return "a frame comes"
    case 4...6: return deliver(number, &board)
    case 7: return takeReceived(number, &board)
    case 8...9: return send(number, &board)
    case 10...12: return gather(number, &board)
    case 13:
      state.cause = 0
      return "driver acknowledges"
    case 14:
      chooseFilter(&board)
      return "driver chooses what is received"
    default:
      configure(&board)
      return "driver sets the card up"
    }
  }

  // MARK: Receiving

  /// A frame from the wire: to the card, to all, to an address that the driver may have asked for, to somebody else.
  private func frame(_ board: inout Board) -> [UInt8] {
    let target: [UInt8] =
      switch board.random.below(4) {
      case 0: state.address
      case 1: [UInt8](repeating: 255, count: 6)
      case 2: Self.groupAddress(board.random.below(40))
      default: [2, 0, 0, 0, 0, 9]
      }
    return target + board.random.octets(14 + board.random.below(180))
  }

  private static func groupAddress(_ number: Int) -> [UInt8] { [1, 0, 0x5e, 0, 0, UInt8(truncatingIfNeeded: number)] }

  private func isWanted(_ target: [UInt8]) -> Bool {
    if target == state.address || state.accept & 4 != 0 { return true }
    if target.allSatisfy({ $0 == 255 }) { return state.accept & 1 != 0 }
    let isGroup = target[0] & 1 != 0
    if isGroup, state.accept & 2 != 0 || state.overflow { return true }
    return state.accept & 8 != 0 && state.filter.contains(target)
  }

  private func arrive(_ frame: [UInt8], _ board: inout Board) {
    guard state.linkUp, frame.count >= 14, isWanted([UInt8](frame.prefix(6))) else { return state.filtered &+= 1 }
    guard state.waiting.count < Self.waitingMax else {
      state.dropped &+= 1
      return state.cause |= Cause.receiveFull
    }
    state.waiting.append(frame)
  }

  /// Puts the oldest waiting frame into guest memory.
  private func deliver(_ number: Int, _ board: inout Board) -> StaticString {
    guard state.receive.running, !state.waiting.isEmpty else { return "card has nothing to deliver" }
    guard state.receive.head != state.receive.tail else {
      state.cause |= Cause.receiveFull
      return "card has no descriptor"
    }
    let frame = state.waiting.removeFirst()
    let place = state.receive.address + 16 * UInt64(state.receive.head)
    let buffer = board.memory.load(Board.ram, place, as: UInt64.self)
    board.memory.store(Board.ram, buffer, frame)
    board.memory.store(Board.ram, place + 8, UInt16(truncatingIfNeeded: frame.count))
    board.memory.store(Board.ram, place + 10, UInt16(1))
    state.receive.head = (state.receive.head + 1) % ringSize
    state.received &+= 1
    hold(board.now)
    return "card delivers a frame"
  }

  /// Raises the interrupt for a frame, or lets it wait for more.
  private func hold(_ now: UInt64) {
    if state.framesHeld == 0, state.interval > 0 { state.due = now &+ state.interval }
    state.framesHeld &+= 1
    if state.framesHeld >= state.framesMax || state.framesMax == 0 && state.interval == 0 { raiseReceive() }
  }

  private func raiseReceive() {
    (state.framesHeld, state.due) = (0, UInt64.max)
    state.cause |= Cause.receive
  }

  private func takeReceived(_ number: Int, _ board: inout Board) -> StaticString {
    var seen = UInt16(truncatingIfNeeded: board.note(number, Note.receiveSeen)) % ringSize
    var count = 0
    while count < Self.bufferCount {
      let place = Board.driverMemory(number) + 16 * UInt64(seen)
      guard board.memory.load(Board.ram, place + 10, as: UInt16.self) & 1 != 0 else { break }
      let length = Int(board.memory.load(Board.ram, place + 8, as: UInt16.self))
      let octets = board.memory.load(
        Board.ram, board.memory.load(Board.ram, place, as: UInt64.self), count: min(length, Int(Self.bufferByteCount)))
      let sum = Digest.xxh3(octets.span.octets)
      board.setNote(number, Note.checksum, StateDigest.mix(board.note(number, Note.checksum) ^ sum))
      board.setNote(number, Note.frames, board.note(number, Note.frames) &+ 1)
      board.memory.store(Board.ram, place + 10, UInt16(0))
      seen = (seen + 1) % ringSize
      count += 1
    }
    board.setNote(number, Note.receiveSeen, UInt64(seen))
    refill(number, &board, count: count)
    return "driver takes received frames"
  }

  private func refill(_ number: Int, _ board: inout Board, count: Int) {
    for _ in 0..<count {
      let tail = state.receive.tail
      let place = Board.driverMemory(number) + 16 * UInt64(tail)
      let buffer = Board.driverMemory(number) + 32768 + UInt64(Int(tail) % Self.bufferCount) * Self.bufferByteCount
      board.memory.store(Board.ram, place, buffer)
      board.memory.store(Board.ram, place + 10, UInt16(0))
      guard (tail + 1) % ringSize != state.receive.head else { return }
      state.receive.tail = (tail + 1) % ringSize
    }
  }

  // MARK: Sending

  private func send(_ number: Int, _ board: inout Board) -> StaticString {
    let pieces = 1 + board.random.below(3)
    let used = (Int(state.transmit.tail) - Int(state.transmit.head) + Int(ringSize)) % Int(ringSize)
    guard used + pieces < Self.bufferCount else { return "driver has no free descriptor" }
    for piece in 0..<pieces {
      let tail = state.transmit.tail
      let place = Board.driverMemory(number) + 16384 + 16 * UInt64(tail)
      let buffer =
        Board.driverMemory(number) + 32768 + UInt64(Self.bufferCount + Int(tail) % Self.bufferCount) * Self.bufferByteCount
      let octets = (piece == 0 ? state.address : []) + board.random.octets(14 + board.random.below(100))
      board.memory.store(Board.ram, buffer, octets)
      board.memory.store(Board.ram, place, buffer)
      board.memory.store(Board.ram, place + 8, UInt16(octets.count))
      board.memory.store(Board.ram, place + 10, UInt16(piece == pieces - 1 ? 2 : 0))
      state.transmit.tail = (tail + 1) % ringSize
    }
    return "driver sends a frame"
  }

  /// Takes one descriptor; the card can be stopped in the middle of a frame.
  private func gather(_ number: Int, _ board: inout Board) -> StaticString {
    guard state.transmit.running, state.transmit.head != state.transmit.tail else { return "card has nothing to send" }
    let place = state.transmit.address + 16 * UInt64(state.transmit.head)
    let length = Int(board.memory.load(Board.ram, place + 8, as: UInt16.self))
    let flags = board.memory.load(Board.ram, place + 10, as: UInt16.self)
    let octets = board.memory.load(
      Board.ram, board.memory.load(Board.ram, place, as: UInt64.self),
      count: min(max(length, 1), 512, Self.frameByteCountMax - state.gathered.count))
    board.memory.store(Board.ram, place + 10, flags | 1)
    state.gathered += octets
    state.taken += 1
    state.transmit.head = (state.transmit.head + 1) % ringSize
    // 17 descriptors make a frame at most.
    guard flags & 2 != 0 || state.taken > 16 || state.gathered.count > 8192 else { return "card takes a part of a frame" }
    if state.loopback { arrive(state.gathered, &board) } else if state.linkUp { board.effects.add(state.gathered) }
    (state.gathered, state.taken) = ([], 0)
    state.sent &+= 1
    state.cause |= Cause.transmit
    return "card sends a frame"
  }

  // MARK: Registers

  private func chooseFilter(_ board: inout Board) {
    state.accept = UInt8(board.random.below(8))
    guard state.filterSize > 0 else { return }
    state.accept |= 8
    if board.random.below(8) == 0 { (state.filter, state.overflow) = ([], false) }
    let address = Self.groupAddress(board.random.below(40))
    guard !state.filter.contains(address) else { return }
    if state.filter.count < state.filterSize { state.filter.append(address) } else { state.overflow = true }
  }

  private func configure(_ board: inout Board) {
    switch board.random.below(4) {
    case 0: state.loopback.toggle()
    case 1:
      state.linkUp.toggle()
      state.cause |= Cause.link
    case 2: state.mask = UInt32(board.random.below(32))
    default:
      guard state.hasModeration else { return }
      state.interval = UInt64(board.random.below(1_000_000))
      state.framesMax = UInt16(board.random.below(6))
      // What was held back under other limits.
      if state.framesHeld >= state.framesMax, state.framesHeld > 0, state.interval == 0 { raiseReceive() }
    }
  }

  // MARK: Migration

  override func check(_ state: NetworkState, _ board: borrowing Board) throws(DeviceFailure) {
    for ring in [state.receive, state.transmit] {
      guard ring.head < ringSize, ring.tail < ringSize else { throw DeviceReason.indexOutOfRange.failure }
      guard !ring.running || board.hasGuestMemory(ring.address, 16 * UInt64(ringSize)) else {
        throw DeviceReason.ringOutsideMemory.failure
      }
    }
    guard state.framesHeld == 0 || state.interval > 0 || state.framesHeld < state.framesMax else {
      throw DeviceReason.timerWithoutCause.failure
    }
  }
}
