import CMigStream

extension CABIRun {
  mutating func stepMachine(_ operation: CABIOperation) {
    let context = unsafe UnsafeMutableRawPointer(world)
    switch operation {
    case .newMachine:
      var (config, options, ops) = unsafe (CABICallbacks.config(context), mgs_machine_options(), CABICallbacks.ops)
      ops.size = structSize(MemoryLayout<mgs_device_ops>.size)
      options.size = structSize(MemoryLayout<mgs_machine_options>.size)
      options.flags = number() % 5
      let manifest = unsafe manifest()
      let slot = unsafe make(.machine) { unsafe mgs_machine_new($0, manifest, &ops, context, &options, &config, $1) }
      unsafe makeTwin(slot) { unsafe mgs_machine_new($0, manifest, &ops, context, &options, &config, $1) }
    case .request:
      let (state, world) = (number(), UnsafeMutablePointer<UInt64>.allocate(capacity: 1))
      unsafe world.initialize(to: 0)
      unsafe call(.machine) { unsafe mgs_machine_request($0, state, world, $1) }
      if unsafe world.pointee != 0 { unsafe session = world.pointee }
      unsafe world.deallocate()
    case .reset: unsafe untold(.machine) { unsafe mgs_machine_reset($0) }
    case .write, .writePieces, .fill, .finishResume, .abortResume: stepResume(operation)
    case .openAnswered: openAnswered()
    case .hear: hear()
    default: stepSave(operation)
    }
  }

  /// Either end of a hand-over in which the destination answers.
  private mutating func openAnswered() {
    let (choice, context) = unsafe (octet(), UnsafeMutableRawPointer(world))
    if choice & 1 == 1 {
      var options = mgs_stream_options()
      options.size = structSize(MemoryLayout<mgs_stream_options>.size)
      options.flags = MGS_ANSWERED | UInt32(choice >> 1 & 15)
      options.uuid.0 = octet()
      return unsafe call(.machine) { unsafe mgs_save_open($0, &options, CABICallbacks.writer, context, $1) }
    }
    let opened = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    unsafe opened.initialize(to: 0)
    unsafe call(.machine) { unsafe mgs_resume_open($0, CABICallbacks.answer, context, opened, $1) }
    if unsafe opened.pointee != 0 { unsafe session = opened.pointee }
    unsafe opened.deallocate()
  }

  /// What was answered, in one piece or two; octets that nobody answered; or none any more.
  private mutating func hear() {
    let choice = octet()
    guard choice < 200 else {
      let (base, count) = unsafe choice < 230 ? octets() : (nil, 0)
      return unsafe call(.machine) { unsafe mgs_save_hear($0, base, count, nil, $1) }
    }
    let (answers, count) = unsafe (UnsafeRawPointer(world.pointee.answers), world.pointee.answerCount)
    let first = choice < 100 ? count : min(count, Int(choice))
    unsafe call(.machine) { machine, error in
      var refusal = mgs_error()
      return unsafe mgs_save_hear(machine, answers, first, &refusal, error)
    }
    // What is left is heard the next time.
    unsafe world.pointee.answers.update(from: world.pointee.answers + first, count: count - first)
    unsafe world.pointee.answerCount = count - first
  }

  /// The session that was opened last, or another number.
  private mutating func chosenSession() -> UInt64 {
    let choice = octet()
    return choice < 240 ? session : UInt64(choice) - 240
  }

  private mutating func stepResume(_ operation: CABIOperation) {
    let (session, context) = unsafe (chosenSession(), UnsafeMutableRawPointer(world))
    switch operation {
    case .write:
      let (base, count) = unsafe octets()
      unsafe call(.machine) { machine, error in
        var taken = 0
        return unsafe mgs_resume_write(machine, session, base, count, &taken, error)
      }
    case .writePieces:
      // What is left of the stream, in pieces that end where records do.
      let (base, count) = unsafe (UnsafeRawPointer(world.pointee.output), world.pointee.outputCount)
      unsafe call(.machine) { unsafe Self.writePieces($0, session, base, count, $1) }
    case .fill:
      let room = size(4096)
      unsafe call(.machine) { machine, error in
        var filled = 0
        return unsafe mgs_resume_fill(machine, session, room, CABICallbacks.fill, context, &filled, error)
      }
    case .finishResume:
      let isEmbedded = number()
      unsafe call(.machine) { unsafe mgs_resume_finish($0, session, isEmbedded, $1) }
    default: unsafe call(.machine) { unsafe mgs_resume_abort($0, session, $1) }
    }
  }

  static func writePieces(
    _ machine: OpaquePointer?, _ session: UInt64, _ base: UnsafeRawPointer, _ count: Int,
    _ error: UnsafeMutablePointer<mgs_error>?
  ) -> Int32 {
    var status = mgs_machine_status()
    status.size = MemoryLayout<mgs_machine_status>.size
    for _ in 0..<64 {
      let looked = unsafe mgs_machine_status_get(machine, &status)
      if looked < 0 {
        unsafe error?.pointee.code = -looked
        return looked
      }
      let start = Int(min(status.offset, UInt64(count)))
      let size = status.wanted == 0 ? count - start : min(Int(clamping: status.wanted), count - start)
      if size == 0 { return 0 }
      var taken = 0
      let written = unsafe mgs_resume_write(machine, session, base + start, size, &taken, error)
      if written < 0 || taken == 0 { return written }
    }
    return 0
  }

  private mutating func stepSave(_ operation: CABIOperation) {
    let choice = number()
    switch operation {
    case .openSave:
      var options = mgs_stream_options()
      options.size = structSize(MemoryLayout<mgs_stream_options>.size)
      options.flags = choice
      let context = unsafe UnsafeMutableRawPointer(world)
      unsafe call(.machine) { unsafe mgs_save_open($0, &options, CABICallbacks.writer, context, $1) }
    case .step: unsafe call(.machine) { unsafe mgs_save_step($0, $1) }
    case .stop: unsafe call(.machine) { unsafe mgs_save_stop($0, $1) }
    case .finishSave: unsafe call(.machine) { unsafe mgs_save_finish($0, $1) }
    case .cancel: unsafe call(.machine) { unsafe mgs_save_cancel($0, choice, $1) }
    case .handOver: unsafe call(.machine) { unsafe mgs_save_hand_over($0, $1) }
    case .resumeHere: unsafe call(.machine) { unsafe mgs_save_resume_here($0, choice, $1) }
    default:
      var estimate = mgs_estimate()
      estimate.size = structSize(MemoryLayout<mgs_estimate>.size)
      unsafe untold(.machine) { unsafe mgs_save_estimate($0, &estimate) }
    }
  }
}
