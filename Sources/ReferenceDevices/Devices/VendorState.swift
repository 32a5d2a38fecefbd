import MigrationStream

/// The state of a card whose octets its driver alone understands, as migstream.example/sample/vendor-card names the rest.
package struct VendorState: DeviceState {
  enum Piece: String, CaseIterable {
    case identity, pci, memory
  }

  package var vendor: UInt16 = 0x1d1d
  package var device: UInt16 = 0x0042
  package var driverVersion: UInt32 = 2
  package var command: UInt16 = 0
  package var registersAt: UInt64 = 0
  package var interruptLevel = false
  /// By page.
  package var writes: [UInt32]
  /// In the byte string.
  package var driver: VendorDriverState

  init(_ model: ReferenceModel) {
    let pageCount = model.number("pages")
    writes = [UInt32](repeating: 0, count: pageCount)
    driver = VendorDriverState(pageCount: pageCount)
  }

  func count(of piece: Piece, instance: Int) -> Int { 1 }

  mutating func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ piece: Piece, instance: Int, _ archive: inout Archive
  ) throws(StreamError) {
    switch piece {
    case .identity:
      try archive.integer("vendor_id", &vendor)
      try archive.integer("device_id", &device)
      try archive.integer("driver_version", &driverVersion)
    case .pci:
      try archive.integer("command", &command)
      try archive.integer("registers_at", &registersAt)
      try archive.flag("interrupt_level", &interruptLevel)
    case .memory: try archive.integers("writes", &writes)
    }
  }
}

/// What the vendor's driver knows of its card, and how it says so.
///
/// ```
///  a message:  kind (4) | octets behind the head (4) | digest of them (8) | ...
///  1, page:       number (4) | writes (4) | 1024 octets
///  2, registers:  16 registers (4 each) | octets of the queue (4) | queue; the last message
/// ```
package struct VendorDriverState: Equatable, Sendable {
  static let pageByteCount = 1024
  static let headByteCount = 16
  static let messageByteCountMax = headByteCount + 8 + pageByteCount
  static let queueByteCountMax = 64

  package var pages: [[UInt8]]
  package var writes: [UInt32]
  package var registers = [UInt32](repeating: 0, count: 16)
  package var queue: [UInt8] = []

  init(pageCount: Int) {
    pages = Array(repeating: [UInt8](repeating: 0, count: Self.pageByteCount), count: pageCount)
    writes = [UInt32](repeating: 0, count: pageCount)
  }

  var digest: UInt64 {
    var digest = StateDigest()
    for page in pages { digest.add(page) }
    for value in writes + registers { digest.add(value) }
    digest.add(queue)
    return digest.value
  }

  // MARK: Messages

  func message(page: Int) throws(StreamError) -> OwnedBytes {
    var body = OwnedBytes()
    try body.append(integer: UInt32(page))
    try body.append(integer: writes[page])
    let octets = pages[page]
    try body.append(octets.span.octets)
    return try Self.message(1, body)
  }

  func lastMessage() throws(StreamError) -> OwnedBytes {
    var body = OwnedBytes()
    for register in registers { try body.append(integer: register) }
    try body.append(integer: UInt32(queue.count))
    try body.append(queue.span.octets)
    return try Self.message(2, body)
  }

  private static func message(_ kind: UInt32, _ body: borrowing OwnedBytes) throws(StreamError) -> OwnedBytes {
    var message = OwnedBytes()
    try message.append(integer: kind)
    try message.append(integer: UInt32(body.count))
    try message.append(integer: Digest.xxh3(body.bytes))
    try message.append(contentsOf: body)
    return message
  }

  /// Octets of the message that begins with this head; nil for one that no driver sends.
  static func byteCount(_ head: RawSpan) -> Int? {
    let count = Int(head.integer(at: 4, as: UInt32.self))
    guard headByteCount + count <= messageByteCountMax else { return nil }
    return headByteCount + count
  }

  /// Takes a whole message; false when it is not right, nil when it was the last.
  mutating func take(_ message: RawSpan) -> Bool? {
    let body = message.extracting(Self.headByteCount..<message.byteCount)
    guard message.integer(at: 8, as: UInt64.self) == Digest.xxh3(body) else { return false }
    switch message.integer(at: 0, as: UInt32.self) {
    case 1:
      guard body.byteCount == 8 + Self.pageByteCount else { return false }
      let number = Int(body.integer(at: 0, as: UInt32.self))
      guard number < pages.count else { return false }
      writes[number] = body.integer(at: 4, as: UInt32.self)
      pages[number] = [UInt8](body.extracting(8..<body.byteCount))
      return true
    case 2:
      guard body.byteCount >= 68 else { return false }
      let count = Int(body.integer(at: 64, as: UInt32.self))
      guard count <= Self.queueByteCountMax, body.byteCount == 68 + count else { return false }
      for number in registers.indices { registers[number] = body.integer(at: 4 * number, as: UInt32.self) }
      queue = [UInt8](body.extracting(68..<body.byteCount))
      return nil
    default: return false
    }
  }
}
