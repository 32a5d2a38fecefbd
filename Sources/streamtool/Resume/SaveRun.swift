import MigrationStream
import ReferenceDevices
import ResumePath
import StreamIO

/// A source: a guest that runs, and the session that saves it.
struct SaveRun<Target: SaveTarget & ~Copyable>: ~Copyable {
  var control: MigrationControl<ObservedMachine>
  var session: SaveSession<CountingSink<Target>>
  let guest: GuestRun

  /// Opens the session: preamble, MANIFEST and layouts go to the target.
  init(
    _ machine: consuming ReferenceMachine, to target: consuming Target, _ options: SaveOptions, _ guest: consuming GuestRun
  ) throws {
    var control = try MigrationControl(ObservedMachine(machine))
    session = try SaveSession(&control, CountingSink(target), options)
    self.control = control
    self.guest = guest
  }

  /// Lets the devices give about one record.
  mutating func step() throws -> SaveStep {
    try telling { (session, control) throws(StreamError) in try session.step(&control) }
  }

  /// Stops the guest, and gives everything that is left but END.
  mutating func stopAndCopy() throws {
    try telling { (session, control) throws(StreamError) in try session.stop(&control) }
    while try step() != .done {}
  }

  mutating func finish() throws {
    try telling { (session, control) throws(StreamError) in try session.finish(&control) }
  }

  /// What the target said, where it is what stopped the session.
  private mutating func telling<Result>(
    _ body: (inout SaveSession<CountingSink<Target>>, inout MigrationControl<ObservedMachine>) throws(StreamError) -> Result
  ) throws -> Result {
    do throws(StreamError) { return try body(&session, &control) } catch {
      if let failure = sinkFailure { throw failure }
      throw error
    }
  }

  private var sinkFailure: IOFailure? {
    mutating get {
      try? session.withSink { (sink) throws(StreamError) in sink.failure } ?? nil
    }
  }

  /// What has been given so far.
  mutating func saved(_ stream: StreamUUID) throws(StreamError) -> SavedMachine {
    let tally = try session.withSink { (sink) throws(StreamError) in sink.tally }
    return try SavedMachine(control.devices.machine, stream, tally)
  }
}

/// To a file.
extension SaveRun where Target == FileTarget {
  /// Saves the machine; with pre-copy its guest does the last `steps` while it is saved, so that it stops where it would
  /// have stopped without.
  ///
  /// The file is in its place afterwards.
  mutating func saveToFile(stepsWhileSaving steps: UInt64, usesPreCopy: Bool) throws {
    var left = steps
    let burst = max(1, steps / 32)
    while usesPreCopy, left > 0 {
      let answer = try step()
      let count = answer == .done ? left : min(left, burst)
      try guest.run(count, &control)
      left -= count
    }
    try stopAndCopy()
    try finish()
    try session.withSink { (sink) throws(StreamError) in
      do throws(IOFailure) { try sink.target.file.commit() } catch { sink.fail(error) }
    }
    if let failure = sinkFailure { throw failure }
    try session.handOver(&control)
  }
}
