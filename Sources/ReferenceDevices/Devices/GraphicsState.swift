import MigrationStream

/// The state of a GPU, as migstream.example/gpu/large-memory names it, and what its firmware keeps.
package struct GraphicsState: DeviceState {
  enum Piece: String, CaseIterable {
    case identity, pci, control, contexts, fault, engine, display
    case putAside = "engine/put_aside"
    case load = "engine/load"
  }

  package struct Context: Equatable {
    package var id: UInt32 = 0
    package var parent: UInt32 = 0
    package var pageTable: UInt64 = 0
    package var faulted = false
  }

  /// A command that was taken and not begun.
  package enum Command: Equatable {
    case batch(context: UInt32, address: UInt64, octets: UInt32, priority: Int8)
    case copy(from: UInt64, to: UInt64, octets: UInt64)
    case wait(fence: UInt64, engine: UInt8)
  }

  package struct Engine: Equatable {
    package var number: UInt8 = 0
    package var running = false
    package var ring: UInt64 = 0
    package var head: UInt32 = 0
    package var tail: UInt32 = 0
    package var context: UInt32 = 0
    package var fence: UInt64 = 0
    package var busy = false
    package var hasPutAside = false
    package var pending: [Command] = []
    package var asideContext: UInt32 = 0
    package var asideResumeAt: UInt64 = 0
    package var asideSince: UInt64 = 0
    package var busyTime: Int64 = 0
    package var idleTime: Int64 = 0
  }

  package struct Display: Equatable {
    package var number: UInt8 = 0
    package var plugged = false
    package var edid: [UInt8] = []
    package var enabled = false
    package var width: UInt32 = 0
    package var height: UInt32 = 0
    package var pitch: UInt32 = 0
    package var picture: UInt64 = 0
    package var format: UInt32 = 0
    package var refresh: UInt32 = 0
    package var nextBlank = UInt64.max
    package var hasCursor = false
    package var cursorX: Int32 = 0
    package var cursorY: Int32 = 0
    package var cursorPicture: UInt64 = 0
  }

  /// Numbers of the layouts of commands.
  struct CommandLayouts: Equatable {
    var batch: UInt32
    var copy: UInt32
    var wait: UInt32
  }

  let layouts: CommandLayouts
  package let hasPreemption: Bool

  package var device: UInt16 = 0x6001
  package var revision: UInt8 = 3
  package var firmwareVersion: UInt32 = 7
  package var capabilities: UInt64 = 1 | 16
  package var command: UInt16 = 0
  package var registersAt: UInt64 = 0
  package var memoryAt: UInt64 = 0
  package var messageAddress: UInt64 = 0
  package var messageData: UInt16 = 0
  package var mode: UInt8 = 0
  package var cause: UInt32 = 0
  package var mask: UInt32 = 0
  package var clock: UInt32 = 1_000_000
  package var timestamp: UInt64 = 0
  package var timestampOffset: Int64 = 0
  package var nextContext: UInt32 = 1
  package var contexts: [Context] = []
  package var engines: [Engine]
  package var displays: [Display]
  /// In the byte string.
  package var firmware: FirmwareState

  init(_ model: ReferenceModel, byteStringByteCount: UInt64) {
    let names = model.layoutNames
    func number(_ name: String) -> UInt32 { UInt32(names.firstIndex(of: name) ?? 0) }
    layouts = CommandLayouts(batch: number("batch"), copy: number("copy"), wait: number("wait"))
    hasPreemption = model.number("preemption") != 0
    engines = (0..<UInt8(model.number("engines"))).map { Engine(number: $0) }
    displays = (0..<UInt8(model.number("displays"))).map { Display(number: $0) }
    firmware = FirmwareState(byteCount: byteStringByteCount, engineCount: engines.count)
  }

  func count(of piece: Piece, instance: Int) -> Int {
    switch piece {
    case .fault: 0
    case .engine: engines.count
    case .display: displays.count
    case .putAside: engines[instance].hasPutAside ? 1 : 0
    default: 1
    }
  }

  mutating func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ piece: Piece, instance: Int, _ archive: inout Archive
  ) throws(StreamError) {
    switch piece {
    case .identity:
      try archive.integer("device_id", &device)
      try archive.integer("revision", &revision)
      try archive.integer("firmware", &firmwareVersion)
      try archive.integer("capabilities", &capabilities)
    case .pci:
      try archive.integer("command", &command)
      try archive.integer("registers_at", &registersAt)
      try archive.integer("memory_at", &memoryAt)
      try archive.integer("msi_address", &messageAddress)
      try archive.integer("msi_data", &messageData)
    case .control:
      try archive.integer("state", &mode)
      try archive.integer("interrupt_cause", &cause)
      try archive.integer("interrupt_mask", &mask)
      try archive.integer("clock_khz", &clock)
      try archive.integer("timestamp", &timestamp)
      try archive.integer("timestamp_offset", &timestampOffset)
    case .contexts: try describeContexts(&archive)
    case .fault: try Self.describeFault(&archive)
    case .engine: try describeEngine(instance, &archive)
    case .putAside:
      try archive.integer("context", &engines[instance].asideContext)
      try archive.integer("resume_at", &engines[instance].asideResumeAt)
      try archive.integer("since", &engines[instance].asideSince)
    case .load:
      try archive.integer("busy_time", &engines[instance].busyTime)
      try archive.integer("idle_time", &engines[instance].idleTime)
    case .display: try describeDisplay(instance, &archive)
    }
  }
}

