/// PCI blobs that QEMU describes by their size only.
///
/// Source: PCI Local Bus Specification 3.0, 6.1 and 6.8; facts about QEMU `hw/pci/pci.c` and `hw/pci/msix.c`.
extension QEMUTreeBuilder {
  private enum PCI {
    static let conventionalOctets = 256
    static let expressOctets = 4_096
    static let headerOctets = 64
    static let headerTypeOffset = 0x0e
    static let bridgeHeader: UInt8 = 1
    static let statusOffset = 0x06
    static let hasCapabilities: UInt8 = 0x10
    static let capabilitiesOffset = 0x34
    static let msixCapability: UInt8 = 0x11
    /// The version of QEMU's PCI device state since 2010.
    static let stateVersion: UInt64 = 2
    static let vectorsMax = 2_048
    static let vectorOctets = 16
  }

  /// Fields of configuration space: name, octets of one, how many.
  private typealias Register = (name: String, width: Int, count: Int)

  private static let commonRegisters: [Register] = [
    ("vendor_id", 2, 1), ("device_id", 2, 1), ("command", 2, 1), ("status", 2, 1),
    ("revision_id", 1, 1),
    ("prog_if", 1, 1), ("subclass", 1, 1), ("base_class", 1, 1), ("cache_line_size", 1, 1),
    ("latency_timer", 1, 1), ("header_type", 1, 1), ("bist", 1, 1),
  ]

  private static let deviceRegisters: [Register] = [
    ("base_address", 4, 6), ("cardbus_cis", 4, 1), ("subsystem_vendor_id", 2, 1),
    ("subsystem_id", 2, 1),
    ("rom_address", 4, 1), ("capabilities_pointer", 1, 1), ("reserved", 1, 7),
    ("interrupt_line", 1, 1),
    ("interrupt_pin", 1, 1), ("min_grant", 1, 1), ("max_latency", 1, 1),
  ]

  private static let bridgeRegisters: [Register] = [
    ("base_address", 4, 2), ("primary_bus", 1, 1), ("secondary_bus", 1, 1),
    ("subordinate_bus", 1, 1),
    ("secondary_latency_timer", 1, 1), ("io_base", 1, 1), ("io_limit", 1, 1),
    ("secondary_status", 2, 1),
    ("memory_base", 2, 1), ("memory_limit", 2, 1), ("prefetchable_base", 2, 1),
    ("prefetchable_limit", 2, 1),
    ("prefetchable_base_upper", 4, 1), ("prefetchable_limit_upper", 4, 1), ("io_base_upper", 2, 1),
    ("io_limit_upper", 2, 1), ("capabilities_pointer", 1, 1), ("reserved", 1, 3),
    ("rom_address", 4, 1),
    ("interrupt_line", 1, 1), ("interrupt_pin", 1, 1), ("bridge_control", 2, 1),
  ]

  /// Adds a number or an array of numbers at the cursor and steps over it.
  @discardableResult
  mutating func add(
    _ name: String, _ type: QEMUValueType, count: Int = 1, isLittleEndian: Bool = false,
    to children: inout [QEMUNode]
  ) throws(ForeignError) -> Int {
    try self.count()
    let start = reader.position
    let width = type.fixedWidth ?? 1
    try reader.skip(width * count)
    children.append(
      QEMUNode(
        name: name, type: type, shape: count == 1 ? .single : .array(count: count), width: width,
        sourceOffset: UInt64(start), sourceLength: UInt64(width * count),
        isLittleEndian: isLittleEndian))
    return start
  }

  /// Adds octets without structure at the cursor and steps over them; nothing when there are none.
  mutating func addBytes(_ name: String, _ length: Int, to children: inout [QEMUNode])
    throws(ForeignError)
  {
    guard length > 0 else { return }
    try count()
    let start = reader.position
    try reader.skip(length)
    children.append(.bytes(name, UInt64(start), UInt64(length)))
  }

  /// Everything up to the limit as configuration space: registers of the header little-endian, then bytes.
  mutating func readConfigurationSpace(into node: inout QEMUNode) throws(ForeignError) {
    let size = reader.remaining
    guard size == PCI.conventionalOctets || size == PCI.expressOctets else {
      throw reader.failure(
        .descriptionMismatch, expected: UInt64(PCI.conventionalOctets), found: UInt64(size))
    }
    let headerType = try reader.octet(ahead: PCI.headerTypeOffset) ?? 0
    let registers =
      headerType & 0x7f == PCI.bridgeHeader ? Self.bridgeRegisters : Self.deviceRegisters
    for register in Self.commonRegisters + registers {
      guard let type = QEMUValueType.integer(register.width, isSigned: false) else { continue }
      try add(register.name, type, count: register.count, isLittleEndian: true, to: &node.children)
    }
    try addBytes("device_specific", PCI.conventionalOctets - PCI.headerOctets, to: &node.children)
    try addBytes("extended", reader.remaining, to: &node.children)
    node.type = .structure
    node.shape = .structure
  }

