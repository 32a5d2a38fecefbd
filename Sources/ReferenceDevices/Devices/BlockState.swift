import MigrationStream

/// The state of a virtio block device, as migstream.example/virtio/blk names it.
package struct BlockState: DeviceState {
  enum Piece: String, CaseIterable {
    case pci, transport, configuration, requests
    case statistics = "requests/statistics"
  }

  package struct Capability: Equatable {
    package var id: UInt16 = 0
    package var at: UInt16 = 0
    package var body: [UInt8] = []
  }

  package struct Vector: Equatable {
    package var address: UInt64 = 0
    package var data: UInt32 = 0
    package var masked = false
    package var pending = false
  }

  package struct Queue: Equatable {
    package var number: UInt16 = 0
    package var size: UInt16 = 32
    package var enabled = false
    package var hasVector = false
    package var vector: UInt16 = 0
    package var descriptorArea: UInt64 = 0
    package var driverArea: UInt64 = 0
    package var deviceArea: UInt64 = 0
    package var notifyOffset: UInt16 = 0
    package var nextAvailable: UInt16 = 0
    package var nextUsed: UInt16 = 0
    package var notified = false
    package var chainsTaken: UInt16 = 0
    package var availableWrap = false
    package var usedWrap = false
  }

  package struct Request: Equatable {
    package var tag: UInt64 = 0
    package var queue: UInt16 = 0
    package var head: UInt16 = 0
    package var kind: UInt32 = 0
    package var sector: UInt64 = 0
    package var length: UInt32 = 0
    package var done: UInt32 = 0
    package var waitsFor: UInt64 = 0
    package var held = false

    package init() {}
  }

  // What the parameters make of the layouts.
  package let queueCount: Int
  package let vectorCount: Int
  package let hasCacheMode: Bool
  package let hasDiscard: Bool
  package let hasPackedRing: Bool

  // Configuration space.
  package var vendor: UInt16 = 0x1af4
  package var device: UInt16 = 0x1042
  package var subsystemVendor: UInt16 = 0x1af4
  package var subsystem: UInt16 = 0x1100
  package var revision: UInt8 = 1
  package var classCode: UInt32 = 0x01_8000
  package var capabilities = [
    Capability(id: 9, at: 0x40, body: [0x10, 1, 4, 0]), Capability(id: 9, at: 0x50, body: [0x14, 2, 4, 0]),
  ]
  package var command: UInt16 = 0
  package var status: UInt16 = 0
  package var cacheLineSize: UInt8 = 0
  package var latencyTimer: UInt8 = 0
  package var interruptLine: UInt8 = 0
  package var interruptLevel = false
  package var baseAddresses: [UInt32] = [0, 0, 0, 0, 0, 0]
  package var romBaseAddress: UInt32 = 0
  package var powerState: UInt8 = 0
  package var expressControl: [UInt16] = [0, 0, 0]
  package var windowBar: UInt8 = 0
  package var windowOffset: UInt32 = 0
  package var windowLength: UInt32 = 0
  package var windowData: UInt32 = 0

  // Transport.
  package var deviceFeatures: UInt64 = 1 << 32 | 1 << 9 | 1 << 6
  package var driverFeatures: UInt64 = 0
  package var deviceStatus: UInt8 = 0
  package var interruptStatus: UInt8 = 0
  package var generation: UInt8 = 0
  package var deviceFeatureSelect: UInt32 = 0
  package var driverFeatureSelect: UInt32 = 0
  package var queueSelect: UInt16 = 0
  package var messagesEnabled = false
  package var messagesMasked = false
  package var vectors: [Vector]
  package var hasConfigurationVector = false
  package var configurationVector: UInt16 = 0
  package var queues: [Queue]

  // Configuration.
  package var capacity: UInt64 = BlockDevice.diskByteCount / 512
  package var id = [UInt8]("reference disk\0\0\0\0\0\0".utf8)
  package var segmentSizeMax: UInt32 = 4096
  package var segmentsMax: UInt32 = 1
  package var blockSize: UInt32 = 512
  package var physicalBlockLog2: UInt8 = 0
  package var writeCache = false
  package var discardSectorsMax: UInt32 = 64
  package var discardAlignment: UInt32 = 1
  package var zeroSectorsMax: UInt32 = 64

  // Requests.
  package var nextTag: UInt64 = 1
  package var inFlight: [Request] = []
  package var statistics: [UInt64] = [0, 0, 0, 0]

  init(_ model: ReferenceModel) {
    queueCount = model.number("queues")
    vectorCount = model.number("msix-vectors")
    hasCacheMode = model.number("cache-mode") != 0
    hasDiscard = model.number("discard") != 0
    hasPackedRing = model.number("packed-ring") != 0
    vectors = Array(repeating: Vector(), count: vectorCount)
    queues = (0..<UInt16(queueCount)).map { number in
      var queue = Queue()
      (queue.number, queue.notifyOffset) = (number, number)
      return queue
    }
    if queueCount > 1 { deviceFeatures |= 1 << 12 }
    if hasCacheMode { deviceFeatures |= 1 << 11 }
  }

  func count(of piece: Piece, instance: Int) -> Int { 1 }

  mutating func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ piece: Piece, instance: Int, _ archive: inout Archive
  ) throws(StreamError) {
    switch piece {
    case .pci: try describePCI(&archive)
    case .transport: try describeTransport(&archive)
    case .configuration: try describeConfiguration(&archive)
    case .requests: try describeRequests(&archive)
    case .statistics:
      try archive.integer("reads", &statistics[0])
      try archive.integer("writes", &statistics[1])
      try archive.integer("octets_read", &statistics[2])
      try archive.integer("octets_written", &statistics[3])
    }
  }
}

