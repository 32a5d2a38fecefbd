import MigrationStream
import ResumePath

/// A virtio block device with its disk and its driver; the disk is memory of the machine.
///
/// It can be stopped while requests are half done. What is left of them is done by whoever has the state then.
///
/// ```
///  driver's memory:  rings of queue 0 | rings of queue 1 | ... 4096: slots of 1280 octets: header, data, status
/// ```
final class BlockDevice: StatefulDevice<BlockState>, ReferenceDevice {
  static let diskByteCount: UInt64 = 64 << 10
  static let disk = 1
  private static let slotCount = 8
  private static let slotByteCount: UInt64 = 1280
  /// The driver sets up this many at most.
  private static let queuesUsed = 2

  /// Notes of the driver.
  private enum Note {
    static let slotsInUse = 0
    static let completions = 1
    static let submissions = 2
    /// Plus the queue's number.
    static let usedSeen = 4
  }

  let queueSizeMax: Int

  init(_ model: ReferenceModel) {
    queueSizeMax = model.number("queue-size")
    super.init(model, BlockState(model))
  }

  private init(like other: BlockDevice) {
    queueSizeMax = other.queueSizeMax
    super.init(like: other)
  }

  func freshCopy() -> any ReferenceDevice { BlockDevice(like: self) }

  var interruptLevel: Bool { state.interruptStatus != 0 && state.command & 1024 == 0 }

  func advance(_ number: Int, _ board: inout Board) {}

  func boot(_ number: Int, _ board: inout Board) {
    state.command = 6
    state.driverFeatures = state.deviceFeatures
    state.deviceStatus = 15
    for queue in 0..<min(state.queues.count, Self.queuesUsed) {
      let area = Board.driverMemory(number) + UInt64(queue) * 1024
      state.queues[queue].enabled = true
      state.queues[queue].descriptorArea = area
      state.queues[queue].driverArea = area + 512
      state.queues[queue].deviceArea = area + 640
    }
  }

  func operate(_ number: Int, _ board: inout Board) -> StaticString {
    switch board.random.below(12) {
    case 0...2: return submit(number, &board)
    case 3...4: return takeChains(&board)
    case 5...8: return work(&board)
    case 9: return reap(number, &board)
    case 10:
      for index in state.inFlight.indices { state.inFlight[index].held = false }
      if let index = state.inFlight.indices.last, board.random.below(2) == 0 { state.inFlight[index].held = true }
      return "operator answers"
    default:
      state.queueSelect = UInt16(truncatingIfNeeded: board.random.next())
      state.windowOffset = UInt32(truncatingIfNeeded: board.random.next())
      if state.hasCacheMode { state.writeCache.toggle() }
      return "driver looks at registers"
    }
  }

  // MARK: Driver

  private func submit(_ number: Int, _ board: inout Board) -> StaticString {
    let inUse = board.note(number, Note.slotsInUse)
    let slot = board.random.below(Self.slotCount)
    let queue = board.random.below(min(state.queues.count, Self.queuesUsed))
    guard inUse & 1 << UInt64(slot) == 0, state.queues[queue].enabled else { return "driver has no free slot" }
    let header = Board.driverMemory(number) + 4096 + UInt64(slot) * Self.slotByteCount
    let kind = UInt32([0, 1, 1, 4][board.random.below(4)])
    let length = kind == 4 ? 0 : 512 * (1 + board.random.below(2))
    let sectors = Int(Self.diskByteCount / 512)
    board.memory.store(Board.ram, header, kind)
    board.memory.store(Board.ram, header + 8, kind == 4 ? 0 : UInt64(board.random.below(sectors - 1)))
    if kind == 1 { board.memory.store(Board.ram, header + 16, board.random.octets(length)) }
    board.memory.store(Board.ram, header + 16 + UInt64(length), UInt8(255))
    let first = slot * 3
    let area = state.queues[queue].descriptorArea
    describe(area, first, header, 16, flags: 1, &board)
    describe(area, first + 1, header + 16, length, flags: kind == 0 ? 3 : 1, &board)
    describe(area, first + 2, header + 16 + UInt64(length), 1, flags: 2, &board)
    let ring = state.queues[queue].driverArea
    let index = board.memory.load(Board.ram, ring + 2, as: UInt16.self)
    board.memory.store(Board.ram, ring + 4 + 2 * UInt64(index % state.queues[queue].size), UInt16(first))
    board.memory.store(Board.ram, ring + 2, index &+ 1)
    state.queues[queue].notified = true
    board.setNote(number, Note.slotsInUse, inUse | 1 << UInt64(slot))
    board.setNote(number, Note.submissions, board.note(number, Note.submissions) &+ 1)
    return "driver submits a request"
  }

