import CMigStream
import StreamMutation

/// One input while it is run: the device under test, and what is held against it after each operation.
///
/// What ends it is a ``DeviceFinding``; the rules are those of Fuzz/README.md, "Your own device".
struct DeviceRun {
  let device: FuzzedDevice
  let input: DeviceInput
  let subject: DeviceMachine
  /// Operations that were done, and what came of them.
  private(set) var done: [(operation: DeviceOperation, result: Verdict?)] = []
  /// Told of each operation before it is done, and of what came of it: a device may die in between.
  var tell: ((String) -> Void)?

  /// What the next session is given.
  private var chosen: [UInt8]
  /// The device saved it: it mentions all of the device's memory.
  private var (isChosenOwn, isOwn) = (false, false)
  /// What the latest session is given, and how much of it was.
  private var stream: [UInt8]
  private var cursor = 0
  private var writeCount = 0
  private var session: UInt64 = 0
  private var viewBefore = DeviceView()
  /// The guest did something, or a session came, before the latest one.
  private var wasUsed = false
  private var saveCount = 0
  /// A session took a stream whole.
  private(set) var wasTaken = false

  /// Saves of one input: each is as dear as all the rest.
  private static let savesMax = 4
  /// Operations of the guest on a device and its twin.
  static let twinSteps = 16

  init(_ device: FuzzedDevice, _ input: DeviceInput) throws(DescriptionFault) {
    self.device = device
    self.input = input
    (chosen, stream) = (input.stream, input.stream)
    subject = try DeviceMachine(device)
  }

  mutating func run() throws(DeviceFinding) {
    for operation in input.operations {
      done.append((operation, nil))
      tell?(operation.text)
      let result = try perform(operation)
      done[done.count - 1].result = result
      tell?("  -> " + result.text)
      // In these states nobody counts on what the device holds.
      let isSettled = subject.state != MGS_STATE_ERROR && subject.state != MGS_STATE_RESUMING
      if isSettled, let fault = subject.fault {
        throw DeviceFinding("A7", "the device is not well-formed: \(fault)")
      }
    }
    try settle()
  }

  /// - Returns: What the C library said; good where it was not asked.
  private mutating func perform(_ operation: DeviceOperation) throws(DeviceFinding) -> Verdict {
    switch operation {
    case .run(let octets):
      guard subject.state == MGS_STATE_RUNNING else { return .good }
      wasUsed = true
      subject.run(octets)
      return .good
    case .resume: return resume()
    case .write(let size): return try write(size)
    case .finish: return try leave { (machine, session) in machine.finish(session: session) }
    case .start: return try request(MGS_STATE_RUNNING)
    case .stop: return try request(MGS_STATE_STOP)
    case .reset:
      try reset()
      return .good
    case .abort:
      let verdict = subject.abort(session: session)
      if verdict.isGood { try checkUnchanged("after a session was given up") }
      return verdict
    case .save:
      saveCount += 1
      guard saveCount <= Self.savesMax, canBeSaved else { return .good }
      chosen = try save(subject, "the device")
      isChosenOwn = true
      return .good
    case .cancelledSave(let steps): return try cancelSave(steps)
    case .original:
      (chosen, isChosenOwn) = (input.stream, false)
      return .good
    }
  }

  // MARK: Sessions

  private mutating func resume() -> Verdict {
    let before = subject.view
    let old = session
    let verdict = subject.request(MGS_STATE_RESUMING, session: &session)
    if session != old {
      (viewBefore, stream, cursor, writeCount) = (before, chosen, 0, 0)
      isOwn = isChosenOwn
      if old != 0 { wasUsed = true }
    }
    return verdict
  }

  private mutating func write(_ size: UInt8) throws(DeviceFinding) -> Verdict {
    guard subject.state == MGS_STATE_RESUMING else { return .good }
    let left = stream.count - min(cursor, stream.count)
    let count: Int
    switch size {
    case 0: count = left
    case 1..<128: count = min(Int(size), left)
    default: count = left * (Int(size) - 128) / 128
    }
    let start = stream.count - left
    let (taken, verdict) = subject.write(stream[start..<(start + count)], session: session)
    writeCount += 1
    guard taken <= count else { throw DeviceFinding("A6", "\(taken) octets were taken of \(count)") }
    cursor = start + taken
    if !verdict.isGood { try refused(verdict) }
    return verdict
  }

