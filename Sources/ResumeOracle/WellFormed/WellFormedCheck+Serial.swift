import ReferenceDevices

/// Source: Specs/devices/migstream.example/serial/16550.json.
extension WellFormedCheck {
  mutating func visit(_ state: inout SerialState, fifoSize: Int) {
    let isReady = state.lineStatus & 1 != 0
    let isHoldingEmpty = state.lineStatus & 32 != 0
    let isTransmitterEmpty = state.lineStatus & 64 != 0
    let hasFIFOs = state.fifoControl & 1 != 0
    checkRegisters(state)
    demand(!isTransmitterEmpty || isHoldingEmpty, "a transmitter that is empty has an empty holding register")
    demand(
      state.receiveFIFO.count <= fifoSize, "the receive FIFO holds no more than it has room for",
      UInt64(state.receiveFIFO.count))
    demand(
      state.transmitFIFO.count <= fifoSize, "the transmit FIFO holds no more than it has room for",
      UInt64(state.transmitFIFO.count))
    for index in state.receiveFIFO.indices {
      demand(bits: state.receiveFIFO[index].errors, within: 0x1c, "errors are parity, framing and break", in: index)
    }
    if hasFIFOs {
      demand(isReady == !state.receiveFIFO.isEmpty, "data is ready while the receive FIFO holds octets")
      demand(isHoldingEmpty == state.transmitFIFO.isEmpty, "the holding register is empty while the transmit FIFO is")
    } else {
      demand(state.receiveFIFO.isEmpty && state.transmitFIFO.isEmpty, "FIFOs that are off hold nothing")
    }
    let hasTimeout = state.timeoutRaised || state.timeoutDue != UInt64.max
    demand(!hasTimeout || hasFIFOs && isReady, "a timeout is about octets in the receive FIFO")
    demand(!state.timeoutRaised || state.timeoutDue == UInt64.max, "a timeout that was raised is not due")
    demand(!isTransmitterEmpty || state.shiftEnds == UInt64.max, "an empty transmitter shifts nothing", state.shiftEnds)
    demand(state.retries <= 4, "an octet was refused at most 4 times", UInt64(state.retries))
    demand(!isTransmitterEmpty || state.retries == 0, "without an octet none was refused", UInt64(state.retries))
  }

  private mutating func checkRegisters(_ state: SerialState) {
    demand(bits: state.interruptEnable, within: 0x0f, "interrupt_enable has four bits")
    demand(bits: state.modemControl, within: 0x3f, "modem_control has six bits")
    demand(bits: state.modemLines, within: 0xf0, "modem_lines are bits 4 to 7")
    demand(bits: state.modemChanges, within: 0x0f, "modem_changes are bits 0 to 3")
    demand(bits: state.fifoControl, within: 0x09, "fifo_control says enabled and DMA mode")
    demand(state.receiveTrigger <= 3, "there are four triggers", UInt64(state.receiveTrigger))
  }
}
