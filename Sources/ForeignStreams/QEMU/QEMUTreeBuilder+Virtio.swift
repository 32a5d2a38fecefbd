/// The blob of a virtio device, which QEMU describes by its size only.
///
///      transport | status u8 | isr u8 | queue_sel u16 | features u32 | config_len u32 | config | queue count u32
///      | per queue: num u32, [align u32], desc u64, last_avail u16, [vector u16] | device's own state | subsections
///
/// Source: facts about QEMU 7.2 to 10.2, `hw/virtio/virtio.c`, `virtio-pci.c`, `virtio-mmio.c`.
extension QEMUTreeBuilder {
  /// How the transport adds to the blob.
  private enum Transport: CaseIterable {
    case pci, pciExpress, mmio
  }

  private static let queuesMax: UInt32 = 1_024
  private static let configOctetsMax: UInt32 = 4_096
  /// Octets of a blob that is looked into; the largest seen has 50,005.
  private static let blobOctetsMax = 1 << 20
  /// Places that are tried as the beginning of the subsections.
  private static let placesMax = 64
  private static let namePrefix = Array("virtio/".utf8)

  /// Reads a blob from the cursor to the limit by the first transport with which everything fits.
  mutating func readVirtio(into node: inout QEMUNode) throws(ForeignError) {
    var refusal = reader.failure(.descriptionMismatch)
    guard reader.remaining <= Self.blobOctetsMax else { throw refusal }
    for transport in Transport.allCases {
      var attempt = self
      var refined = node
      do throws(ForeignError) {
        try attempt.readVirtio(transport, into: &refined)
        node = refined
        self = attempt
        return
      } catch {
        guard error.code != .sourceUnreadable, error.code != .limitExceeded else { throw error }
        refusal = error
      }
    }
    throw refusal
  }

  private mutating func readVirtio(_ transport: Transport, into node: inout QEMUNode)
    throws(ForeignError)
  {
    node.type = .structure
    node.shape = .structure
    var hasVectors = false
    if transport == .mmio {
      try expectMMIO()
      try add("host_features_sel", .u32, to: &node.children)
      try add("guest_features_sel", .u32, to: &node.children)
      try add("guest_page_shift", .u32, to: &node.children)
    } else {
      hasVectors = try addPCIDevice(isExpress: transport == .pciExpress, to: &node.children)
      if hasVectors { try add("config_vector", .u16, to: &node.children) }
    }
    try add("status", .u8, to: &node.children)
    try add("isr", .u8, to: &node.children)
    try add("queue_sel", .u16, to: &node.children)
    try add("guest_features_low", .u32, to: &node.children)
    try addConfig(to: &node.children)
    try addQueues(hasAlignment: transport == .mmio, hasVectors: hasVectors, to: &node.children)
    let tail = reader.position
    guard let start = try findSubsections() else { throw reader.failure(.descriptionMismatch) }
    reader.position = tail
    try addBytes("device_state", start - tail, to: &node.children)
    while reader.remaining > 0 { node.subsections.append(try readVirtioSubsection()) }
  }

  /// Register selectors and a page shift are small; what another transport has here is not.
  private func expectMMIO() throws(ForeignError) {
    var probe = reader
    for most in [1, 1, 63] as [UInt64] {
      let value = try probe.unsigned(4)
      guard value <= most else {
        throw probe.failure(.descriptionMismatch, expected: most, found: value)
      }
    }
  }

  private mutating func addConfig(to children: inout [QEMUNode]) throws(ForeignError) {
    let start = reader.position
    var probe = reader
    let length = try probe.u32()
    guard length <= Self.configOctetsMax else {
      throw reader.failure(
        .descriptionMismatch, at: start, expected: UInt64(Self.configOctetsMax),
        found: UInt64(length))
    }
    try add("config_len", .u32, to: &children)
    try addBytes("config", Int(length), to: &children)
  }

  private mutating func addQueues(
    hasAlignment: Bool, hasVectors: Bool, to children: inout [QEMUNode]
  ) throws(ForeignError) {
    var probe = reader
    let queueCount = try probe.u32()
    guard queueCount <= Self.queuesMax else {
      throw reader.failure(
        .descriptionMismatch, expected: UInt64(Self.queuesMax), found: UInt64(queueCount))
    }
    try add("queue_count", .u32, to: &children)
    guard queueCount > 0 else { return }
    let start = reader.position
    var queues = QEMUNode(
      name: "queues", type: .structure, shape: .structArray(count: Int(queueCount)), width: 0,
      sourceOffset: UInt64(start), sourceLength: 0)
    try count()
    // A queue's size is a power of two or, in packed layout, any number up to 32768, and never zero.
    let size = try probe.u32()
    guard size >= 1, size <= 32_768 else {
      throw reader.failure(.descriptionMismatch, at: start, found: UInt64(size))
    }
    try add("num", .u32, to: &queues.children)
    if hasAlignment { try add("align", .u32, to: &queues.children) }
    try add("desc", .u64, to: &queues.children)
    try add("last_avail_idx", .u16, to: &queues.children)
    if hasVectors { try add("vector", .u16, to: &queues.children) }
    queues.width = reader.position - start
    reader.position = start
    let total = queues.width * Int(queueCount)
    try reader.skip(total)
    queues.sourceLength = UInt64(total)
    children.append(queues)
  }