// MARK: - Pieces

extension BlockState {
  private mutating func describePCI<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    try archive.beginStructure("identity")
    try archive.integer("vendor_id", &vendor)
    try archive.integer("device_id", &device)
    try archive.integer("subsystem_vendor_id", &subsystemVendor)
    try archive.integer("subsystem_id", &subsystem)
    try archive.integer("revision", &revision)
    try archive.integer("class_code", &classCode)
    for number in 0..<(try archive.beginArray("capabilities", &capabilities, of: Capability())) {
      try archive.beginStructure()
      try archive.integer("id", &capabilities[number].id)
      try archive.integer("at", &capabilities[number].at)
      try archive.octets("body", &capabilities[number].body)
      try archive.end()
    }
    try archive.end()
    try archive.end()
    try archive.integer("command", &command)
    try archive.integer("status", &status)
    try archive.integer("cache_line_size", &cacheLineSize)
    try archive.integer("latency_timer", &latencyTimer)
    try archive.integer("interrupt_line", &interruptLine)
    try archive.flag("interrupt_level", &interruptLevel)
    try archive.integers("base_addresses", &baseAddresses)
    try archive.integer("rom_base_address", &romBaseAddress)
    try archive.integer("power_state", &powerState)
    try archive.integer("express_device_control", &expressControl[0])
    try archive.integer("express_link_control", &expressControl[1])
    try archive.integer("express_device_control_2", &expressControl[2])
    try archive.beginStructure("window")
    try archive.integer("bar", &windowBar)
    try archive.integer("offset", &windowOffset)
    try archive.integer("length", &windowLength)
    try archive.integer("data", &windowData)
    try archive.end()
  }

  private mutating func describeTransport<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("device_features", &deviceFeatures)
    try archive.integer("driver_features", &driverFeatures)
    try archive.integer("status", &deviceStatus)
    try archive.integer("interrupt_status", &interruptStatus)
    try archive.integer("configuration_generation", &generation)
    try archive.integer("device_feature_select", &deviceFeatureSelect)
    try archive.integer("driver_feature_select", &driverFeatureSelect)
    try archive.integer("queue_select", &queueSelect)
    if vectorCount > 0 {
      try archive.flag("msix_enabled", &messagesEnabled)
      try archive.flag("msix_masked", &messagesMasked)
      for number in 0..<(try archive.beginArray("vectors", &vectors, of: Vector())) {
        try archive.beginStructure()
        try archive.integer("address", &vectors[number].address)
        try archive.integer("data", &vectors[number].data)
        try archive.flag("masked", &vectors[number].masked)
        try archive.flag("pending", &vectors[number].pending)
        try archive.end()
      }
      try archive.end()
      try describeVector("configuration_vector", &hasConfigurationVector, &configurationVector, &archive)
    }
    for number in 0..<(try archive.beginArray("queues", &queues, of: Queue())) {
      try archive.beginStructure()
      try describe(&queues[number], &archive)
      try archive.end()
    }
    try archive.end()
  }

  private func describeVector<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ name: StaticString, _ isPresent: inout Bool, _ number: inout UInt16, _ archive: inout Archive
  ) throws(StreamError) {
    try archive.beginOptional(name, isPresent: &isPresent)
    guard isPresent else { return }
    try archive.integer("number", &number)
    try archive.end()
  }

  private func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ queue: inout Queue, _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("number", &queue.number)
    try archive.integer("size", &queue.size)
    try archive.flag("enabled", &queue.enabled)
    if vectorCount > 0 { try describeVector("vector", &queue.hasVector, &queue.vector, &archive) }
    try archive.integer("descriptor_area", &queue.descriptorArea)
    try archive.integer("driver_area", &queue.driverArea)
    try archive.integer("device_area", &queue.deviceArea)
    try archive.integer("notify_offset", &queue.notifyOffset)
    try archive.integer("next_available", &queue.nextAvailable)
    try archive.integer("next_used", &queue.nextUsed)
    try archive.flag("notified", &queue.notified)
    try archive.integer("chains_taken", &queue.chainsTaken)
    guard hasPackedRing else { return }
    try archive.flag("available_wrap", &queue.availableWrap)
    try archive.flag("used_wrap", &queue.usedWrap)
  }

  private mutating func describeConfiguration<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("capacity", &capacity)
    try archive.octets("id", &id)
    try archive.integer("segment_size_max", &segmentSizeMax)
    try archive.integer("segments_max", &segmentsMax)
    try archive.integer("block_size", &blockSize)
    try archive.integer("physical_block_log2", &physicalBlockLog2)
    if hasCacheMode { try archive.flag("write_cache", &writeCache) }
    guard hasDiscard else { return }
    try archive.integer("discard_sectors_max", &discardSectorsMax)
    try archive.integer("discard_alignment", &discardAlignment)
    try archive.integer("write_zeroes_sectors_max", &zeroSectorsMax)
  }

  private mutating func describeRequests<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("next_tag", &nextTag)
    for number in 0..<(try archive.beginArray("in_flight", &inFlight, of: Request())) {
      try archive.beginStructure()
      try archive.integer("tag", &inFlight[number].tag)
      try archive.integer("queue", &inFlight[number].queue)
      try archive.integer("head", &inFlight[number].head)
      try archive.integer("kind", &inFlight[number].kind)
      try archive.integer("sector", &inFlight[number].sector)
      try archive.integer("length", &inFlight[number].length)
      try archive.integer("done", &inFlight[number].done)
      try archive.integer("waits_for", &inFlight[number].waitsFor)
      try archive.flag("held", &inFlight[number].held)
      try archive.end()
    }
    try archive.end()
  }
}
