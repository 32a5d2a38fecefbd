import MigrationStream

/// The registers and latches of a 16550, as migstream.example/serial/16550 names them.
package struct SerialState: DeviceState {
  enum Piece: String, CaseIterable {
    case registers
    case receiveFIFO = "registers/receive_fifo"
    case transmitFIFO = "registers/transmit_fifo"
    case receiveTimeout = "registers/receive_timeout"
    case transmission = "registers/transmission"
  }

  package struct Received: Equatable {
    package var octet: UInt8 = 0
    package var errors: UInt8 = 0

    package init(octet: UInt8 = 0, errors: UInt8 = 0) { (self.octet, self.errors) = (octet, errors) }
  }

  /// Bits of the line status.
  package enum LineStatus {
    static let dataReady: UInt8 = 1
    static let overrun: UInt8 = 2
    static let holdingEmpty: UInt8 = 32
    static let transmitterEmpty: UInt8 = 64
  }

  /// An instant that is not set.
  static let never = UInt64.max

  package var divisor: UInt16 = 1
  package var interruptEnable: UInt8 = 0
  package var lineControl: UInt8 = 3
  package var modemControl: UInt8 = 0
  package var lineStatus: UInt8 = LineStatus.holdingEmpty | LineStatus.transmitterEmpty
  package var modemLines: UInt8 = 0xb0
  package var modemChanges: UInt8 = 0
  package var fifoControl: UInt8 = 0
  package var receiveTrigger: UInt8 = 0
  package var scratch: UInt8 = 0
  package var received: UInt8 = 0
  package var transmitterInterrupt = false
  package var receiveFIFO: [Received] = []
  package var transmitFIFO: [UInt8] = []
  package var timeoutRaised = false
  package var timeoutDue = never
  package var shift: UInt8 = 0
  package var holding: UInt8 = 0
  package var shiftEnds = never
  package var retries: UInt8 = 0

  var hasFIFOs: Bool { fifoControl & 1 != 0 }
  var isDataReady: Bool { lineStatus & LineStatus.dataReady != 0 }
  var isTransmitting: Bool { lineStatus & LineStatus.transmitterEmpty == 0 }

  func count(of piece: Piece, instance: Int) -> Int {
    switch piece {
    case .registers: 1
    case .receiveFIFO, .transmitFIFO: hasFIFOs ? 1 : 0
    case .receiveTimeout: hasFIFOs && isDataReady ? 1 : 0
    case .transmission: isTransmitting ? 1 : 0
    }
  }

  mutating func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ piece: Piece, instance: Int, _ archive: inout Archive
  ) throws(StreamError) {
    switch piece {
    case .registers: try describeRegisters(&archive)
    case .receiveFIFO:
      for number in 0..<(try archive.beginArray("entries", &receiveFIFO, of: Received())) {
        try archive.beginStructure()
        try archive.integer("octet", &receiveFIFO[number].octet)
        try archive.integer("errors", &receiveFIFO[number].errors)
        try archive.end()
      }
      try archive.end()
    case .transmitFIFO: try archive.integers("octets", &transmitFIFO)
    case .receiveTimeout:
      try archive.flag("raised", &timeoutRaised)
      try archive.integer("due", &timeoutDue)
    case .transmission:
      try archive.integer("shift", &shift)
      try archive.integer("holding", &holding)
      try archive.integer("shift_ends", &shiftEnds)
      try archive.integer("retries", &retries)
    }
  }

  private mutating func describeRegisters<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("divisor", &divisor)
    try archive.integer("interrupt_enable", &interruptEnable)
    try archive.integer("line_control", &lineControl)
    try archive.integer("modem_control", &modemControl)
    try archive.integer("line_status", &lineStatus)
    try archive.integer("modem_lines", &modemLines)
    try archive.integer("modem_changes", &modemChanges)
    try archive.integer("fifo_control", &fifoControl)
    try archive.integer("receive_trigger", &receiveTrigger)
    try archive.integer("scratch", &scratch)
    try archive.integer("received", &received)
    try archive.flag("transmitter_interrupt", &transmitterInterrupt)
  }
}
