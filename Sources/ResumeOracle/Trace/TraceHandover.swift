import MigrationStream
import ReferenceDevices
import ResumePath

/// A source, its stream on the way to the machine under test, and what is told on the way back.
///
/// ```
///  source ─► sent ─► destination, in the machine under test
///     ▲                   │
///     └──── told ◄────────┘
/// ```
final class TraceHandover<Devices: TraceDevices & ~Copyable> {
  var control: MigrationControl<ReferenceMachine>
  var source: MigrationSource<TraceSink>
  var destination: MigrationDestination
  /// Of the destination's session among those of the machine under test.
  private(set) var number: Int
  /// Records that were made, and how many of them have arrived or are lost.
  var sent: [[UInt8]] = []
  var arrivedCount = 0
  /// What the destination told, each time it was asked, and has not arrived.
  var told: [[UInt8]] = []
  /// Whether what was refused comes once more.
  private(set) var isAgain = false
  private var isBroken = false
  var passesLeft: Int

  init(
    _ control: consuming MigrationControl<ReferenceMachine>, _ source: consuming MigrationSource<TraceSink>,
    _ destination: consuming MigrationDestination, _ number: Int, passes: Int
  ) {
    self.control = control
    self.source = source
    self.destination = destination
    self.number = number
    passesLeft = passes
  }

  /// Whether the destination promised that this guest never runs there.
  var isRefused: Bool { destination.handover.state == .refused && destination.handover.stream == source.uuid }

  var note: String {
    "source \(source.handover.state), destination \(destination.handover.state), \(sent.count - arrivedCount) records and \(told.count) answers on their way"
  }

  /// Takes what the source made.
  func collect() throws(StreamError) {
    sent += try source.withSink { (sink) throws(StreamError) in sink.takeRecords() }
    if isBroken { loseAll() }
  }

  /// The path broke: what is on its way, and what is sent later, never arrives.
  func breakPath() {
    isBroken = true
    loseAll()
  }

  private func loseAll() {
    arrivedCount = sent.count
    told = []
  }

  /// What was refused comes once more, over another connection, of which the source knows nothing.
  func comeAgain(to destination: consuming MigrationDestination, _ number: Int) {
    self.destination = destination
    self.number = number
    (arrivedCount, isAgain, isBroken) = (0, true, false)
  }

  /// Takes what the destination tells.
  func listen() {
    let octets = Self.reply(of: destination)
    destination.sent(octets.count)
    if !octets.isEmpty, !isAgain, !isBroken { told.append(octets) }
  }

  private static func reply(of destination: borrowing MigrationDestination) -> [UInt8] {
    let reply = destination.reply
    return (0..<reply.byteCount).map { reply.octet(at: $0) }
  }

  /// What of section 10 does not hold.
  func fault() -> String? { broken.map { "handing over: \($0)" } }

  private var broken: String? {
    if source.mayRun, destination.handover.state == .running { return "source and destination run" }
    if isAgain, destination.handover.state != .refused { return "the destination takes a stream that it refused" }
    for device in 0..<control.devices.deviceCount {
      let state = control.state(of: device)
      if !source.mayRun, state != .stop, state != .stopCopy { return "the source stands still, and device \(device) is in \(state)" }
      if source.mayRun, source.isOver, state != .running { return "the source runs again, and device \(device) is in \(state)" }
    }
    return nil
  }
}
