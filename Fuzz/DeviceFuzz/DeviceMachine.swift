import CDeviceFuzz
import CMigStream
import Glibc

/// Memory that the C library holds.
private struct Ledger {
  var liveCount = 0
}

private func ledger(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Ledger> {
  unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: Ledger.self)
}

/// Octets that a save made.
private struct SavedOctets {
  var octets: [UInt8] = []
  /// A device that gives more is stopped.
  static let countMax = 1 << 26
}

private func saved(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<SavedOctets> {
  unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: SavedOctets.self)
}

/// A machine of one device under test, and all calls that are made with it.
@safe
final class DeviceMachine {
  enum Saved {
    case done([UInt8])
    case refused(Verdict)
    /// The device gave state without end.
    case endless
  }

  private let functions: mgsf_device
  private let ops: mgs_device_ops
  private let watched: UnsafeMutablePointer<WatchedDevice>
  private let ledgerOfMachine: UnsafeMutablePointer<Ledger>
  private var machine: OpaquePointer?

  /// Steps of one save: a device that needs more does not end.
  private static let stepsMax = 1 << 16

  init(_ device: FuzzedDevice) throws(DescriptionFault) {
    unsafe functions = unsafe device.functions
    ops = device.ops
    guard let made = unsafe device.functions.create() else {
      throw DescriptionFault("its function `create` returned NULL")
    }
    unsafe watched = .allocate(capacity: 1)
    unsafe watched.initialize(to: WatchedDevice(functions: device.functions, ops: device.ops, device: made))
    unsafe ledgerOfMachine = .allocate(capacity: 1)
    unsafe ledgerOfMachine.initialize(to: Ledger())
    var config = unsafe mgs_config()
    unsafe config.size = MemoryLayout<mgs_config>.size
    unsafe config.allocator = mgs_allocator(
      context: ledgerOfMachine,
      allocate: { context, size, alignment in
        var memory: UnsafeMutableRawPointer?
        guard unsafe posix_memalign(&memory, max(alignment, 16), size) == 0 else { return nil }
        unsafe ledger(context).pointee.liveCount += 1
        return unsafe memory
      },
      deallocate: { context, memory in
        if unsafe memory != nil { unsafe ledger(context).pointee.liveCount -= 1 }
        unsafe free(memory)
      })
    var table = DeviceTable.watching(device.ops)
    var error = mgs_error()
    guard unsafe mgs_machine_new(&machine, device.manifest, &table, watched, nil, &config, &error) >= 0 else {
      throw DescriptionFault("the machine is refused: \(Verdict(error).text)")
    }
  }

  /// Ends the machine and the device.
  ///
  /// - Returns: Pieces of memory that the C library did not give back.
  func end() -> Int {
    guard unsafe machine != nil else { return 0 }
    _ = unsafe mgs_machine_free(machine)
    unsafe machine = nil
    unsafe functions.destroy(watched.pointee.device)
    return unsafe ledgerOfMachine.pointee.liveCount
  }

  deinit {
    _ = end()
    unsafe watched.deinitialize(count: 1)
    unsafe watched.deallocate()
    unsafe ledgerOfMachine.deallocate()
  }

  // MARK: The device

  var view: DeviceView { unsafe watched.pointee.view }
  var tookBulk: Bool { unsafe watched.pointee.tookBulk }
  /// What the guest saw before the first commit of the session; nil when there was none.
  var viewBeforeCommit: DeviceView? { unsafe watched.pointee.beforeCommit }
  /// Whether it has memory that streams fill, or octets of its own.
  var takesBulk: Bool { unsafe ops.target != nil || ops.bytes_target != nil || ops.bytes != nil }
  var hasRun: Bool { unsafe functions.run != nil }

  /// What is wrong with the device; nil: nothing.
  var fault: String? {
    guard let check = unsafe functions.well_formed else { return nil }
    return unsafe check(watched.pointee.device).map { unsafe String(cString: $0) }
  }

