public import CMigStream
internal import MigrationStream
internal import ResumePath

@c @implementation
public func mgs_save_open(
  _ machine: OpaquePointer?, _ options: UnsafePointer<mgs_stream_options>?, _ writer: mgs_writer?,
  _ context: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let writer = unsafe writer, let options = unsafe StreamOptions(options) else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    let sink = unsafe try WriterSink(writer, context, allocator: machine.allocator)
    try machine.openSave(options, sink)
    return 0
  }
}

@c @implementation
public func mgs_save_step(_ machine: OpaquePointer?, _ error: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    Int32(try machine.step().rawValue)
  }
}

@c @implementation
public func mgs_save_stop(_ machine: OpaquePointer?, _ error: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    try machine.stop()
    return 0
  }
}

@c @implementation
public func mgs_save_finish(_ machine: OpaquePointer?, _ error: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    try machine.finishSave()
    return 0
  }
}

@c @implementation
public func mgs_save_hear(
  _ machine: OpaquePointer?, _ octets: UnsafeRawPointer?, _ size: Int, _ refusal: UnsafeMutablePointer<mgs_error>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let octets = unsafe MigStreamABI.octets(octets, size) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    defer {
      if let told = machine.save?.refusal, let refusal = unsafe refusal { unsafe refusal.pointee = mgs_error(told) }
    }
    unsafe try machine.hear(octets.bytes)
    return Int32(machine.word.rawValue)
  }
}

@c @implementation
public func mgs_save_cancel(
  _ machine: OpaquePointer?, _ reason: UInt32, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let reason = AbortReason(rawValue: reason) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    try machine.cancel(reason)
    return 0
  }
}

@c @implementation
public func mgs_save_hand_over(_ machine: OpaquePointer?, _ error: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    try machine.handOver()
    return 0
  }
}

@c @implementation
public func mgs_save_resume_here(
  _ machine: OpaquePointer?, _ said_by: UInt32, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let reason = ResumeHereReason(rawValue: UInt8(clamping: said_by)) else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    try machine.resumeHere(reason)
    return 0
  }
}

@c @implementation
public func mgs_save_estimate(_ machine: OpaquePointer?, _ estimate: UnsafeMutablePointer<mgs_estimate>?) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, nil) { (machine) throws(StreamError) in
    let found = machine.estimate()
    let filled = mgs_estimate(
      size: 0, initial_size: found.initialByteCount, dirty_size: found.dirtyByteCount,
      stop_copy_size: found.stopCopyByteCount)
    return unsafe fillStruct(estimate, filled) ? 0 : status(MGS_ERROR_BAD_ARGUMENT)
  }
}
