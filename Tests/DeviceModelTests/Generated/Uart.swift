// State of migstream.example/serial/16550, definition 2.
// A serial port with the registers of a 16550: one octet in and out at a time, or FIFOs. Interrupt
// identification is not saved: it follows from the registers and the two latches that are.
// Parameters: baud-base=115200, fifo-size=16.
// Written by streamtool model layout --swift; not to be edited.

public import MigrationStream

/// Section registers, version 1.
///
/// What the driver reads and writes, and the latches behind it.
public struct UartRegisters: Equatable, Sendable {
  /// Divisor latch: the line runs at baud-base divided by it. 0 stops the line.
  public var divisor: UInt16 = 0
  /// Interrupts that the driver wants.
  public var interruptEnable: UInt8 = 0
  /// Bits 0 and 1: data bits less 5; bit 2: two stop bits; bits 3 to 5: parity; bit 6: break; bit 7: the
  /// divisor latch is in the window.
  public var lineControl: UInt8 = 0
  /// Outputs to the line.
  public var modemControl: UInt8 = 0
  /// State of the receiver and transmitter.
  public var lineStatus: UInt8 = 0
  /// Inputs from the line as the driver last saw them.
  public var modemLines: UInt8 = 0
  /// Inputs that changed since the driver last read them.
  public var modemChanges: UInt8 = 0
  /// As the driver wrote it; bits that only act are not kept.
  public var fifoControl: UInt8 = 0
  /// Fill of the receive FIFO at which the interrupt comes.
  public var receiveTrigger: UInt8 = 0
  /// Scratch register.
  public var scratch: UInt8 = 0
  /// Octet in the holding register of the receiver. Only while the FIFOs are switched off.
  public var received: UInt8 = 0
  /// The interrupt for an empty transmitter is due: the register became empty and the driver has not read
  /// the identification since.
  public var transmitterInterrupt: Bool = false

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("registers").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 2)
    try builder.field(field, name: StaticString("divisor").octets, unit: StaticString("1").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("interrupt_enable").octets)
    try builder.symbol(1, name: StaticString("received").octets)
    try builder.symbol(2, name: StaticString("transmitter_empty").octets)
    try builder.symbol(4, name: StaticString("line_status").octets)
    try builder.symbol(8, name: StaticString("modem_status").octets)
    field = FieldAttributes(.unsigned, width: 1)
    field.radix = 16
    try builder.field(field, name: StaticString("line_control").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("modem_control").octets)
    try builder.symbol(1, name: StaticString("data_terminal_ready").octets)
    try builder.symbol(2, name: StaticString("request_to_send").octets)
    try builder.symbol(4, name: StaticString("out1").octets)
    try builder.symbol(8, name: StaticString("out2").octets)
    try builder.symbol(16, name: StaticString("loopback").octets)
    try builder.symbol(32, name: StaticString("auto_flow").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("line_status").octets)
    try builder.symbol(1, name: StaticString("data_ready").octets)
    try builder.symbol(2, name: StaticString("overrun").octets)
    try builder.symbol(4, name: StaticString("parity_error").octets)
    try builder.symbol(8, name: StaticString("framing_error").octets)
    try builder.symbol(16, name: StaticString("break").octets)
    try builder.symbol(32, name: StaticString("holding_empty").octets)
    try builder.symbol(64, name: StaticString("transmitter_empty").octets)
    try builder.symbol(128, name: StaticString("fifo_error").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("modem_lines").octets)
    try builder.symbol(16, name: StaticString("clear_to_send").octets)
    try builder.symbol(32, name: StaticString("data_set_ready").octets)
    try builder.symbol(64, name: StaticString("ring").octets)
    try builder.symbol(128, name: StaticString("carrier").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("modem_changes").octets)
    try builder.symbol(1, name: StaticString("clear_to_send").octets)
    try builder.symbol(2, name: StaticString("data_set_ready").octets)
    try builder.symbol(4, name: StaticString("ring_ended").octets)
    try builder.symbol(8, name: StaticString("carrier").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("fifo_control").octets)
    try builder.symbol(1, name: StaticString("enabled").octets)
    try builder.symbol(8, name: StaticString("dma_mode").octets)
    field = FieldAttributes(.enumeration, width: 1)
    try builder.field(field, name: StaticString("receive_trigger").octets)
    try builder.symbol(0, name: StaticString("one").octets)
    try builder.symbol(1, name: StaticString("quarter").octets)
    try builder.symbol(2, name: StaticString("half").octets)
    try builder.symbol(3, name: StaticString("two_below_full").octets)
    field = FieldAttributes(.unsigned, width: 1)
    field.radix = 16
    try builder.field(field, name: StaticString("scratch").octets)
    field = FieldAttributes(.unsigned, width: 1)
    field.radix = 16
    try builder.field(field, name: StaticString("received").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("transmitter_interrupt").octets)
    try builder.finish()
  }
}

