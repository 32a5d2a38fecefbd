import ReferenceDevices

/// Source: Specs/devices/migstream.example/virtio/blk.json.
extension WellFormedCheck {
  mutating func visit(_ state: inout BlockState, queueSizeMax: Int) {
    checkRegisters(state)
    checkVectors(state)
    demand(state.queues.count == state.queueCount, "there are as many queues as the model says", UInt64(state.queues.count))
    for number in state.queues.indices { check(state.queues[number], number, state, queueSizeMax) }
    checkRequests(state, queueSizeMax)
  }

  private mutating func checkRegisters(_ state: BlockState) {
    demand(bits: state.command, within: 0x0547, "the command register has no other bits")
    demand(bits: state.status, within: 0xf900, "the status register has no other bits")
    demand(state.powerState <= 3, "there are four power states", UInt64(state.powerState))
    demand(state.baseAddresses.count == 6, "there are six base addresses", UInt64(state.baseAddresses.count))
    demand(
      state.driverFeatures & ~state.deviceFeatures == 0, "the driver accepts what the device offers", state.driverFeatures)
    demand(bits: state.deviceStatus, within: 0xcf, "the device status has no other bits")
    demand(bits: state.interruptStatus, within: 3, "the interrupt status has two bits")
    demand(state.id.count == 20, "the id has 20 octets", UInt64(state.id.count))
    demand(state.blockSize >= 512 && state.blockSize <= 65536, "a block has 512 to 65536 octets", UInt64(state.blockSize))
    demand(state.statistics.count == 4, "there are four totals", UInt64(state.statistics.count))
  }

  private mutating func checkVectors(_ state: BlockState) {
    demand(
      state.vectors.count == state.vectorCount, "there are as many vectors as the model says", UInt64(state.vectors.count))
    demand(
      !state.hasConfigurationVector || Int(state.configurationVector) < state.vectorCount,
      "the configuration's vector is there", UInt64(state.configurationVector))
  }

  private mutating func check(_ queue: BlockState.Queue, _ number: Int, _ state: BlockState, _ sizeMax: Int) {
    let size = UInt64(queue.size)
    demand(Int(queue.number) == number, "queues are in the order of their numbers", UInt64(queue.number), in: number)
    demand(size >= 1 && size <= UInt64(sizeMax), "a queue has 1 to queue-size descriptors", size, in: number)
    demand(
      !queue.hasVector || Int(queue.vector) < state.vectorCount, "a queue's vector is there", UInt64(queue.vector), in: number)
    demand(
      queue.chainsTaken <= queue.size, "no more chains are taken than there are descriptors", UInt64(queue.chainsTaken),
      in: number)
    guard queue.enabled else {
      return demand(queue.chainsTaken == 0, "a queue that is off has taken nothing", UInt64(queue.chainsTaken), in: number)
    }
    demand(state.deviceStatus & 4 != 0, "a queue is on only when the driver is ready", UInt64(state.deviceStatus), in: number)
    demand(
      queue.descriptorArea != 0 && queue.descriptorArea % 16 == 0 && isGuestMemory(queue.descriptorArea, 16 * size),
      "the descriptors of a queue that is on lie in guest memory, aligned to 16", queue.descriptorArea, in: number)
    demand(
      queue.driverArea != 0 && queue.driverArea % 2 == 0 && isGuestMemory(queue.driverArea, 6 + 2 * size),
      "the driver area of a queue that is on lies in guest memory, aligned to 2", queue.driverArea, in: number)
    demand(
      queue.deviceArea != 0 && queue.deviceArea % 4 == 0 && isGuestMemory(queue.deviceArea, 6 + 8 * size),
      "the device area of a queue that is on lies in guest memory, aligned to 4", queue.deviceArea, in: number)
    let isPacked = state.driverFeatures & 1 << 34 != 0
    demand(
      isPacked || queue.nextAvailable &- queue.nextUsed == queue.chainsTaken,
      "chains that are taken are those not given back", UInt64(queue.chainsTaken), in: number)
  }

  private mutating func checkRequests(_ state: BlockState, _ sizeMax: Int) {
    demand(state.nextTag >= 1, "tags count from 1")
    demand(
      state.inFlight.count <= 16 * sizeMax, "no more requests are in flight than the list has room for",
      UInt64(state.inFlight.count))
    for number in state.inFlight.indices { check(state.inFlight[number], number, state) }
    for number in state.queues.indices {
      var taken = 0
      for index in state.inFlight.indices where Int(state.inFlight[index].queue) == number { taken += 1 }
      demand(
        Int(state.queues[number].chainsTaken) == taken, "each chain that is taken is a request in flight", UInt64(taken),
        in: number)
    }
  }

  private mutating func check(_ request: BlockState.Request, _ number: Int, _ state: BlockState) {
    let queue = Int(request.queue)
    demand(request.tag >= 1 && request.tag < state.nextTag, "a tag was given out before", request.tag, in: number)
    for other in 0..<min(number, Self.pairsMax) {
      demand(state.inFlight[other].tag != request.tag, "tags are unique", request.tag, in: number)
    }
    guard queue < state.queues.count else {
      return demand(false, "a request came from a queue", UInt64(queue), in: number)
    }
    demand(state.queues[queue].enabled, "a request came from a queue that is on", UInt64(queue), in: number)
    demand(request.head < state.queues[queue].size, "a chain begins in its queue", UInt64(request.head), in: number)
    demand(Self.kinds & 1 << request.kind != 0, "there is such a request", UInt64(request.kind), in: number)
    demand(request.done <= request.length, "no more of a request is done than it is long", UInt64(request.done), in: number)
    demand(request.kind != 4 || request.length == 0, "a flush covers no octets", UInt64(request.length), in: number)
    let sectors = UInt64(request.length / 512)
    demand(
      request.length % 512 == 0 && request.done % 512 == 0, "requests go by sectors", UInt64(request.length), in: number)
    demand(
      request.sector <= state.capacity && sectors <= state.capacity - request.sector, "a request lies on the medium",
      request.sector, in: number)
    demand(
      request.waitsFor == 0 || state.inFlight.contains { $0.tag == request.waitsFor && $0.tag != request.tag },
      "a request waits for another in flight", request.waitsFor, in: number)
  }

  /// Read, write, flush, get_id, discard, write_zeroes, as bits.
  private static var kinds: UInt32 { 1 << 0 | 1 << 1 | 1 << 4 | 1 << 8 | 1 << 11 | 1 << 13 }
  /// Elements that are compared with one another: more would take too long.
  static var pairsMax: Int { 64 }
}
