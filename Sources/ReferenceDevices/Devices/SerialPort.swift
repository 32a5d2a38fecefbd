import MigrationStream
import ResumePath

/// A 16550 with its line and its driver.
final class SerialPort: StatefulDevice<SerialState>, ReferenceDevice {
  private typealias Status = SerialState.LineStatus
  let fifoSize: Int

  init(_ model: ReferenceModel) {
    fifoSize = model.number("fifo-size")
    super.init(model, SerialState())
  }

  private init(like other: SerialPort) {
    fifoSize = other.fifoSize
    super.init(like: other)
  }

  func freshCopy() -> any ReferenceDevice { SerialPort(like: self) }

  var interruptLevel: Bool {
    guard state.modemControl & 8 != 0 else { return false }
    let receives =
      state.hasFIFOs ? state.receiveFIFO.count >= trigger || state.timeoutRaised : state.isDataReady
    let wants = state.interruptEnable
    return wants & 1 != 0 && receives || wants & 2 != 0 && state.transmitterInterrupt
      || wants & 4 != 0 && state.lineStatus & 0x1e != 0 || wants & 8 != 0 && state.modemChanges != 0
  }

  private var trigger: Int {
    switch state.receiveTrigger {
    case 0: 1
    case 1: fifoSize / 4
    case 2: fifoSize / 2
    default: fifoSize - 2
    }
  }

  /// Time that a character takes on the line, ns.
  private var characterTime: UInt64 { 86_806 * UInt64(state.divisor) }

  // MARK: Line

  func advance(_ number: Int, _ board: inout Board) {
    if state.hasFIFOs, !state.timeoutRaised, state.timeoutDue <= board.now {
      state.timeoutRaised = true
      state.timeoutDue = SerialState.never
    }
    while state.isTransmitting, state.shiftEnds <= board.now { shiftOut(&board) }
  }

  private func shiftOut(_ board: inout Board) {
    let ended = state.shiftEnds
    board.effects.add(state.shift)
    if state.modemControl & 16 != 0 { receive(state.shift, errors: 0, at: ended) }
    state.retries = 0
    if state.hasFIFOs, !state.transmitFIFO.isEmpty {
      state.shift = state.transmitFIFO.removeFirst()
    } else if !state.hasFIFOs, state.lineStatus & Status.holdingEmpty == 0 {
      state.shift = state.holding
    } else {
      (state.shift, state.holding, state.shiftEnds) = (0, 0, SerialState.never)
      state.lineStatus |= Status.transmitterEmpty
      return
    }
    state.holding = 0
    state.shiftEnds = state.divisor == 0 ? SerialState.never : ended &+ characterTime
    if state.transmitFIFO.isEmpty, state.lineStatus & Status.holdingEmpty == 0 {
      state.lineStatus |= Status.holdingEmpty
      state.transmitterInterrupt = true
    }
  }

  private func receive(_ octet: UInt8, errors: UInt8, at now: UInt64) {
    if state.hasFIFOs {
      guard state.receiveFIFO.count < fifoSize else { return state.lineStatus |= Status.overrun }
      state.receiveFIFO.append(SerialState.Received(octet: octet, errors: errors))
      if !state.timeoutRaised { state.timeoutDue = now &+ 4 &* characterTime }
    } else {
      if state.isDataReady { state.lineStatus |= Status.overrun }
      state.received = octet
      state.lineStatus |= errors
    }
    state.lineStatus |= Status.dataReady
  }

  // MARK: Driver

  func boot(_ number: Int, _ board: inout Board) {
    state.modemControl = 8 | 3
    state.interruptEnable = 7
    switchFIFOs(on: true)
    state.receiveTrigger = 2
  }

  private func switchFIFOs(on: Bool) {
    state.receiveFIFO = []
    state.transmitFIFO = []
    (state.timeoutRaised, state.timeoutDue, state.received, state.holding) = (false, SerialState.never, 0, 0)
    state.fifoControl = on ? 1 : 0
    state.lineStatus = state.lineStatus & ~Status.dataReady | Status.holdingEmpty
  }