/// Subsection receive_fifo, version 1.
///
/// Octets that came from the line.
public struct UartReceiveFifo: Equatable, Sendable {
  public struct Entries: Equatable, Sendable {
    /// As received.
    public var octet: UInt8 = 0
    /// What the receiver found wrong with it.
    public var errors: UInt8 = 0

    public init() {}
  }
  /// Oldest first.
  public var entries: [Entries] = []

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("receive_fifo").octets)
    var field: FieldAttributes
    field = FieldAttributes(.structure, shape: .countedArray, count: 16)
    try builder.beginGroup(field, name: StaticString("entries").octets)
    field = FieldAttributes(.unsigned, width: 1)
    field.radix = 16
    try builder.field(field, name: StaticString("octet").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("errors").octets)
    try builder.symbol(4, name: StaticString("parity").octets)
    try builder.symbol(8, name: StaticString("framing").octets)
    try builder.symbol(16, name: StaticString("break").octets)
    try builder.endGroup()
    try builder.finish()
  }
}

/// Subsection transmit_fifo, version 1.
///
/// Octets that wait for the shift register.
public struct UartTransmitFifo: Equatable, Sendable {
  /// Oldest first.
  public var octets: [UInt8] = []

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("transmit_fifo").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 1, shape: .countedArray, count: 16)
    field.radix = 16
    try builder.field(field, name: StaticString("octets").octets)
    try builder.finish()
  }
}

/// Subsection receive_timeout, version 2.
///
/// The interrupt for octets that lie in the FIFO below its trigger for the time of four characters.
/// Definition 1 forgot it, and a driver on the other side waited for ever; an old port must refuse the
/// stream, and gets every other.
public struct UartReceiveTimeout: Equatable, Sendable {
  /// The time has passed and the driver has not read an octet since.
  public var raised: Bool = false
  /// When it passes; not set: raised already.
  public var due: UInt64 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("receive_timeout").octets)
    var field: FieldAttributes
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("raised").octets)
    field = FieldAttributes(.instant, width: 8)
    field.clock = 1
    try builder.field(field, name: StaticString("due").octets)
    try builder.finish()
  }
}

/// Subsection transmission, version 1.
///
/// An octet on its way out.
public struct UartTransmission: Equatable, Sendable {
  /// Octet in the shift register.
  public var shift: UInt8 = 0
  /// Octet in the holding register; only while line status does not say holding_empty and the FIFOs are
  /// switched off.
  public var holding: UInt8 = 0
  /// When the shift register becomes empty; not set: the line takes no octet at present.
  public var shiftEnds: UInt64 = 0
  /// How often the host's line has refused the octet in the shift register.
  public var retries: UInt8 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("transmission").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 1)
    field.radix = 16
    try builder.field(field, name: StaticString("shift").octets)
    field = FieldAttributes(.unsigned, width: 1)
    field.radix = 16
    try builder.field(field, name: StaticString("holding").octets)
    field = FieldAttributes(.instant, width: 8)
    field.clock = 1
    try builder.field(field, name: StaticString("shift_ends").octets)
    field = FieldAttributes(.unsigned, width: 1)
    field.flags = .range
    field.maximum = 4
    try builder.field(field, name: StaticString("retries").octets, unit: StaticString("attempts").octets)
    try builder.finish()
  }
}