  /// Where subsections begin that end exactly at the limit; the limit itself when there are none at all.
  ///
  /// Between the queues and them is the device's own state, of unknown length.
  private mutating func findSubsections() throws(ForeignError) -> Int? {
    let first = reader.position
    var placesTried = 0
    for start in first..<reader.limit {
      reader.position = start
      guard try reader.octet(ahead: 0) == QEMUFormat.Record.subsection, try isVirtioName() else {
        continue
      }
      placesTried += 1
      guard placesTried <= Self.placesMax else { return nil }
      var attempt = self
      do throws(ForeignError) {
        while attempt.reader.remaining > 0 { _ = try attempt.readVirtioSubsection() }
        return start
      } catch {
        guard error.code != .sourceUnreadable, error.code != .limitExceeded else { throw error }
      }
    }
    return placesTried == 0 ? reader.limit : nil
  }

  private mutating func isVirtioName() throws(ForeignError) -> Bool {
    for (place, octet) in Self.namePrefix.enumerated() {
      guard try reader.octet(ahead: 2 + place) == octet else { return false }
    }
    return true
  }

  private mutating func readVirtioSubsection() throws(ForeignError) -> QEMUSubsection {
    try count()
    let start = reader.position
    let (octets, version) = try DescribedWalk.readSubsectionHeader(in: &reader)
    let name = String(decoding: octets, as: UTF8.self)
    var subsection = QEMUSubsection(
      name: name, version: version, sourceOffset: UInt64(start), sourceLength: 0, children: [],
      subsections: [])
    let queues = Int(Self.queuesMax)
    switch name {
    case "virtio/device_endian": try add("device_endian", .u8, to: &subsection.children)
    case "virtio/64bit_features": try add("guest_features", .u64, to: &subsection.children)
    case "virtio/broken": try add("broken", .bool, to: &subsection.children)
    case "virtio/started": try add("started", .bool, to: &subsection.children)
    case "virtio/disabled": try add("disabled", .bool, to: &subsection.children)
    case "virtio/virtqueues":
      try addStructs(
        "vq", queues, [("vring.avail", .u64, 1), ("vring.used", .u64, 1)], to: &subsection.children)
    case "virtio/ringsize":
      try addStructs("vq", queues, [("vring.num_default", .u32, 1)], to: &subsection.children)
    case "virtio/packed_virtqueues":
      try addStructs(
        "vq", queues,
        [
          ("last_avail_idx", .u16, 1), ("last_avail_wrap_counter", .bool, 1), ("used_idx", .u16, 1),
          ("used_wrap_counter", .bool, 1), ("inuse", .u32, 1),
        ], to: &subsection.children)
    case "virtio/extra_state": subsection.subsections.append(try readTransportState())
    default: throw reader.failure(.unknownRecord, at: start)
    }
    subsection.sourceLength = UInt64(reader.position - start)
    return subsection
  }

  /// The modern part of the transport's state, itself a subsection of an empty struct.
  private mutating func readTransportState() throws(ForeignError) -> QEMUSubsection {
    try count()
    let start = reader.position
    let (octets, version) = try DescribedWalk.readSubsectionHeader(in: &reader)
    let name = String(decoding: octets, as: UTF8.self)
    var subsection = QEMUSubsection(
      name: name, version: version, sourceOffset: UInt64(start), sourceLength: 0, children: [],
      subsections: [])
    let rings: [CustomValue] = [("desc", .u32, 2), ("avail", .u32, 2), ("used", .u32, 2)]
    switch name {
    case "virtio_pci/modern_state":
      try add("dfselect", .u32, to: &subsection.children)
      try add("gfselect", .u32, to: &subsection.children)
      try add("guest_features", .u32, count: 2, to: &subsection.children)
      try addStructs(
        "vqs", Int(Self.queuesMax),
        [("num", .u16, 1), ("unused", .u8, 1), ("enabled", .bool, 1)] + rings,
        to: &subsection.children)
    case "virtio_mmio/state":
      try add("guest_features", .u32, count: 2, to: &subsection.children)
      try addStructs(
        "vqs", Int(Self.queuesMax), [("num", .u16, 1), ("enabled", .bool, 1)] + rings,
        to: &subsection.children)
    default: throw reader.failure(.unknownRecord, at: start)
    }
    subsection.sourceLength = UInt64(reader.position - start)
    return subsection
  }

  /// An array of `count` equal structs at the cursor.
  mutating func addStructs(
    _ name: String, _ elementCount: Int, _ fields: [CustomValue], to children: inout [QEMUNode]
  ) throws(ForeignError) {
    try count()
    let start = reader.position
    var node = QEMUNode(
      name: name, type: .structure, shape: .structArray(count: elementCount), width: 0,
      sourceOffset: UInt64(start),
      sourceLength: 0)
    for value in fields { try add(value.name, value.type, count: value.count, to: &node.children) }
    node.width = reader.position - start
    node.sourceLength = UInt64(node.width * elementCount)
    reader.position = start
    try reader.skip(node.width * elementCount)
    children.append(node)
  }
}