  /// A request for another state than `resuming` ends a session, as finishing it does.
  private mutating func request(_ goal: mgs_state) throws(DeviceFinding) -> Verdict {
    if subject.state == MGS_STATE_RESUMING {
      return try leave { (machine, _) in
        var opened: UInt64 = 0
        return machine.request(goal, session: &opened)
      }
    }
    return subject.request(goal, session: &session)
  }

  /// Ends the session that is open, and holds the verdict against everything that is known of the stream.
  private mutating func leave(_ end: (DeviceMachine, UInt64) -> Verdict) throws(DeviceFinding) -> Verdict {
    guard subject.state == MGS_STATE_RESUMING else { return .good }
    let verdict = end(subject, session)
    guard verdict.isGood else {
      try refused(verdict)
      return verdict
    }
    wasTaken = true
    if let seen = subject.viewBeforeCommit, !subject.tookBulk, let text = seen.difference(from: viewBefore) {
      throw DeviceFinding("I20", "the device changed before the commit: \(text)")
    }
    if cursor < stream.count {
      let whole = try judgeElsewhere(stream)
      if whole.isGood { throw DeviceFinding("R8", "a stream was taken without its last \(stream.count - cursor) octets") }
    } else if writeCount > 1 {
      try compareCuts(.good)
    }
    if wasUsed, isOwn || !subject.takesBulk { try compareWithNew() }
    try checkByDocument(.good)
    return verdict
  }

  /// What holds when a session is refused.
  private func refused(_ verdict: Verdict) throws(DeviceFinding) {
    if verdict.offset > UInt64(stream.count) {
      throw DeviceFinding("A9", "\(verdict.text): the offset lies behind the \(stream.count) octets of the stream")
    }
    guard subject.state == MGS_STATE_ERROR else { return }
    try checkUnchanged("after \(verdict.text)")
    guard cursor == stream.count || verdict.code != Int32(MGS_ERROR_TRUNCATED.rawValue) else { return }
    if writeCount > 1 { try compareCuts(verdict) }
    try checkByDocument(verdict)
  }

  /// A session that did not commit leaves the device as it was, but for memory that was filled in place.
  private func checkUnchanged(_ moment: String) throws(DeviceFinding) {
    guard subject.viewBeforeCommit == nil, !subject.tookBulk else { return }
    if let text = subject.view.difference(from: viewBefore) {
      throw DeviceFinding("I20", "the device changed although nothing was committed, \(moment): \(text)")
    }
  }

  /// The verdict does not depend on where the stream was cut.
  private func compareCuts(_ verdict: Verdict) throws(DeviceFinding) {
    let whole = try judgeElsewhere(stream)
    let isSame = (whole.code, whole.stage, whole.offset) == (verdict.code, verdict.stage, verdict.offset)
    if !isSame { throw DeviceFinding("R2", "in one piece: \(whole.text); in \(writeCount): \(verdict.text)") }
  }

  /// A stream makes of a device that was used before what it makes of a new one; but memory that it does not mention
  /// stays as it was (Specs/10-stream-format.md section 7).
  private func compareWithNew() throws(DeviceFinding) {
    let other = try fresh()
    guard other.load(Array(stream.prefix(cursor))).isGood else { return }
    if let text = subject.view.difference(from: other.view) {
      throw DeviceFinding("R5", "a device that was used before is not, after a resume, like a new one: \(text)")
    }
    try Self.end(other)
  }

  private func judgeElsewhere(_ stream: [UInt8]) throws(DeviceFinding) -> Verdict {
    let other = try fresh()
    let verdict = other.load(stream)
    try Self.end(other)
    return verdict
  }

  /// What the latest session is given.
  var currentStream: [UInt8] { stream }

  // MARK: Saves

  var canBeSaved: Bool { subject.state == MGS_STATE_RUNNING || subject.state == MGS_STATE_STOP }

  private mutating func cancelSave(_ steps: UInt8) throws(DeviceFinding) -> Verdict {
    guard canBeSaved else { return .good }
    let before = subject.view
    let verdict = subject.cancelledSave(steps: Int(steps % 4))
    if let text = subject.view.difference(from: before) {
      throw DeviceFinding("R13", "a save that was given up changed the device: \(text)")
    }
    return verdict
  }

  /// Ends a device that was made for a comparison.
  static func end(_ machine: DeviceMachine) throws(DeviceFinding) {
    let count = machine.end()
    if count != 0 { throw DeviceFinding("A10", "\(count) pieces of memory were not given back") }
  }

  func fresh() throws(DeviceFinding) -> DeviceMachine {
    do throws(DescriptionFault) { return try DeviceMachine(device) } catch {
      throw DeviceFinding("A10", "another device cannot be made: \(error.text)")
    }
  }
}
