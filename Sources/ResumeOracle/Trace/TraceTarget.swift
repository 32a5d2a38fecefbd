import MigrationStream
import ResumePath

/// The machine under test, and what was opened on it.
final class TraceTarget<Devices: TraceDevices & ~Copyable> {
  private let place: TracePlacement<Devices>
  /// What it was made from, but for its steps.
  let machine: TraceMachine
  let resumeOptions: ResumeOptions
  /// In the order in which they were opened.
  var sessions: [SessionHandle] = []
  /// Which of them calls go to, from 0; nil: the latest.
  var used: Int?
  /// What accesses wrote to the data window: the transaction that comes next stands at its start.
  private var written: [UInt8] = []

  init(
    _ devices: consuming Devices, _ machine: TraceMachine, _ options: ResumeOptions, _ allocator: StreamAllocator
  ) throws(StreamError) {
    self.machine = machine
    resumeOptions = options
    place = .plain(Boxed(try MigrationControl(devices, options: options, allocator: allocator)))
  }

  /// - Parameter window: Octets of the data window.
  init(
    _ devices: consuming Devices, _ machine: TraceMachine, _ options: ResumeOptions, window: Int, uuid: StreamUUID,
    _ allocator: StreamAllocator
  ) throws(StreamError) {
    self.machine = machine
    resumeOptions = options
    place = .region(
      Boxed(
        try V1Region(
          devices, V1Window(offset: Self.windowOffset, byteCount: window, allocator: allocator),
          saveOptions: SaveOptions(uuid: uuid), options: options, allocator: allocator)))
  }

  /// Where the data window of a region starts.
  static var windowOffset: UInt64 { 4096 }

  var hasRegion: Bool { if case .region = place { true } else { false } }

  var control: MigrationControl<Devices> {
    _read {
      switch place {
      case .plain(let box): yield box.value
      case .region(let box): yield box.value.control
      }
    }
    _modify {
      switch place {
      case .plain(let box): yield &box.value
      case .region(let box): yield &box.value.control
      }
    }
  }

  func reset() {
    switch place {
    case .plain(let box): box.value.reset()
    case .region(let box): box.value.reset()
    }
  }

  /// What `device_state` of the region reads; running without one.
  var shownState: UInt32 {
    guard case .region(let box) = place else { return V1DeviceState.running }
    var buffer = OwnedBytes()
    do throws(StreamError) {
      try buffer.append(repeating: 0, count: 4)
      var memory = buffer.mutableBytes(0..<4)
      try box.value.read(at: 0, into: &memory)
    } catch { return V1DeviceState.error }
    return buffer.bytes.integer(at: 0, as: UInt32.self)
  }

  /// Makes a call to the region.
  ///
  /// - Throws: `badAccess` where there is none.
  func withRegion(_ body: (inout V1Region<Devices>) throws(StreamError) -> Void) throws(StreamError) {
    guard case .region(let box) = place else { throw StreamError(.badAccess, .resume, at: 0) }
    try body(&box.value)
  }

  /// Writes to the region.
  ///
  /// - Throws: as ``withRegion(_:)``.
  func writeRegion(_ octets: [UInt8], at offset: UInt64) throws(StreamError) {
    try withRegion { (region) throws(StreamError) in try region.write(at: offset, octets.span.octets) }
    guard offset >= Self.windowOffset else { return }
    let start = min(Int(offset - Self.windowOffset), written.count)
    written.replaceSubrange(start..<min(start + octets.count, written.count), with: octets)
  }

  /// Octets that the session took from the window in an access.
  ///
  /// - Parameter offset: Of the session before the access.
  func taken(from offset: UInt64) -> ArraySlice<UInt8> {
    written.prefix(Int(clamping: max(control.offset, offset) - offset))
  }

  /// The session that calls go to, with its number from 1.
  var session: (handle: SessionHandle, number: Int)? {
    let index = used ?? sessions.count - 1
    return sessions.indices.contains(index) ? (sessions[index], index + 1) : nil
  }
}

/// Where a machine's sessions are: on their own, or behind the first protocol's region.
private enum TracePlacement<Devices: TraceDevices & ~Copyable> {
  case plain(Boxed<MigrationControl<Devices>>)
  case region(Boxed<V1Region<Devices>>)
}

/// A value that has one owner, at a fixed place.
private final class Boxed<Value: ~Copyable> {
  var value: Value

  init(_ value: consuming Value) { self.value = value }
}
