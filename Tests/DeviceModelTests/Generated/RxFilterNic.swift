// State of migstream.example/net/rx-filter-nic, definition 4.
// A PCI network card with one receive and one transmit ring of descriptors in guest memory, one
// interrupt, and a filter for the addresses it receives. Small enough to be read whole, real enough to
// be run. Low bits of addresses that the alignment covers are wired to 0, head and tail are taken
// modulo the ring's size, and a ring that lies nowhere does not start: so no driver brings the card
// into a state that a reader refuses.
// Parameters: ring-size=512, link-speed=10000, rx-filter-size=128, interrupt-moderation=on.
// Written by streamtool model layout --swift; not to be edited.

public import MigrationStream

/// Section identity, version 1.
///
/// What the driver finds when it looks for the card.
public struct RxFilterNicIdentity: Equatable, Sendable {
  /// PCI vendor.
  public var vendorId: UInt16 = 0
  /// PCI device.
  public var deviceId: UInt16 = 0
  /// PCI revision. A newer card does all that an older one does.
  public var revision: UInt8 = 0
  /// Address that the card was made with; a reset takes it up again.
  public var permanentMac: [UInt8] = Array(repeating: 0, count: 6)

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("identity").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 2)
    field.flags = .verify
    field.radix = 16
    try builder.field(field, name: StaticString("vendor_id").octets)
    field = FieldAttributes(.unsigned, width: 2)
    field.flags = .verify
    field.radix = 16
    try builder.field(field, name: StaticString("device_id").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("revision").octets, unit: StaticString("1").octets)
    field = FieldAttributes(.mac, width: 6)
    field.flags = .verify
    try builder.field(field, name: StaticString("permanent_mac").octets)
    try builder.finish()
  }
}

/// Section pci, version 1.
///
/// Configuration space, as far as the driver can change it.
public struct RxFilterNicPci: Equatable, Sendable {
  /// Command register.
  public var command: UInt16 = 0
  /// Scratch register: the number that firmware gave the interrupt.
  public var interruptLine: UInt8 = 0
  /// Scratch register.
  public var cacheLineSize: UInt8 = 0
  /// Base of the 4 KiB register window, all ones while firmware asks for its size.
  public var registersAt: UInt32 = 0
  /// The interrupt pin is asserted.
  public var interruptLevel: Bool = false
  public struct Msi: Equatable, Sendable {
    /// Messages are sent; the pin stays low.
    public var enabled: Bool = false
    /// The message is held back.
    public var masked: Bool = false
    /// A message was held back and is due when the mask falls.
    public var pending: Bool = false
    /// Where the message is written.
    public var address: UInt64 = 0
    /// What is written.
    public var data: UInt16 = 0

    public init() {}
  }
  /// Message signalled interrupt.
  public var msi: Msi = Msi()

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("pci").octets)
    var field: FieldAttributes
    field = FieldAttributes(.flags, width: 2)
    try builder.field(field, name: StaticString("command").octets)
    try builder.symbol(2, name: StaticString("memory").octets)
    try builder.symbol(4, name: StaticString("bus_master").octets)
    try builder.symbol(1024, name: StaticString("interrupt_disable").octets)
    field = FieldAttributes(.unsigned, width: 1)
    field.radix = 16
    try builder.field(field, name: StaticString("interrupt_line").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("cache_line_size").octets, unit: StaticString("32-bit words").octets)
    field = FieldAttributes(.guestAddress, width: 4)
    field.radix = 16
    try builder.field(field, name: StaticString("registers_at").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("interrupt_level").octets)
    field = FieldAttributes(.structure)
    try builder.beginGroup(field, name: StaticString("msi").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("enabled").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("masked").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("pending").octets)
    field = FieldAttributes(.guestAddress, width: 8)
    field.alignmentLog2 = 2
    try builder.field(field, name: StaticString("address").octets)
    field = FieldAttributes(.unsigned, width: 2)
    field.radix = 16
    try builder.field(field, name: StaticString("data").octets)
    try builder.endGroup()
    try builder.finish()
  }
}

