import MigrationStream
import ResumePath

/// The machine under test, and what was opened on it.
final class TraceTarget<Devices: TraceDevices & ~Copyable> {
  private var plain: MigrationControl<Devices>?
  /// Behind the first protocol's region, where the trace wants one.
  private var behindRegion: V1Region<Devices>?
  /// What it was made from, but for its steps.
  let machine: TraceMachine
  let resumeOptions: ResumeOptions
  /// In the order in which they were opened.
  var sessions: [SessionHandle] = []
  /// Which of them calls go to, from 0; nil: the latest.
  var used: Int?

  init(_ devices: consuming Devices, _ machine: TraceMachine, _ options: ResumeOptions) throws(StreamError) {
    self.machine = machine
    resumeOptions = options
    plain = try MigrationControl(devices, options: options)
  }

  /// - Parameter window: Octets of the data window.
  init(
    _ devices: consuming Devices, _ machine: TraceMachine, _ options: ResumeOptions, window: Int, uuid: StreamUUID
  ) throws(StreamError) {
    self.machine = machine
    resumeOptions = options
    behindRegion = try V1Region(
      devices, V1Window(offset: Self.windowOffset, byteCount: window), saveOptions: SaveOptions(uuid: uuid), options: options)
  }

  /// Where the data window of a region starts.
  static var windowOffset: UInt64 { 4096 }

  var hasRegion: Bool { behindRegion != nil }

  var control: MigrationControl<Devices> {
    _read {
      if behindRegion != nil { yield behindRegion!.control } else { yield plain! }
    }
    _modify {
      if behindRegion != nil { yield &behindRegion!.control } else { yield &plain! }
    }
  }

  /// Makes a call to the region; there is one.
  func withRegion<Result>(_ body: (inout V1Region<Devices>) throws(StreamError) -> Result) throws(StreamError) -> Result {
    try body(&behindRegion!)
  }

  /// The session that calls go to, with its number from 1.
  var session: (handle: SessionHandle, number: Int)? {
    let index = used ?? sessions.count - 1
    return sessions.indices.contains(index) ? (sessions[index], index + 1) : nil
  }
}