  /// The table of `vectors` entries and its pending bits.
  mutating func readMSIX(size: Int, into node: inout QEMUNode) throws(ForeignError) {
    // 16 n + ceil(n / 8) octets; n is the only one with this size, if there is one.
    let vectors = size * 8 / (PCI.vectorOctets * 8 + 1)
    guard let count = [vectors, vectors + 1].first(where: { Self.msixOctets($0) == size }),
      count > 0,
      count <= PCI.vectorsMax
    else { throw reader.failure(.descriptionMismatch, found: UInt64(size)) }
    try addMSIX(vectors: count, to: &node.children)
    node.type = .structure
    node.shape = .structure
  }

  private static func msixOctets(_ vectors: Int) -> Int {
    vectors * PCI.vectorOctets + (vectors + 7) / 8
  }

  private mutating func addMSIX(vectors: Int, to children: inout [QEMUNode]) throws(ForeignError) {
    let start = reader.position
    var table = QEMUNode(
      name: "table", type: .structure, shape: .structArray(count: vectors), width: PCI.vectorOctets,
      sourceOffset: UInt64(start), sourceLength: UInt64(vectors * PCI.vectorOctets))
    try count()
    for name in ["message_address", "message_upper_address", "message_data", "vector_control"] {
      try add(name, .u32, isLittleEndian: true, to: &table.children)
    }
    reader.position = start
    try reader.skip(vectors * PCI.vectorOctets)
    children.append(table)
    try add("pending", .u8, count: (vectors + 7) / 8, to: &children)
  }

  /// A PCI device inside a virtio blob: version, configuration space, interrupt lines, then MSI-X if it has that.
  ///
  /// The version and the vendor are checked, since zeros of another transport would pass for an empty device.
  ///
  /// - Returns: Whether the device has MSI-X.
  mutating func addPCIDevice(isExpress: Bool, to children: inout [QEMUNode]) throws(ForeignError)
    -> Bool
  {
    try count()
    var device = QEMUNode(
      name: "pci_device", type: .structure, shape: .structure, width: 0,
      sourceOffset: UInt64(reader.position),
      sourceLength: 0)
    var probe = reader
    let version = try probe.unsigned(4)
    let vendor = try probe.unsigned(2)
    guard version == PCI.stateVersion, vendor != 0, vendor != 0xffff else {
      throw reader.failure(.descriptionMismatch, expected: PCI.stateVersion, found: version)
    }
    let versionOffset = try add("version_id", .i32, to: &device.children)
    let size = isExpress ? PCI.expressOctets : PCI.conventionalOctets
    guard size <= reader.remaining else {
      throw reader.failure(.truncated, expected: UInt64(size), found: UInt64(reader.remaining))
    }
    var space = QEMUNode(
      name: "config", typeName: "pci config", type: .structure, width: size,
      sourceOffset: UInt64(reader.position),
      sourceLength: UInt64(size))
    let start = reader.position
    let vectors = try msixVectors()
    let limit = reader.limit
    reader.limit = start + size
    try readConfigurationSpace(into: &space)
    reader.limit = limit
    device.children.append(space)
    try add("irq_state", .u32, count: 4, to: &device.children)
    device.sourceLength = UInt64(reader.position - versionOffset)
    children.append(device)
    guard let vectors else { return false }
    try addMSIX(vectors: vectors, to: &children)
    return true
  }

  /// The number of MSI-X vectors that the configuration space at the cursor tells of.
  private mutating func msixVectors() throws(ForeignError) -> Int? {
    guard let status = try reader.octet(ahead: PCI.statusOffset), status & PCI.hasCapabilities != 0
    else { return nil }
    var place = Int(try reader.octet(ahead: PCI.capabilitiesOffset) ?? 0) & ~3
    // A list without a loop has at most 48 entries of 4 octets behind the header.
    for _ in 0..<48 where place >= PCI.headerOctets {
      if try reader.octet(ahead: place) == PCI.msixCapability {
        let low = Int(try reader.octet(ahead: place + 2) ?? 0)
        let high = Int(try reader.octet(ahead: place + 3) ?? 0)
        return (high << 8 | low) & 0x7ff + 1
      }
      place = Int(try reader.octet(ahead: place + 1) ?? 0) & ~3
    }
    return nil
  }
}