/// Section control, version 1.
///
/// Registers of the card as a whole.
public struct RxFilterNicControl: Equatable, Sendable {
  /// Address in use; the driver may have changed it.
  public var mac: [UInt8] = Array(repeating: 0, count: 6)
  /// What is sent is received by the card itself and does not go out.
  public var loopback: Bool = false
  /// Causes that the driver has not acknowledged.
  public var interruptCause: UInt32 = 0
  /// Causes that may interrupt.
  public var interruptMask: UInt32 = 0
  /// The link as the driver knows it.
  public var linkUp: Bool = false

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("control").octets)
    var field: FieldAttributes
    field = FieldAttributes(.mac, width: 6)
    try builder.field(field, name: StaticString("mac").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("loopback").octets)
    field = FieldAttributes(.flags, width: 4)
    try builder.field(field, name: StaticString("interrupt_cause").octets)
    try builder.symbol(1, name: StaticString("receive").octets)
    try builder.symbol(2, name: StaticString("transmit").octets)
    try builder.symbol(4, name: StaticString("link").octets)
    try builder.symbol(8, name: StaticString("receive_full").octets)
    try builder.symbol(16, name: StaticString("error").octets)
    field = FieldAttributes(.flags, width: 4)
    try builder.field(field, name: StaticString("interrupt_mask").octets)
    try builder.symbol(1, name: StaticString("receive").octets)
    try builder.symbol(2, name: StaticString("transmit").octets)
    try builder.symbol(4, name: StaticString("link").octets)
    try builder.symbol(8, name: StaticString("receive_full").octets)
    try builder.symbol(16, name: StaticString("error").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("link_up").octets)
    try builder.finish()
  }
}

/// Section receive, version 2.
///
/// Receive ring and what waits for it.
public struct RxFilterNicReceive: Equatable, Sendable {
  /// The driver has switched the receive ring on.
  public var running: Bool = false
  /// Where the ring's first descriptor lies. A descriptor has 16 octets.
  public var ring: UInt64 = 0
  /// Next descriptor that the card fills. A frame lies in one; the card does not stop within it.
  public var head: UInt16 = 0
  /// First descriptor that belongs to the driver. Equal to head: the device has none.
  public var tail: UInt16 = 0
  /// What is received besides the card's own address.
  public var accept: UInt8 = 0
  public struct Waiting: Equatable, Sendable {
    /// The frame without its checksum.
    public var frame: [UInt8] = []

    public init() {}
  }
  /// Frames that came from the wire and are not yet in guest memory, oldest first.
  public var waiting: [Waiting] = []

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("receive").octets)
    var field: FieldAttributes
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("running").octets)
    field = FieldAttributes(.guestAddress, width: 8)
    field.alignmentLog2 = 4
    try builder.field(field, name: StaticString("ring").octets)
    field = FieldAttributes(.unsigned, width: 2)
    field.flags = .range
    field.maximum = 511
    try builder.field(field, name: StaticString("head").octets, unit: StaticString("descriptors").octets)
    field = FieldAttributes(.unsigned, width: 2)
    field.flags = .range
    field.maximum = 511
    try builder.field(field, name: StaticString("tail").octets, unit: StaticString("descriptors").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("accept").octets)
    try builder.symbol(1, name: StaticString("broadcast").octets)
    try builder.symbol(2, name: StaticString("all_multicast").octets)
    try builder.symbol(4, name: StaticString("promiscuous").octets)
    try builder.symbol(8, name: StaticString("filter").octets)
    field = FieldAttributes(.structure, shape: .countedArray, count: 16)
    try builder.beginGroup(field, name: StaticString("waiting").octets)
    field = FieldAttributes(.countedBytes, width: 4)
    field.flags = .range
    field.minimum = 14
    field.maximum = 9216
    try builder.field(field, name: StaticString("frame").octets)
    try builder.endGroup()
    try builder.finish()
  }
}

/// Section rx_filter, version 2.
///
/// Table of addresses that are received when accept says filter.
public struct RxFilterNicRxFilter: Equatable, Sendable {
  /// Unicast and multicast addresses, in the order in which the driver wrote them.
  public var addresses: [[UInt8]] = []
  /// The driver asked for more addresses than the table has; all multicast is received until it clears
  /// the table.
  public var overflow: Bool = false

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("rx_filter").octets)
    var field: FieldAttributes
    field = FieldAttributes(.mac, width: 6, shape: .countedArray, count: 128)
    try builder.field(field, name: StaticString("addresses").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("overflow").octets)
    try builder.finish()
  }
}

