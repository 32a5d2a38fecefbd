import MigrationStream
import ResumePath
import StreamTestKit

/// What came through a sink, which the session owns.
final class SinkLog {
  /// Each transaction that ended, and the octets of the one that is open.
  var transactions: [[UInt8]] = []
  var open: [UInt8] = []
  var writes = 0
  /// The call of the sink, from 0, that fails; nil: none.
  var failing: Int?
  /// Octets that are taken of the write that fails.
  var takenOfFailing = 0

  var octets: [UInt8] { transactions.flatMap { $0 } + open }
}

struct LogSink: OctetSink {
  let log: SinkLog
  private var isOpen = false

  init(_ log: SinkLog) { self.log = log }

  mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    var octets: [UInt8] = []
    for index in 0..<list.count {
      octets += Saving.octets(list[index])
    }
    defer { log.writes += 1 }
    if log.failing == log.writes {
      log.open += octets.prefix(log.takenOfFailing)
      throw Self.failure
    }
    if isOpen { log.open += octets } else { log.transactions.append(octets) }
  }

  mutating func beginTransaction() throws(StreamError) { isOpen = true }

  mutating func endTransaction() throws(StreamError) {
    isOpen = false
    log.transactions.append(log.open)
    log.open = []
  }

  static let failure = StreamError(.deviceFailed, .use, at: 0, found: 32)
}

/// What a decoder says about a stream, in words.
struct StreamSummary: Equatable {
  /// A letter a record: M manifest, L layout, S section, R replaced section, m memory, b bytes, | barrier, E END.
  var records = ""
  /// Device of each SECTION, MEMORY and BYTES record.
  var devices: [UInt32] = []
  var passes: [UInt32] = []
  var error: StreamError?
  /// END came, and nothing was missing.
  var isWhole = false
  var mandatoryFlags: UInt32 = 0
  /// By region, as the stream leaves it.
  var memory: [[UInt8]] = []

  init(_ stream: [UInt8]) {
    do throws(StreamError) { try read(stream) } catch { self.error = error }
  }

  private mutating func read(_ stream: [UInt8]) throws(StreamError) {
    var decoder = try PullDecoder(stream.span.octets)
    mandatoryFlags = decoder.state.preamble.mandatoryFlags
    while let item = try decoder.next() { take(item) }
    try decoder.finish()
    isWhole = true
  }

  private mutating func take(_ item: borrowing PullDecoder.Item) {
    let header = item.record.header
    let body = item.record.body
    switch header.knownKind {
    case .manifest: records += "M"
    case .layout: records += "L"
    case .barrier: records += "|"
    case .end: records += "E"
    case .section: records += header.flags & RecordFlags.replaces != 0 ? "R" : "S"
    case .bytes: records += "b"
    case .memory:
      records += "m"
      apply(MemoryHead(body), body, item.payload)
    default: records += "?"
    }
    if [.section, .bytes, .memory].contains(header.knownKind) { devices.append(header.device) }
  }

  private mutating func apply(_ head: MemoryHead, _ body: RawSpan, _ payload: RawSpan) {
    passes.append(head.pass)
    var position = 0
    while memory.count <= Int(head.region) { memory.append([]) }
    for index in 0..<Int(head.extentCount) {
      let extent = MemoryHead.extent(index, in: body)
      let end = Int(extent.offset + extent.length)
      if memory[Int(head.region)].count < end {
        memory[Int(head.region)] += [UInt8](repeating: 0, count: end - memory[Int(head.region)].count)
      }
      for offset in Int(extent.offset)..<end {
        memory[Int(head.region)][offset] = extent.kind == .data ? payload.octet(at: position) : 0
        if extent.kind == .data { position += 1 }
      }
    }
  }
}

enum Saving {
  static func options(preCopy: Bool = false) -> SaveOptions {
    var options = SaveOptions(uuid: StreamUUID(low: 0x1234, high: 0x5678))
    options.usesPreCopy = preCopy
    return options
  }

  /// A machine of each kind of device.
  static func machine(_ script: SaveScript = SaveScript()) throws(StreamError) -> MigrationControl<SaveFakeDevices> {
    var ram = SaveFakeDevices.Device()
    ram.capabilities = [.stopCopy, .preCopy]
    ram.memory = FakeMemory(.ramp(3 * 4096))
    var nic = SaveFakeDevices.Device()
    nic.capabilities = [.stopCopy, .p2p, .preCopy]
    nic.reachesPeers = true
    nic.memory = FakeMemory(.ramp(2 * 4096))
    (nic.value, nic.count) = (7, 9)
    nic.byteString = .ramp(300)
    var uart = SaveFakeDevices.Device()
    (uart.value, uart.count) = (0x1122, 3)
    var mute = SaveFakeDevices.Device()
    mute.byteString = .ramp(10)
    return try MigrationControl(SaveFakeDevices([ram, nic, uart, mute], script: script))
  }

  static func octets(_ span: RawSpan) -> [UInt8] { (0..<span.byteCount).map { span.octet(at: $0) } }

  /// All states of a machine, in the order of its devices.
  static func states(_ control: borrowing MigrationControl<SaveFakeDevices>) -> [MigrationState] {
    (0..<control.devices.deviceCount).map { control.state(of: $0) }
  }
}

extension SaveSession where Sink: ~Copyable {
  /// Steps until the devices have nothing more in this phase; a pass that ends is closed on the way.
  mutating func run<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>, until last: SaveStep = .done
  ) throws(StreamError) {
    while true {
      let step = try step(&control)
      if step == last || step == .done { return }
    }
  }
}