// MARK: - Pieces

extension GraphicsState {
  private mutating func describeContexts<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("next_id", &nextContext)
    for number in 0..<(try archive.beginArray("items", &contexts, of: Context())) {
      try archive.beginStructure()
      try archive.integer("id", &contexts[number].id)
      try archive.integer("parent", &contexts[number].parent)
      try archive.integer("page_table", &contexts[number].pageTable)
      try archive.flag("faulted", &contexts[number].faulted)
      try archive.end()
    }
    try archive.end()
  }

  /// This card clears a fault before it is stopped; another's is read and forgotten.
  private static func describeFault<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ archive: inout Archive
  ) throws(StreamError) {
    var (context, address, isWrite): (UInt32, UInt64, Bool) = (0, 0, false)
    try archive.integer("context", &context)
    try archive.integer("address", &address)
    try archive.flag("write", &isWrite)
  }

  private mutating func describeEngine<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ number: Int, _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("number", &engines[number].number)
    try archive.flag("running", &engines[number].running)
    try archive.integer("ring", &engines[number].ring)
    try archive.integer("head", &engines[number].head)
    try archive.integer("tail", &engines[number].tail)
    try archive.integer("context", &engines[number].context)
    try archive.integer("fence", &engines[number].fence)
    try archive.flag("busy", &engines[number].busy)
    if hasPreemption { try archive.flag("has_put_aside", &engines[number].hasPutAside) }
    let blank = Command.wait(fence: 0, engine: 0)
    for position in 0..<(try archive.beginArray("pending", &engines[number].pending, of: blank)) {
      try describe(&engines[number].pending[position], &archive)
    }
    try archive.end()
  }

  private func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ command: inout Command, _ archive: inout Archive
  ) throws(StreamError) {
    var (context, octets, priority): (UInt32, UInt32, Int8) = (0, 0, 0)
    var (first, second, third): (UInt64, UInt64, UInt64) = (0, 0, 0)
    var engine: UInt8 = 0
    var layout: UInt32
    switch command {
    case .batch(let ofContext, let address, let count, let urgency):
      (layout, context, first, octets, priority) = (layouts.batch, ofContext, address, count, urgency)
    case .copy(let from, let to, let count): (layout, first, second, third) = (layouts.copy, from, to, count)
    case .wait(let fence, let other): (layout, first, engine) = (layouts.wait, fence, other)
    }
    try archive.beginElement(layout: &layout)
    switch layout {
    case layouts.batch:
      try archive.integer("context", &context)
      try archive.integer("address", &first)
      try archive.integer("octets", &octets)
      if hasPreemption { try archive.integer("priority", &priority) }
      command = .batch(context: context, address: first, octets: octets, priority: priority)
    case layouts.copy:
      try archive.integer("from", &first)
      try archive.integer("to", &second)
      try archive.integer("octets", &third)
      command = .copy(from: first, to: second, octets: third)
    default:
      try archive.integer("fence", &first)
      try archive.integer("engine", &engine)
      command = .wait(fence: first, engine: engine)
    }
    try archive.end()
  }

  private mutating func describeDisplay<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ number: Int, _ archive: inout Archive
  ) throws(StreamError) {
    try archive.integer("number", &displays[number].number)
    try archive.flag("plugged", &displays[number].plugged)
    try archive.octets("edid", &displays[number].edid)
    try archive.flag("enabled", &displays[number].enabled)
    try archive.integer("width", &displays[number].width)
    try archive.integer("height", &displays[number].height)
    try archive.integer("pitch", &displays[number].pitch)
    try archive.integer("picture", &displays[number].picture)
    try archive.integer("format", &displays[number].format)
    try archive.integer("refresh", &displays[number].refresh)
    try archive.integer("next_blank", &displays[number].nextBlank)
    try archive.beginOptional("cursor", isPresent: &displays[number].hasCursor)
    guard displays[number].hasCursor else { return }
    try archive.integer("x", &displays[number].cursorX)
    try archive.integer("y", &displays[number].cursorY)
    try archive.integer("picture", &displays[number].cursorPicture)
    try archive.end()
  }
}
