import CMigStream
import MigrationStream

/// R5 and R6: a machine that a program used, and that is reset then, is like its twin, which was made with it, in the same way,
/// and was never used.
///
/// Source: Specs/resume-path.md section 4, reset; section 13, I24.
extension CABIRun {
  /// Makes the twin of the machine in a slot; whoever made the machine calls this with the same arguments.
  mutating func makeTwin(_ slot: Int, _ body: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<mgs_error>) -> Int32) {
    freeTwin(slot)
    guard unsafe machine(slot) != nil else { return }
    let refusedIn = unsafe world.pointee.refusedIn
    unsafe world.pointee.refusedIn = -1
    var error = mgs_error()
    if unsafe body(&twins[slot], &error) != 0 { fail("R5", "a machine was made once, and not twice") }
    unsafe world.pointee.refusedIn = refusedIn
  }

  mutating func freeTwin(_ slot: Int) {
    if let twin = unsafe twins[slot], unsafe mgs_machine_free(twin) != 0 { fail("C3", "a twin could not be freed") }
    unsafe twins[slot] = nil
  }

  /// What the machines that are left do, and what their twins do, saving and resuming from the start.
  mutating func compareTwins() {
    for slot in 0..<2 where violation == nil {
      guard let used = unsafe machine(slot), let new = unsafe twins[slot] else { continue }
      let wanted = unsafe MachineStory(of: new, in: world)
      let found = unsafe MachineStory(of: used, in: world)
      if let broken = unsafe world.pointee.broken { fail("C6", broken) }
      if let difference = found.firstDifference(from: wanted) { fail("R5", difference) }
    }
  }
}

/// What a machine says and writes from a reset on: a save, whose stream it then resumes from.
@safe
private struct MachineStory {
  private enum Step: UInt8 { case save, output, stateAfterSave, resume, memory, stateAfterResume }

  private var said: [(step: Step, value: Int64)] = []
  /// Otherwise the machine still tells of the save before.
  private var hasSaved = false
  private let machine: OpaquePointer
  private let world: UnsafeMutablePointer<CABIWorld>

  private static let stepsMax = 24

  init(of machine: OpaquePointer, in world: UnsafeMutablePointer<CABIWorld>) {
    unsafe (self.machine, self.world) = unsafe (machine, world)
    unsafe world.pointee.beginAnew()
    _ = unsafe mgs_machine_reset(machine)
    // What was open ended with an ABORT.
    unsafe world.pointee.beginAnew()
    save()
    _ = unsafe mgs_machine_reset(machine)
    resume()
  }

  func firstDifference(from other: MachineStory) -> StaticString? {
    for (found, wanted) in zip(said, other.said) where found != wanted {
      switch found.step {
      case .save: return "a machine that was used saves in another way than a new one"
      case .output: return "a machine that was used saves another stream than a new one"
      case .stateAfterSave: return "a machine that was used is in another state after a save than a new one"
      case .resume: return "a machine that was used resumes in another way than a new one"
      case .memory: return "a machine that was used resumes to other octets than a new one"
      case .stateAfterResume: return "a machine that was used is in another state after a resume than a new one"
      }
    }
    return said.count == other.said.count ? nil : "a machine that was used takes other steps than a new one"
  }

  private mutating func save() {
    var options = mgs_stream_options()
    options.size = MemoryLayout<mgs_stream_options>.size
    options.flags = MGS_PASSES
    options.uuid.0 = 1
    let context = unsafe UnsafeMutableRawPointer(world)
    var error = mgs_error()
    let opened = unsafe mgs_save_open(machine, &options, CABICallbacks.writer, context, &error)
    hasSaved = opened == 0
    say(.save, opened, error)
    guard hasSaved else { return }
    walkSave()
    say(.save, unsafe mgs_save_stop(machine, &error), error)
    walkSave()
    say(.save, unsafe mgs_save_finish(machine, &error), error)
    let output = unsafe Array(UnsafeBufferPointer(start: world.pointee.output, count: world.pointee.outputCount))
    said.append((.output, Int64(bitPattern: Digest.xxh3(output.span.octets))))
    sayState(.stateAfterSave)
  }

  /// Steps until all of a phase was given, or a pass ended.
  private mutating func walkSave() {
    for _ in 0..<Self.stepsMax {
      var error = mgs_error()
      let status = unsafe mgs_save_step(machine, &error)
      say(.save, status, error)
      if status < 0 || status > Int32(MGS_STEP_MORE.rawValue) { return }
    }
  }

  private mutating func resume() {
    var (session, error) = (UInt64(0), mgs_error())
    say(.resume, unsafe mgs_machine_request(machine, MGS_STATE_RESUMING.rawValue, &session, &error), error)
    let octets = unsafe UnsafeRawPointer(world.pointee.output)
    let count = unsafe world.pointee.outputCount
    say(.resume, unsafe CABIRun.writePieces(machine, session, octets, count, &error), error)
    say(.resume, unsafe mgs_resume_finish(machine, session, 0, &error), error)
    say(.resume, unsafe mgs_machine_request(machine, MGS_STATE_RUNNING.rawValue, nil, &error), error)
    said.append((.memory, Int64(bitPattern: unsafe world.pointee.memoryDigest)))
    sayState(.stateAfterResume)
  }

  private mutating func say(_ step: Step, _ status: Int32, _ error: mgs_error) {
    said.append((step, Int64(status)))
    if status < 0 { said.append((step, Int64(bitPattern: error.offset))) }
  }

  private mutating func sayState(_ step: Step) {
    var status = mgs_machine_status()
    status.size = MemoryLayout<mgs_machine_status>.size
    _ = unsafe mgs_machine_status_get(machine, &status)
    var numbers = [UInt64(status.session), UInt64(status.verdict), status.offset, status.wanted]
    if hasSaved { numbers += [UInt64(status.save), status.save_offset, UInt64(status.num_passes)] }
    for number in numbers { said.append((step, Int64(bitPattern: number))) }
    for device in 0..<4 as Range<UInt32> { said.append((step, Int64(unsafe mgs_machine_state(machine, device)))) }
  }
}
