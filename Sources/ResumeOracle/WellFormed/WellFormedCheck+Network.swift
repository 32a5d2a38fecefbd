import ReferenceDevices

/// Source: Specs/devices/migstream.example/net/rx-filter-nic.json.
extension WellFormedCheck {
  mutating func visit(_ state: inout NetworkState, ringSize: Int) {
    checkRegisters(state)
    check(state.receive, ringSize, 0)
    check(state.transmit, ringSize, 1)
    demand(bits: state.accept, within: 0x0f, "accept has four bits")
    demand(state.waiting.count <= 16, "at most 16 frames wait", UInt64(state.waiting.count))
    for index in state.waiting.indices {
      let count = state.waiting[index].count
      demand(count >= 14 && count <= 9216, "a frame has 14 to 9216 octets", UInt64(count), in: index)
    }
    checkFilter(state)
    demand(state.taken <= 16, "an unfinished frame lies in at most 16 descriptors", UInt64(state.taken))
    demand(state.taken == 0 || state.transmit.running, "a ring that is off has no frame half taken", UInt64(state.taken))
    demand((state.taken > 0) == !state.gathered.isEmpty, "octets are gathered of descriptors that were taken")
    demand(state.gathered.count <= 9216, "an unfinished frame has at most 9216 octets", UInt64(state.gathered.count))
    checkModeration(state)
  }

  private mutating func checkRegisters(_ state: NetworkState) {
    demand(bits: state.command, within: 0x0406, "the command register has no other bits")
    demand(!state.messagePending || state.messagesMasked, "a message waits for nothing but the mask")
    demand(state.messageAddress % 4 == 0, "a message is written at a multiple of 4", state.messageAddress)
    demand(state.address.count == 6 && state.permanentAddress.count == 6, "an address has 6 octets")
    demand(bits: state.cause, within: 0x1f, "there are five causes")
    demand(bits: state.mask, within: 0x1f, "the mask is of five causes")
  }

  private mutating func check(_ ring: NetworkState.Ring, _ size: Int, _ number: Int) {
    demand(Int(ring.head) < size, "the head lies in the ring", UInt64(ring.head), in: number)
    demand(Int(ring.tail) < size, "the tail lies in the ring", UInt64(ring.tail), in: number)
    demand(ring.address % 16 == 0, "a ring is aligned to 16", ring.address, in: number)
    demand(
      !ring.running || ring.address != 0 && isGuestMemory(ring.address, 16 * UInt64(size)),
      "a ring that runs lies in guest memory", ring.address, in: number)
  }

  private mutating func checkFilter(_ state: NetworkState) {
    demand(
      state.filter.count <= state.filterSize, "the filter holds no more addresses than it has room for",
      UInt64(state.filter.count))
    demand(!state.overflow || state.filterSize > 0, "no table overflows that is not there")
    for index in state.filter.indices {
      demand(state.filter[index].count == 6, "an address has 6 octets", UInt64(state.filter[index].count), in: index)
      for other in 0..<min(index, Self.pairsMax) {
        demand(state.filter[other] != state.filter[index], "the filter's addresses are unique", UInt64(other), in: index)
      }
    }
  }

  private mutating func checkModeration(_ state: NetworkState) {
    demand(state.interval <= 1_000_000_000, "an interrupt waits at most a second", state.interval)
    demand(
      state.framesHeld == 0 || state.interval > 0 || state.framesHeld < state.framesMax,
      "an interrupt is held back by a limit that was not reached", UInt64(state.framesHeld))
    guard !state.hasModeration else { return }
    demand(
      state.interval == 0 && state.framesMax == 0 && state.framesHeld == 0 && state.due == UInt64.max,
      "without moderation nothing is held back")
  }
}
