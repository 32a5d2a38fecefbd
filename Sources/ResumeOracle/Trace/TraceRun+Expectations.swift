import MigrationStream
import ReferenceDevices
import ResumePath

/// What makes a trace a test.
extension TraceRun where Devices: ~Copyable {
  /// - Throws: `failed`. What nobody can look at does not hold.
  mutating func check(_ expectation: TraceExpectation) throws(TraceStop) {
    do throws(TraceStop) { try look(at: expectation) } catch {
      if case .void(let why) = error { throw .failed(why) }
      throw error
    }
  }

  private mutating func look(at expectation: TraceExpectation) throws(TraceStop) {
    if case .failed = last.outcome { return }
    switch expectation {
    case .ok: guard last.outcome == .done else { throw unlike("ok") }
    case .void: guard case .void = last.outcome else { throw unlike("void") }
    case .code(let code, let offset):
      guard case .refused(let error) = last.outcome, error.code == code else { throw unlike("\(code)") }
      if let offset, error.offset != offset { throw .failed("expected offset \(offset), found \(error.offset)") }
    case .failureClass(let wanted):
      guard case .refused(let error) = last.outcome else { throw unlike("class \(wanted)") }
      guard error.code.failureClass == wanted else { throw .failed("expected class \(wanted), found \(error.code.failureClass)") }
    case .consumed(let count):
      guard last.consumed == count else { throw .failed("expected \(count), found \(found(last.consumed))") }
    case .value(let value):
      guard last.value == value else { throw .failed("expected \(value), found \(found(last.value))") }
    case .state(let state, let device): try check(state, device)
    case .status(let status):
      let found = TraceStatus(try machine().control.status)
      guard found == status else { throw .failed("expected \(status.rawValue), found \(found.rawValue)") }
    case .digest(let digest): try check(digest)
    case .like(let machine):
      let other = try made(machine, ReferenceMachine.self)
      try check(other.visibleDigest())
    }
  }

  private func unlike(_ expected: String) -> TraceStop {
    let found =
      switch last.outcome {
      case .done: "ok"
      case .refused(let error): "\(error.code)"
      case .void(let why): "void: \(why)"
      case .failed(let why), .stopped(let why): why
      }
    return .failed("expected \(expected), found \(found)")
  }

  private func found(_ value: UInt64?) -> String { value.map { "\($0)" } ?? "nothing" }

  private func check(_ state: MigrationState, _ device: UInt32?) throws(TraceStop) {
    let target = try machine()
    let count = target.control.devices.deviceCount
    if let device, device >= count { throw .failed("the machine has \(count) devices") }
    let devices = device.map { Int($0)..<(Int($0) + 1) } ?? 0..<count
    for device in devices where target.control.state(of: device) != state {
      throw .failed("expected \(state), found \(target.control.state(of: device)) (device \(device))")
    }
  }

  private func check(_ digest: UInt64) throws(TraceStop) {
    let found = try machine().control.devices.visibleDigest()
    guard found == digest else {
      throw .failed("expected the digest 0x\(String(digest, radix: 16)), found 0x\(String(found, radix: 16))")
    }
  }
}