/// Section transmit, version 1.
///
/// Transmit ring and the frame being gathered from it.
public struct RxFilterNicTransmit: Equatable, Sendable {
  /// The driver has switched the transmit ring on.
  public var running: Bool = false
  /// Where the ring's first descriptor lies. A descriptor has 16 octets.
  public var ring: UInt64 = 0
  /// Next descriptor that the card sends.
  public var head: UInt16 = 0
  /// First descriptor that belongs to the driver. Equal to head: the device has none.
  public var tail: UInt16 = 0
  /// Descriptors of an unfinished frame that the card has taken: a frame may lie in up to 17 of them, and
  /// the card can be stopped in between. Head is behind them.
  public var taken: UInt8 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("transmit").octets)
    var field: FieldAttributes
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("running").octets)
    field = FieldAttributes(.guestAddress, width: 8)
    field.alignmentLog2 = 4
    try builder.field(field, name: StaticString("ring").octets)
    field = FieldAttributes(.unsigned, width: 2)
    field.flags = .range
    field.maximum = 511
    try builder.field(field, name: StaticString("head").octets, unit: StaticString("descriptors").octets)
    field = FieldAttributes(.unsigned, width: 2)
    field.flags = .range
    field.maximum = 511
    try builder.field(field, name: StaticString("tail").octets, unit: StaticString("descriptors").octets)
    field = FieldAttributes(.unsigned, width: 1)
    field.flags = .range
    field.maximum = 16
    try builder.field(field, name: StaticString("taken").octets, unit: StaticString("descriptors").octets)
    try builder.finish()
  }
}

/// Subsection gathered, version 3.
///
/// Start of the unfinished frame. Cards of definitions 1 and 2 read it from guest memory again, where
/// the driver may have put other octets: so an old card must refuse it, and gets every stream in which
/// no frame is unfinished.
public struct RxFilterNicGathered: Equatable, Sendable {
  /// What the taken descriptors held.
  public var octets: [UInt8] = []

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("gathered").octets)
    var field: FieldAttributes
    field = FieldAttributes(.countedBytes, width: 4)
    field.flags = .range
    field.minimum = 1
    field.maximum = 9216
    try builder.field(field, name: StaticString("octets").octets)
    try builder.finish()
  }
}

/// Section moderation, version 4.
///
/// Interrupts that are held back until enough frames or time have passed.
public struct RxFilterNicModeration: Equatable, Sendable {
  /// Longest time from the first frame to the interrupt; 0: no limit by time.
  public var interval: Int64 = 0
  /// Frames after which the interrupt comes; 0: no limit by number.
  public var framesMax: UInt16 = 0
  /// Frames since the last interrupt.
  public var framesHeld: UInt16 = 0
  /// When the interrupt comes if nothing else brings it.
  public var due: UInt64 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("moderation").octets)
    var field: FieldAttributes
    field = FieldAttributes(.duration, width: 8)
    field.flags = .range
    field.clock = 1
    field.maximum = 1000000000
    try builder.field(field, name: StaticString("interval").octets)
    field = FieldAttributes(.unsigned, width: 2)
    try builder.field(field, name: StaticString("frames_max").octets, unit: StaticString("frames").octets)
    field = FieldAttributes(.unsigned, width: 2)
    try builder.field(field, name: StaticString("frames_held").octets, unit: StaticString("frames").octets)
    field = FieldAttributes(.instant, width: 8)
    field.clock = 1
    try builder.field(field, name: StaticString("due").octets)
    try builder.finish()
  }
}

/// Section statistics, version 3.
///
/// Totals for the host's operator. No driver can read them.
public struct RxFilterNicStatistics: Equatable, Sendable {
  /// Frames put into guest memory.
  public var received: UInt64 = 0
  /// Frames put on the wire.
  public var sent: UInt64 = 0
  /// Frames that no filter let in.
  public var filtered: UInt64 = 0
  /// Frames for which no descriptor was free.
  public var dropped: UInt64 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("statistics").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 8)
    try builder.field(field, name: StaticString("received").octets, unit: StaticString("frames").octets)
    field = FieldAttributes(.unsigned, width: 8)
    try builder.field(field, name: StaticString("sent").octets, unit: StaticString("frames").octets)
    field = FieldAttributes(.unsigned, width: 8)
    try builder.field(field, name: StaticString("filtered").octets, unit: StaticString("frames").octets)
    field = FieldAttributes(.unsigned, width: 8)
    try builder.field(field, name: StaticString("dropped").octets, unit: StaticString("frames").octets)
    try builder.finish()
  }
}
