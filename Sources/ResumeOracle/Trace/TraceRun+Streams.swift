import MigrationStream
import ReferenceDevices
import ResumePath

/// Named streams.
extension TraceRun where Devices: ~Copyable {
  mutating func makeStream(_ name: String, _ source: TraceSource) throws(TraceStop) -> String {
    let octets: [UInt8]
    switch source {
    case .machine(let machine, let precopy):
      let devices = try made(machine, ReferenceMachine.self)
      var control: MigrationControl<ReferenceMachine>
      do throws(StreamError) { control = try MigrationControl(devices) } catch { throw .refused(error) }
      octets = try saved(&control, precopy: precopy)
    case .octets(let given):
      try budget.spend(octets: given.count)
      octets = given
    case .file(let file, let range):
      guard let content = files(file, TraceLimits.streamBytesMax) else { throw .void("there is no file \(file) beside the trace") }
      try budget.spend(octets: content.count)
      let whole = TraceStream(content)
      guard let positions = whole.positions(range) else {
        throw .void("file \(file), of \(content.count) octets, has no \(range.text)")
      }
      octets = Array(content[positions])
    case .copy(let other, let range):
      let slice = try self.octets(other, range)
      try budget.spend(octets: slice.count)
      octets = Array(slice)
    }
    return try keep(name, TraceStream(octets))
  }

  mutating func save(_ name: String, precopy: Bool) throws(TraceStop) -> String {
    var octets: [UInt8] = []
    var stop: TraceStop?
    var run = self
    _ = try call(.save) { (control) throws(StreamError) in
      do throws(TraceStop) { octets = try run.saved(&control, precopy: precopy) } catch {
        if case .refused(let refusal) = error { throw refusal }
        stop = error
      }
      return 0
    }
    (budget, savedCount) = (run.budget, run.savedCount)
    if let stop { throw stop }
    return try keep(name, TraceStream(octets))
  }

  mutating func changeStream(_ name: String, _ change: TraceChange) throws(TraceStop) -> String {
    var stream = try stream(name)
    // Swapping, inserting and repairing go over all octets.
    try budget.spend(octets: stream.octets.count)
    var other: ArraySlice<UInt8> = []
    if case .splice(_, let otherName, let range) = change { other = try octets(otherName, range) }
    try budget.spend(octets: other.count)
    streams[name] = nil
    let isDone = stream.apply(change, splicing: other)
    let note = try keep(name, stream)
    guard isDone else { throw .void("stream \(name), of \(stream.octets.count) octets, has no such place") }
    return note
  }

  func precopyInfo() throws(TraceStop) -> String {
    let target = try machine()
    var sum = SaveEstimate()
    for device in 0..<target.control.devices.deviceCount {
      let estimate = target.control.devices.estimate(of: device)
      sum.initialByteCount &+= estimate.initialByteCount
      sum.dirtyByteCount &+= estimate.dirtyByteCount
      sum.stopCopyByteCount &+= estimate.stopCopyByteCount
    }
    return note("\(sum.initialByteCount) initial, \(sum.dirtyByteCount) dirty, \(sum.stopCopyByteCount) when stopped")
  }

  mutating func keep(_ name: String, _ stream: TraceStream) throws(TraceStop) -> String {
    guard stream.octets.count <= TraceLimits.streamBytesMax else {
      throw .void("a stream has at most \(TraceLimits.streamBytesMax) octets")
    }
    guard streams[name] != nil || streams.count < TraceLimits.streamsMax else {
      throw .void("a run has at most \(TraceLimits.streamsMax) streams")
    }
    streams[name] = stream
    return note("\(name): \(stream.octets.count) octets, \(stream.records.count) records")
  }

  // MARK: Saving

  /// Passes of pre-copy that are made, and steps of the workload between them.
  private static var passCount: Int { 2 }
  private static var stepsBetween: UInt64 { 16 }

  /// Saves a machine whole, and hands it over: it does not run again without a reset.
  mutating func saved<Made: TraceDevices & ~Copyable>(
    _ control: inout MigrationControl<Made>, precopy: Bool
  ) throws(TraceStop) -> [UInt8] {
    var options = SaveOptions(uuid: nextUUID())
    options.usesPreCopy = precopy
    let sink = TraceSink(byteCountMax: TraceLimits.streamBytesMax)
    var session: SaveSession<TraceSink>
    do throws(StreamError) { session = try SaveSession(&control, sink, options) } catch { throw .refused(error) }
    try preCopy(&session, &control)
    try refusing { () throws(StreamError) in try session.stop(&control) }
    while try step(&session, &control) == .more {}
    try refusing { () throws(StreamError) in
      try session.finish(&control)
      try session.handOver(&control)
    }
    return try refusing { () throws(StreamError) in
      try session.withSink { (sink) throws(StreamError) in sink.takeRecords().flatMap { $0 } }
    }
  }

  private mutating func preCopy<Made: TraceDevices & ~Copyable>(
    _ session: inout SaveSession<TraceSink>, _ control: inout MigrationControl<Made>
  ) throws(TraceStop) {
    var passes = 0
    while passes < Self.passCount {
      switch try step(&session, &control) {
      case .more: continue
      case .passEnded, .noDataNow:
        passes += 1
        try budget.spend(Self.stepsBetween, each: TraceBudget.step)
        control.devices.run(steps: Self.stepsBetween)
      case .done: return
      }
    }
  }

  private mutating func step<Made: TraceDevices & ~Copyable>(
    _ session: inout SaveSession<TraceSink>, _ control: inout MigrationControl<Made>
  ) throws(TraceStop) -> SaveStep {
    let start = session.byteCount
    let result = try refusing { () throws(StreamError) in try session.step(&control) }
    try budget.spend(session.byteCount - start + TraceBudget.call)
    return result
  }
}

/// Keeps a stream that is being made, record by record.
struct TraceSink: ~Copyable, OctetSink {
  private var records: [[UInt8]] = []
  private var byteCount = 0
  private let byteCountMax: Int

  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    guard list.byteCount <= byteCountMax - byteCount else {
      throw StreamError(
        .limitExceeded, .resume, at: UInt64(byteCount), expected: UInt64(byteCountMax),
        found: UInt64(byteCount) + UInt64(list.byteCount))
    }
    byteCount += list.byteCount
    var record: [UInt8] = []
    record.append(list)
    records.append(record)
  }

  /// Hands over what came since the last time.
  mutating func takeRecords() -> [[UInt8]] {
    defer { records = [] }
    return records
  }
}