  func operate(_ number: Int, _ board: inout Board) -> StaticString {
    switch board.random.below(16) {
    case 0...3:
      for _ in 0...board.random.below(4) {
        let errors: UInt8 = board.random.below(16) == 0 ? 8 : 0
        receive(UInt8(truncatingIfNeeded: board.random.next()), errors: errors, at: board.now)
      }
      return "line sends octets"
    case 4...6:
      for _ in 0...board.random.below(6) { readReceiver(number, &board) }
      return "driver reads octets"
    case 7...9:
      for _ in 0...board.random.below(4) { writeTransmitter(&board) }
      return "driver writes octets"
    case 10:
      state.modemControl ^= 16
      return "driver switches loopback"
    case 11:
      state.interruptEnable = UInt8(board.random.below(16))
      return "driver chooses interrupts"
    case 12:
      if board.random.below(4) == 0 { switchFIFOs(on: !state.hasFIFOs) }
      state.receiveTrigger = UInt8(board.random.below(4))
      return "driver sets up FIFOs"
    case 13:
      board.setNote(number, 1, UInt64(state.lineStatus))
      state.lineStatus &= ~0x1e
      state.transmitterInterrupt = false
      return "driver reads status"
    case 14:
      state.scratch = UInt8(truncatingIfNeeded: board.random.next())
      state.divisor = UInt16(board.random.below(4))
      if state.isTransmitting, state.shiftEnds == SerialState.never, state.divisor > 0 {
        state.shiftEnds = board.now &+ characterTime
      }
      return "driver sets the speed"
    default:
      let line = UInt8(16 << board.random.below(4))
      state.modemLines ^= line
      state.modemChanges |= line >> 4
      if board.random.below(2) == 0 { state.modemChanges = 0 }
      return "line changes"
    }
  }

  private func readReceiver(_ number: Int, _ board: inout Board) {
    guard state.isDataReady else { return }
    var octet = state.received
    if state.hasFIFOs {
      octet = state.receiveFIFO.removeFirst().octet
      state.timeoutRaised = false
      state.timeoutDue = state.receiveFIFO.isEmpty ? SerialState.never : board.now &+ 4 &* characterTime
    } else {
      state.received = 0
    }
    if state.receiveFIFO.isEmpty { state.lineStatus &= ~Status.dataReady }
    // What the driver has read lies in a ring of its own.
    let place = board.note(number, 0)
    board.memory.store(Board.ram, Board.driverMemory(number) + place % 1024, octet)
    board.setNote(number, 0, place &+ 1)
  }

  private func writeTransmitter(_ board: inout Board) {
    let octet = UInt8(truncatingIfNeeded: board.random.next())
    state.transmitterInterrupt = false
    if !state.isTransmitting {
      state.shift = octet
      state.shiftEnds = state.divisor == 0 ? SerialState.never : board.now &+ characterTime
      state.lineStatus &= ~Status.transmitterEmpty
      state.transmitterInterrupt = true
    } else if state.hasFIFOs {
      guard state.transmitFIFO.count < fifoSize else { return }
      state.transmitFIFO.append(octet)
      state.lineStatus &= ~Status.holdingEmpty
    } else if state.lineStatus & Status.holdingEmpty != 0 {
      state.holding = octet
      state.lineStatus &= ~Status.holdingEmpty
    }
  }

  // MARK: Migration

  override func check(_ state: SerialState, _ board: borrowing Board) throws(DeviceFailure) {
    let holdsOctets = state.lineStatus & Status.holdingEmpty == 0
    if state.hasFIFOs {
      guard state.isDataReady == !state.receiveFIFO.isEmpty, holdsOctets == !state.transmitFIFO.isEmpty else {
        throw DeviceReason.statusContradictsFIFO.failure
      }
      guard !state.timeoutRaised || state.timeoutDue == SerialState.never else {
        throw DeviceReason.timerWithoutCause.failure
      }
    }
    guard state.isTransmitting || !holdsOctets else { throw DeviceReason.statusContradictsFIFO.failure }
  }
}