  private func describe(
    _ area: UInt64, _ index: Int, _ address: UInt64, _ length: Int, flags: UInt16, _ board: inout Board
  ) {
    let place = area + 16 * UInt64(index)
    board.memory.store(Board.ram, place, address)
    board.memory.store(Board.ram, place + 8, UInt32(length))
    board.memory.store(Board.ram, place + 12, flags)
    board.memory.store(Board.ram, place + 14, UInt16(index + 1))
  }

  /// The driver takes back what the device has used, and counts it.
  private func reap(_ number: Int, _ board: inout Board) -> StaticString {
    state.interruptStatus = 0
    for queue in state.queues.indices.prefix(Self.queuesUsed) where state.queues[queue].enabled {
      let ring = state.queues[queue].deviceArea
      let used = board.memory.load(Board.ram, ring + 2, as: UInt16.self)
      var seen = UInt16(truncatingIfNeeded: board.note(number, Note.usedSeen + queue))
      var left = state.queues[queue].size
      while seen != used, left > 0 {
        let entry = ring + 4 + 8 * UInt64(seen % state.queues[queue].size)
        let slot = UInt64(board.memory.load(Board.ram, entry, as: UInt32.self) / 3) % UInt64(Self.slotCount)
        board.setNote(number, Note.slotsInUse, board.note(number, Note.slotsInUse) & ~(1 << slot))
        board.setNote(number, Note.completions, board.note(number, Note.completions) &+ 1)
        (seen, left) = (seen &+ 1, left - 1)
      }
      board.setNote(number, Note.usedSeen + queue, UInt64(seen))
    }
    return "driver takes back requests"
  }

  // MARK: Device

  /// Takes the chains that the driver has made available.
  private func takeChains(_ board: inout Board) -> StaticString {
    for queue in state.queues.indices where state.queues[queue].enabled && state.queues[queue].notified {
      let ring = state.queues[queue].driverArea
      let available = board.memory.load(Board.ram, ring + 2, as: UInt16.self)
      let size = state.queues[queue].size
      // The last number names no request: it stays behind all that do.
      while state.queues[queue].nextAvailable != available, state.queues[queue].chainsTaken < size,
        state.nextTag < UInt64.max
      {
        let place = ring + 4 + 2 * UInt64(state.queues[queue].nextAvailable % size)
        take(queue, board.memory.load(Board.ram, place, as: UInt16.self) % size, &board)
        state.queues[queue].nextAvailable &+= 1
        state.queues[queue].chainsTaken += 1
      }
      state.queues[queue].notified = false
    }
    return "device takes requests"
  }

  private func take(_ queue: Int, _ head: UInt16, _ board: inout Board) {
    let header = board.memory.load(Board.ram, state.queues[queue].descriptorArea + 16 * UInt64(head), as: UInt64.self)
    var request = BlockState.Request()
    request.tag = state.nextTag
    (request.queue, request.head) = (UInt16(queue), head)
    let kind = board.memory.load(Board.ram, header, as: UInt32.self)
    request.kind = [0, 1, 4].contains(kind) ? kind : 4
    if request.kind != 4 {
      let length = board.memory.load(
        Board.ram, state.queues[queue].descriptorArea + 16 * UInt64(head + 1) + 8, as: UInt32.self)
      request.length = min(length & ~511, 1024)
      request.sector = min(
        board.memory.load(Board.ram, header &+ 8, as: UInt64.self), Self.diskByteCount / 512 - UInt64(request.length / 512))
    }
    request.waitsFor = state.inFlight.last { $0.overlaps(request) }?.tag ?? 0
    state.nextTag &+= 1
    state.inFlight.append(request)
  }

  /// Does the next 512 octets of a request that may go on.
  private func work(_ board: inout Board) -> StaticString {
    let ready = state.inFlight.indices.filter { !state.inFlight[$0].held && state.inFlight[$0].waitsFor == 0 }
    guard !ready.isEmpty else { return "device is idle" }
    let index = ready[board.random.below(ready.count)]
    let request = state.inFlight[index]
    guard request.done < request.length else { return complete(index, &board) }
    let header = board.memory.load(
      Board.ram, state.queues[Int(request.queue)].descriptorArea + 16 * UInt64(request.head), as: UInt64.self)
    let guest = header &+ 16 &+ UInt64(request.done)
    let place = request.sector * 512 + UInt64(request.done)
    if request.kind == 0 {
      board.memory.store(Board.ram, guest, board.memory.load(Self.disk, place, count: 512))
    } else {
      board.memory.store(Self.disk, place, board.memory.load(Board.ram, guest, count: 512))
    }
    state.inFlight[index].done += 512
    return "device moves a sector"
  }

