import MigrationStream

/// The state of a network card, as migstream.example/net/rx-filter-nic names it.
package struct NetworkState: DeviceState {
  enum Piece: String, CaseIterable {
    case identity, pci, control, receive
    case receiveFilter = "rx_filter"
    case transmit, moderation, statistics
    case gathered = "transmit/gathered"
  }

  /// Bits of the interrupt cause.
  enum Cause {
    static let receive: UInt32 = 1
    static let transmit: UInt32 = 2
    static let link: UInt32 = 4
    static let receiveFull: UInt32 = 8
    static let error: UInt32 = 16
  }

  package struct Ring: Equatable {
    package var running = false
    package var address: UInt64 = 0
    package var head: UInt16 = 0
    package var tail: UInt16 = 0
  }

  // What the parameters make of the layouts.
  package let filterSize: Int
  package let hasModeration: Bool

  package var vendor: UInt16 = 0x1b36
  package var device: UInt16 = 0x0015
  package var revision: UInt8 = 2
  package var permanentAddress: [UInt8] = [0x52, 0x54, 0, 0x12, 0x34, 0x56]

  package var command: UInt16 = 0
  package var interruptLine: UInt8 = 0
  package var cacheLineSize: UInt8 = 0
  package var registersAt: UInt32 = 0
  package var interruptLevel = false
  package var messagesEnabled = false
  package var messagesMasked = false
  package var messagePending = false
  package var messageAddress: UInt64 = 0
  package var messageData: UInt16 = 0

  package var address: [UInt8] = [0x52, 0x54, 0, 0x12, 0x34, 0x56]
  package var loopback = false
  package var cause: UInt32 = 0
  package var mask: UInt32 = 0
  package var linkUp = true

  package var receive = Ring()
  package var accept: UInt8 = 0
  package var waiting: [[UInt8]] = []
  /// Six octets each.
  package var filter: [[UInt8]] = []
  package var overflow = false
  package var transmit = Ring()
  package var taken: UInt8 = 0
  package var gathered: [UInt8] = []

  package var interval: UInt64 = 0
  package var framesMax: UInt16 = 0
  package var framesHeld: UInt16 = 0
  package var due = UInt64.max

  package var received: UInt64 = 0
  package var sent: UInt64 = 0
  package var filtered: UInt64 = 0
  package var dropped: UInt64 = 0

  init(_ model: ReferenceModel) {
    filterSize = model.number("rx-filter-size")
    hasModeration = model.number("interrupt-moderation") != 0
  }

  func count(of piece: Piece, instance: Int) -> Int {
    switch piece {
    case .gathered: taken > 0 ? 1 : 0
    case .receiveFilter: filterSize > 0 ? 1 : 0
    case .moderation: hasModeration ? 1 : 0
    default: 1
    }
  }

  mutating func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ piece: Piece, instance: Int, _ archive: inout Archive
  ) throws(StreamError) {
    switch piece {
    case .identity:
      try archive.integer("vendor_id", &vendor)
      try archive.integer("device_id", &device)
      try archive.integer("revision", &revision)
      try archive.octets("permanent_mac", &permanentAddress)
    case .pci: try describePCI(&archive)
    case .control:
      try archive.octets("mac", &address)
      try archive.flag("loopback", &loopback)
      try archive.integer("interrupt_cause", &cause)
      try archive.integer("interrupt_mask", &mask)
      try archive.flag("link_up", &linkUp)
    case .receive: try describeReceive(&archive)
    case .receiveFilter: try describeFilter(&archive)
    case .transmit:
      try describe(&transmit, &archive)
      try archive.integer("taken", &taken)
    case .gathered: try archive.octets("octets", &gathered)
    case .moderation:
      try archive.integer("interval", &interval)
      try archive.integer("frames_max", &framesMax)
      try archive.integer("frames_held", &framesHeld)
      try archive.integer("due", &due)
    case .statistics:
      try archive.integer("received", &received)
      try archive.integer("sent", &sent)
      try archive.integer("filtered", &filtered)
      try archive.integer("dropped", &dropped)
    }
  }
}

// MARK: - Pieces

extension NetworkState {
  private mutating func describePCI<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("command", &command)
    try archive.integer("interrupt_line", &interruptLine)
    try archive.integer("cache_line_size", &cacheLineSize)
    try archive.integer("registers_at", &registersAt)
    try archive.flag("interrupt_level", &interruptLevel)
    try archive.beginStructure("msi")
    try archive.flag("enabled", &messagesEnabled)
    try archive.flag("masked", &messagesMasked)
    try archive.flag("pending", &messagePending)
    try archive.integer("address", &messageAddress)
    try archive.integer("data", &messageData)
    try archive.end()
  }

  private func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ ring: inout Ring, _ archive: inout Archive
  ) throws(StreamError) {
    try archive.flag("running", &ring.running)
    try archive.integer("ring", &ring.address)
    try archive.integer("head", &ring.head)
    try archive.integer("tail", &ring.tail)
  }

  private mutating func describeReceive<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    try describe(&receive, &archive)
    try archive.integer("accept", &accept)
    for number in 0..<(try archive.beginArray("waiting", &waiting, of: [])) {
      try archive.beginStructure()
      try archive.octets("frame", &waiting[number])
      try archive.end()
    }
    try archive.end()
  }

  /// An array of leaves that are no integers: all addresses, one after the other.
  private mutating func describeFilter<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    for number in 0..<(try archive.beginArray("addresses", &filter, of: [])) { try archive.element(&filter[number]) }
    try archive.end()
    try archive.flag("overflow", &overflow)
  }
}
