import CMigStream
import MigrationStream
import StreamMutation

/// What is held against a device when its program is over: twins, and a reset.
extension DeviceRun {
  mutating func settle() throws(DeviceFinding) {
    var session: UInt64 = 0
    if subject.state == MGS_STATE_STOP { _ = subject.request(MGS_STATE_RUNNING, session: &session) }
    if subject.state == MGS_STATE_RUNNING, done.contains(where: { $0.operation != .reset }) { try compareTwin() }
    try reset()
    guard case .done(let again) = subject.save() else {
      throw DeviceFinding("R6", "a device that was reset cannot be saved")
    }
    if again != device.freshStream {
      throw DeviceFinding("R6", "a device that was reset is saved otherwise than a new one: \(Self.difference(again, device.freshStream))")
    }
    try Self.end(subject)
  }

  /// As after power-on: nothing of what came before can be seen.
  func reset() throws(DeviceFinding) {
    subject.reset()
    guard subject.state == MGS_STATE_RUNNING else { throw DeviceFinding("R6", "the device does not run after a reset") }
    if let text = subject.view.difference(from: device.freshView) {
      throw DeviceFinding("R6", "a device that was reset is not like a new one: \(text)")
    }
    if let fault = subject.fault { throw DeviceFinding("A7", "after a reset the device is not well-formed: \(fault)") }
  }

  func save(_ machine: DeviceMachine, _ name: String) throws(DeviceFinding) -> [UInt8] {
    let before = machine.view
    switch machine.save() {
    case .done(let stream):
      if let text = machine.view.difference(from: before) {
        throw DeviceFinding("R13", "a save changed \(name): \(text)")
      }
      return stream
    case .refused(let verdict): throw DeviceFinding("R11", "\(name) runs and cannot be saved: \(verdict.text)")
    case .endless: throw DeviceFinding("A8", "\(name) gives state without end")
    }
  }

  /// A device that took what another saved is saved alike, and goes on like it.
  private func compareTwin() throws(DeviceFinding) {
    let stream = try save(subject, "the device")
    var chance = unsafe Chance(UInt64(truncatingIfNeeded: stream.count) ^ Digest.xxh3(stream.span.bytes))
    let twin = try fresh()
    // A destination that did something before must not remember it.
    if chance.isOne(in: 2) { for _ in 0..<4 { twin.run(GuestOctets.some(&chance)) } }
    var session: UInt64 = 0
    let verdict = twin.load(stream)
    guard verdict.isGood else { throw DeviceFinding("R11", "what the device saved is refused: \(verdict.text)") }
    _ = twin.request(MGS_STATE_RUNNING, session: &session)
    try compare(twin, "after it was resumed")
    let again = try save(twin, "the twin")
    if again != stream {
      throw DeviceFinding("R3", "saved, resumed and saved again is not the same: \(Self.difference(again, stream))")
    }
    for step in 1...Self.twinSteps where subject.hasRun {
      let octets = GuestOctets.some(&chance)
      tell?("device and twin: run \(Hexadecimal.text(octets))")
      subject.run(octets)
      twin.run(octets)
      try compare(twin, "after \(step) operations, the last of them run \(Hexadecimal.text(octets))")
    }
    try Self.end(twin)
  }

  private func compare(_ twin: DeviceMachine, _ moment: String) throws(DeviceFinding) {
    if let text = twin.view.difference(from: subject.view) {
      throw DeviceFinding("R11", "the twin goes on otherwise than the device that was saved, \(moment): \(text)")
    }
    if let fault = subject.fault { throw DeviceFinding("A7", "\(moment) the device is not well-formed: \(fault)") }
    if let fault = twin.fault { throw DeviceFinding("A7", "\(moment) the twin is not well-formed: \(fault)") }
  }

  private static func difference(_ found: [UInt8], _ expected: [UInt8]) -> String {
    let place = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    guard let place else { return "expected \(expected.count) octets, found \(found.count)" }
    return "first at octet \(place), expected \(expected[place]), found \(found[place])"
  }
}
