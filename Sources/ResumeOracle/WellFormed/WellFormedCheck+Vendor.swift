import ReferenceDevices

/// Source: Specs/devices/migstream.example/sample/vendor-card.json; the driver's part is the vendor's own.
extension WellFormedCheck {
  mutating func visit(_ state: inout VendorState, pageCount: Int) {
    demand(bits: state.command, within: 0x0406, "the command register has no other bits")
    demand(state.registersAt % 4096 == 0, "the register window is aligned to 4096", state.registersAt)
    demand(state.writes.count == pageCount, "each page has a count of writes", UInt64(state.writes.count))
    demand(state.writes == state.driver.writes, "card and driver agree on what was written")
    demand(state.driver.pages.count == pageCount, "the driver has all pages", UInt64(state.driver.pages.count))
    for index in state.driver.pages.indices {
      demand(state.driver.pages[index].count == 1024, "a page has 1024 octets", UInt64(state.driver.pages[index].count), in: index)
    }
    demand(state.driver.registers.count == 16, "the driver has 16 registers", UInt64(state.driver.registers.count))
    demand(state.driver.queue.count <= 64, "the queue holds at most 64 octets", UInt64(state.driver.queue.count))
  }
}
