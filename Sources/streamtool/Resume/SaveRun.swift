import MigrationStream
import ReferenceDevices
import ResumePath
import StreamIO

/// A source: a guest that runs, and the hand-over that saves it.
struct SaveRun<Target: SaveTarget & ~Copyable>: ~Copyable {
  var control: MigrationControl<ObservedMachine>
  var source: MigrationSource<CountingSink<Target>>
  let guest: GuestRun

  /// Opens the session: preamble, MANIFEST and layouts go to the target.
  ///
  /// - Parameter hasReversePath: The destination says what it makes of them.
  init(
    _ machine: consuming ReferenceMachine, to target: consuming Target, _ options: SaveOptions, _ guest: consuming GuestRun,
    hasReversePath: Bool
  ) throws {
    var control = try MigrationControl(ObservedMachine(machine))
    var source = try MigrationSource(&control, CountingSink(target), options, hasReversePath: hasReversePath)
    try source.withSink { (sink) throws(StreamError) in sink.isOpening = false }
    self.source = source
    self.control = control
    self.guest = guest
  }

  /// Lets the devices give about one record.
  mutating func step() throws -> SaveStep {
    try telling { (source, control) throws(StreamError) in try source.step(&control) }
  }

  /// Stops the guest, and gives everything that is left but END.
  mutating func stopAndCopy() throws {
    try telling { (source, control) throws(StreamError) in try source.stop(&control) }
    while try step() != .done {}
  }

  mutating func finish() throws {
    try telling { (source, control) throws(StreamError) in try source.finish(&control) }
  }

  /// What the target said, where it is what stopped the session.
  private mutating func telling<Result>(
    _ body: (inout MigrationSource<CountingSink<Target>>, inout MigrationControl<ObservedMachine>) throws(StreamError) -> Result
  ) throws -> Result {
    do throws(StreamError) { return try body(&source, &control) } catch {
      if let failure = sinkFailure { throw failure }
      throw error
    }
  }

  private var sinkFailure: IOFailure? {
    mutating get {
      try? source.withSink { (sink) throws(StreamError) in sink.failure } ?? nil
    }
  }

  /// What has been given so far.
  mutating func saved() throws(StreamError) -> SavedMachine {
    let tally = try source.withSink { (sink) throws(StreamError) in sink.tally }
    return try SavedMachine(control.devices.machine, source.uuid, tally)
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
      try guest.run(count, &control.devices.machine)
      left -= count
    }
    try stopAndCopy()
    try finish()
    try source.withSink { (sink) throws(StreamError) in
      do throws(IOFailure) { try sink.target.file.commit() } catch { sink.fail(error) }
    }
    if let failure = sinkFailure { throw failure }
  }
}