  private func complete(_ index: Int, _ board: inout Board) -> StaticString {
    let request = state.inFlight.remove(at: index)
    let queue = Int(request.queue)
    let header = board.memory.load(
      Board.ram, state.queues[queue].descriptorArea + 16 * UInt64(request.head), as: UInt64.self)
    board.memory.store(Board.ram, header &+ 16 &+ UInt64(request.length), UInt8(0))
    let ring = state.queues[queue].deviceArea
    let entry = ring + 4 + 8 * UInt64(state.queues[queue].nextUsed % state.queues[queue].size)
    board.memory.store(Board.ram, entry, UInt32(request.head))
    board.memory.store(Board.ram, entry + 4, request.kind == 0 ? request.length + 1 : 1)
    state.queues[queue].nextUsed &+= 1
    state.queues[queue].chainsTaken -= 1
    board.memory.store(Board.ram, ring + 2, state.queues[queue].nextUsed)
    for other in state.inFlight.indices where state.inFlight[other].waitsFor == request.tag {
      state.inFlight[other].waitsFor = 0
    }
    state.interruptStatus |= 1
    if request.kind < 2 {
      state.statistics[Int(request.kind)] &+= 1
      state.statistics[Int(request.kind) + 2] &+= UInt64(request.length)
    }
    return "device completes a request"
  }

  /// Requests that the driver has submitted and taken back.
  static func counts(_ board: borrowing Board, _ number: Int) -> (submitted: UInt64, completed: UInt64) {
    (board.note(number, Note.submissions), board.note(number, Note.completions))
  }

  // MARK: Migration

  override func check(_ state: BlockState, _ board: borrowing Board) throws(DeviceFailure) {
    guard state.driverFeatures & ~state.deviceFeatures == 0 else { throw DeviceReason.featuresNotOffered.failure }
    guard state.queues.count == state.queueCount else { throw DeviceReason.indexOutOfRange.failure }
    for (number, queue) in state.queues.enumerated() {
      guard Int(queue.number) == number else { throw DeviceReason.duplicateIndex.failure }
      guard queue.enabled else { continue }
      guard state.deviceStatus & 4 != 0 else { throw DeviceReason.statusContradictsQueues.failure }
      let size = UInt64(queue.size)
      guard board.hasGuestMemory(queue.descriptorArea, 16 * size), board.hasGuestMemory(queue.driverArea, 6 + 2 * size),
        board.hasGuestMemory(queue.deviceArea, 6 + 8 * size)
      else { throw DeviceReason.queueOutsideMemory.failure }
      guard queue.nextAvailable &- queue.nextUsed == queue.chainsTaken, queue.chainsTaken <= queue.size else {
        throw DeviceReason.indexOutOfRange.failure
      }
    }
    // Tags count from 1; the section's rule compares it with those in flight only.
    guard state.nextTag >= 1 else { throw DeviceReason.indexOutOfRange.failure }
    var taken = [Int](repeating: 0, count: state.queueCount)
    for request in state.inFlight {
      let queue = state.queues[Int(request.queue)]
      guard queue.enabled, request.head < queue.size else { throw DeviceReason.indexOutOfRange.failure }
      taken[Int(request.queue)] += 1
      guard request.done <= request.length else { throw DeviceReason.progressPastEnd.failure }
      guard request.length % 512 == 0, request.done % 512 == 0, request.sector <= state.capacity,
        UInt64(request.length / 512) <= state.capacity - request.sector
      else { throw DeviceReason.requestOutsideDisk.failure }
    }
    for (number, queue) in state.queues.enumerated() where Int(queue.chainsTaken) != taken[number] {
      throw DeviceReason.indexOutOfRange.failure
    }
  }
}

extension BlockState.Request {
  /// Whether one of the two has to be done before the other.
  func overlaps(_ other: BlockState.Request) -> Bool {
    if kind == 4 || other.kind == 4 { return true }
    guard kind == 1 || other.kind == 1 else { return false }
    return sector < other.sector + UInt64(other.length / 512) && other.sector < sector + UInt64(length / 512)
  }
}