  func run(_ octets: [UInt8]) {
    guard let run = unsafe functions.run else { return }
    // A copy of its own size, so that a sanitizer sees who reads behind it.
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(octets.count, 1))
    for (index, octet) in octets.enumerated() { unsafe copy[index] = octet }
    unsafe run(watched.pointee.device, copy, octets.count)
    unsafe copy.deallocate()
  }

  // MARK: States

  var state: mgs_state { mgs_state(rawValue: UInt32(bitPattern: unsafe mgs_machine_state(machine, 0))) }

  /// - Parameter session: The number of the one that was opened; as it was when none was.
  func request(_ goal: mgs_state, session: inout UInt64) -> Verdict {
    var opened: UInt64 = 0
    let verdict = ask { unsafe mgs_machine_request(machine, goal.rawValue, &opened, &$0) }
    if opened != 0 {
      session = opened
      unsafe watched.pointee.tookBulk = false
      unsafe watched.pointee.commitCount = 0
      unsafe watched.pointee.beforeCommit = nil
    }
    return verdict
  }

  func reset() { _ = unsafe mgs_machine_reset(machine) }

  private func ask(_ call: (inout mgs_error) -> Int32) -> Verdict {
    var error = mgs_error()
    let status = call(&error)
    guard status < 0 else { return .good }
    var verdict = Verdict(error)
    // A status without its error is told as it is.
    if verdict.code != -status { verdict = Verdict(code: -status) }
    return verdict
  }

  // MARK: Resume

  func write(_ octets: ArraySlice<UInt8>, session: UInt64) -> (taken: Int, verdict: Verdict) {
    var taken = 0
    let verdict: Verdict = unsafe octets.withUnsafeBytes { octets in
      ask { unsafe mgs_resume_write(machine, session, octets.baseAddress, octets.count, &taken, &$0) }
    }
    return (taken, verdict)
  }

  func finish(session: UInt64) -> Verdict { ask { unsafe mgs_resume_finish(machine, session, 0, &$0) } }

  func abort(session: UInt64) -> Verdict { ask { unsafe mgs_resume_abort(machine, session, &$0) } }

  /// A whole stream in one piece, up to `stop`.
  func load(_ stream: [UInt8]) -> Verdict {
    var session: UInt64 = 0
    let opened = request(MGS_STATE_RESUMING, session: &session)
    guard opened.isGood else { return opened }
    let written = write(stream[...], session: session).verdict
    return written.isGood ? finish(session: session) : written
  }

  // MARK: Save

  /// Opens a save whose octets `body` decides on.
  private func withSave(_ body: () -> Verdict) -> (octets: [UInt8], verdict: Verdict) {
    let target = UnsafeMutablePointer<SavedOctets>.allocate(capacity: 1)
    unsafe target.initialize(to: SavedOctets())
    var options = mgs_stream_options()
    options.size = MemoryLayout<mgs_stream_options>.size
    var outcome = ask { error in
      unsafe mgs_save_open(
        machine, &options,
        { context, pieces, count in
          let target = unsafe saved(context)
          for index in 0..<count {
            guard let piece = unsafe pieces?[index], unsafe piece.size > 0 else { continue }
            guard unsafe target.pointee.octets.count + piece.size <= SavedOctets.countMax else { return 1 }
            unsafe target.pointee.octets.append(
              contentsOf: UnsafeRawBufferPointer(start: piece.octets, count: piece.size))
          }
          return 0
        }, target, &error)
    }
    if outcome.isGood { outcome = body() }
    let octets = unsafe target.pointee.octets
    unsafe target.deinitialize(count: 1)
    unsafe target.deallocate()
    return (octets, outcome)
  }

  /// Saves the device, which goes on afterwards: the destination refused.
  func save() -> Saved {
    var isEndless = false
    let (octets, verdict) = withSave {
      var verdict = ask { unsafe mgs_save_stop(machine, &$0) }
      var count = 0
      while verdict.isGood, count < Self.stepsMax {
        var step: Int32 = 0
        verdict = ask {
          step = unsafe mgs_save_step(machine, &$0)
          return step
        }
        if step == Int32(bitPattern: MGS_STEP_DONE.rawValue) { break }
        count += 1
      }
      isEndless = count == Self.stepsMax
      if verdict.isGood, !isEndless { verdict = ask { unsafe mgs_save_finish(machine, &$0) } }
      if verdict.isGood, !isEndless { verdict = ask { unsafe mgs_save_resume_here(machine, 1, &$0) } }
      return verdict
    }
    if isEndless { return .endless }
    return verdict.isGood ? .done(octets) : .refused(verdict)
  }

  /// Begins a save and gives it up.
  func cancelledSave(steps: Int) -> Verdict {
    withSave {
      var verdict = steps.isMultiple(of: 2) ? Verdict.good : ask { unsafe mgs_save_stop(machine, &$0) }
      for _ in 0..<steps where verdict.isGood { verdict = ask { unsafe mgs_save_step(machine, &$0) } }
      return verdict.isGood ? ask { unsafe mgs_save_cancel(machine, 1, &$0) } : verdict
    }.verdict
  }
}
